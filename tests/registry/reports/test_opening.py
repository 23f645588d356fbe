"""Who opens a gate: nobody alone, nobody without a reason, nobody past what was never signed; also not in raw SQL."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest

from registry.access.actor import STRANGER, SYSTEM, Actor
from registry.access.permissions import GRANTS, Permission, Role
from registry.core.context import Context
from registry.core.db import REPORTS_DB, execute, fetch
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.reports import jobs, opening, queries, service
from registry.reports.gate import Closed, Open, Reason
from tests import people
from tests.registry.reports.looks import agent_at, only, world_at
from tests.registry.reports.world import World, filing, made

WHY = "La guardia contestó el teléfono a las once."
OTHER = people.Person("Otto Mata", "otto@registro.example", Role.OFFICER)


async def officers(now: datetime) -> tuple[Actor, Actor]:
    return await people.enter(people.OLGA, now), await people.enter(OTHER, now)


async def said(world: World, at: datetime) -> Open | Closed:
    return await queries.availability(world.context, "CR-G", "", at)


async def silent(world: World) -> datetime:
    """A report ran out, and was answered afterwards. Returns when."""
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    late = world.now + timedelta(hours=5)
    world.context = world_at(world, late)
    await agent_at(world, late).once()  # type: ignore[attr-defined]
    return late


async def test_after_a_silence_an_officer_opens_with_a_reason_and_nobody_else(world: World) -> None:
    olga, _ = await officers(world.now)
    late = await silent(world)
    assert await said(world, late) == Closed((Reason.SILENT,))
    for nobody in (STRANGER, SYSTEM, world.officer):
        with pytest.raises(Forbidden):
            await opening.open_gate(nobody, late, world.context, world.authority, WHY)
    with pytest.raises(Invalid, match="gate-reason"):
        await opening.open_gate(olga, late, world.context, world.authority, " sí ")
    with pytest.raises(NotFound):
        await opening.open_gate(olga, late, world.context, uuid4(), WHY)
    made_ = await opening.open_gate(olga, late, world.context, world.authority, WHY)
    assert isinstance(await said(world, late), Open)
    (event,) = await fetch("SELECT * FROM reports.event WHERE name = 'reports.gate_opened'", engine=REPORTS_DB)
    assert (event["authority"], event["note"]) == (world.authority, str(made_))
    with pytest.raises(Conflict, match="gate-not-silent"):
        await opening.open_gate(olga, late, world.context, world.authority, WHY)
    with pytest.raises(asyncpg.PostgresError):
        await execute("UPDATE reports.gate_opening SET reason = 'otra cosa distinta'", engine=REPORTS_DB)


async def test_it_is_not_opened_while_the_report_still_waits(world: World) -> None:
    olga, _ = await officers(world.now)
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    with pytest.raises(Conflict, match="gate-lacks-more"):
        await opening.open_gate(olga, world.now + timedelta(hours=5), world.context, world.authority, WHY)


async def test_the_next_silence_closes_what_was_opened(world: World) -> None:
    olga, _ = await officers(world.now)
    late = await silent(world)
    await opening.open_gate(olga, late, world.context, world.authority, WHY)
    await service.file(STRANGER, late, world.context, filing(urgent=True, nonce=b"2" * 32))
    assert isinstance(await said(world, late + timedelta(hours=5)), Closed)


async def test_two_people_lift_a_missing_drill_for_some_hours_and_one_does_not(world: World) -> None:
    olga, otto = await officers(world.now)
    later = world.now + timedelta(days=31)
    assert await said(world, later) == Closed((Reason.NO_DRILL,))
    one = await opening.ask_override(olga, later, world.context, world.authority, WHY, 6)
    assert isinstance(await said(world, later), Closed), "asking lifts nothing"
    with pytest.raises(Conflict, match="gate-asked-already"):
        await opening.ask_override(otto, later, world.context, world.authority, WHY, 6)
    with pytest.raises(Forbidden, match="gate-needs-two"):
        await opening.agree_override(olga, later, one, WHY)
    with pytest.raises(Invalid, match="gate-reason"):
        await opening.agree_override(otto, later, one, "")
    await opening.agree_override(otto, later, one, WHY)
    with pytest.raises(Conflict, match="gate-agreed-already"):
        await opening.agree_override(otto, later, one, WHY)
    opened = await said(world, later)
    assert isinstance(opened, Open) and opened.lifted == (Reason.NO_DRILL,) and opened.override == one
    assert isinstance(await said(world, later + timedelta(hours=6)), Closed), "it ends by itself"
    await service.file(STRANGER, later, world.context, filing())
    (kept,) = await fetch(
        "SELECT g.* FROM reports.gate_decision g JOIN reports.envelope e ON e.gate = g.id WHERE e.id = $1",
        (await only(world))["id"], engine=REPORTS_DB,
    )  # fmt: skip
    assert (kept["gate_version"], kept["reasons"], kept["override"]) == (2, ["no-drill"], one)
    await opening.end_override(olga, later, one)
    assert isinstance(await said(world, later), Closed), "or whenever anybody says so"
    with pytest.raises(Conflict, match="gate-override-over"):
        await opening.end_override(olga, later, one)
    rows = await fetch(
        "SELECT name FROM reports.event WHERE envelope = $1 ORDER BY id", world.authority, engine=REPORTS_DB
    )
    names = [row["name"] for row in rows]
    assert names == ["reports.gate_override_asked", "reports.gate_override_agreed", "reports.gate_override_ended"]


@pytest.mark.parametrize("hours", [0, 25, -1])
async def test_no_longer_than_a_day(world: World, hours: int) -> None:
    olga, _ = await officers(world.now)
    with pytest.raises(Invalid, match="gate-hours"):
        await opening.ask_override(olga, world.now + timedelta(days=31), world.context, world.authority, WHY, hours)


async def test_nobody_lifts_what_was_never_signed_or_is_open(world: World) -> None:
    olga, _ = await officers(world.now)
    with pytest.raises(Conflict, match="gate-open-already"):
        await opening.ask_override(olga, world.now, world.context, world.authority, WHY, 6)
    ended = world.now + timedelta(days=336)  # the agreement is over
    with pytest.raises(Conflict, match="gate-never-lifted"):
        await opening.ask_override(olga, ended, world.context, world.authority, WHY, 6)


def test_only_an_officer_of_the_register_keeps_the_gates() -> None:
    assert [role for role in Role if Permission.REPORTS_GATE in GRANTS[role]] == [Role.OFFICER]


ASK = (
    "INSERT INTO reports.gate_override (id, authority, asked_by, asked_name, reason, asked_at, ends_at, agreed_by,"
    " agreed_name, agreed_reason, agreed_at) VALUES (gen_random_uuid(), $1, $2, 'x', $3, $4, $5, $6, 'y', $7, $8)"
)


async def test_raw_sql_takes_no_override_that_two_officers_did_not_sign(world: World) -> None:
    olga, otto = await officers(world.now)
    now, hour = world.now, timedelta(hours=1)
    bad: list[tuple[UUID, str, datetime, UUID | None, datetime | None]] = [
        (olga.id, WHY, now + hour, otto.id, now),  # both at once
        (uuid4(), WHY, now + hour, None, None),  # nobody we know
        (olga.id, "", now + hour, None, None),  # no reason
        (olga.id, WHY, now + 25 * hour, None, None),  # more than a day
        (olga.id, WHY, now - hour, None, None),  # over before it began
    ]
    for asker, reason, ends, second, agreed in bad:
        with pytest.raises(asyncpg.PostgresError):
            await execute(ASK, world.authority, asker, reason, now, ends, second, WHY, agreed, engine=REPORTS_DB)
    await execute(ASK, world.authority, olga.id, WHY, now, now + hour, None, "", None, engine=REPORTS_DB)
    for change in (
        f"agreed_by = '{olga.id}', agreed_at = asked_at, agreed_reason = 'la misma persona'",
        f"agreed_by = '{uuid4()}', agreed_at = asked_at, agreed_reason = 'nadie conocido'",
        f"agreed_by = '{otto.id}', agreed_at = asked_at, agreed_reason = ''",
        f"agreed_by = '{otto.id}', agreed_reason = 'sin la hora escrita'",
        "ends_at = ends_at + interval '2 hours'",
        "reason = 'otra razón muy distinta'",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await execute(f"UPDATE reports.gate_override SET {change}", engine=REPORTS_DB)
    for statement in ("DELETE FROM reports.gate_override", "TRUNCATE reports.gate_override",
                      "DELETE FROM reports.gate_opening"):  # fmt: skip
        with pytest.raises(asyncpg.PostgresError):
            await execute(statement, engine=REPORTS_DB)
    with pytest.raises(asyncpg.PostgresError):
        await execute(
            "INSERT INTO reports.gate_opening (id, authority, silent_at, opened_by, opened_name, reason, opened_at,"
            " gate_version, directory_version) VALUES (gen_random_uuid(), $1, $2, $3, 'x', $4, $5, 2, 1)",
            world.authority, now - hour, world.officer.id, WHY, now, engine=REPORTS_DB,
        )  # fmt: skip


async def test_every_gate_that_moved_by_itself_is_written_down_once(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing(urgent=True))
    late = world.now + timedelta(hours=5)
    for at in (world.now, world.now, late, late):
        await jobs.watch(world.context, at)
    assert await opening.remember(SYSTEM, late, world.context) == 0
    notes = [row["note"] for row in await fetch(
        "SELECT note FROM reports.event WHERE name = $1 ORDER BY id", opening.MOVED, engine=REPORTS_DB)]  # fmt: skip
    assert notes == ["v2 open", "v2 closed overdue silent"]


async def test_a_drill_that_was_passed_late_was_not_passed(
    committed: str, context: Context, now: datetime, tmp_path: Path
) -> None:
    world = await made(context, now, tmp_path, drilled=False)
    await service.drill(SYSTEM, now, world.context, world.authority)
    late = now + timedelta(hours=73)
    world.context = world_at(world, late)
    await agent_at(world, late).once()  # type: ignore[attr-defined]
    closed = await said(world, late)
    assert isinstance(closed, Closed) and {Reason.NO_DRILL, Reason.DRILL_FAILED} <= set(closed.reasons)
