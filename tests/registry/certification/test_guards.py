"""What PostgreSQL refuses by itself, whatever the code above it does."""

from uuid import UUID

import asyncpg
import pytest

from registry.core.db import execute, fetch


async def test_nothing_that_is_only_added_can_be_changed_or_taken_away(db: None) -> None:
    tables = ("evaluation", "review", "decision", "step", "internal_check", "draw", "tie")
    rows = await fetch(
        "SELECT event_object_table AS name, event_manipulation AS act FROM information_schema.triggers"
        " WHERE trigger_name = 'append_only'"
    )
    assert {(table, act) for table in tables for act in ("UPDATE", "DELETE")} <= {(r["name"], r["act"]) for r in rows}


async def test_a_case_is_of_one_business_or_of_one_association(db: None) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="certification_holder"):
        await execute(
            "INSERT INTO certification (id, number, kind, name, scheme, scheme_version, zone, state, applied_at,"
            " moved_at, applied_by, occasion, risk)"
            " VALUES ($1, 'C-1', 'group', 'x', 's', $1, 'UTC', 'applied', now(), now(), $1, 'initial', 'low')",
            UUID(int=1),
        )
