"""A form newer than the office's program: the envelope is kept, people are told, and nobody is told it is junk."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from registry.access.actor import STRANGER, SYSTEM
from registry.core import crypto
from registry.core.db import REPORTS_DB, execute, fetch
from registry.core.errors import Conflict, Invalid
from registry.reports import delivery, envelope, gate, jobs, payload, queries, service
from registry.reports.agent import alone, keys
from tests.registry.reports.agent.test_round import agent, cases
from tests.registry.reports.looks import only
from tests.registry.reports.world import World, filing


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The program of before: it does not know the form of today."""
    monkeypatch.setattr(payload, "FORMS", ("2026-11",))
    return monkeypatch


async def test_it_is_kept_and_told_and_opened_once_the_program_is_renewed(
    world: World, later: pytest.MonkeyPatch
) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    done = await agent(world).once()
    row = await only(world)
    assert (done.newer, done.opened, done.unreadable, done.failed) == (1, 0, 0, 0)
    assert (row["blocked"], row["outcome"], row["opened_at"], row["closed_at"]) == ("newer_form", None, None, None)
    assert "renew-program" in (world.folder / "cases" / "ALARM.txt").read_text()
    (kept,) = (world.folder / "cases").glob("*.age")
    assert crypto.sha256(kept.read_bytes()) == bytes(row["sha256"]) and cases(world) == []
    await jobs.tell_stuck(world.context, world.now)
    (letter,) = (world.context.config.data / "mail").glob("alarm-*.eml")
    told = message_from_bytes(letter.read_bytes(), policy=default).get_content()
    assert "renueve su programa" in " ".join(told.split()) and "newer_form" not in told
    assert (await agent(world).once()).newer == 1, "every round says it again"
    later.undo()
    done = await agent(world).once()
    assert (done.opened, done.newer, len(cases(world))) == (1, 0, 1)
    assert (await only(world))["blocked"] == ""


async def test_until_then_it_counts_as_silence_and_the_next_office_is_told(
    world: World, later: pytest.MonkeyPatch
) -> None:
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    await agent(world).once()
    late = world.now + timedelta(hours=5)
    await delivery.escalate(SYSTEM, late)
    found = await queries.availability(world.context, "CR-G", "", late)
    assert isinstance(found, gate.Closed) and gate.Reason.OVERDUE in found.reasons


async def test_a_drill_that_nobody_can_read_is_not_passed(world: World, later: pytest.MonkeyPatch) -> None:
    which = await service.drill(SYSTEM, world.now, world.context, world.authority)
    await agent(world).once()
    (row,) = await fetch("SELECT passed_at FROM reports.drill WHERE envelope = $1", which, engine=REPORTS_DB)
    assert row["passed_at"] is None


async def test_junk_that_only_calls_itself_newer_is_junk(world: World) -> None:
    """Whoever seals by hand could close a gate with envelopes that nobody ever answers: the register names the form."""
    await service.file(STRANGER, world.now, world.context, filing())
    row = await only(world)
    await execute("UPDATE reports.envelope SET form = $2 WHERE id = $1", row["id"], "2026-11", engine=REPORTS_DB)
    done = await agent(world).once()
    assert (done.unreadable, done.newer) == (1, 0), "inside and outside name different forms"


@pytest.mark.parametrize("form", ["", "9", "x" * 7, "1999-01", "3026-11"])
def test_what_is_no_version_of_a_form_is_not_newer(form: str) -> None:
    assert not payload.newer(form) and payload.newer("2027-02") and not payload.newer("2026-11")


def test_a_file_of_a_newer_form_says_so_without_a_line(tmp_path: Path, later: pytest.MonkeyPatch) -> None:
    keys.make(tmp_path / "unit", ("a", "b", "c", "d"))
    held = keys.identities(tmp_path / "unit")
    recipients = tuple(envelope.recipient_of(one) for one in held)
    inside = envelope.Context(UUID(int=1), (UUID(int=2),), tuple(map(envelope.fingerprint, recipients)), 1)
    told = envelope.Report(envelope.Place("CR-G"), "x")
    body = envelope.seal(envelope.Inner("sectt-report/1", "0" * 26, inside, told, recipients[0]), recipients).body
    with pytest.raises(Conflict, match="envelope-newer"):
        alone.opened(body, held, None)
    later.undo()
    assert alone.opened(body, held, None)[0].report == told
    older = envelope.Inner(
        "sectt-report/1", "0" * 26, msgspec.structs.replace(inside, form="2026-11"), told, recipients[0]
    )
    assert alone.opened(envelope.seal(older, recipients).body, held, None)[0].context.form == "2026-11"
    with pytest.raises(Invalid, match="envelope-unreadable"):
        alone.opened(body[:-1], held, None)
