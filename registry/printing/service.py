"""Verbs of prints, and what the loop that makes them writes down."""

import asyncio
import json
from datetime import datetime
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core.db import execute, fetch
from registry.core.i18n import _, language
from registry.core.ids import uuid7
from registry.printing import queries, rules
from registry.printing.prints import Layout
from registry.printing.queries import Print
from registry.printing.tables import PrintJob
from registry.trail import service as trail

wake = asyncio.Event()
"""Set when a print was asked for in this process, so that its own loop need not wait for the next beat."""


class Ask(msgspec.Struct, frozen=True):
    """What to print, of whom: of an association's members, or of one business."""

    layout: Layout
    association: UUID | None = None
    client: UUID | None = None


@verb(Permission.SEALS_PRINT)
async def ask(actor: Actor, now: datetime, data: Ask) -> UUID:
    """A print of every seal that is valid today. It is made in the background."""
    name, ready, _left = await queries.ready(actor, data.association, data.client, now)
    rules.askable(len(ready), await queries.open_of(actor))
    asked = PrintJob(
        id=uuid7(), asked_by=actor.id, association=data.association, client=data.client, layout=data.layout,
        title=_("Seals of %(name)s", name=name)[:250], language=language(), total=len(ready),
        seals=json.dumps([str(seal.id) for seal in ready]), asked_at=now,
    )  # fmt: skip
    await asked.save()
    await trail.record(actor, now, "printing.asked", asked.id, layout=data.layout, seals=len(ready))
    wake.set()
    return UUID(str(asked.id))


@verb(Permission.SEALS_PRINT)
async def cancel(actor: Actor, now: datetime, print_id: UUID) -> None:
    """Stop making a print; what was made of it is thrown away."""
    found = await queries.one(actor, print_id, lock=True)
    rules.cancellable(found.state)
    await execute("UPDATE print_job SET state = 'cancelled', ended_at = $2 WHERE id = $1", print_id, now)
    await trail.record(actor, now, "printing.cancelled", print_id)


# What the loop in jobs.py writes down: how far it is, not who did what, so nothing of it is in the trail.


async def take(now: datetime) -> Print | None:
    """The next print to make or to go on with, for us alone as long as the lease lasts."""
    rows = await fetch(
        "UPDATE print_job SET state = 'running', leased_until = $1::timestamptz + $2::interval WHERE id = ("
        " SELECT id FROM print_job WHERE state = 'waiting' OR (state = 'running' AND leased_until < $1)"
        " ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *",
        now,
        rules.LEASE,
    )
    return queries.read(rows[0]) if rows else None


async def reclaim() -> None:
    """What a server that is gone was making goes on at once. Only for who knows that nobody prints now."""
    await execute("UPDATE print_job SET state = 'waiting', leased_until = NULL WHERE state = 'running'")


async def advance(print_id: UUID, done: int, now: datetime) -> bool:
    """So many seals are made and kept. False when somebody cancelled it meanwhile."""
    rows = await fetch(
        "UPDATE print_job SET done = $2, leased_until = $3::timestamptz + $4::interval"
        " WHERE id = $1 AND state = 'running' RETURNING id",
        print_id, done, now, rules.LEASE,
    )  # fmt: skip
    return bool(rows)


async def end(print_id: UUID, state: rules.State, now: datetime) -> None:
    await execute(
        "UPDATE print_job SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'running'", print_id, state, now
    )


async def outlived(now: datetime) -> list[UUID]:
    """Prints whose time is over."""
    rows = await fetch("SELECT id FROM print_job WHERE ended_at < $1::timestamptz - $2::interval", now, rules.KEPT)
    return [row["id"] for row in rows]


async def forget(print_id: UUID) -> None:
    """Its files are gone."""
    await execute("DELETE FROM print_job WHERE id = $1", print_id)
