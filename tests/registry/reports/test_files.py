"""Files of a report: what they may be, and that nothing stays of what a phone wrote into a picture."""

import hashlib
import io
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from registry.access.actor import STRANGER, SYSTEM
from registry.authorities import directory as directories
from registry.authorities import rules as authority_rules
from registry.authorities import service as authorities
from registry.authorities.schemas import Sign
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Invalid, NotFound
from registry.reports import delivery, files, payload, service
from registry.reports.agent import keys
from registry.reports.envelope import recipient_of
from registry.reports.payload import FileType, Manifest
from tests.channel import pictures
from tests.registry.reports.world import World, filing, sign_directory

KINDS = {"jpeg": pictures.jpeg, "png": pictures.png, "webp": pictures.webp, "heic": pictures.heic}


async def allow(world: World) -> None:
    """The office gets its mandate, and the custodians sign it."""
    today = world.now.date()
    sign = Sign("UPN-2026-02", "Dirección", today, today, today + timedelta(days=300), attachments=True)
    await authorities.sign_agreement(SYSTEM, world.now, world.authority, sign)
    await sign_directory(world.context, world.now, world.root)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_stays_in_a_picture_of_what_the_phone_wrote(kind: str) -> None:
    sent = KINDS[kind]()
    assert pictures.SECRET in sent
    (made,) = files.ready([sent], keep_taken=False)
    with Image.open(io.BytesIO(made.data)) as drawn:
        assert not drawn.getexif() and not set(drawn.info) & {"exif", "xmp", "comment", "icc_profile", "photoshop"}
        assert drawn.size == ((320, 200) if kind == "heic" else (200, 320)), "turned upright first"
    assert not any(word in made.data for word in (pictures.SECRET, b"Exif", b"xmpmeta", b"JFXX", b"PK\x03\x04"))
    said = made.manifest
    assert (said.name, said.type, said.stripped, said.taken) == ("file-1.jpg", FileType.JPEG, True, "")
    assert (said.size, said.sha256) == (len(made.data), hashlib.sha256(made.data).hexdigest())


@pytest.mark.parametrize("kind", KINDS)
def test_place_and_time_stay_as_text_only_where_it_was_ticked(kind: str) -> None:
    (made,) = files.ready([KINDS[kind]()], keep_taken=True)
    assert made.manifest.taken == f"{pictures.TIME} · {pictures.PLACE}"
    assert files.taken(b"\xff\xd8\xff no picture", "JPEG") == ""


def test_a_document_and_a_sound_pass_as_they_are_and_say_so() -> None:
    for made, kind in zip(files.ready([pictures.pdf(), pictures.m4a()], keep_taken=True), ("pdf", "m4a"), strict=True):
        assert made.manifest.name.endswith(kind) and not made.manifest.stripped and not made.manifest.taken


@pytest.mark.parametrize("what", pictures.wrong())
def test_anything_else_is_refused_by_its_bytes(what: str) -> None:
    with pytest.raises(Invalid) as refused:
        files.ready([pictures.wrong()[what]], keep_taken=False)
    assert set(refused.value.details["fields"]) == {"files"}


@settings(max_examples=40)
@given(st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF0000WEBP", b"%PDF-",
                                                b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypM4A "]))  # fmt: skip
def test_no_bytes_break_the_reader(data: bytes, head: bytes) -> None:
    with suppress(Invalid):
        files.ready([head + data], keep_taken=True)


def test_a_flipped_byte_a_shorter_file_or_another_one_is_refused(tmp_path: Path) -> None:
    keys.make(tmp_path, ("a", "b", "c", "d"))
    identity = keys.identities(tmp_path)[0]
    data = secrets.token_bytes(70_000)
    said = Manifest("file-1.pdf", FileType.PDF, len(data), hashlib.sha256(data).hexdigest())
    sealed = files.seal(files.Ready(data, said), (recipient_of(identity),))
    assert files.open_sealed(sealed, [identity], said) == data
    assert files.carried(sealed, 1) and not files.carried(sealed, 2) and not files.carried(sealed[:-1], 1)
    for at in [*range(0, 200), *range(200, len(sealed), 9973), len(sealed) - 1]:
        with pytest.raises(Invalid):
            files.open_sealed(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], [identity], said)
    for lie in ({"sha256": "0" * 64}, {"size": len(data) - 1}, {"size": len(data) + 1}, {"size": 2_000_000}):
        with pytest.raises(Invalid):
            files.open_sealed(sealed, [identity], msgspec.structs.replace(said, **lie))


async def test_off_until_every_office_of_the_chain_may_receive_them(world: World) -> None:
    attached = files.ready([pictures.jpeg()], keep_taken=False)
    sent = msgspec.structs.replace(filing(), files=attached)
    with pytest.raises(NotFound, match="report-files-off"):
        await service.file(STRANGER, world.now, world.context, sent)
    assert not await fetch("SELECT 1 FROM reports.attachment", engine=REPORTS_DB)
    await allow(world)
    await service.file(STRANGER, world.now, world.context, sent)
    assert len(await fetch("SELECT 1 FROM reports.attachment", engine=REPORTS_DB)) == 1


async def test_the_office_gets_them_beside_its_case_and_they_go_when_it_goes(world: World) -> None:
    await allow(world)
    attached = files.ready([pictures.jpeg(), pictures.pdf()], keep_taken=True)
    await service.file(STRANGER, world.now, world.context, msgspec.structs.replace(filing(), files=attached))
    rows = await fetch("SELECT envelope, number, body FROM reports.attachment ORDER BY number", engine=REPORTS_DB)
    assert [row["number"] for row in rows] == [1, 2] and not any(b"age-encryption" in row["body"] for row in rows)
    done = await world.agent().once()
    assert done.opened == 1 and "attachment-damaged" not in done.alarms
    case = Path(done.files[0])
    for file in attached:
        assert (case.parent / f"{case.stem}.{file.manifest.name}").read_bytes() == file.data
    told = msgspec.json.decode(case.read_bytes())["files"]
    assert told[0]["taken"] and "unsafe" not in told[0] and told[1]["unsafe"]
    await delivery.purge(SYSTEM, world.now + timedelta(days=31), world.context)
    assert not await fetch("SELECT 1 FROM reports.attachment", engine=REPORTS_DB)


async def test_a_file_that_was_exchanged_is_told_and_the_words_arrive(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await allow(world)
    attached = files.ready([pictures.jpeg(), pictures.pdf()], keep_taken=False)
    await service.file(STRANGER, world.now, world.context, msgspec.structs.replace(filing(), files=attached))
    agent = world.agent()
    honest = agent._register.file

    async def other(which: object, number: int) -> bytes:
        return await honest(which, 3 - number)  # type: ignore[arg-type]

    monkeypatch.setattr(agent._register, "file", other)
    done = await agent.once()
    assert done.opened == 1 and "attachment-damaged" in done.alarms
    assert [one["missing"] for one in msgspec.json.decode(Path(done.files[0]).read_bytes())["files"]] == [True, True]


async def test_only_police_and_hotlines_may_be_given_the_mandate(world: World) -> None:
    found = directories.read(await world.context.published.get("authorities/directory.json")).directory
    record = msgspec.structs.replace(found.records[0], attachments=True, kind="ombudsman")
    with pytest.raises(Invalid, match="directory-not-sensible"):
        directories.sensible(msgspec.structs.replace(found, records=(record,)))
    today = world.now.date()
    agreed = authority_rules.Agreed("x", found.records[0].terms, today, today + timedelta(days=9), True)
    with pytest.raises(Invalid, match="agreement-attachments"):
        authority_rules.agreement_sensible(agreed, authority_rules.Kind.LABOUR_INSPECTORATE)


def test_a_directory_signed_before_there_was_such_a_word_reads_as_it_was_signed(now: datetime) -> None:
    assert b"attachments" not in msgspec.json.encode(directories.Signed(_empty(now)))
    assert payload.newer("2027-02") and not payload.newer(files.FORM)


def _empty(now: datetime) -> directories.Directory:
    return directories.Directory("resguardo-directory/2", 1, now, now + timedelta(days=1), "", ())
