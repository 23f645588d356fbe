"""The whole way of a report on real PostgreSQL, each side under its own role."""

import secrets
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest

from registry.access.actor import STRANGER, SYSTEM, Actor
from registry.access.permissions import Role
from registry.core import crypto
from registry.core.context import Context
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.reports import answers, delivery, envelope, gate, jobs, notary, queries, rules, service
from registry.reports.agent import keys
from registry.reports.code import derive, new_code
from registry.reports.rules import Outcome, State
from registry.reports.schemas import Acknowledge, Conclude, Fetched, NewReply, Opened, Unreadable
from tests.registry.reports.looks import agent_at, only, world_at
from tests.registry.reports.world import World, enrol, filing, made, pinned, sign_directory


async def test_a_report_goes_from_the_reporter_to_the_authority_and_the_answer_comes_back(world: World) -> None:
    code = new_code(secrets.randbelow)
    derived = derive(code, service.label(world.context))
    sent = filing(code, label=service.label(world.context))
    receipt = await service.file(STRANGER, world.now, world.context, sent)
    assert receipt.code == code and [r.authority for r in receipt.chain] == [world.authority]
    assert await queries.unwritten() == 0

    assert await jobs.deliver(world.context, world.now + timedelta(minutes=20)) == 2
    later = world.now + timedelta(hours=2)
    world.context = world_at(world, later)
    done = await agent_at(world, later).once()
    assert (done.opened, done.drills, done.unreadable) == (1, 0, 0)
    case = Path(done.files[0]).read_text()
    assert "Una persona ofreció dinero." in case

    box = await service.look(STRANGER, later, world.context, derived, later.date())
    assert box is not None and box.state is State.ACKNOWLEDGED and box.answered_by == world.authority
    row = await only(world)
    assert row["reference"] == f"CASO-{str(row['id'])[:8].upper()}"
    events = [
        r["name"]
        for r in await fetch(
            "SELECT name FROM reports.event WHERE envelope = $1 ORDER BY id", row["id"], engine=REPORTS_DB
        )
    ]
    assert events == [
        "reports.sealed",
        "reports.notified",
        "reports.fetched",
        "reports.opened",
        "reports.acknowledged",
        "reports.imported",
    ]


async def test_sending_the_same_form_twice_keeps_one_report_and_gives_the_same_answer(world: World) -> None:
    first = await service.file(STRANGER, world.now, world.context, filing())
    again = await service.file(STRANGER, world.now, world.context, filing())
    assert again.again and again.code == first.code
    await only(world)
    stored = await fetch("SELECT * FROM reports.form_use", engine=REPORTS_DB)
    assert all(first.code not in str(dict(row)) for row in stored)


async def test_the_same_form_with_another_text_is_refused_and_stores_nothing(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    with pytest.raises(Conflict, match="report-form-used"):
        await service.file(STRANGER, world.now, world.context, filing(narrative="Otra cosa."))
    await only(world)


async def test_a_closed_gate_stores_nothing(world: World) -> None:
    with pytest.raises(Conflict, match="report-closed"):
        await service.file(STRANGER, world.now, world.context, filing(place="CR-L"))
    with pytest.raises(Conflict, match="report-closed"):
        await service.file(STRANGER, world.now + timedelta(days=31), world.context, filing())
    assert (
        await fetch(
            "SELECT 1 FROM reports.form_use f JOIN reports.drill d ON true WHERE f.receipt IS NOT NULL",
            engine=REPORTS_DB,
        )
        == []
    )


async def test_silence_closes_the_gate_and_an_answer_alone_does_not_open_it(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    late = world.now + timedelta(hours=5)
    closed = await queries.availability(world.context, "CR-G", "", late)
    assert isinstance(closed, gate.Closed) and closed.reasons == (gate.Reason.OVERDUE, gate.Reason.SILENT)
    world.context = world_at(world, late)
    await agent_at(world, late).once()
    waiting = await queries.availability(world.context, "CR-G", "", late)
    assert isinstance(waiting, gate.Closed) and waiting.reasons == (gate.Reason.SILENT,)


async def test_a_burst_does_not_close_the_gate(world: World) -> None:
    for i in range(3):
        sent = msgspec.structs.replace(filing(urgent=True, nonce=bytes([i]) * 32), burst=True)
        await service.file(STRANGER, world.now, world.context, sent)
    late = world.now + timedelta(hours=5)
    assert isinstance(await queries.availability(world.context, "CR-G", "", late), gate.Open)


async def test_silence_of_every_office_is_escalated_once_and_told_to_people(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    late = world.now + timedelta(hours=80)
    await jobs.watch(world.context, late)
    await jobs.watch(world.context, late)
    row = await only(world)
    names = [
        r["name"]
        for r in await fetch("SELECT name FROM reports.event WHERE envelope = $1", row["id"], engine=REPORTS_DB)
    ]
    assert names.count("reports.exhausted") == 1
    assert len(list((world.context.config.data / "mail").glob("alarm-*.eml"))) == 1


async def test_nothing_counts_as_opened_without_the_proof_from_inside(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    which = (await only(world))["id"]
    for proof in (envelope.new_proof(secrets.randbits(128)), "0" * 26):
        with pytest.raises(Invalid, match="proof-does-not-match"):
            await answers.opened(world.officer, world.now, which, Opened(proof))
    with pytest.raises(Conflict, match="envelope-not-opened"):
        await answers.acknowledge(world.officer, world.now, world.context, which, Acknowledge("X-1"))
    with pytest.raises(Invalid, match="envelope-hash-differs"):
        await answers.fetched(world.officer, world.now, which, Fetched("0" * 64))


async def test_a_forged_signature_acknowledges_nothing(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    which = (await only(world))["id"]
    _, body = await answers.contents(world.officer, world.now, world.context, which)
    row = await only(world)
    inside = envelope.open_sealed(
        body,
        keys.identities(world.folder),
        envelope.Context(which, tuple(row["chain"]), tuple(row["key_ids"]), row["directory_version"]),
    )
    await answers.opened(world.officer, world.now, which, Opened(inside.proof.lower()))
    with pytest.raises(Invalid, match="statement-not-signed"):
        await answers.acknowledge(world.officer, world.now, world.context, which, Acknowledge("X-1", "A" * 86))
    with pytest.raises(Forbidden):
        await answers.acknowledge(world.officer, world.now, world.context, which, Acknowledge("X-1"))
    await answers.acknowledge(world.officer, world.now, world.context, which, Acknowledge("X-1", proof=inside.proof))
    await answers.conclude(world.officer, world.now, world.context, which, Conclude(Outcome.INVESTIGATION_OPENED))
    assert (await only(world))["state"] == "closed"


async def test_a_notice_that_fails_is_tried_again_for_ever(world: World) -> None:
    class Down:
        async def send(self, *_: object, **__: object) -> None:
            raise OSError("down")

    await service.file(STRANGER, world.now, world.context, filing())
    broken = msgspec.structs.replace(world.context, mail=Down())
    at = world.now
    for _ in range(20):
        await jobs.deliver(broken, at)
        at += timedelta(days=1)
    assert (await only(world))["notified_at"] is None
    await jobs.deliver(world.context, at)
    assert (await only(world))["notified_at"] == rules.hour(at)


async def test_only_answered_reports_are_purged_and_their_key_goes_first(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    await service.file(STRANGER, world.now, world.context, filing(nonce=b"m" * 32))
    which = await fetch(
        "SELECT id FROM reports.envelope WHERE id NOT IN (SELECT envelope FROM reports.drill)", engine=REPORTS_DB
    )
    kept, answered = which[0]["id"], which[1]["id"]
    _, body = await answers.contents(world.officer, world.now, world.context, answered)
    row = (await fetch("SELECT * FROM reports.envelope WHERE id = $1", answered, engine=REPORTS_DB))[0]
    inside = envelope.open_sealed(
        body,
        keys.identities(world.folder),
        envelope.Context(answered, tuple(row["chain"]), tuple(row["key_ids"]), row["directory_version"]),
    )
    await answers.acknowledge(world.officer, world.now, world.context, answered, Acknowledge(proof=inside.proof))
    await delivery.purge(SYSTEM, world.now + timedelta(days=400), world.context)
    rows = {r["id"]: r for r in await fetch("SELECT * FROM reports.envelope", engine=REPORTS_DB)}
    assert rows[kept]["body"] is not None and rows[kept]["state"] == "sealed"
    assert rows[answered]["body"] is None and rows[answered]["state"] == "purged"
    here = ZoneInfo(world.context.config.time_zone)
    assert rows[answered]["received_hour"].astimezone(here).hour == 0, "of what is over only the day is known"
    assert await service.erasure(world.context).stat(str(answered)) is None
    assert await service.erasure(world.context).stat(str(kept)) is not None


async def test_a_code_that_never_was_opens_nothing(world: World) -> None:
    derived = derive(new_code(secrets.randbelow), service.label(world.context))
    assert await service.look(STRANGER, world.now, world.context, derived, world.now.date()) is None


async def test_a_reply_is_sealed_to_the_code_and_signed_by_the_office(world: World) -> None:
    code = new_code(secrets.randbelow)
    derived = derive(code, service.label(world.context))
    await service.file(STRANGER, world.now, world.context, filing(code, label=service.label(world.context)))
    await world.agent().once()
    row = await only(world)
    body = envelope.seal_reply("¿Recuerda el color?", row["reply_recipient"])
    said = notary.statement("reply", row["id"], row["sha256"], counter=1, reply=crypto.sha256(body).hex())
    signature = crypto.b64url(keys.signer(world.folder).sign(said))
    first = NewReply(1, crypto.b64url(body), signature)
    await answers.reply(world.officer, world.now, world.context, row["id"], first)
    await answers.reply(world.officer, world.now, world.context, row["id"], first)
    box = await service.look(STRANGER, world.now, world.context, derived, world.now.date())
    assert box is not None and len(box.replies) == 1
    assert envelope.open_reply(bytes.fromhex(box.replies[0].body), derived.reply_identity) == "¿Recuerda el color?"
    for wrong, code_of in (
        (NewReply(2, first.body, signature), "statement-not-signed"),
        (NewReply(2, "AAAA", signature), "reply-not-sealed"),
    ):
        with pytest.raises(Invalid, match=code_of):
            await answers.reply(world.officer, world.now, world.context, row["id"], wrong)


async def test_junk_is_answered_as_unreadable_and_does_not_close_the_gate(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    row = await only(world)
    with pytest.raises(Invalid, match="statement-not-signed"):
        await answers.unreadable(world.officer, world.now, world.context, row["id"], Unreadable("A" * 86))
    said = notary.statement("unreadable", row["id"], row["sha256"])
    await answers.unreadable(
        world.officer,
        world.now,
        world.context,
        row["id"],
        Unreadable(crypto.b64url(keys.signer(world.folder).sign(said))),
    )
    late = world.now + timedelta(hours=5)
    assert isinstance(await queries.availability(world.context, "CR-G", "", late), gate.Open)


async def test_escalation_reaches_the_second_office_which_alone_can_open_it(
    committed: str, context: Context, now: datetime, tmp_path: Path
) -> None:
    behind = await enrol(context, now, tmp_path / "second", places=("ZZ",))
    world = await made(context, now, tmp_path, then=behind, always_open=False)
    await service.file(STRANGER, now, world.context, filing())
    row = await only(world)
    second = Actor(
        uuid4(), "second", frozenset({Role.AUTHORITY_OFFICER}), frozenset({(Role.AUTHORITY_OFFICER, behind)})
    )
    with pytest.raises(NotFound):
        await answers.contents(second, now, world.context, row["id"])
    late = now + timedelta(hours=73)
    assert await delivery.escalate(SYSTEM, late) == 1
    assert await delivery.escalate(SYSTEM, late) == 0
    outer, body = await answers.contents(second, late, world.context, row["id"])
    inside = envelope.open_sealed(
        body,
        keys.identities(tmp_path / "second")[:1],
        envelope.Context(outer.id, outer.chain, outer.key_ids, outer.directory_version),
    )
    assert inside.report.narrative and inside.shown


async def test_an_office_gets_one_notice_in_fifteen_minutes_also_of_what_comes_to_it_from_another(
    committed: str, context: Context, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = await enrol(context, now, tmp_path / "second", places=("ZZ",))
    world = await made(context, now, tmp_path, then=behind, always_open=False)
    for i in range(3):
        sent = msgspec.structs.replace(filing(urgent=True, nonce=bytes([i]) * 32), burst=True)
        await service.file(STRANGER, now + timedelta(hours=i), world.context, sent)
    written: list[tuple[UUID, datetime]] = []
    at, last = now, now + timedelta(hours=8)

    async def write(_: Context, authority: UUID) -> None:
        written.append((authority, at))

    monkeypatch.setattr(jobs, "_write", write)
    while at < last:
        if at == now + timedelta(minutes=225):  # a moment before the first office has run out of time
            await service.drill(SYSTEM, at, world.context, behind)
        await delivery.escalate(SYSTEM, at)
        await jobs.deliver(world.context, at)
        at += timedelta(minutes=5)
    for office in (world.authority, behind):
        told = [when for who, when in written if who == office]
        assert len(told) > 1
        assert all(after - before >= jobs.NOTICE_EVERY for before, after in pairwise(told))
    (late,) = await fetch("SELECT count(*) FROM reports.delivery WHERE done_at IS NULL", engine=REPORTS_DB)
    assert late["count"] == 0, "each of them was announced in the end"


async def test_a_notice_that_was_taken_counts_once(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    rows = await delivery.lease(world.now + timedelta(minutes=30), world.authority)
    for _ in range(2):
        await delivery.notified(SYSTEM, world.now, [row["id"] for row in rows])
    names = [
        r["name"]
        for r in await fetch(
            "SELECT name FROM reports.event WHERE envelope = $1", (await only(world))["id"], engine=REPORTS_DB
        )
    ]
    assert names.count("reports.notified") == 1


async def test_the_agent_refuses_a_directory_that_does_not_name_its_key(world: World, tmp_path: Path) -> None:
    from registry.authorities import directory as directories

    document = await world.context.published.get("authorities/directory.json")
    found = directories.signed_by(document, pinned(world.root))
    stolen = msgspec.structs.replace(found.records[0], signing="A" * 43)
    forged = directories.sign(
        msgspec.structs.replace(found, version=2, previous=directories.digest(found), records=(stolen,)), world.root
    )
    with pytest.raises(Invalid, match="directory-not-my-key"):
        world.agent().directory(forged)
    assert world.agent().directory(document).version == 1


async def test_a_directory_rolled_back_or_replaced_closes_every_form(world: World, tmp_path: Path) -> None:
    from registry.authorities import directory as directories

    document = await world.context.published.get("authorities/directory.json")
    found = directories.signed_by(document, pinned(world.root))
    other = crypto.FileSigner.make(tmp_path / "mallory.pem")
    for bad in (directories.sign(found, other), document.replace(b'"version":1', b'"version":2'), b"{}"):
        await world.context.published.put("authorities/directory.json", bad)
        answer = await queries.availability(world.context, "CR-G", "", world.now)
        assert answer == gate.Closed((gate.Reason.NO_DIRECTORY,))
    await sign_directory(world.context, world.now, world.root)
    assert isinstance(await queries.availability(world.context, "CR-G", "", world.now), gate.Open)
    await world.context.published.put("authorities/directory.json", document)
    assert isinstance(await queries.availability(world.context, "CR-G", "", world.now), gate.Closed)
