"""The trail's chain: whatever is altered or removed shows."""

from datetime import UTC, datetime

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.access.actor import SYSTEM
from registry.core.db import execute, fetch, transaction
from registry.core.ids import uuid7
from registry.trail import queries, rules, service

facts = st.builds(
    rules.Fact,
    id=st.integers(1, 10**6),
    at=st.datetimes(timezones=st.just(UTC)),
    actor=st.uuids(),
    event=st.text(max_size=30),
    subject=st.none() | st.uuids(),
    details=st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers(0, 9), max_size=3),
)


@given(st.lists(facts, min_size=1, max_size=12), st.data())
def test_a_chain_holds_and_breaks_where_one_entry_was_changed(entries: list[rules.Fact], data: st.DataObject) -> None:
    before, chained = rules.START, []
    for fact in entries:
        before = rules.link(before, fact)
        chained.append((fact, before))
    assert rules.broken(chained) is None
    index = data.draw(st.integers(0, len(entries) - 1))
    altered = rules.Fact(
        *(getattr(entries[index], name) for name in rules.Fact.__struct_fields__[:3]),
        event=entries[index].event + "x",
        subject=entries[index].subject,
        details={},
    )
    chained[index] = (altered, chained[index][1])
    assert rules.broken(chained) == altered.id


async def test_recorded_entries_are_chained_once(db: None, now: datetime) -> None:
    for _ in range(3):
        await service.record(SYSTEM, now, "test.done", uuid7(), state="granted")
    assert await service.chain() == 3
    assert await service.chain() == 0
    assert await queries.broken() is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail_entry SET event = 'x'",
        "DELETE FROM trail_entry",
        "TRUNCATE trail_entry",
        "UPDATE trail_link SET entry = 9",
    ],
)
async def test_nobody_may_change_or_delete_the_trail(db: None, now: datetime, statement: str) -> None:
    await service.record(SYSTEM, now, "test.done", uuid7())
    await service.chain()
    with pytest.raises(asyncpg.PostgresError):
        async with transaction():
            await execute(statement)
    assert len(await fetch("SELECT 1 FROM trail_entry")) == 1
