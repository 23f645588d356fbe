"""Transactions that give their connection back, and nest."""

import asyncio
import contextlib
import re
from pathlib import Path

import asyncpg
import pytest

from registry.core.db import DB, PUBLIC_DB, REPORTS_DB, execute, fetch, transaction
from registry.core.errors import Conflict

ROOT = Path(__file__).parents[3]


async def owner_makes(address: str, statements: str) -> None:
    connection = await asyncpg.connect(address)
    await connection.execute(statements + "; GRANT ALL ON ALL TABLES IN SCHEMA public TO resguardo_desk")
    await connection.close()


async def test_commits_that_fail_do_not_drain_the_pool(committed: str) -> None:
    await owner_makes(
        committed,
        "CREATE TABLE parent (id int primary key);"
        "CREATE TABLE child (p int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
    )
    for _ in range(20):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with transaction():
                await execute("INSERT INTO child VALUES (9)")
    assert await asyncio.wait_for(fetch("SELECT 1 AS n"), 5) == [{"n": 1}]
    assert DB.connection is None


async def test_whoever_is_cancelled_at_any_moment_gives_the_connection_back_clean(committed: str) -> None:
    await owner_makes(committed, "CREATE TABLE noted (n int)")

    async def note() -> None:
        async with transaction():
            await execute("INSERT INTO noted VALUES (1)")
            await fetch("SELECT count(*) FROM noted")

    ended = 0
    for moment in range(60):
        task = asyncio.ensure_future(note())
        for _ in range(moment):
            await asyncio.sleep(0)
        ended += not task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert ended < 60, "some were cancelled"
    assert DB.pool is not None
    assert DB.pool.get_idle_size() == DB.pool.get_size()
    owner = await asyncpg.connect(committed)
    begun = "FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()"
    assert await owner.fetchval(f"SELECT count(*) {begun}") == 0
    await owner.close()
    await asyncio.wait_for(DB.pool.close(), 5)  # what a house does last; it waits for every connection
    DB.pool = None


async def test_an_inner_refusal_that_is_caught_keeps_nothing(committed: str) -> None:
    await owner_makes(committed, "CREATE TABLE noted (n int)")
    async with transaction():
        await execute("INSERT INTO noted VALUES (1)")
        with pytest.raises(Conflict):
            async with transaction():
                await execute("INSERT INTO noted VALUES (2)")
                raise Conflict("no")
    assert await fetch("SELECT n FROM noted") == [{"n": 1}]


async def test_each_door_is_its_own_role(committed: str) -> None:
    for engine in (DB, REPORTS_DB, PUBLIC_DB):
        assert await fetch("SELECT current_user AS me", engine=engine) == [{"me": engine.role}]
    for engine in (REPORTS_DB, PUBLIC_DB):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await fetch("SELECT * FROM trail_entry", engine=engine)


def test_nothing_of_ours_leaves_a_trace_in_a_session() -> None:
    """Pooled connections are handed on unreset (core/db.py), so nobody may LISTEN, lock or set for a session."""
    traces = re.compile(r"pg_advisory_lock|\bLISTEN \w|\bSET SESSION|set_config\([^)]*false\)|CREATE TEMP")
    for top in ("registry", "audit", "public_site"):
        for path in (ROOT / top).rglob("*.py"):
            if path.name != "migrations.py":  # its connection is its own
                assert not traces.search(path.read_text()), path
