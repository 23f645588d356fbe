"""Exactly once, whoever dies when; one failure holds up nobody else; alarms are told and nothing waits for them."""

import asyncio
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from registry.access.actor import STRANGER
from registry.authorities import directory as directories
from registry.authorities.directory import mark
from registry.core import crypto
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Conflict, Invalid
from registry.reports import answers, envelope, gate, notary, queries, service
from registry.reports.agent import keys, paper
from registry.reports.agent.caller import Register, at_once
from registry.reports.agent.round import Agent
from registry.reports.rules import Blocked
from registry.reports.schemas import Stopped, Unreadable
from tests.registry.reports.looks import only
from tests.registry.reports.test_carry import carried
from tests.registry.reports.world import ORIGIN, World, filing, pinned


class Dying(Register):
    """A line that breaks just before the register is told one thing: as kill -9 there leaves it."""

    before = ""

    async def tell(self, which: UUID, what: str, said: dict[str, Any]) -> None:
        if what == self.before:
            raise ConnectionError(what)
        await super().tell(which, what, said)


def agent(world: World, *, before: str = "", identities: list[str] | None = None, **options: Any) -> Agent:
    clock, signer = at_once(world.now), keys.signer(world.folder)
    line = Dying(world.http, ORIGIN, world.authority, signer, clock)
    line.before = before
    held = identities or keys.identities(world.folder)
    return Agent(line, keys.settings(world.folder), held, signer, world.folder / "cases", clock, **options)


def cases(world: World) -> list[Path]:
    return sorted((world.folder / "cases").glob("CASO-*.json"))


@pytest.mark.parametrize("before", ["fetched", "opened", "acknowledged"])
async def test_a_line_that_breaks_anywhere_leaves_one_case_and_one_acknowledgement(world: World, before: str) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    assert (await agent(world, before=before).once()).failed == 1
    assert (await only(world))["acknowledged_at"] is None
    assert len(cases(world)) == (before == "acknowledged")
    done = await agent(world).once()
    assert (done.opened, done.failed, len(cases(world))) == (1, 0, 1)
    row = await only(world)
    names = await fetch("SELECT name FROM reports.event WHERE envelope = $1", row["id"], engine=REPORTS_DB)
    assert [n["name"] for n in names].count("reports.acknowledged") == 1


async def test_a_case_whose_paper_was_not_finished_gets_it_the_next_time(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    await agent(world, before="acknowledged").once()
    (data,) = cases(world)
    before, printed = data.read_bytes(), data.with_suffix(".pdf")
    printed.unlink()
    await agent(world).once()
    assert (
        data.read_bytes() == before and printed.read_bytes().startswith(b"%PDF") and printed.stat().st_mode & 0o077 == 0
    )


async def test_two_agents_with_the_same_keys_at_the_same_moment_write_each_case_once(world: World) -> None:
    for n in range(4):
        await service.file(STRANGER, world.now, world.context, filing(nonce=bytes([n]) * 32))
    done = await asyncio.gather(agent(world).once(), agent(world).once())
    assert len(cases(world)) == 4 and sum(d.failed for d in done) == 0
    assert sum(len(d.files) for d in done) == 4, "each file is somebody's, and nobody's twice"
    rows = await fetch(
        "SELECT e.id, e.reference, (SELECT count(*) FROM reports.event v WHERE v.envelope = e.id AND v.name ="
        " 'reports.acknowledged') AS said FROM reports.envelope e"
        " WHERE e.id NOT IN (SELECT envelope FROM reports.drill)",
        engine=REPORTS_DB,
    )
    assert [(r["reference"], r["said"]) for r in rows] == [(f"CASO-{str(r['id'])[:8].upper()}", 1) for r in rows]


async def test_a_draft_that_a_killed_agent_left_is_taken_away_and_a_fresh_one_is_not(world: World) -> None:
    old, fresh = world.folder / "cases" / ".CASO-OLD.json.ab", world.folder / "cases" / ".CASO-NEW.json.cd"
    for path in (old, fresh):
        path.write_text("{")
    os.utime(old, (0, 0))
    await agent(world).once()
    assert not old.exists() and fresh.exists()


async def test_one_envelope_that_fails_holds_up_no_other(world: World) -> None:
    for n in range(2):
        await service.file(STRANGER, world.now, world.context, filing(nonce=bytes([n]) * 32))
    first = (await fetch("SELECT id FROM reports.envelope ORDER BY due[1], id DESC LIMIT 1", engine=REPORTS_DB))[0][
        "id"
    ]

    class Torn(Dying):
        async def contents(self, which: UUID) -> Any:
            if which == first:
                raise ConnectionError
            return await super().contents(which)

    worker = agent(world)
    worker._register = Torn(world.http, ORIGIN, world.authority, keys.signer(world.folder), at_once(world.now))
    done = await worker.once()
    assert (done.opened, done.failed) == (1, 1)


@pytest.mark.parametrize("name", [*keys.WORKING, keys.RECOVERY])
async def test_each_key_alone_opens_also_the_recovery_key(world: World, name: str) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    identity = (world.folder / name).read_text().splitlines()[-1]
    assert (await agent(world, identities=[identity]).once()).opened == 1


async def test_a_key_of_before_a_change_still_opens_and_is_no_alarm(world: World) -> None:
    other = world.folder.parent / "new"
    keys.make(other, ("a", "b", "c", "d"))
    (world.folder / "former-2025.key").write_text((other / keys.WORKING[0]).read_text())
    assert len(keys.identities(world.folder)) == 4
    document = await world.context.published.get("authorities/directory.json")
    assert agent(world, identities=keys.identities(world.folder)).directory(document).version == 1


async def test_an_alarm_lies_beside_the_cases_and_envelopes_are_opened_all_the_same(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    document = await world.context.published.get("authorities/directory.json")
    found = directories.signed_by(document, pinned(world.root))
    mine = found.records[0]
    added = msgspec.structs.replace(mine, working=(*mine.working, _another(world)))
    forged = directories.sign(
        msgspec.structs.replace(found, version=2, previous=directories.digest(found), records=(added,)), world.root
    )

    class Shown(Register):
        async def served(self) -> bytes:
            return forged

    worker = agent(world, given=keys.given(world.folder))
    worker._register = Shown(world.http, ORIGIN, world.authority, keys.signer(world.folder), at_once(world.now))
    done = await worker.once()
    assert done.alarms == ["directory-not-my-key"] and done.opened == 1
    note = world.folder / "cases" / "ALARM.txt"
    lines = note.read_text().splitlines()
    assert lines[0] == "directory-not-my-key" and "llame ahora al registro" in lines[1]


def _another(world: World) -> str:
    public = keys.make(world.folder.parent / "mallory", ("a", "b", "c", "d"))
    return public[0]["public"]


async def test_a_case_says_what_a_program_needs_and_codes_for_export(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    await agent(world).once()
    case = json.loads(cases(world)[0].read_text())
    assert case["htcds"] == {
        "vic_TraffickingStatus": "PossibleVictimOfTrafficking", "vic_TypeOfExploitation": "SexualExploitation",
        "hte_Country": "CR", "hte_State": "CR-G",
    }  # fmt: skip
    assert case["report"]["narrative"] == "Una persona ofreció dinero." and len(case["sha256"]) == 64


async def test_the_register_refuses_an_answer_about_what_is_not_open(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    which = (await only(world))["id"]
    line = Register(world.http, ORIGIN, world.authority, keys.signer(world.folder), at_once(world.now))
    with pytest.raises(Conflict, match="envelope-not-opened"):
        await line.tell(which, "blocked", {"why": "unreachable"})
    with pytest.raises(Conflict, match="envelope-not-opened"):
        await answers.blocked(world.officer, world.now, which, Stopped(Blocked.UNREACHABLE))
    with pytest.raises(Conflict, match="envelope-not-acknowledged"):
        await line.tell(which, "progress", {"progress": "accepted", "signature": "A" * 86})
    with pytest.raises(Conflict, match="not-ours"):
        await line.tell(which, "blocked", {"why": "unreachable", "detail": "a name"})
    assert crypto.sha256(b"") != (await only(world))["sha256"]


async def test_what_was_sealed_with_a_wrong_proof_is_answered_once_lies_there_for_people_and_closes_no_gate(
    world: World,
) -> None:
    sent = await carried(world, "Sellado con otra prueba.", proof_hash="0" * 64, urgent=True)
    await service.carry(STRANGER, world.now, world.context, sent, b"n" * 32, burst=False)
    done = await agent(world).once()
    assert (done.unreadable, done.failed, done.opened) == (1, 0, 0)
    assert "Sellado con otra prueba." in cases(world)[0].read_text()
    assert (await only(world))["outcome"] == "unreadable"
    assert (await agent(world).once()).unreadable == 0
    late = world.now + timedelta(hours=5)
    assert isinstance(await queries.availability(world.context, "CR-G", "", late), gate.Open)


async def test_a_machine_without_the_keys_ends_nothing(world: World) -> None:
    """After a change of keys, or with the wrong folder: it answered that every envelope cannot be read, under the
    office's own signature, and no machine that could read it was ever given it again."""
    await service.file(STRANGER, world.now, world.context, filing())
    keys.make(world.folder.parent / "other", ("a", "b", "c", "d"))
    done = await agent(world, identities=keys.identities(world.folder.parent / "other")).once()
    assert (done.opened, done.unreadable, done.failed) == (0, 0, 1) and "keys-not-here" in done.alarms
    assert (await only(world))["closed_at"] is None
    assert (await agent(world).once()).opened == 1


async def test_an_envelope_that_breaks_the_program_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        await service.file(STRANGER, world.now, world.context, filing(nonce=bytes([n]) * 32))
    whole, broken = paper.pdf, []

    def breaks(*given: Any) -> bytes:
        if not broken:
            broken.append(given)
            raise RuntimeError("a stranger's words")
        return whole(*given)

    monkeypatch.setattr(paper, "pdf", breaks)
    done = await agent(world).once()
    assert (done.opened, done.failed) == (2, 1) and "envelope-breaks-program" in done.alarms
    monkeypatch.setattr(paper, "pdf", whole)
    assert (await agent(world).once()).opened == 1


async def test_an_office_that_cannot_read_it_ends_nothing_that_another_has_in_hand(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    await agent(world).once()
    row = await only(world)
    said = notary.statement("unreadable", row["id"], bytes(row["sha256"]))  # type: ignore[arg-type]
    signature = crypto.b64url(keys.signer(world.folder).sign(said))
    await answers.unreadable(world.officer, world.now, world.context, row["id"], Unreadable(signature))  # type: ignore[arg-type]
    assert (await only(world))["outcome"] is None


async def test_the_proof_of_a_key_is_no_way_to_have_a_report_opened_or_a_statement_signed(world: World) -> None:
    """Whoever runs the register gives the task: what they hold already must not be a task."""
    await service.file(STRANGER, world.now, world.context, filing(narrative="what a child told"))
    row = await only(world)
    _, body = await answers.contents(world.officer, world.now, world.context, row["id"])  # type: ignore[arg-type]
    said = notary.statement("outcome", row["id"], bytes(row["sha256"]), outcome="false_report")  # type: ignore[arg-type]
    mine, ours = keys.identities(world.folder)[0], crypto.b64url(keys.signer(world.folder).public_bytes())
    working, signing = mark(envelope.recipient_of(mine)), mark(ours)
    for name, task in (
        ("working-1", f"working.{working}.{crypto.b64url(body)}"), ("signing", f"signing.{signing}.{said.decode()}"),
        ("signing", f"signing.{signing}." + "a" * 27 + "\n"), ("signing", "a" * 27),
    ):  # fmt: skip
        with pytest.raises(Invalid, match="task-not-readable"):
            keys.answer(world.folder, name, task)
