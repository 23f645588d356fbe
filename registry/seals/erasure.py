"""Erasing what seals say of a holder, for a person who trades under their own name (seals.md 4.4, domain.md 2, I7).

Erased are the public traces and their copies here: the names, plates and addresses beside a code, the signed credential
that holds them, the tag that finds a plate, the line among those who signed, and the salt. Without the salt nobody can
tell any more which leaf of the log was this seal's; the leaf itself holds no name and stays, so the log stays whole and
every count and state of the past can still be computed. Case records are not touched: I7 keeps them for the current and
the previous cycle, inside and apart.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core.context import Context
from registry.core.db import execute, fetch
from registry.core.errors import Conflict
from registry.outbox import service as outbox
from registry.seals import drafting, edition, ledger, rules
from registry.seals.rules import Act
from registry.seals.snapshot import State
from registry.trail import service as trail


class Reason(StrEnum):
    """Why, in words that say nothing of the person."""

    REQUEST = "request"  # the person asked
    RETENTION = "retention"  # the time for keeping it is over
    ORDER = "order"  # an authority ordered it


@verb(Permission.SEALS_ERASE)
async def erase(actor: Actor, now: datetime, context: Context, client_id: UUID, reason: Reason) -> None:
    """Erase what every seal of a business says of it. Raises Conflict while one of them is in force; twice is once."""
    await edition.continues(context)
    await ledger.tail()
    seals = await _seals(client_id)
    live = [seal for seal in seals if not rules.over(State(seal["state"]), seal["valid_until"], now)]
    if live:
        raise Conflict("erase-seal-live", live=len(live))
    # One that ended by time alone is ended in the log too: nothing may follow an erasure.
    if await ledger.change(now, Act.END, seals):
        seals = await _seals(client_id)
    if not seals:
        return
    tail = await ledger.tail()
    entries = [drafting.erased(tail.size + place, seal, now) for place, seal in enumerate(seals)]
    await ledger.append([], entries)
    await execute(
        'UPDATE seal s SET salt = NULL, facts = \'{"name": "", "holder": ""}\', jws = \'\', plate_tag = \'\','
        " log_index = m.number FROM unnest($1::uuid[], $2::bigint[]) m(id, number) WHERE s.id = m.id",
        [seal["id"] for seal in seals],
        [entry.number for entry in entries],
    )
    await execute(
        "UPDATE committed_listing SET name = '', canton = '', association = '', ended_at = coalesce(ended_at, $2)"
        " WHERE client = $1",
        client_id,
        now,
    )
    await trail.record_many(actor, now, "seals.erased", [seal["id"] for seal in seals], reason=str(reason))
    await outbox.announce("seals.erased", now, client=client_id, codes=[seal["code"] for seal in seals])


async def _seals(client_id: UUID) -> list[dict[str, Any]]:
    return await fetch(
        "SELECT * FROM seal WHERE client = $1 AND salt IS NOT NULL ORDER BY serial FOR UPDATE", client_id
    )
