"""Reads. Whoever sees a business sees its seals (clients.queries.visible_to)."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.clients import queries as clients
from registry.core.db import batches, fetch
from registry.core.errors import NotFound
from registry.schemes import queries as schemes
from registry.seals import status_list
from registry.seals.drafting import Tail
from registry.seals.log import KEPT, Event
from registry.seals.rules import printable
from registry.seals.snapshot import Facts, Kind, Listing, State, Words

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


# What a publication shows.


_SHOWN = (
    "SELECT t.size AS tail_size, t.changed AS tail_changed, l.number AS last_number, l.leaf AS last_leaf, s.id, s.code,"
    " s.kind, s.state, s.since, s.valid_from, s.valid_until, s.zone, s.region, s.scheme, s.scheme_version, s.version,"
    " s.serial, s.year, s.status_index, s.salt, s.facts, s.plate_tag, s.jws, s.credential, s.issued_index"
    " FROM log_tail t, {seals} LEFT JOIN LATERAL (SELECT number, leaf FROM log_entry WHERE seal = s.id"
    " ORDER BY number DESC LIMIT 1) l ON true"
)
_EVERY = _SHOWN.format(seals="seal s") + " ORDER BY s.region, s.place"
# OFFSET 0 keeps the planner from reading the whole register to find a few stretches of it.
_SOME = (
    _SHOWN.format(
        seals="unnest($1::varchar[], $2::int[], $3::int[]) AS r(region, first, last) CROSS JOIN LATERAL (SELECT *"
        " FROM seal WHERE seal.region = r.region AND seal.place BETWEEN r.first AND r.last OFFSET 0) s"
    )
    + " ORDER BY s.region, s.place"
)
_STATES = (
    "SELECT s.id, s.code, s.state, s.valid_from, s.valid_until, s.status_index, s.salt, s.credential,"
    " l.leaf AS last_leaf FROM seal s LEFT JOIN LATERAL (SELECT leaf FROM log_entry WHERE seal = s.id"
    " ORDER BY number DESC LIMIT 1) l ON true WHERE s.status_index BETWEEN $1 AND $2 AND s.id IN"
    " (SELECT id FROM seal WHERE state <> 'valid' UNION"
    " SELECT seal FROM log_entry WHERE event IN ('seal.suspended', 'seal.revoked'))"
)
_TOGETHER = 500
"""Rows on their way at one time."""


class Waiting(msgspec.Struct, frozen=True):
    """What is not published yet: where, how many times, and whose seals. `changed` counts the verbs up to this."""

    changed: int
    ids: list[int]
    places: dict[str, dict[int, int]]
    seals: set[UUID]


async def waiting() -> Waiting:
    rows = await fetch("SELECT t.changed, u.* FROM log_tail t LEFT JOIN unpublished u ON true")
    places: dict[str, dict[int, int]] = {}
    marks = [row for row in rows if row["id"] is not None]
    for row in marks:
        here = places.setdefault(row["region"], {})
        here[row["place"]] = here.get(row["place"], 0) + 1
    return Waiting(rows[0]["changed"], [row["id"] for row in marks], places, {row["seal"] for row in marks} - {None})


async def counts(regions: list[str] | None) -> dict[str, int]:
    """Seals by region; None: of every region that has seals or listings."""
    rows = await fetch(
        "SELECT region, count(*) AS seals FROM seal WHERE $1::text[] IS NULL OR region = ANY($1) GROUP BY region",
        regions,
    )
    named = regions or [row["region"] for row in await fetch("SELECT DISTINCT region FROM committed_listing")]
    return dict.fromkeys(named, 0) | {row["region"]: row["seals"] for row in rows}


async def shown(stretches: Sequence[tuple[str, int, int]] | None) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """Seals with their last leaf and the end of the log, in batches, in the order of region and place: those of these
    stretches (region, first place, last place), or all. One statement, and so one moment, however many there are."""
    columns = [list(column) for column in zip(*stretches, strict=True)] if stretches is not None else []
    async for some in batches(_EVERY if stretches is None else _SOME, *columns):
        yield some


def states(first: int, last: int) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """What decides the bits of these lists, from 1: the seals whose row, or whose log, ever said anything but valid."""
    return batches(_STATES, (first - 1) * status_list.LENGTH, last * status_list.LENGTH - 1)


async def key_leaves() -> list[tuple[int, bytes]]:
    """What the log says of keys, by index."""
    rows = await fetch("SELECT number, leaf FROM log_entry WHERE seal IS NULL AND event LIKE 'key.%' ORDER BY number")
    return [(row["number"], bytes(row["leaf"])) for row in rows]


async def signed_since(size: int) -> set[UUID]:
    """Seals whose credential was signed by a leaf that stands at `size` or later."""
    rows = await fetch(
        "SELECT DISTINCT seal FROM log_entry WHERE number >= $1 AND event = ANY($2)", size, [Event.ISSUED, *KEPT]
    )
    return {row["seal"] for row in rows}


async def last_status() -> int:
    """The highest status number there is."""
    return int((await fetch("SELECT coalesce(max(status_index), 0) AS last FROM seal"))[0]["last"])


async def bound(name: str) -> tuple[str, bytes]:
    """Digest and bytes of a file the manifest answers for; empty when there is none."""
    rows = await fetch("SELECT sha256, data FROM bound_file WHERE name = $1", name)
    return (rows[0]["sha256"], bytes(rows[0]["data"])) if rows else ("", b"")


Listed = dict[str, list[tuple[UUID, Listing]]]
"""By region, each with its scheme version."""


async def listings(regions: list[str]) -> Listed:
    """Those that signed and have never held a seal that strangers could still meet."""
    rows = await fetch(
        "SELECT l.* FROM committed_listing l WHERE l.region = ANY($1) AND l.ended_at IS NULL AND NOT EXISTS"
        " (SELECT FROM seal s WHERE s.client = l.client AND s.state IN ('valid', 'suspended', 'withdrawn'))",
        regions,
    )
    found: Listed = {}
    for row in rows:
        listing = Listing(
            id=str(row["id"]), name=row["name"], kind=row["kind"], region=row["region"], province=row["province"],
            canton=row["canton"], signed_on=row["signed_on"], scheme=row["scheme"], version=row["version"],
            association=row["association"],
        )  # fmt: skip
        found.setdefault(row["region"], []).append((row["scheme_version"], listing))
    return found


async def words(versions: Iterable[UUID]) -> list[Words]:
    """Name and slogan of scheme versions."""
    found = [await schemes.version(version) for version in versions]
    return [
        Words(
            version.scheme, version.version, dict(version.name),
            {kind: dict(text) for kind, text in version.slogan.items()}, version.attestation, version.effective_on,
        )
        for version in found
    ]  # fmt: skip


async def leaves(start: int, end: int) -> list[bytes]:
    rows = await fetch("SELECT leaf FROM log_entry WHERE number >= $1 AND number < $2 ORDER BY number", start, end)
    return [bytes(row["leaf"]) for row in rows]


async def hashes(size: int) -> list[bytes]:
    rows = await fetch("SELECT hash FROM log_entry WHERE number < $1 ORDER BY number", size)
    return [bytes(row["hash"]) for row in rows]
