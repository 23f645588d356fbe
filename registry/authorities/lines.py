"""Verbs of hotlines: a line is added by whoever rang it, rung again before it gets stale, and retired."""

import json
from datetime import datetime
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.authorities import hotlines
from registry.authorities.schemas import NewHotline
from registry.core.db import execute, fetch
from registry.core.errors import NotFound
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.trail import service as trail


@verb(Permission.AUTHORITIES_MANAGE)
async def add_hotline(actor: Actor, now: datetime, data: NewHotline) -> UUID:
    """Add a line that somebody rang."""
    line = uuid7()
    numbers = [hotlines.number(n, data.country) for n in data.numbers]
    await execute(
        "INSERT INTO hotline (id, kind, country, place, names, numbers, texts, hours, timezone, languages, from_abroad,"
        " fictitious, checked_on, checked_by, source, owner, owner_email)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        line,
        data.kind,
        data.country,
        data.place,
        json.dumps(data.names),
        numbers,
        [hotlines.number(n, data.country) for n in data.texts],
        msgspec.json.encode(data.hours).decode(),
        data.timezone,
        list(data.languages),
        data.from_abroad,
        data.fictitious,
        data.checked_on,
        data.checked_by,
        data.source,
        data.owner or data.checked_by,
        data.owner_email,
    )
    await trail.record(actor, now, "authorities.hotline_added", line)
    await outbox.announce("authorities.hotline_added", now, hotline=str(line))
    return line


@verb(Permission.AUTHORITIES_MANAGE)
async def check_hotline(actor: Actor, now: datetime, hotline: UUID, checked_by: str) -> None:
    """Note that somebody rang a line today and it answered."""
    if not await fetch(
        "UPDATE hotline SET checked_on = $2, checked_by = $3, asked_on = NULL"
        " WHERE id = $1 AND retired_at IS NULL RETURNING id",
        hotline,
        now.date(),
        checked_by,
    ):
        raise NotFound("hotline-not-found")
    await trail.record(actor, now, "authorities.hotline_checked", hotline)
    await outbox.announce("authorities.hotline_checked", now, hotline=str(hotline))


@verb(Permission.AUTHORITIES_MANAGE)
async def retire_hotline(actor: Actor, now: datetime, hotline: UUID, reason: str) -> None:
    """Take a line that no longer answers off every page."""
    if not await fetch(
        "UPDATE hotline SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL RETURNING id", hotline, now
    ):
        raise NotFound("hotline-not-found")
    await trail.record(actor, now, "authorities.hotline_retired", hotline, reason=reason)
    await outbox.announce("authorities.hotline_retired", now, hotline=str(hotline))


@verb(Permission.AUTHORITIES_MANAGE)
async def ask_owner(actor: Actor, now: datetime, hotline: UUID) -> None:
    """Remember that the owner of a line was asked to ring it again."""
    if not await fetch(
        "UPDATE hotline SET asked_on = $2 WHERE id = $1 AND retired_at IS NULL RETURNING id", hotline, now.date()
    ):
        raise NotFound("hotline-not-found")
    await trail.record(actor, now, "authorities.hotline_asked", hotline)
