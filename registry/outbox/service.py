"""Announcing, and the one loop that tells.

Jobs are handed in by `reactions.py` through `listen`, so that this room knows no other.
"""

import asyncio
import json
import logging
import random
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.context import Context
from registry.core.db import DB, execute, fetch
from registry.core.errors import Refusal
from registry.core.ids import uuid7
from registry.outbox import rules

Job = Callable[[Context, datetime, dict[str, Any]], Coroutine[Any, Any, None]]
Round = dict[Job, asyncio.Future[None]]
log = logging.getLogger(__name__)

_REACTIONS: dict[str, tuple[Job, ...]] = {}
_ONCE: set[Job] = set()
_AT_ONCE, _TOGETHER = 20, 4
AWAY = 1.0
"""Seconds to leave a database alone that did not answer."""
wake = asyncio.Event()
"""Set when something was announced in this process, so that its own worker need not wait for the next beat."""


def once_a_round(job: Job) -> Job:
    """A job that looks at everything that holds now and not at its message: one run answers for all messages that were
    taken in hand together, since whatever they tell of was committed before."""
    _ONCE.add(job)
    return job


def listen(reactions: Mapping[str, tuple[Job, ...]]) -> None:
    """Say which jobs each event has; an event that is not named here may not be announced."""
    _REACTIONS.clear()
    _REACTIONS.update(reactions)


async def announce(event: str, now: datetime, **payload: Any) -> None:
    """Tell that something happened, in the transaction in which it happens."""
    if event not in _REACTIONS:
        raise LookupError(f"{event} has no line in reactions.py")
    if not _REACTIONS[event]:
        return
    await execute(
        "INSERT INTO outbox_message (id, event, payload, announced_at, due_at, attempts, done_jobs, state)"
        " VALUES ($1, $2, $3, $4, $4, 0, '{}', 'waiting')",
        uuid7(),
        event,
        json.dumps(payload, default=str),
        now,
    )
    wake.set()


async def drain(context: Context, now: datetime) -> int:
    """Run everything that is due now, and what that announces in turn. Returns how many messages were told."""
    told = 0
    while rows := await _lease(now):
        told_now = await _tell_all(context, now, rows)
        done = [row["id"] for row, was_told in zip(rows, told_now, strict=True) if was_told]
        await execute("UPDATE outbox_message SET state = 'done', error = NULL WHERE id = ANY($1::uuid[])", done)
        told += len(done)
    return told


async def work(context: Context, stopping: asyncio.Event, beat: float = 0.2) -> None:
    """Tell what is due until asked to stop; a database that is away for a while is waited for."""
    while not stopping.is_set():
        wake.clear()
        try:
            told = await drain(context, context.clock())
        except Exception as error:  # PostgreSQL restarting is no OSError; a loop that ended would publish nothing more
            log.warning("the outbox waits: %s", type(error).__name__)
            told = 0
            await asyncio.sleep(AWAY)
        if not told:
            await _either(wake, stopping, beat)


async def reclaim() -> None:
    """What a worker that is gone had taken and never told is due again. Only for who knows that no worker lives."""
    await execute("UPDATE outbox_message SET due_at = announced_at WHERE state = 'waiting' AND error IS NULL")


async def _either(one: asyncio.Event, other: asyncio.Event, seconds: float) -> None:
    tasks = [asyncio.ensure_future(one.wait()), asyncio.ensure_future(other.wait())]
    _, waiting = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


async def _lease(now: datetime) -> list[dict[str, Any]]:
    return await fetch(
        "UPDATE outbox_message SET due_at = $1::timestamptz + $2::interval, attempts = attempts + 1 WHERE id IN ("
        " SELECT id FROM outbox_message WHERE state = 'waiting' AND (due_at <= $1"
        " OR due_at > $1 + ($4::interval[])[1 + least(attempts, cardinality($4::interval[]) - 1)])"
        " ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING *",
        now,
        rules.LEASE,
        _AT_ONCE,
        rules.longest(),
    )


async def _tell_all(context: Context, now: datetime, rows: list[dict[str, Any]]) -> list[bool]:
    """Some at the same time, because most of a job is waiting; one by one inside a transaction, which has one line."""
    shared: Round = {}
    if DB.connection is not None:
        return [await _tell(context, now, row, shared) for row in rows]
    places = asyncio.Semaphore(_TOGETHER)

    async def placed(row: dict[str, Any]) -> bool:
        async with places:
            return await _tell(context, now, row, shared)

    return await asyncio.gather(*(placed(row) for row in rows))


async def _tell(context: Context, now: datetime, row: dict[str, Any], shared: Round) -> bool:
    """Run the jobs of one message. Marking it done is left to the caller, many at once: a job is idempotent."""
    done = list(row["done_jobs"])
    try:
        for job in _REACTIONS.get(row["event"], ()):
            name = f"{job.__module__}.{job.__name__}"
            if name not in done:
                if job in _ONCE and job not in shared:
                    shared[job] = asyncio.ensure_future(job(context, now, {}))
                await (shared[job] if job in _ONCE else job(context, now, json.loads(row["payload"])))
                done.append(name)
    except Exception as error:  # a job may fail in any way; the message outlives it
        await _failed(now, row, done, error)
        return False
    return True


async def _failed(now: datetime, row: dict[str, Any], done: list[str], error: Exception) -> None:
    state = rules.after_failure(row["attempts"])
    due = now + rules.backoff(row["attempts"], random.random())
    said = str(error) if isinstance(error, Refusal) else type(error).__name__
    log.error(
        "%s failed (attempt %s): %s", row["event"], row["attempts"], said, exc_info=not isinstance(error, Refusal)
    )
    await execute(
        "UPDATE outbox_message SET state = $2, due_at = $3, done_jobs = $4, error = $5 WHERE id = $1",
        row["id"],
        state,
        due,
        done,
        said[:500],
    )


async def release(message: UUID, now: datetime) -> None:
    """Try a stuck message again, at the word of a person."""
    await execute("UPDATE outbox_message SET state = 'waiting', attempts = 0, due_at = $2 WHERE id = $1", message, now)
