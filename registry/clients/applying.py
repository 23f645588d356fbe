"""Import rows -> clients and units, and back again. Called by the verbs of lists.py inside their transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.clients import staging
from registry.clients.drafts import Draft
from registry.clients.matching import Known, KnownClient, match
from registry.clients.rules import CLIENT_KIND, LANGUAGES, ZONES, AssociationKind, RowResult, folded
from registry.core import bulk
from registry.core.db import DB, execute, fetch
from registry.core.ids import uuid7

CHUNK = 2000

_CLIENT = (
    "id",
    "association",
    "name",
    "tax_id",
    "kind",
    "country",
    "province",
    "canton",
    "email",
    "phone",
    "language",
    "zone",
    "state",
    "joined_on",
    "key",
    "name_key",
    "folded",
    "created_at",
    "updated_at",
)
_PLACE = (
    "id",
    "client",
    "name",
    "kind",
    "address",
    "country",
    "province",
    "canton",
    "district",
    "rooms",
    "key",
    "created_at",
)
_CAR = ("id", "client", "plate", "licence_no", "make", "model", "colour", "year", "key", "created_at")


class Chunk:
    """What some rows make and change, gathered to be written in a handful of statements."""

    def __init__(self, association: dict[str, Any], now: datetime) -> None:
        self.association, self.now = association, now
        self.clients: list[tuple[Any, ...]] = []
        self.places: list[tuple[Any, ...]] = []
        self.cars: list[tuple[Any, ...]] = []
        self.changed_clients: list[dict[str, Any]] = []
        self.changed_units: list[dict[str, Any]] = []
        self.rows: list[dict[str, Any]] = []
        self.touched: set[UUID] = set()

    def take(self, row_id: int, draft: Draft, known: Known, hint: UUID | None) -> None:
        found = match(draft, known, hint)
        client, unit, made = found.client, found.unit, ""
        if client is None:
            client = self._client(draft, known)
            made = "client"
        elif found.changes:
            facts = {k: v for k, v in msgspec.to_builtins(draft.client).items() if k in found.changes}
            self.changed_clients.append({"id": str(client), **facts})
            self.touched.add(client)
        if draft.unit and unit is None:
            unit = self._unit(draft, client)
            if made:  # its words to search by were written with it
                made = "both"
            else:
                made = "unit"
                self.touched.add(client)
        elif unit and found.result is RowResult.CHANGED:
            facts = {k: v for k, v in msgspec.to_builtins(draft.unit).items() if f"unit.{k}" in found.changes}
            self.changed_units.append({"id": str(unit), "client": str(client), "key": draft.unit_key, **facts})
            self.touched.add(client)
        self.rows.append(
            {
                "id": row_id,
                "result": found.result,
                "changes": found.changes,
                "client": client,
                "unit": unit,
                "made": made,
            }
        )

    def _client(self, draft: Draft, known: Known) -> UUID:
        """A new business; the next row of the same business in this chunk finds it as known."""
        facts, country = draft.client, self.association["country"]
        kind = CLIENT_KIND[AssociationKind(self.association["kind"])]
        made = uuid7()
        others = [draft.unit.plate or draft.unit.name] if draft.unit else []
        self.clients.append(
            (
                made,
                self.association["id"],
                facts.name,
                facts.tax_id,
                kind,
                country,
                facts.province,
                facts.canton,
                facts.email,
                facts.phone,
                LANGUAGES.get(country, "es"),
                ZONES.get(country, "UTC"),
                "active",
                facts.joined_on,
                draft.client_key,
                draft.name_key,
                folded(facts.name, facts.tax_id, facts.canton, others),
                self.now,
                self.now,
            )
        )
        one = KnownClient(made, msgspec.structs.asdict(facts), draft.client_key, units=2)
        known.by_key[draft.client_key] = one
        known.by_name.setdefault(draft.name_key, one)
        return made

    def _unit(self, draft: Draft, client: UUID) -> UUID:
        assert draft.unit is not None
        unit, made = draft.unit, uuid7()
        if unit.plate:
            self.cars.append(
                (
                    made,
                    client,
                    unit.plate,
                    unit.licence_no,
                    unit.make,
                    unit.model,
                    unit.colour,
                    unit.year,
                    draft.unit_key,
                    self.now,
                )
            )
        else:
            self.places.append(
                (
                    made,
                    client,
                    unit.name,
                    unit.kind or "hotel",
                    unit.address or "",
                    self.association["country"],
                    unit.province,
                    unit.canton,
                    unit.district,
                    unit.rooms,
                    draft.unit_key,
                    self.now,
                )
            )
        return made

    async def write(self) -> None:
        connection = DB.connection
        await bulk.copy_rows("client", _CLIENT, self.clients, connection)
        await bulk.copy_rows("establishment", _PLACE, self.places, connection)
        await bulk.copy_rows("vehicle", _CAR, self.cars, connection)
        await self._update()
        await execute(
            "UPDATE import_row r SET result = x.result, changes = x.changes, client = x.client, unit = x.unit,"
            " made = x.made FROM jsonb_to_recordset($1::jsonb)"
            " AS x(id bigint, result text, changes jsonb, client uuid, unit uuid, made text) WHERE r.id = x.id",
            staging.as_json(self.rows),
        )
        await refold(self.touched)

    async def _update(self) -> None:
        if self.changed_clients:
            await execute(
                "UPDATE client c SET name = coalesce(x.name, c.name), tax_id = coalesce(x.tax_id, c.tax_id),"
                " province = coalesce(x.province, c.province), canton = coalesce(x.canton, c.canton),"
                " email = coalesce(x.email, c.email), phone = coalesce(x.phone, c.phone),"
                " joined_on = coalesce(x.joined_on, c.joined_on), state = 'active', left_on = NULL, updated_at = $2,"
                " key = CASE WHEN x.tax_id IS NULL THEN c.key ELSE 't:' || x.tax_id END"
                " FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, name text, tax_id text, province text, canton text,"
                " email text, phone text, joined_on date) WHERE c.id = x.id",
                staging.as_json(self.changed_clients),
                self.now,
            )
        if self.changed_units:
            await execute(
                "UPDATE establishment e SET name = coalesce(x.name, e.name), kind = coalesce(x.kind, e.kind),"
                " address = coalesce(x.address, e.address), province = coalesce(x.province, e.province),"
                " canton = coalesce(x.canton, e.canton), district = coalesce(x.district, e.district),"
                " rooms = coalesce(x.rooms, e.rooms), key = x.key, retired_on = NULL"
                " FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, key text, name text, kind text, address text,"
                " province text, canton text, district text, rooms int) WHERE e.id = x.id",
                staging.as_json(self.changed_units),
            )
            await execute(
                "UPDATE vehicle v SET client = x.client, licence_no = coalesce(x.licence_no, v.licence_no),"
                " make = coalesce(x.make, v.make), model = coalesce(x.model, v.model),"
                " colour = coalesce(x.colour, v.colour), year = coalesce(x.year, v.year), retired_on = NULL"
                " FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, client uuid, licence_no text, make text, model text,"
                " colour text, year int) WHERE v.id = x.id",
                staging.as_json(self.changed_units),
            )


async def apply(batch: UUID, association: dict[str, Any], now: datetime) -> list[UUID]:
    """Write every good row, in order, matched anew against what is there now. Returns the new clients."""
    async with staging.by_index():
        return await _apply(batch, association, now)


async def _apply(batch: UUID, association: dict[str, Any], now: datetime) -> list[UUID]:
    made: list[UUID] = []
    last = 0
    while rows := await fetch(
        "SELECT id, row, draft, unit FROM import_row WHERE batch = $1 AND draft IS NOT NULL AND row > $2"
        " ORDER BY row LIMIT $3",
        batch,
        last,
        CHUNK,
    ):
        drafts = [msgspec.json.decode(row["draft"], type=Draft) for row in rows]
        known = await staging.known_to(association["id"], drafts)
        chunk = Chunk(association, now)
        for row, draft in zip(rows, drafts, strict=True):
            chunk.take(row["id"], draft, known, row["unit"])
        await chunk.write()
        made += [client[0] for client in chunk.clients]
        last = rows[-1]["row"]
    return made


async def refold(clients: set[UUID]) -> None:
    rows = await fetch(
        "SELECT c.id, c.name, c.tax_id, c.canton,"
        " array(SELECT name FROM establishment e WHERE e.client = c.id AND e.retired_on IS NULL) AS places,"
        " array(SELECT plate FROM vehicle v WHERE v.client = c.id AND v.retired_on IS NULL) AS cars"
        " FROM client c WHERE c.id = ANY($1::uuid[])",
        list(clients),
    )
    words = [
        {"id": r["id"], "folded": folded(r["name"], r["tax_id"], r["canton"], [*r["places"], *r["cars"]])} for r in rows
    ]
    await execute(
        "UPDATE client c SET folded = x.folded FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, folded text)"
        " WHERE c.id = x.id",
        staging.as_json(words),
    )
