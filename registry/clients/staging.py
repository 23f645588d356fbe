"""A received list -> import rows: what each row says and what it would change. Writes nothing but import rows."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec

from registry.clients import spreadsheet
from registry.clients.columns import Field
from registry.clients.drafts import Draft, Reader, Refused
from registry.clients.matching import Known, KnownClient, KnownUnit, match
from registry.clients.rules import Counts, RowResult
from registry.clients.spreadsheet import Shape
from registry.core import bulk
from registry.core.db import DB, execute, fetch

CHUNK = 2000
_COLUMNS = ("batch", "row", "result", "draft", "typed", "errors", "changes", "client", "unit", "made")
_CLIENT = ("name", "tax_id", "province", "canton", "email", "phone", "joined_on")
_PLACE = ("name", "kind", "address", "province", "canton", "district", "rooms")
_CAR = ("plate", "licence_no", "make", "model", "colour", "year")


# By the index of keys, for each key. The planner has no statistics of rows that this very transaction wrote, and would
# read all members of the association for each of two thousand keys; as text the association tempts it to no index.
_CLIENTS = """
SELECT c.*, (SELECT count(*) FROM establishment e WHERE e.client = c.id AND e.retired_on IS NULL)::int AS units
FROM client c WHERE c.id IN (
  SELECT x.id FROM unnest($2::text[]) AS k(key) CROSS JOIN LATERAL
    (SELECT id FROM client WHERE key = k.key AND association::text = $1::text OFFSET 0) x
  UNION SELECT x.id FROM unnest($3::text[]) AS k(key) CROSS JOIN LATERAL
    (SELECT id FROM client WHERE name_key = k.key AND association::text = $1::text OFFSET 0) x)
"""


@contextlib.asynccontextmanager
async def by_index() -> AsyncIterator[None]:
    """Inside, plans use indexes; a plan made while the tables were empty would otherwise be kept and scan them."""
    await execute("SET LOCAL enable_seqscan = off")
    yield
    await execute("SET LOCAL enable_seqscan = on")


async def stage(batch: dict[str, Any], association: dict[str, Any], data: bytes, today: date) -> Counts:
    """Read the whole list in chunks; memory does not grow with it, but for the keys seen."""
    await execute("DELETE FROM import_row WHERE batch = $1", batch["id"])
    shape = msgspec.json.decode(batch["shape"], type=Shape)
    mapping = {Field(field): column for field, column in json.loads(batch["mapping"]).items()}
    mends = {int(row): fields for row, fields in json.loads(batch["mends"]).items()}
    reader = Reader(mapping, association["kind"], association["country"], today, mends)
    rows = reader.read((number, row) for number, row in spreadsheet.rows(data, shape) if number > batch["header_row"])
    async with by_index():
        await _fill(batch["id"], association["id"], rows)
    return await counts(batch["id"])


async def _fill(batch: UUID, association: UUID, rows: Iterator[Draft | Refused]) -> None:
    while chunk := await asyncio.to_thread(_some, rows):
        known = await known_to(association, chunk)
        await bulk.copy_rows("import_row", _COLUMNS, [_row(batch, item, known) for item in chunk], DB.connection)
    await _renamed(batch, association)


def _some(rows: Iterator[Draft | Refused]) -> list[Draft | Refused]:
    return list(islice(rows, CHUNK))


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _row(batch: UUID, item: Draft | Refused, known: Known) -> tuple[Any, ...]:
    if isinstance(item, Refused):
        whose = known.by_key.get(item.client_key) or known.by_name.get(item.name_key)
        client, reasons = whose.id if whose else None, as_json(item.errors)
        return (batch, item.row, RowResult.ERROR, None, as_json(item.typed), reasons, None, client, None, "")
    found = match(item, known)
    return (
        batch,
        item.row,
        found.result,
        as_json(item),
        None,
        None,
        as_json(found.changes),
        found.client,
        found.unit,
        "",
    )


async def counts(batch: UUID) -> Counts:
    rows = await fetch(
        "SELECT result, count(*)::int AS n, coalesce(sum(jsonb_array_length(errors)), 0)::int AS cells"
        " FROM import_row WHERE batch = $1 GROUP BY result",
        batch,
    )
    by = {row["result"]: row["n"] for row in rows}
    return Counts(rows=sum(by.values()), cells=sum(row["cells"] for row in rows), **by)


async def known_to(association: UUID, drafts: Iterable[Draft | Refused]) -> Known:
    """Three reads for a chunk of any size."""
    drafts = list(drafts)
    clients = await fetch(
        _CLIENTS,
        str(association),
        list({draft.client_key for draft in drafts}),
        list({draft.name_key for draft in drafts}),
    )
    known = Known()
    for row in clients:
        one = KnownClient(row["id"], {f: row[f] for f in _CLIENT}, row["key"], row["left_on"], row["units"])
        known.by_key[row["key"]] = one
        known.by_name.setdefault(row["name_key"], one)
    for row in await fetch("SELECT * FROM establishment WHERE client = ANY($1::uuid[])", [r["id"] for r in clients]):
        place = KnownUnit(
            row["id"], row["client"], {f: row[f] for f in _PLACE}, row["key"], retired_on=row["retired_on"]
        )
        known.units[place.client, row["key"]] = known.by_id[place.id] = place
    cars = await fetch(
        "SELECT v.*, c.name AS owner FROM vehicle v JOIN client c ON c.id = v.client"
        " WHERE c.association = $1 AND v.key = ANY($2::text[]) ORDER BY v.retired_on NULLS LAST",
        association,
        [draft.unit_key for draft in drafts if isinstance(draft, Draft) and draft.unit and draft.unit.plate],
    )
    for row in cars:
        car = KnownUnit(
            row["id"], row["client"], {f: row[f] for f in _CAR}, row["key"], row["owner"], row["retired_on"]
        )
        known.plates[row["key"]] = known.by_id[car.id] = car
    return known


async def _renamed(batch: UUID, association: UUID) -> None:
    """A business with one row and one place that do not recognise each other: the place has a new name or address."""
    rows = await fetch(
        """
        SELECT r.id, r.draft, p.unit FROM import_row r
        JOIN (SELECT client, min(id) AS row, count(*) AS n FROM import_row
              WHERE batch = $1 AND result = 'new' AND client IS NOT NULL GROUP BY client) one
          ON one.row = r.id AND one.n = 1
        JOIN LATERAL (SELECT min(e.id::text)::uuid AS unit, count(*) AS n FROM establishment e
              WHERE e.client = r.client AND e.retired_on IS NULL AND NOT EXISTS
                (SELECT FROM import_row o WHERE o.batch = $1 AND o.unit = e.id)) p ON p.n = 1
        """,
        batch,
    )
    if not rows:
        return
    drafts = [msgspec.json.decode(row["draft"], type=Draft) for row in rows]
    known = await known_to(association, drafts)
    found = [match(draft, known, row["unit"]) for draft, row in zip(drafts, rows, strict=True)]
    await execute(
        "UPDATE import_row r SET result = x.result, changes = x.changes, unit = x.unit"
        " FROM jsonb_to_recordset($1::jsonb) AS x(id bigint, result text, changes jsonb, unit uuid) WHERE r.id = x.id",
        as_json(
            [
                {"id": r["id"], "result": f.result, "changes": f.changes, "unit": f.unit}
                for r, f in zip(rows, found, strict=True)
            ]
        ),
    )
