"""Reads: the gate's facts, and what waits for one authority. Who may see an envelope is said once, in `visible_to`."""

import json
import logging
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.authorities import queries as authorities
from registry.authorities.directory import Directory, Record, Seen, accept
from registry.core.context import Context
from registry.core.db import PUBLIC_DB, REPORTS_DB, Database, fetch
from registry.core.errors import NotFound, Refusal
from registry.reports import gate, rules
from registry.reports.schemas import Lifted, Waiting

log = logging.getLogger(__name__)
MOST = 500
"""Envelopes an office is told of at once; the next time it asks, of the rest."""
_HELD = "EXISTS (SELECT 1 FROM reports.delivery d WHERE d.envelope = e.id AND d.authority = $1)"


def office(actor: Actor) -> UUID:
    """The authority an officer or an agent acts for; for everybody else there is nothing here at all."""
    held = actor.organisations(Role.AUTHORITY_OFFICER) | actor.organisations(Role.AUTHORITY_AGENT)
    if len(held) != 1 or not actor.may(Permission.REPORTS_COLLECT):
        raise NotFound("page-not-found")
    return next(iter(held))


def visible_to(actor: Actor) -> tuple[str, UUID]:
    """The condition for an envelope to be seen: it was delivered to the actor's own office. Used with e and $1."""
    return _HELD, office(actor)


async def directory(context: Context, now: datetime, seen: Seen | None) -> Directory | None:
    """The published directory if it may be used now, otherwise None: then nothing is sealed anywhere."""
    try:
        document = await context.published.get(authorities.DIRECTORY_KEY)
        return accept(document, authorities.root(context.config), now, seen)
    except (KeyError, Refusal):
        return None


async def takes_files(context: Context, now: datetime) -> bool:
    """Whether any office of the directory may receive files."""
    found = await directory(context, now, None)
    return found is not None and any(record.takes_files for record in found.records)


async def facts(context: Context, now: datetime, engine: Database = PUBLIC_DB) -> gate.Facts:
    """What the gate is decided on, as it stands this instant. An unknown directory closes everything."""
    (row,) = await fetch("SELECT reports.standing($1) AS said", now, engine=engine)
    said = json.loads(row["said"])
    seen = msgspec.convert(said["directory"], Seen) if said["directory"] else None
    offices = msgspec.convert(said["offices"], list[gate.Standing])
    found = await directory(context, now, seen) if seen else None
    return gate.Facts(found, {o.authority: o for o in offices})


async def availability(
    context: Context, place: str, premises: str, now: datetime, engine: Database = PUBLIC_DB, home: str = ""
) -> gate.Open | gate.Closed:
    """Whether the form is open for a place, and to whom. Every page, verb and command asks this.

    Where the facts cannot be read it is closed, and the page still says whom to call.
    """
    try:
        known = await facts(context, now, engine)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.warning("the gate is closed, its facts cannot be read: %s", type(error).__name__)
        return gate.Closed((gate.Reason.CANNOT_TELL,))
    return gate.availability(place, premises, now, known, home)


async def homes(context: Context, now: datetime) -> tuple[str, ...]:
    """The countries whose office answers for what their residents see abroad."""
    found = await directory(context, now, None)
    return gate.homes(found) if found else ()


async def overrides(now: datetime) -> list[Lifted]:
    """What was asked to be lifted in the last 30 days, the newest first."""
    rows = await fetch(
        "SELECT * FROM reports.gate_override WHERE asked_at > $1::timestamptz - interval '30 days'"
        " ORDER BY asked_at DESC LIMIT 50",
        now,
        engine=REPORTS_DB,
    )
    return [msgspec.convert({f.name: row[f.name] for f in msgspec.structs.fields(Lifted)}, Lifted) for row in rows]


async def standing(context: Context, now: datetime, authority: UUID, engine: Database = PUBLIC_DB) -> gate.Standing:
    """How one office stands, for the page that says who will read it."""
    return (await facts(context, now, engine)).standing.get(authority, gate.Standing(authority))


async def record(context: Context, now: datetime, authority: UUID) -> Record:
    """The directory's record of an office; NotFound when it is not in a directory that may be used."""
    found = (await facts(context, now, REPORTS_DB)).directory
    entry = found.record(authority) if found else None
    if entry is None:
        raise NotFound("page-not-found")
    return entry


async def held(actor: Actor, states: frozenset[rules.State]) -> list[Waiting]:
    """The envelopes of the actor's office in some states: what came in a flood last, and the shortest clock first."""
    condition, mine = visible_to(actor)
    rows = await fetch(
        "SELECT e.*, e.due[array_position(e.chain, $1)] AS due_at,"
        " (SELECT count(*) FROM reports.attachment a WHERE a.envelope = e.id) AS files FROM reports.envelope e"
        f" WHERE {condition} AND e.state = ANY($2::text[]) ORDER BY e.burst, due_at, e.id LIMIT $3",
        mine,
        [str(s) for s in states],
        MOST,
        engine=REPORTS_DB,
    )
    return [_waiting(row) for row in rows]


async def count(actor: Actor, states: frozenset[rules.State]) -> int:
    """How many of them there are."""
    condition, mine = visible_to(actor)
    (row,) = await fetch(
        f"SELECT count(*) FROM reports.envelope e WHERE {condition} AND e.state = ANY($2::text[])",
        mine,
        [str(s) for s in states],
        engine=REPORTS_DB,
    )
    return int(row["count"])


def _waiting(row: dict[str, Any]) -> Waiting:
    return msgspec.convert({f.name: row[f.name] for f in msgspec.structs.fields(Waiting)}, Waiting)


async def unwritten() -> int:
    """Envelopes without a delivery row: always 0, or something was lost (stack.md 6)."""
    (row,) = await fetch(
        "SELECT count(*) FROM reports.envelope e WHERE NOT EXISTS"
        " (SELECT 1 FROM reports.delivery d WHERE d.envelope = e.id)",
        engine=REPORTS_DB,
    )
    return int(row["count"])
