"""Each door under its own PostgreSQL role, on real connections."""

from datetime import datetime

import asyncpg
import pytest

from registry.core.db import DB, PUBLIC_DB, REPORTS_DB, Database, execute, fetch

TABLES = ("envelope", "event", "delivery", "reply", "form_use", "drill", "agent_nonce", "gate_decision",
          "gate_opening", "gate_override", "last_decision", "tally", "figure",
          "weekly_head")  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("engine", [DB, PUBLIC_DB], ids=["desk", "public"])
async def test_neither_the_desk_nor_the_public_door_reads_a_table_of_reports(
    committed: str, table: str, engine: Database
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await fetch(f"SELECT * FROM reports.{table}", engine=engine)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(f"DELETE FROM reports.{table}", engine=engine)


async def test_the_desk_cannot_run_the_functions_of_reports(committed: str, now: datetime) -> None:
    for call in ("reports.standing(now())", "reports.box('x', current_date)", "reports.file('{}', 'x')"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await fetch(f"SELECT {call}")


COUNTS = (
    "SELECT n_tup_ins FROM pg_stat_all_tables WHERE schemaname = 'reports'",
    "SELECT n_tup_ins FROM pg_stat_xact_all_tables WHERE schemaname = 'reports'",
    "SELECT idx_scan FROM pg_stat_all_indexes WHERE schemaname = 'reports'",
    "SELECT pg_stat_get_tuples_inserted(oid) FROM pg_class WHERE relname = 'envelope'",
    "SELECT pg_relation_size(oid) FROM pg_class WHERE relname = 'envelope'",
    "SELECT pg_total_relation_size(oid) FROM pg_class WHERE relname = 'envelope'",
    "SELECT pg_current_wal_lsn()",
    "SELECT reltuples FROM pg_class WHERE relname = 'envelope'",
    "SELECT relpages FROM pg_class WHERE relname = 'envelope'",
    "SELECT relfilenode FROM pg_class WHERE relname = 'envelope'",
    "SELECT relation FROM pg_locks",
    "SELECT pg_tablespace_size('pg_default')",
    "SELECT checkpoint_lsn FROM pg_control_checkpoint()",
)


@pytest.mark.parametrize("sql", COUNTS)
@pytest.mark.parametrize("engine", [DB, PUBLIC_DB], ids=["desk", "public"])
async def test_neither_of_them_learns_from_the_servers_statistics_that_a_report_exists(
    committed: str, sql: str, engine: Database
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await fetch(sql, engine=engine)


async def test_the_public_door_reads_nothing_of_the_registry(committed: str) -> None:
    tables = await fetch(
        "SELECT schemaname || '.' || quote_ident(tablename) AS name FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
        engine=DB,
    )
    assert len(tables) > 10
    readable = [
        t["name"]
        for t in tables
        if (
            await fetch(
                "SELECT has_table_privilege($1, 'SELECT, INSERT, UPDATE, DELETE') AS may", t["name"], engine=PUBLIC_DB
            )
        )[0]["may"]
    ]
    assert readable == []


async def test_the_reports_role_reads_of_the_registry_only_what_authorities_agreed(committed: str) -> None:
    tables = await fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", engine=DB)
    readable = {
        t["tablename"]
        for t in tables
        if (
            await fetch(
                "SELECT has_table_privilege('public.' || quote_ident($1), 'SELECT') AS may",
                t["tablename"],
                engine=REPORTS_DB,
            )
        )[0]["may"]
    }
    assert readable == {"authority", "authority_agreement", "authority_contact", "authority_directory"}


async def test_events_are_never_changed_even_by_the_reports_role(committed: str) -> None:
    for statement in ("UPDATE reports.event SET note = 'x'", "DELETE FROM reports.event", "TRUNCATE reports.event"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await execute(statement, engine=REPORTS_DB)
