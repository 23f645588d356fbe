"""Reads. Whoever sees a business sees its seals (clients.queries.visible_to)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.clients import queries as clients
from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.seals import status_list
from registry.seals.drafting import Tail
from registry.seals.rules import printable
from registry.seals.snapshot import Facts, Kind, State

_LIVE = "state IN ('valid', 'suspended')"


class Superseded(msgspec.Struct, frozen=True):
    """A snapshot file that nothing refers to since then."""

    name: str
    since: datetime


class SealView(msgspec.Struct, frozen=True, kw_only=True):
    """A seal as the desk shows it. `printable` is asked of rules at the moment of reading."""

    id: UUID
    code: str
    certification: UUID
    unit: UUID
    kind: Kind
    client: UUID
    state: State
    since: datetime
    valid_from: datetime
    valid_until: datetime
    zone: str
    language: str
    scheme: str
    scheme_version: UUID
    serial: int
    year: int
    facts: Facts
    printable: bool
    expired: bool

    @property
    def mark(self) -> str:
        """Plate of a vehicle, name of an establishment."""
        return self.facts.plate or self.facts.name


def visible_to(actor: Actor) -> clients.Scope:
    """Whose seals: a business its own, an association its members', the registry's own people all."""
    if not (actor.may(Permission.CLIENTS_VIEW) or actor.may(Permission.SEALS_PRINT)):
        return clients.Scope(False, [], [])
    return clients.visible_to(actor)


async def of_client(actor: Actor, client_id: UUID, now: datetime) -> list[SealView]:
    """A business's seals, the live ones first. Raises NotFound if the business is not for this actor."""
    await clients.client(actor, client_id)
    rows = await fetch(
        f"SELECT * FROM seal WHERE client = $1 ORDER BY ({_LIVE}) DESC, facts->>'plate', serial DESC",
        client_id,
    )
    return [_view(row, now) for row in rows]


async def of_association(actor: Actor, association_id: UUID, now: datetime) -> list[SealView]:
    """Its members' live seals, in order of name and plate."""
    await clients.whole_association(actor, association_id)
    rows = await fetch(
        f"SELECT * FROM seal WHERE association = $1 AND {_LIVE} ORDER BY facts->>'plate', facts->>'name', serial",
        association_id,
    )
    return [_view(row, now) for row in rows]


async def of_units(unit_ids: Iterable[UUID], now: datetime) -> dict[UUID, SealView]:
    """The newest seal of each unit that has one. For other rooms, which have said who may see them."""
    rows = await fetch(
        "SELECT DISTINCT ON (unit) * FROM seal WHERE unit = ANY($1::uuid[])"
        f" ORDER BY unit, ({_LIVE}) DESC, serial DESC",
        list(unit_ids),
    )
    return {row["unit"]: _view(row, now) for row in rows}


async def view(actor: Actor, seal_id: UUID, now: datetime) -> SealView:
    """One seal, or NotFound."""
    return _view(await one(actor, seal_id), now)


async def one(actor: Actor, seal_id: UUID, *, lock: bool = False) -> dict[str, Any]:
    """The row of one seal the actor may see."""
    scope = visible_to(actor)
    rows = await fetch(
        f"SELECT s.* FROM seal s JOIN client c ON c.id = s.client WHERE s.id = $1 AND {scope.where(2)}"
        f"{' FOR UPDATE OF s' if lock else ''}",
        seal_id,
        *scope.args,
    )
    if not rows:
        raise NotFound("seal-not-found")
    return rows[0]


def _view(row: dict[str, Any], now: datetime) -> SealView:
    values = {name: row[name] for name in SealView.__struct_fields__ if name in row}
    values["facts"] = msgspec.json.decode(row["facts"], type=Facts)
    state, until = State(row["state"]), row["valid_until"]
    return msgspec.convert(values | {"printable": printable(state, until, now), "expired": now > until}, SealView)


async def unprintable(ids: Iterable[UUID], now: datetime) -> int:
    """How many of these seals are not valid now. For other rooms, which have said who may see them."""
    (row,) = await fetch(
        "SELECT count(*) FILTER (WHERE state <> 'valid' OR valid_until < $2)::int AS n FROM seal"
        " WHERE id = ANY($1::uuid[])",
        list(ids),
        now,
    )
    return int(row["n"])


# What the verbs ask.


async def live_units(certification_id: UUID) -> set[UUID]:
    rows = await fetch(f"SELECT unit FROM seal WHERE certification = $1 AND {_LIVE}", certification_id)
    return {row["unit"] for row in rows}


async def live(certification_id: UUID, units: Iterable[UUID]) -> list[dict[str, Any]]:
    """Live seals of these units of a case, locked, in the order in which they were issued."""
    return await fetch(
        f"SELECT * FROM seal WHERE certification = $1 AND unit = ANY($2::uuid[]) AND {_LIVE}"
        " ORDER BY serial FOR UPDATE",
        certification_id,
        list(units),
    )


async def live_of_case(certification_id: UUID) -> list[dict[str, Any]]:
    return await fetch(
        f"SELECT * FROM seal WHERE certification = $1 AND {_LIVE} ORDER BY serial FOR UPDATE", certification_id
    )


async def live_after(serial: int, count: int) -> list[dict[str, Any]]:
    """The next live seals that can be signed again, locked. One whose holder's data were erased has nothing to say."""
    return await fetch(
        "SELECT id, code, salt, serial, state, status_index, valid_from, valid_until, log_index, jws FROM seal"
        f" WHERE serial > $1 AND {_LIVE} AND salt IS NOT NULL ORDER BY serial LIMIT $2 FOR UPDATE",
        serial,
        count,
    )


async def live_of_unit(unit_id: UUID) -> list[dict[str, Any]]:
    return await fetch(f"SELECT * FROM seal WHERE unit = $1 AND {_LIVE} ORDER BY serial FOR UPDATE", unit_id)


async def status_indexes() -> set[int]:
    """The status numbers of the newest list: those before it are closed, and are asked no more."""
    rows = await fetch(
        "SELECT status_index FROM seal WHERE status_index >="
        " (SELECT coalesce(max(status_index), 0) / $1::int * $1 FROM seal)",
        status_list.LENGTH,
    )
    return {row["status_index"] for row in rows}


async def tail() -> Tail:
    return Tail(**(await fetch("SELECT size, serial, changed FROM log_tail"))[0])


async def head() -> dict[str, Any]:
    return (await fetch("SELECT * FROM log_head"))[0]


def witnessed(head: dict[str, Any]) -> tuple[int, int, int]:
    """Size, number and time of the last quorum of witnesses, as the manifest says them."""
    at = head["cosigned_at"]
    return head["cosigned_size"], head["cosigners"], int(at.timestamp()) if at else 0


def superseded(head: dict[str, Any]) -> list[Superseded]:
    return msgspec.json.decode(head["superseded"], type=list[Superseded])


async def logged_keys() -> set[tuple[str, str]]:
    rows = await fetch("SELECT leaf FROM log_entry WHERE event = 'key.added'")
    leaves = [msgspec.json.decode(row["leaf"]) for row in rows]
    return {(leaf["role"], leaf["kid"]) for leaf in leaves}
