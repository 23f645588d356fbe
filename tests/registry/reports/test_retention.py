"""How long a report is kept: what was answered goes by the clock, what nobody answered only by a person's decision."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from registry.access.actor import STRANGER, SYSTEM, Actor
from registry.access.permissions import Role
from registry.core.context import Context
from registry.core.db import DB, REPORTS_DB, execute, fetch
from registry.core.errors import Conflict, Forbidden, Invalid
from registry.reports import answers, delivery, jobs, queries, retention, rules, service
from registry.reports.schemas import Conclude
from tests.registry.reports.looks import only
from tests.registry.reports.world import World, filing, made

DAY = timedelta(days=1)
WHY = "Both offices were called and written to for a year."


async def officer(world: World, email: str) -> Actor:
    """One who keeps the gates, in the table of roles."""
    actor = Actor(uuid4(), email, frozenset({Role.OFFICER}))
    await execute(
        "INSERT INTO account (id, email, name, language, password_hash, totp_last_step, codes_made, state, created_at)"
        " VALUES ($1, $2, $2, 'es', '', 0, 0, 'active', $3)", actor.id, email, world.now,
    )  # fmt: skip
    await execute(
        "INSERT INTO role_held (id, account, role, given_by, given_at) VALUES ($1, $2, 'officer', $2, $3)",
        uuid4(), actor.id, world.now,
    )  # fmt: skip
    return actor


async def has_body(which: UUID) -> bool:
    (row,) = await fetch(
        "SELECT body IS NOT NULL AS there FROM reports.envelope WHERE id = $1", which, engine=REPORTS_DB
    )
    return bool(row["there"])


async def test_a_month_after_the_office_said_it_keeps_it_the_ciphertext_is_gone_and_the_box_stays(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    await world.agent().once()
    which: UUID = (await only(world))["id"]  # type: ignore[assignment]
    await delivery.purge(SYSTEM, world.now + 29 * DAY, world.context)
    assert await has_body(which)
    await delivery.purge(SYSTEM, world.now + 31 * DAY, world.context)
    row = await only(world)
    assert row["body"] is None and row["state"] == "acknowledged"
    assert await service.erasure(world.context).stat(str(which)) is None
    with pytest.raises(Conflict, match="report-purged"):
        await answers.contents(world.officer, world.now, world.context, which)
    await delivery.purge(SYSTEM, world.now + 366 * DAY, world.context)
    assert (await only(world))["state"] == "purged"


async def test_when_it_is_over_its_hour_is_the_day_everywhere_and_the_gate_judges_as_before(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    await jobs.deliver(world.context, world.now)
    await world.agent().once()
    which: UUID = (await only(world))["id"]  # type: ignore[assignment]
    before = await queries.standing(world.context, world.now, world.authority, REPORTS_DB)
    await answers.conclude(world.officer, world.now, world.context, which, Conclude(rules.Outcome.INSPECTION_DONE))
    row = await only(world)
    midnight = world.now.replace(hour=6, minute=0)  # of Costa Rica, where the register is
    assert row["received_hour"] == row["notified_at"] == midnight and row["due"] == [midnight + DAY]
    (gate,) = await fetch("SELECT hour FROM reports.gate_decision WHERE id = $1", row["gate"], engine=REPORTS_DB)
    assert gate["hour"] == midnight
    told = await fetch("SELECT name, at FROM reports.event WHERE envelope = $1 ORDER BY id", which, engine=REPORTS_DB)
    assert {e["at"] for e in told if e["name"] in ("reports.sealed", "reports.notified")} == {midnight}
    later = world.now + timedelta(hours=2)
    await delivery.purge(SYSTEM, later, world.context)
    (sent,) = await fetch("SELECT * FROM reports.delivery WHERE envelope = $1", which, engine=REPORTS_DB)
    assert sent["due_at"] == sent["done_at"] == midnight
    after = await queries.standing(world.context, world.now, world.authority, REPORTS_DB)
    assert (after.due, after.on_time, after.overdue, after.silent_at) == (
        before.due, before.on_time, before.overdue, before.silent_at,
    )  # fmt: skip
    assert after.median_minutes == 60, "how long it took is kept in wide steps"


async def test_an_evening_in_costa_rica_stays_that_day_when_it_is_over(
    committed: str, context: Context, now: datetime, tmp_path: Path
) -> None:
    evening = now.replace(hour=1) + DAY  # seven in the evening where the register is, the next day at Greenwich
    world = await made(context, evening, tmp_path)
    await service.file(STRANGER, world.now, world.context, filing())
    await jobs.deliver(world.context, world.now)
    await world.agent().once()
    before = await only(world)
    done = Conclude(rules.Outcome.INSPECTION_DONE)
    await answers.conclude(world.officer, world.now, world.context, before["id"], done)  # type: ignore[arg-type]
    after = await only(world)
    zone = ZoneInfo(context.config.time_zone)
    for cut in ("received_hour", "notified_at"):
        days = [row[cut].astimezone(zone) for row in (before, after)]  # type: ignore[attr-defined]
        assert days[0].date() == days[1].date() == now.date() and (days[0].hour, days[1].hour) == (19, 0)


async def test_everybody_who_keeps_the_gates_is_told_once_when_every_office_was_silent(world: World) -> None:
    await officer(world, "a@registro.test")
    await officer(world, "b@registro.test")
    await service.file(STRANGER, world.now, world.context, filing())
    for hours in (80, 81, 82):
        await jobs.watch(world.context, world.now + timedelta(hours=hours))
    await retention.told(SYSTEM, world.now, retention.REGISTER, [])
    assert await retention.untold(retention.REGISTER) == []
    letters = [p.read_text() for p in (world.context.config.data / "mail").glob("alarm-*.eml")]
    assert len(letters) == 3
    assert all(sum(to in letter for letter in letters) == 1 for to in ("a@registro.test", "b@registro.test"))


async def test_what_nobody_answered_goes_only_by_a_persons_decision_and_never_early(world: World) -> None:
    one, _ = await officer(world, "a@registro.test"), await officer(world, "b@registro.test")
    await service.file(STRANGER, world.now, world.context, filing())
    which: UUID = (await only(world))["id"]  # type: ignore[assignment]
    late = world.now + 366 * DAY
    with pytest.raises(Conflict, match="report-not-told"):
        await retention.let_go(one, late, world.context, which, WHY)
    await jobs.deliver(world.context, world.now)
    await jobs.watch(world.context, world.now + 4 * DAY)
    await jobs.deliver(world.context, world.now + 4 * DAY)  # who is silent is reminded
    with pytest.raises(Conflict, match="report-too-young"):
        await retention.let_go(one, world.now + 300 * DAY, world.context, which, WHY)
    with pytest.raises(Invalid, match="gate-reason"):
        await retention.let_go(one, late, world.context, which, "old")
    for nobody in (SYSTEM, world.officer, Actor(uuid4(), "x", frozenset({Role.ADMINISTRATOR}))):
        with pytest.raises(Forbidden):
            await retention.let_go(nobody, late, world.context, which, WHY)
    assert await delivery.purge(SYSTEM, late + 3000 * DAY, world.context) == 0 or await has_body(which)
    assert [u.id for u in await retention.unanswered(one, late)] == [which]
    await retention.let_go(one, late, world.context, which, WHY)
    assert not await has_body(which) and await service.erasure(world.context).stat(str(which)) is None
    assert [d["reason"] for d in await retention.decisions()] == [WHY]
    names = [r["name"] for r in await fetch("SELECT name FROM reports.event WHERE envelope = $1 ORDER BY id", which,
                                            engine=REPORTS_DB)]  # fmt: skip
    assert names[-2:] == ["reports.let_go", "reports.closed_unanswered"]
    standing = await queries.standing(world.context, late, world.authority, REPORTS_DB)
    assert standing.silent_at is not None, "its office was silent, and still was"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reports.envelope SET body = NULL",
        "UPDATE reports.envelope SET body = 'x'",
        "DELETE FROM reports.envelope",
        "INSERT INTO reports.last_decision (id, envelope, decided_by, decided_name, reason, decided_at)"
        " SELECT gen_random_uuid(), id, id, 'x', 'because I say so', now() + interval '9 years' FROM reports.envelope",
    ],
)
async def test_postgresql_itself_keeps_what_nobody_acknowledged(world: World, statement: str) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    with pytest.raises((asyncpg.CheckViolationError, asyncpg.InsufficientPrivilegeError)):
        await execute(statement, engine=REPORTS_DB)


async def test_the_desks_role_cannot_ask_who_is_told(world: World) -> None:
    for call in ("reports.keepers()", "reports.figures()"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await fetch(f"SELECT * FROM {call}", engine=DB)
