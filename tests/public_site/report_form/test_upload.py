"""Files of a report over HTTP: off they have no address; on they are bounded, held in memory, and words come back."""

import json
import secrets
import tempfile
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import httpx
import msgspec
import pytest

from public_site.report_form import upload
from registry.core import crypto
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Refusal
from registry.reports import bech32, envelope, files
from registry.reports.envelope import Inner, Place, Report
from tests.channel import filing, pictures
from tests.public_site.report_form.test_routes import Visit, token, visit
from tests.registry.reports.test_files import allow

__all__ = ["visit"]
HERE = "/report/attachments"
WORDS = "Una camioneta blanca espera en la puerta."
AGAIN = "Choose your files again"


async def sent(visit: Visit, *attached: bytes, **more: str) -> httpx.Response:
    page = await visit.http.get("/report", params={"place": "CR-G"})
    visit.clock.now += timedelta(seconds=61)
    data = {"token": token(page.text), "place": "CR-G", "text": WORDS} | more
    parts = [("files", ("secreto.exe", one, "text/html")) for one in attached]
    return await visit.http.post(HERE, data=data, files=parts or {"files": ("", b"")})


async def many() -> int:
    return len(await fetch("SELECT 1 FROM reports.attachment", engine=REPORTS_DB))


async def test_off_there_is_no_such_address_and_no_form_offers_it(visit: Visit) -> None:
    assert HERE not in (await visit.http.get("/report", params={"place": "CR-G"})).text
    for method in ("GET", "POST", "PUT", "DELETE"):
        assert (await visit.http.request(method, HERE)).status_code == 404
    back = await sent(visit, pictures.jpeg())
    assert back.status_code == 404 and WORDS in back.text and await many() == 0


async def test_without_script_they_are_drawn_anew_in_memory_and_sealed(visit: Visit) -> None:
    await allow(visit.world)
    with patch.object(tempfile.SpooledTemporaryFile, "rollover", side_effect=AssertionError("went to disk")):
        receipt = await sent(visit, pictures.large(), pictures.heic(), pictures.pdf(), keep_taken="1")
    assert receipt.status_code == 200 and await many() == 3
    await visit.world.agent().once()
    (case,) = (visit.world.folder / "cases").glob("CASO-*.json")
    told = json.loads(case.read_bytes())["files"]
    assert [(one["name"], one.get("unsafe", False)) for one in told] == [
        ("file-1.jpg", False), ("file-2.jpg", False), ("file-3.pdf", True),
    ]  # fmt: skip
    assert told[0]["taken"] == told[1]["taken"] == f"{pictures.TIME} · {pictures.PLACE}"


async def test_a_form_without_files_is_a_report_like_any_other(visit: Visit) -> None:
    await allow(visit.world)
    assert (await sent(visit)).status_code == 200 and await many() == 0


@pytest.mark.parametrize("attached", [[pictures.jpeg()] * 4, [bytes(11 << 20)], [b"GIF89a"], [pictures.jpeg()[:500]]])
async def test_what_is_not_taken_gives_every_word_back_and_keeps_nothing(visit: Visit, attached: list[bytes]) -> None:
    await allow(visit.world)
    back = await sent(visit, *attached)
    assert back.status_code in (413, 422) and WORDS in back.text and 'id="files-error"' in back.text
    kept = await fetch("SELECT 1 FROM reports.envelope", engine=REPORTS_DB)
    assert await many() == 0 and len(kept) == 1, "the drill's"
    assert AGAIN in back.text, "words come back, files cannot"


async def test_whatever_else_is_refused_it_says_that_files_must_be_chosen_again(visit: Visit) -> None:
    await allow(visit.world)
    assert AGAIN in (await sent(visit, pictures.jpeg(), text="")).text
    assert AGAIN not in (await sent(visit, text="")).text, "none was chosen"
    closed = await sent(visit, pictures.jpeg(), place="CR-L")
    assert closed.status_code == 409 and WORDS in closed.text
    assert "The files you chose were not kept" in closed.text and await many() == 0


async def test_what_a_browser_sealed_is_carried_with_its_files(visit: Visit) -> None:
    await allow(visit.world)
    form = await filing.opened(visit.http, "")
    known = await filing.directory(visit.http, "")
    attached = files.ready([pictures.jpeg(), pictures.m4a()], keep_taken=False)
    said, beside = sealed(form, known, attached)
    visit.clock.now += timedelta(seconds=61)
    parts = [("files", ("file", one)) for one in beside]
    short = await visit.http.post(HERE, data={"report": said}, files=[("files", ("file", beside[0][:-1]))])
    assert short.status_code == 422 and await many() == 0, "not as long as such a file is"
    for _ in range(2):  # sent again because the line broke: it counts once
        answer = await visit.http.post(HERE, data={"report": said}, files=parts)
        assert answer.status_code == 200, answer.text
    assert await many() == 2
    done = await visit.world.agent().once()
    assert done.opened == 1 and "attachment-damaged" not in done.alarms
    plain = await visit.http.post("/report", content=said, headers=filing.TYPE)
    assert plain.status_code == 422, "its form says that files came with it"


def sealed(form: filing.Form, known: Any, attached: tuple[files.Ready, ...]) -> tuple[str, list[bytes]]:
    """As client/report.js does it."""
    record = known.records[0]
    keys = record.recipients
    inside = envelope.Context(
        uuid4(), (record.authority,), tuple(map(envelope.fingerprint, keys)), known.version, files.FORM
    )  # fmt: skip
    identity = bech32.encode("age-secret-key-", secrets.token_bytes(32)).upper()
    reply, proof = envelope.recipient_of(identity), envelope.new_proof(secrets.randbits(128))
    manifest = tuple(one.manifest for one in attached)
    inner = Inner("sectt-report/1", proof, inside, Report(Place("CR-G"), WORDS), reply, ("x",), attachments=manifest)
    made = envelope.seal(inner, keys)
    said = {
        "token": form.token, "place": "CR-G", "envelope": str(inside.envelope), "chain": form.channel["chain"],
        "keys": list(inside.keys), "directory": known.version, "form": inside.form, "size_step": made.size_step,
        "sealed": crypto.b64url(made.body), "lookup": crypto.b64url(secrets.token_bytes(32)),
        "reply_recipient": reply, "proof_hash": made.proof_hash.hex(),
    }  # fmt: skip
    return json.dumps(said), [files.seal(one, keys) for one in attached]


class Line:
    """A request whose body comes in pieces."""

    def __init__(self, body: bytes, kind: str = "multipart/form-data; boundary=x") -> None:
        self.body, self.headers = body, {"content-type": kind}

    async def stream(self) -> Any:
        for at in range(0, len(self.body), 65_536):
            yield self.body[at : at + 65_536]


def body(*parts: tuple[str, bytes]) -> bytes:
    return b"".join(
        b'--x\r\ncontent-disposition: form-data; name="%s"; filename="a"\r\n\r\n%s\r\n' % (name.encode(), data)
        for name, data in parts
    ) + b"--x--\r\n"  # fmt: skip


async def test_the_room_for_files_is_bounded_and_given_back() -> None:
    room = upload.Room(3 << 20)
    line: Any = Line(body(("text", b"words"), ("files", bytes(2 << 20))))
    with room.place() as first:
        assert len((await upload.read(line, first)).files) == 1
        with room.place() as second:
            full = await upload.read(line, second)
            assert full.trouble is not None and full.trouble.code == "report-files-busy" and not full.files
            assert full.fields == {"text": ["words"]}
    assert room.left == 3 << 20


async def test_what_is_no_form_or_breaks_off_is_refused_without_a_crash() -> None:
    whole = body(("text", b"words"), ("files", bytes(200_000)))
    for data in (b"", b"--x", whole[:-9], whole[:100_000], whole.replace(b"--x", b"--y"), secrets.token_bytes(5000)):
        for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "text/plain"):
            line: Any = Line(data, kind)
            with upload.Room().place() as place:
                try:
                    found = await upload.read(line, place)
                except Refusal:
                    continue
                assert found.trouble is not None and not found.files and msgspec.json.encode(found.fields)
