"""Reads. Whoever may print a business's or an association's seals sees its prints."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.clients import queries as clients
from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.printing.rules import OPEN, State
from registry.seals import queries as seals
from registry.seals.queries import SealView


class Print(msgspec.Struct, frozen=True, kw_only=True):
    """A print as its page shows it."""

    id: UUID
    asked_by: UUID
    association: UUID | None
    client: UUID | None
    title: str
    language: str
    layout: str
    seals: tuple[UUID, ...]
    total: int
    done: int
    state: State
    asked_at: datetime

    @property
    def open(self) -> bool:
        return self.state in OPEN


async def one(actor: Actor, print_id: UUID, *, lock: bool = False) -> Print:
    """A print, or NotFound for whoever may not see the seals in it."""
    actor.require(Permission.SEALS_PRINT)
    rows = await fetch(f"SELECT * FROM print_job WHERE id = $1{' FOR UPDATE' if lock else ''}", print_id)
    if not rows:
        raise NotFound("print-not-found")
    found = read(rows[0])
    if found.association:
        await clients.whole_association(actor, found.association)
    if found.client:
        await clients.client(actor, found.client)
    return found


async def recent(actor: Actor, limit: int = 10) -> list[Print]:
    """One's own prints that are kept, the newest first."""
    rows = await fetch(
        "SELECT * FROM print_job WHERE asked_by = $1 AND state <> 'cancelled' ORDER BY asked_at DESC LIMIT $2",
        actor.id,
        limit,
    )
    return [read(row) for row in rows]


async def open_of(actor: Actor) -> int:
    (row,) = await fetch(
        "SELECT count(*)::int AS n FROM print_job WHERE asked_by = $1 AND state IN ('waiting', 'running')", actor.id
    )
    return int(row["n"])


async def ready(
    actor: Actor, association: UUID | None, client: UUID | None, now: datetime
) -> tuple[str, list[SealView], int]:
    """Whose seals, those that can be printed today, and how many cannot."""
    if association:
        name = (await clients.whole_association(actor, association)).name
        found = await seals.of_association(actor, association, now)
    elif client:
        name = (await clients.client(actor, client)).name
        found = [seal for seal in await seals.of_client(actor, client, now) if seal.state != "replaced"]
    else:
        raise NotFound("not-found")
    printable = [seal for seal in found if seal.printable]
    return name, printable, len(found) - len(printable)


def read(row: dict[str, Any]) -> Print:
    values = {name: row[name] for name in Print.__struct_fields__} | {"seals": json.loads(row["seals"])}
    return msgspec.convert(values, Print)
