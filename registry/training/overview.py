"""What the training pages show besides sessions: names of businesses, and coverage of those an actor may see."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Role
from registry.clients import cells
from registry.core import i18n
from registry.core.db import fetch
from registry.schemes import queries as schemes
from registry.training import queries
from registry.training.rules import Coverage
from registry.training.schemas import SessionView


class Row(msgspec.Struct, frozen=True):
    """One business in the list: its coverage, and whether it meets the floors of a first certificate."""

    id: UUID
    name: str
    canton: str | None
    coverage: Coverage
    meets: bool


async def listed(actor: Actor, now: datetime, words: str, limit: int = 100) -> tuple[list[Row], int, int]:
    """Businesses an actor may see, those below a floor first; how many there are, and how many meet it."""
    scope = queries.visible_to(actor)
    found = await fetch(
        "SELECT c.id, c.name, c.canton FROM client c WHERE c.state = 'active'"
        f" AND {scope.where(2)} AND ($1 = '' OR c.folded LIKE '%' || $1 || '%') ORDER BY lower(c.name), c.id",
        cells.fold(words), *scope.args,
    )  # fmt: skip
    version = await schemes.current(queries.SCHEME, now)
    floors = version.parameters
    coverage = await queries.coverage([row["id"] for row in found], now, version)
    rows = [
        Row(row["id"], row["name"], row["canton"], coverage[row["id"]],
            coverage[row["id"]].meets(floors.coverage_total, floors.coverage_critical))
        for row in found
    ]  # fmt: skip
    rows.sort(key=lambda row: (row.meets, row.coverage.percent if row.coverage.total else -1.0))
    return rows[:limit], len(rows), sum(row.meets for row in rows)


async def below_floor(actor: Actor, now: datetime) -> int:
    """Of the businesses this person represents, those below a floor."""
    mine = actor.organisations(Role.REPRESENTATIVE)
    if not mine:
        return 0
    version = await schemes.current(queries.SCHEME, now)
    floors = version.parameters
    found = await queries.coverage(mine, now, version)
    return sum(not one.meets(floors.coverage_total, floors.coverage_critical) for one in found.values())


async def client_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of businesses by id."""
    rows = await fetch("SELECT id, name FROM client WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: row["name"] for row in rows}


async def chosen(actor: Actor, ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """Those of these businesses this actor may train, by name, with how many people each has."""
    may = await queries.trainable(actor, ids)
    return await fetch(
        "SELECT c.id, c.name, c.canton,"
        " (SELECT count(*)::int FROM worker w WHERE w.client = c.id AND w.left_on IS NULL) AS people"
        " FROM client c WHERE c.id = ANY($1::uuid[]) ORDER BY lower(c.name)",
        list(may),
    )


async def zone_of(session: SessionView) -> str:
    """Where the session's people are; its times are written in that zone."""
    rows = await fetch("SELECT zone FROM client WHERE id = ANY($1::uuid[]) ORDER BY id LIMIT 1", session.clients)
    return str(rows[0]["zone"]) if rows else i18n.DEFAULT_ZONE


async def attended(session: SessionView) -> list[dict[str, Any]]:
    """Who was there in a session that is over, and whether a record came of it."""
    return await fetch(
        "SELECT w.name, w.post, w.shift, a.client, a.score, a.must_pass, a.assisted,"
        " EXISTS (SELECT FROM training_record r WHERE r.session = a.session AND r.worker = a.worker) AS passed"
        " FROM attendance a JOIN worker w ON w.id = a.worker"
        " WHERE a.session = $1 AND a.present ORDER BY a.client, lower(w.name)",
        session.id,
    )
