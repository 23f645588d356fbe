"""One hash a week over the whole event log: published once, continued for ever, and telling nothing by itself."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from datetime import date, datetime, timedelta

import asyncpg
import msgspec
import pytest

from registry.access.actor import STRANGER, SYSTEM
from registry.core.db import DB, PUBLIC_DB, REPORTS_DB, Database, execute, fetch
from registry.reports import heads, jobs, service
from registry.reports.agent import keys
from registry.reports.agent.caller import Register, at_once
from registry.reports.heads import Head, Heads
from tests.registry.reports.world import ORIGIN, World, filing

WEEK = timedelta(days=7)


async def test_a_head_is_taken_once_a_week_and_continues_the_one_before(world: World) -> None:
    await jobs.publish(world.context, world.now)
    first = await heads.published(world.context)
    assert [h.week for h in first.heads] == [heads.monday(world.now)]
    await service.file(STRANGER, world.now, world.context, filing())
    await jobs.publish(world.context, world.now)
    assert await heads.published(world.context) == first
    await jobs.publish(world.context, world.now + WEEK)
    second = await heads.published(world.context)
    assert len(second.heads) == 2 and second.continues(first) and not first.continues(second)
    assert await heads.broken(world.context) is None and await heads.counted() == (2, 0)


async def test_two_workers_at_once_take_one_head_and_whoever_files_meanwhile_is_kept(world: World) -> None:
    taken, also, _ = await asyncio.gather(
        heads.take(SYSTEM, world.now, Heads()),
        heads.take(SYSTEM, world.now, Heads()),
        service.file(STRANGER, world.now, world.context, filing()),
    )
    assert sorted((taken, also)) == [False, True] and await heads.broken(world.context) is None
    (row,) = await fetch("SELECT count(*) AS n FROM reports.event WHERE name = 'reports.sealed'", engine=REPORTS_DB)
    assert row["n"] == 2, "the drill of this world and the report"


async def test_two_weeks_in_which_nothing_happened_look_like_any_others(world: World) -> None:
    for n in range(3):
        await jobs.publish(world.context, world.now + n * WEEK)
    found = (await heads.published(world.context)).heads
    rows = await fetch("SELECT last, salt FROM reports.weekly_head ORDER BY week", engine=REPORTS_DB)
    assert len({h.hash for h in found}) == len({bytes(r["salt"]) for r in rows}) == 3
    file = await world.context.published.get(heads.KEY)
    assert not any(bytes(r["salt"]).hex() in file.hex() for r in rows) and b"last" not in file


@pytest.mark.parametrize(
    ("how", "where"),
    [
        ("UPDATE reports.event SET note = 'x' WHERE name = 'reports.sealed'", "event"),
        ("DELETE FROM reports.event WHERE name = 'reports.sealed'", "event"),
        ("DELETE FROM reports.event WHERE id = (SELECT max(last) FROM reports.weekly_head)", "week"),
        ("UPDATE reports.weekly_head SET salt = sha256(salt)", "week"),
    ],
)
async def test_whoever_owns_the_database_cannot_change_the_past_unseen(
    committed: str, world: World, how: str, where: str
) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    await jobs.publish(world.context, world.now)
    owner = await asyncpg.connect(committed)
    await owner.execute("SET session_replication_role = replica")  # as whoever owns it may: no trigger runs
    await owner.execute(how)
    await owner.close()
    assert (await heads.broken(world.context) or "").startswith(where)


async def test_a_log_made_anew_is_never_published_over_what_was(world: World) -> None:
    await jobs.publish(world.context, world.now)
    other = Heads(heads=(Head(heads.monday(world.now), "A" * 43),))
    await world.context.published.put(heads.KEY, msgspec.json.encode(other))
    await jobs.publish(world.context, world.now + WEEK)
    assert await heads.published(world.context) == other
    assert await heads.broken(world.context) == f"week {heads.monday(world.now)}"


async def test_a_database_that_was_put_back_continues_what_was_published(world: World) -> None:
    """The published files are never restored, so they may know weeks that the database has lost."""
    before = Heads(heads=tuple(Head(heads.monday(world.now - n * WEEK), "AAAA"[:3] + "A" * 40) for n in (2, 1)))
    await world.context.published.put(heads.KEY, msgspec.json.encode(before))
    await jobs.publish(world.context, world.now)
    after = await heads.published(world.context)
    assert after.continues(before) and len(after.heads) == 3
    assert await heads.broken(world.context) is None and await heads.counted() == (3, 2)


@pytest.mark.parametrize("engine", [DB, PUBLIC_DB], ids=["desk", "public"])
async def test_no_other_role_reads_heads_or_holds_the_log_still(world: World, engine: Database) -> None:
    for statement in ("SELECT * FROM reports.weekly_head", "SELECT reports.settled_events()"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await fetch(statement, engine=engine)


async def test_a_head_is_never_changed_nor_taken_away(committed: str, world: World) -> None:
    await jobs.publish(world.context, world.now)
    owner = await asyncpg.connect(committed)
    for statement in (
        "UPDATE reports.weekly_head SET last = 0",
        "DELETE FROM reports.weekly_head",
        "TRUNCATE reports.weekly_head",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await execute(statement, engine=REPORTS_DB)
    await owner.close()


class Shown(Register):
    """A line on which strangers are shown these heads."""

    found: Heads | None = Heads()

    async def served(self) -> bytes:
        return await self.directory()

    async def heads(self) -> Heads:
        if self.found is None:
            raise msgspec.DecodeError("junk")
        return self.found


def line(world: World, now: datetime) -> Shown:
    return Shown(world.http, ORIGIN, world.authority, keys.signer(world.folder), at_once(now))


async def test_an_agent_remembers_them_and_raises_an_alarm_where_one_is_gone_or_another(world: World) -> None:
    worker = world.agent()
    worker._register = shown = line(world, world.now)
    first, other = Head(date(2026, 11, 16), "A" * 43), Head(date(2026, 11, 16), "B" * 43)
    shown.found = Heads(heads=(first,))
    assert (await worker.once()).alarms == []
    for wrong in (Heads(), Heads(heads=(other,)), None):
        worker._served_at, shown.found = None, wrong
        assert (await worker.once()).alarms == ["history-changed"]
    shown.found = Heads(heads=(first, Head(date(2026, 11, 23), "C" * 43)))
    assert (await worker.once()).alarms == [], "asked again at once, and it stands again"


async def test_anybody_at_the_house_computes_it_again_with_one_command(committed: str, world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    await jobs.publish(world.context, world.now)
    held = await computed(committed, world)
    assert held == (0, "The reports' event log holds: 1 weeks as published.\n")
    owner = await asyncpg.connect(committed)
    await owner.execute("SET session_replication_role = replica; UPDATE reports.event SET note = 'x' WHERE id = 1")
    await owner.close()
    assert await computed(committed, world) == (
        1,
        "The reports' event log does not hold: event 1 is not what was recorded.\n",
    )


async def computed(database: str, world: World) -> tuple[int, str]:
    """`registry check reports` as a process of its own: how it ended, and what it said."""
    env = os.environ | {
        "DATABASE_URL": database,
        "REGISTRY_DATA": str(world.context.config.data),
        "REGISTRY_LANGUAGE": "en",
    }
    asked = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "registry", "check", "reports", env=env, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await asked.communicate()
    return asked.returncode or 0, said.decode()
