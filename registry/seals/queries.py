"""Reads. Whoever sees a business sees its seals (clients.queries.visible_to)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.clients import queries as clients
from registry.core.crypto import b64url
from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.schemes import queries as schemes
from registry.seals import status_list
from registry.seals.drafting import Tail
from registry.seals.rules import printable
from registry.seals.snapshot import Entry, Facts, Kind, Listing, State, Words

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
    await clients.association(actor, association_id)
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


async def changed() -> int:
    return int((await fetch("SELECT changed FROM log_tail"))[0]["changed"])


def superseded(head: dict[str, Any]) -> list[Superseded]:
    return msgspec.json.decode(head["superseded"], type=list[Superseded])


async def logged_keys() -> set[tuple[str, str]]:
    rows = await fetch("SELECT leaf FROM log_entry WHERE event = 'key.added'")
    leaves = [msgspec.json.decode(row["leaf"]) for row in rows]
    return {(leaf["role"], leaf["kid"]) for leaf in leaves}


# What a publication shows.


async def everything() -> tuple[list[dict[str, Any]], Tail]:
    """All seals, each with its last leaf, and the end of the log in one statement, and so at one moment."""
    rows = await fetch(
        "WITH last AS (SELECT DISTINCT ON (seal) seal, number, leaf FROM log_entry WHERE seal IS NOT NULL"
        " ORDER BY seal, number DESC)"
        " SELECT t.size AS tail_size, t.serial AS tail_serial, t.changed AS tail_changed, l.number AS last_number,"
        " l.leaf AS last_leaf, s.* FROM log_tail t LEFT JOIN seal s ON true LEFT JOIN last l ON l.seal = s.id"
        " ORDER BY s.serial"
    )
    end = Tail(rows[0]["tail_size"], rows[0]["tail_serial"], rows[0]["tail_changed"])
    return [row for row in rows if row["id"] is not None], end


def entry(row: dict[str, Any]) -> Entry:
    """A seal as it travels."""
    facts = msgspec.json.decode(row["facts"], type=Facts)
    return Entry(
        code=row["code"], kind=Kind(row["kind"]), state=State(row["state"]), since=row["since"], region=row["region"],
        valid_from=row["valid_from"], valid_until=row["valid_until"], scheme=row["scheme"], version=row["version"],
        serial=row["serial"], year=row["year"], status_index=row["status_index"], issued_index=row["issued_index"],
        log_index=row["log_index"], credential=row["credential"], zone=row["zone"], plate_tag=row["plate_tag"],
        facts=msgspec.structs.replace(facts, salt=b64url(bytes(row["salt"])) if row["salt"] else ""),
    )  # fmt: skip


async def listings() -> list[Listing]:
    """Those that signed and have never held a seal that strangers could still meet."""
    rows = await fetch(
        "SELECT l.* FROM committed_listing l WHERE l.ended_at IS NULL AND NOT EXISTS"
        " (SELECT FROM seal s WHERE s.client = l.client AND s.state IN ('valid', 'suspended', 'withdrawn'))"
    )
    return [
        Listing(
            id=str(row["id"]), name=row["name"], kind=row["kind"], region=row["region"], province=row["province"],
            canton=row["canton"], signed_on=row["signed_on"], scheme=row["scheme"], version=row["version"],
            association=row["association"],
        )
        for row in rows
    ]  # fmt: skip


async def words() -> tuple[Words, ...]:
    """Name and slogan of every scheme version that a seal or a listing refers to."""
    rows = await fetch("SELECT scheme_version FROM seal UNION SELECT scheme_version FROM committed_listing")
    versions = [await schemes.version(row["scheme_version"]) for row in rows]
    found = [
        Words(
            version.scheme, version.version, dict(version.name),
            {kind: dict(text) for kind, text in version.slogan.items()}, version.attestation, version.effective_on,
        )
        for version in versions
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.scheme, one.version)))


async def leaves(start: int, end: int) -> list[bytes]:
    rows = await fetch("SELECT leaf FROM log_entry WHERE number >= $1 AND number < $2 ORDER BY number", start, end)
    return [bytes(row["leaf"]) for row in rows]


async def hashes(size: int) -> list[bytes]:
    rows = await fetch("SELECT hash FROM log_entry WHERE number < $1 ORDER BY number", size)
    return [bytes(row["hash"]) for row in rows]
