"""Recording, and chaining what was recorded."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.access.actor import Actor
from registry.access.verbs import REFUSED
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Forbidden
from registry.trail import queries, rules

_CHAIN_LOCK = 7_261_001
_BATCH = 5000


async def record(actor: Actor, now: datetime, event: str, subject: UUID | None, **details: Any) -> None:
    """Append one entry in the transaction of the verb that did it."""
    await execute(
        "INSERT INTO trail_entry (at, actor, event, subject, details) VALUES ($1, $2, $3, $4, $5)",
        now,
        actor.id,
        event,
        subject,
        json.dumps(details, default=str),
    )


async def record_many(actor: Actor, now: datetime, event: str, subjects: list[UUID], **details: Any) -> None:
    """One entry for each of many subjects of one act (a list committed, a class trained)."""
    await execute(
        "INSERT INTO trail_entry (at, actor, event, subject, details) SELECT $1, $2, $3, unnest($4::uuid[]), $5",
        now,
        actor.id,
        event,
        subjects,
        json.dumps(details, default=str),
    )


async def record_refusal(actor: Actor, now: datetime, verb: str, refusal: Forbidden, subject: UUID | None) -> None:
    """A right that was missing is worth knowing; written after the refused transaction is gone."""
    await record(actor, now, "access.refused", subject, verb=verb, code=refusal.code)


REFUSED.append(record_refusal)


async def chain() -> int:
    """Link every entry that is committed and not linked yet. Returns how many; safe to run twice at once."""
    linked = 0
    while some := await _chain_some():
        linked += some
    return linked


async def _chain_some() -> int:
    async with transaction() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _CHAIN_LOCK)
        number, before = await queries.head()
        rows = await fetch(
            "SELECT e.* FROM trail_entry e LEFT JOIN trail_link l ON l.entry = e.id WHERE l.entry IS NULL"
            " ORDER BY e.id LIMIT $1",
            _BATCH,
        )
        links = []
        for row in rows:
            number += 1
            before = rules.link(before, queries.fact(row))
            links.append((number, row["id"], before))
        if links:
            await connection.executemany("INSERT INTO trail_link (number, entry, hash) VALUES ($1, $2, $3)", links)
        return len(links)
