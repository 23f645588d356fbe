"""Reads: what the register holds, as a publication shows it. For nobody's eyes but the published files'."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from registry.core.db import batches, fetch
from registry.schemes import queries as schemes
from registry.seals import status_list
from registry.seals.lists import MOVED, Move
from registry.seals.log import KEPT, Event
from registry.seals.snapshot import Listing, Words

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
_ALONG = _SHOWN.format(seals="seal s") + " WHERE s.region = $1 AND s.place BETWEEN $2 AND $3 ORDER BY s.place"
_SIGNED = (
    _SHOWN.format(seals="seal s")
    + " WHERE s.id IN (SELECT seal FROM log_entry WHERE number >= $1 AND number < $2 AND event = ANY($3))"
)
# OFFSET 0 here too: those that moved are found by two small indexes, and few of a million ever did.
_STATES = (
    "SELECT s.*, l.leaf AS last_leaf FROM (SELECT id FROM seal WHERE state <> 'valid' UNION SELECT seal FROM log_entry"
    " WHERE event IN ('seal.suspended', 'seal.revoked')) moved CROSS JOIN LATERAL (SELECT id, code, state, valid_from,"
    " valid_until, status_index, salt, credential FROM seal WHERE id = moved.id OFFSET 0) s LEFT JOIN LATERAL (SELECT"
    " leaf FROM log_entry WHERE seal = s.id ORDER BY number DESC LIMIT 1) l ON true"
    " WHERE s.status_index BETWEEN $1 AND $2"
)


class Waiting(msgspec.Struct, frozen=True):
    """What is not published yet: where, how many times, and whose seals. `changed` counts the verbs up to this."""

    changed: int
    ids: list[int]
    places: dict[str, dict[int, int]]
    seals: set[UUID]


async def marks() -> int:
    """How many there are of what is not published yet."""
    return int((await fetch("SELECT count(*) AS marks FROM unpublished"))[0]["marks"])


async def marked() -> Waiting:
    """What is not published yet, where all there is will be written: nobody has to know where it stands."""
    [row] = await fetch("SELECT changed, ARRAY(SELECT id FROM unpublished) AS ids FROM log_tail")
    return Waiting(row["changed"], row["ids"], {}, set())


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


async def along(stretches: Sequence[tuple[str, int, int]]) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """The same, long stretch by long stretch in the order they are given: of one moment where the transaction is."""
    for region, first, last in stretches:
        async for some in batches(_ALONG, region, first, last):
            yield some


def signed(since: int, before: int) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """Seals whose credential was signed by a leaf that stands at `since` or later, and before `before`."""
    return batches(_SIGNED, since, before, [Event.ISSUED, *KEPT])


def states(first: int, last: int) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """What decides the bits of these lists, from 1: the seals whose row, or whose log, ever said anything but valid."""
    return batches(_STATES, (first - 1) * status_list.LENGTH, last * status_list.LENGTH - 1)


async def moves(number: int) -> list[Move]:
    """What the log ever did to the bits of one list, from 1, in its order."""
    rows = await fetch(
        "SELECT e.leaf FROM log_entry e JOIN seal s ON s.id = e.seal WHERE s.status_index BETWEEN $1 AND $2"
        " AND e.event = ANY($3) ORDER BY e.number",
        (number - 1) * status_list.LENGTH, number * status_list.LENGTH - 1, list(MOVED),
    )  # fmt: skip
    return [msgspec.json.decode(row["leaf"], type=Move) for row in rows]


async def key_leaves() -> list[tuple[int, bytes]]:
    """What the log says of keys, by index."""
    rows = await fetch("SELECT number, leaf FROM log_entry WHERE seal IS NULL AND event LIKE 'key.%' ORDER BY number")
    return [(row["number"], bytes(row["leaf"])) for row in rows]


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
