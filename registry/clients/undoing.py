"""Taking a committed list back: what stands on it, and what it changed. Called by `undo_list` in its transaction."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from registry.clients.applying import refold
from registry.clients.drafts import Draft
from registry.core.db import execute, fetch


async def built_on(batch: UUID) -> int:
    """How many things point at what this list made: any column of any room's table that holds one of its ids.

    Rooms above this one cannot be asked by name, so the catalogue is: a new room is covered the day it is born.
    """
    rows = await fetch("SELECT client, unit, made FROM import_row WHERE batch = $1 AND made <> ''", batch)
    ids = [row["unit"] for row in rows if row["made"] in ("unit", "both")]
    ids += [row["client"] for row in rows if row["made"] in ("client", "both")]
    columns = await fetch(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        " AND (data_type = 'uuid' OR udt_name = '_uuid') AND table_name <> ALL($1::text[])",
        ["client", "establishment", "vehicle", "import_row", "trail_entry", "verb_done", "outbox_message"],
    )
    found = 0
    for column in columns:
        test = "= ANY($1::uuid[])" if column["data_type"] == "uuid" else "&& $1::uuid[]"
        sql = f'SELECT count(*)::int AS n FROM "{column["table_name"]}" WHERE "{column["column_name"]}" {test}'
        found += (await fetch(sql, ids))[0]["n"]
    others = await fetch(
        "SELECT count(*)::int AS n FROM import_row r JOIN import_batch b ON b.id = r.batch JOIN import_batch mine"
        " ON mine.id = $1 WHERE r.batch <> $1 AND b.state = 'committed' AND b.committed_at > mine.committed_at"
        " AND (r.result = 'changed' OR r.made <> '') AND (r.client IN (SELECT client FROM import_row WHERE batch = $1"
        " AND (made <> '' OR result = 'changed')))",
        batch,
    )
    return found + int(others[0]["n"])


async def undo(batch: UUID) -> None:
    """Old values come back; what this list made goes, its rows and the file stay as the record of it."""
    changed = await fetch(
        "SELECT client, unit, changes, draft FROM import_row WHERE batch = $1 AND changes <> '{}' ORDER BY row DESC",
        batch,
    )
    for row in changed:
        before = {field: old for field, (old, _) in msgspec.json.decode(row["changes"]).items()}
        of_unit = {field.removeprefix("unit."): old for field, old in before.items() if field.startswith("unit.")}
        of_unit.pop("owner", None)
        of_client = {field: old for field, old in before.items() if not field.startswith("unit.")}
        await _restore("client", row["client"], of_client | ({"state": "left"} if of_client.get("left_on") else {}))
        await _restore("vehicle" if _is_car(row["draft"]) else "establishment", row["unit"], of_unit)
    for table in ("establishment", "vehicle"):
        await execute(
            f"DELETE FROM {table} WHERE id IN (SELECT unit FROM import_row WHERE batch = $1"
            " AND made IN ('unit', 'both'))",
            batch,
        )
    touched = await fetch("SELECT DISTINCT client FROM import_row WHERE batch = $1 AND client IS NOT NULL", batch)
    await execute(
        "DELETE FROM client"
        " WHERE id IN (SELECT client FROM import_row WHERE batch = $1 AND made IN ('client', 'both'))",
        batch,
    )
    await refold({row["client"] for row in touched})


async def _restore(table: str, identity: UUID | None, before: dict[str, Any]) -> None:
    if not before or identity is None:
        return
    values = [_python(field, value) for field, value in before.items()]
    sets = ", ".join(f'"{field}" = ${place}' for place, field in enumerate(before, start=2))
    await execute(f"UPDATE {table} SET {sets} WHERE id = $1", identity, *values)


def _is_car(draft: str) -> bool:
    unit = msgspec.json.decode(draft, type=Draft).unit
    return unit is not None and unit.plate is not None


def _python(field: str, value: Any) -> Any:
    if value and field.endswith("_on"):
        return date.fromisoformat(value)
    return UUID(value) if field == "client" else value
