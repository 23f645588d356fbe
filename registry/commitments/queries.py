"""Reading commitments. Who may see whose is said by the clients room: whoever sees the business sees its word."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.clients import cells
from registry.clients import queries as clients
from registry.commitments import rules
from registry.commitments.schemas import CommitmentView
from registry.core.db import fetch
from registry.schemes import queries as schemes

_SIGNED = (
    "SELECT m.id, m.client, m.scheme_version, m.language, m.signatory_name, m.signatory_position, m.power, m.method,"
    " m.signed_at, m.last_on, m.sha256, m.fingerprint, m.ended_at, c.zone FROM commitment m"
    " JOIN client c ON c.id = m.client"
)


async def current(client_ids: Iterable[UUID], at: datetime) -> dict[UUID, CommitmentView]:
    """The commitment in force of each business that has one: two statements, however many are asked for."""
    rows = await fetch(f"{_SIGNED} WHERE m.client = ANY($1) AND m.signed_at <= $2 ORDER BY m.signed_at",
                       list(client_ids), at)  # fmt: skip
    replaced = await schemes.superseded_on({row["scheme_version"] for row in rows}) if rows else {}
    found: dict[UUID, CommitmentView] = {}
    for row in rows:  # the latest signature that holds is the one that counts
        version = row["scheme_version"]
        standing = rules.Standing(row["signed_at"], row["last_on"], row["ended_at"], replaced.get(version))
        parameters = (await schemes.version(version)).parameters
        if rules.in_force(standing, at, row["zone"], parameters.overlap_months):
            found[row["client"]] = _view(row, standing)
    return found


async def of_client(client_id: UUID) -> list[dict[str, Any]]:
    """Every signature of a business, the newest first, also those that have ended."""
    return await fetch(
        "SELECT m.*, v.number AS version FROM commitment m JOIN scheme_version v ON v.id = m.scheme_version"
        " WHERE m.client = $1 ORDER BY m.signed_at DESC",
        client_id,
    )


async def one(commitment_id: UUID) -> dict[str, Any] | None:
    """One signature with its version's number, or None."""
    rows = await fetch(
        "SELECT m.*, v.number AS version FROM commitment m JOIN scheme_version v ON v.id = m.scheme_version"
        " WHERE m.id = $1",
        commitment_id,
    )
    return rows[0] if rows else None


def _view(row: dict[str, Any], standing: rules.Standing) -> CommitmentView:
    kept = {name: row[name] for name in CommitmentView.__struct_fields__ if name in row}
    return CommitmentView(**kept, replaced_on=standing.superseded_on)


class Listed(msgspec.Struct):
    """A page of businesses with their word, and how many there are in all."""

    rows: list[dict[str, Any]]
    total: int
    signed: int


async def listed(actor: Actor, now: datetime, words: str, unsigned: bool, limit: int = 100) -> Listed:
    """Active businesses an actor may see, with the commitment in force of each; those without one first."""
    scope = clients.visible_to(actor)
    found = await fetch(
        "SELECT c.id, c.name, c.canton, c.province FROM client c WHERE c.state = 'active'"
        f" AND {scope.where(2)} AND ($1 = '' OR c.folded LIKE '%' || $1 || '%') ORDER BY lower(c.name), c.id",
        cells.fold(words), *scope.args,
    )  # fmt: skip
    held = await current([row["id"] for row in found], now)
    rows = [row | {"commitment": held.get(row["id"])} for row in found]
    shown = [row for row in rows if not (unsigned and row["commitment"])]
    shown.sort(key=lambda row: row["commitment"] is not None)
    return Listed(shown[:limit], len(rows), len(held))
