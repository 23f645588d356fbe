"""The outbox: announced with the act, told at least once, never dropped."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import reactions
from registry.core.context import Context
from registry.core.db import fetch
from registry.outbox import rules, service

told: list[str] = []
broken = {"on": False}


async def first(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    told.append(f"first {payload['n']}")


async def second(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    if broken["on"]:
        raise ConnectionError("away")
    told.append(f"second {payload['n']}")


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    told.clear()
    broken["on"] = False
    service.listen({"test.happened": (first, second), "test.silent": ()})
    yield
    service.listen(reactions.REACTIONS)


async def test_each_job_of_an_event_runs_once(db: None, context: Context, now: datetime) -> None:
    await service.announce("test.happened", now, n=1)
    assert await service.drain(context, now) == 1
    assert await service.drain(context, now) == 0
    assert told == ["first 1", "second 1"]


@service.once_a_round
async def sweep(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    if broken["on"]:
        raise ConnectionError("away")
    told.append("sweep")


async def test_a_job_that_looks_at_everything_runs_once_for_all_that_was_told_together(
    committed: str, context: Context, now: datetime
) -> None:
    service.listen({"test.happened": (first, sweep)})
    for number in range(5):
        await service.announce("test.happened", now, n=number)
    broken["on"] = True
    assert await service.drain(context, now) == 0  # and all five are told again, since all five were failed
    broken["on"] = False
    assert await service.drain(context, now + timedelta(minutes=2)) == 5
    assert sorted(told) == [*(f"first {number}" for number in range(5)), "sweep"]
    await service.announce("test.happened", now, n=5)  # what comes later is later
    await service.drain(context, now + timedelta(minutes=2))
    assert told.count("sweep") == 2


async def test_a_job_that_failed_is_tried_again_and_the_others_are_not(
    db: None, context: Context, now: datetime
) -> None:
    await service.announce("test.happened", now, n=1)
    broken["on"] = True
    assert await service.drain(context, now) == 0
    broken["on"] = False
    assert await service.drain(context, now + timedelta(minutes=1)) == 1
    assert told == ["first 1", "second 1"]


async def test_what_fails_for_days_is_kept_for_a_person_to_see(db: None, context: Context, now: datetime) -> None:
    await service.announce("test.happened", now, n=1)
    broken["on"] = True
    for day in range(rules.ALARM_AFTER + 2):
        await service.drain(context, now + timedelta(days=day))
    (row,) = await fetch("SELECT id, state, error FROM outbox_message")
    assert row["state"] == rules.State.STUCK and row["error"] == "ConnectionError"
    broken["on"] = False
    await service.release(row["id"], now + timedelta(days=99))
    assert await service.drain(context, now + timedelta(days=99)) == 1


async def test_an_event_nobody_listens_to_writes_nothing_and_an_unknown_one_fails(db: None, now: datetime) -> None:
    await service.announce("test.silent", now)
    assert await fetch("SELECT 1 FROM outbox_message") == []
    with pytest.raises(LookupError):
        await service.announce("test.unheard-of", now)


@given(st.integers(0, 50), st.floats(0, 0.999))
def test_waiting_grows_and_never_exceeds_half_a_day(attempts: int, jitter: float) -> None:
    wait = rules.backoff(attempts, jitter)
    assert timedelta(seconds=0.5) <= wait <= timedelta(hours=12)
    assert rules.backoff(attempts + 1, 0) >= rules.backoff(attempts, 0)


async def test_the_loop_outlives_a_database_that_is_restarting(
    monkeypatch: pytest.MonkeyPatch, context: Context
) -> None:
    stopping, looks = asyncio.Event(), 0

    async def drain(context: Context, now: datetime) -> int:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise asyncpg.CannotConnectNowError("the database system is in recovery mode")
        if looks == 2:
            raise asyncpg.InterfaceError("connection is closed")
        stopping.set()
        return 0

    monkeypatch.setattr(service, "drain", drain)
    monkeypatch.setattr(service, "AWAY", 0.01)
    await asyncio.wait_for(service.work(context, stopping, beat=0.01), 5)
    assert looks == 3


async def test_what_a_worker_that_is_gone_had_taken_is_due_at_once(db: None, now: datetime, context: Context) -> None:
    await service.announce("test.happened", now, n=1)
    assert await service._lease(now)
    assert await service.drain(context, now) == 0, "taken, and whoever took it was killed"
    await service.reclaim()
    assert await service.drain(context, now) == 1
    assert told == ["first 1", "second 1"]


async def test_what_a_clock_that_ran_ahead_announced_or_took_does_not_wait_for_that_hour(
    db: None, now: datetime, context: Context
) -> None:
    ahead = now + timedelta(hours=6)
    await service.announce("test.happened", ahead, n=1)
    assert await service.drain(context, now) == 1 and told == ["first 1", "second 1"]
    await service.announce("test.happened", ahead, n=2)
    assert await service._lease(ahead), "taken by a worker that was killed, before the clock was put back"
    assert await service.drain(context, now) == 1 and told[-1] == "second 2"


async def test_a_clock_put_back_tries_nothing_more_often(db: None, now: datetime, context: Context) -> None:
    await service.announce("test.happened", now + timedelta(hours=6), n=1)
    broken["on"] = True
    for second in range(0, 10, 2):
        await service.drain(context, now + timedelta(seconds=second / 10))
    (row,) = await fetch("SELECT attempts FROM outbox_message")
    assert row["attempts"] <= 2


@given(st.integers(0, 40), st.floats(0, 0.999))
def test_no_honest_wait_is_taken_for_a_wrong_clock(attempts: int, jitter: float) -> None:
    longest = rules.longest()
    allowed = longest[min(attempts, len(longest) - 1)]
    assert not attempts or max(rules.backoff(attempts, jitter), rules.LEASE) < allowed
