"""Verbs over lists of members: receive, say the encoding or the columns, mend a cell, commit, discard, undo.

The file is stored before anything else, under its own hash: whatever happens next, what was uploaded is not lost.
Each verb locks the association's row first, so that two lists at once are one after the other.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.clients import applying, columns, encodings, queries, rules, spreadsheet, staging, undoing
from registry.clients.cells import Raw, typed
from registry.clients.columns import MEMBERS, Field
from registry.clients.rules import BatchState, Counts
from registry.clients.spreadsheet import Shape
from registry.clients.tables import ImportBatch
from registry.core.context import Context
from registry.core.crypto import sha256
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.ids import uuid7
from registry.core.storage import content_key
from registry.outbox import service as outbox
from registry.trail import service as trail

PEEK = 85  # rows looked at to find the header and what each column is


@verb(Permission.CLIENTS_IMPORT)
async def receive_list(
    actor: Actor, now: datetime, context: Context, association_id: UUID, filename: str, data: bytes | Path
) -> UUID:
    """Keep a list and read it as far as it can be read alone. The same bytes again are the same batch."""
    queries.for_association(actor, association_id)
    content = data if isinstance(data, bytes) else data.read_bytes()
    if len(content) > spreadsheet.FILE_LIMIT:
        raise Invalid("file-large", limit=spreadsheet.FILE_LIMIT // 2**20)
    association = await _locked(association_id)
    digest = sha256(content).hex()
    known = await fetch(
        "SELECT id FROM import_batch WHERE association = $1 AND sha256 = $2 AND state NOT IN ('undone', 'discarded')",
        association_id,
        digest,
    )
    if known:
        return UUID(str(known[0]["id"]))
    key = f"lists/{content_key(content)}"
    await context.storage.put(key, content)
    name = Path(filename.replace("\\", "/")).name[-200:] or "list"
    batch = ImportBatch(
        id=uuid7(),
        association=association_id,
        filename=name,
        sha256=digest,
        size=len(content),
        stored=key,
        state=BatchState.ENCODING,
        received_by=actor.id,
        received_at=now,
    )
    try:
        shape = await asyncio.to_thread(spreadsheet.recognise, content, name)  # the loop serves strangers meanwhile
    except Invalid as refusal:
        if refusal.code != "file-encoding":
            raise
        batch.samples = json.dumps(refusal.details["samples"])
        await batch.save()
    else:
        await batch.save()
        await _read(batch.id, association, content, shape, now)
    await trail.record(actor, now, "clients.list_received", batch.id, association=association_id, sha256=digest)
    return batch.id


async def _locked(association_id: UUID) -> dict[str, Any]:
    rows = await fetch("SELECT * FROM association WHERE id = $1 FOR UPDATE", association_id)
    if not rows:
        raise NotFound("association-not-found")
    return rows[0]


async def _batch(actor: Actor, batch_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """The batch and its association, both locked."""
    rows = await fetch("SELECT association FROM import_batch WHERE id = $1", batch_id)
    if not rows:
        raise NotFound("import-not-found")
    queries.for_association(actor, rows[0]["association"])
    association = await _locked(rows[0]["association"])
    return (await fetch("SELECT * FROM import_batch WHERE id = $1 FOR UPDATE", batch_id))[0], association


async def _read(batch_id: UUID, association: dict[str, Any], data: bytes, shape: Shape, now: datetime) -> None:
    """Find the header and the columns; with what is remembered or plain, go on to the preview."""
    reading = spreadsheet.rows(data, shape)
    sample = await asyncio.to_thread(_peeked, reading)
    place = columns.header_row(sample)
    header: list[Raw] = sample[place][1] if place >= 0 else []
    values = [row for _, row in sample[place + 1 :]]
    width = max([len(header), *(len(row) for row in values)])
    names = [typed(cell)[:100] for cell in header] + [""] * (width - len(header))
    remembered = await fetch(
        "SELECT mapping FROM import_mapping WHERE association = $1 AND fingerprint = $2",
        association["id"],
        columns.fingerprint(names),
    )
    found = columns.recognise(header, values, association["country"])
    mapping = json.loads(remembered[0]["mapping"]) if remembered else {f.value: c for f, c in found.items()}
    await execute(
        "UPDATE import_batch SET shape = $2, header_row = $3, header = $4, mapping = $5, state = $6, samples = $7"
        " WHERE id = $1",
        batch_id,
        staging.as_json(shape),
        sample[place][0] if place >= 0 else 0,
        json.dumps(names, ensure_ascii=False),
        json.dumps(mapping),
        BatchState.COLUMNS,
        json.dumps(_examples(values), ensure_ascii=False),
    )
    asked = columns.missing({Field(f): c for f, c in mapping.items()}, association["kind"], association["country"])
    if not asked:
        await _preview(batch_id, association, data, now)


def _peeked(reading: Iterator[tuple[int, list[Raw]]]) -> list[tuple[int, list[Raw]]]:
    sample = list(islice(reading, PEEK))
    reading.close()  # type: ignore[attr-defined]  # a generator, typed as what it yields
    return sample


def _examples(rows: list[list[Raw]]) -> dict[str, str]:
    """The first value of each column: a column without a name is known by what stands in it."""
    found: dict[str, str] = {}
    for row in rows[:20]:
        for column, cell in enumerate(row):
            if typed(cell).strip():
                found.setdefault(str(column), typed(cell).strip()[:30])
    return found


async def _preview(batch_id: UUID, association: dict[str, Any], data: bytes, now: datetime) -> Counts:
    batch = (await fetch("SELECT * FROM import_batch WHERE id = $1", batch_id))[0]
    counts = await staging.stage(batch, association, data, now.date())
    await execute(
        "UPDATE import_batch SET state = $2, counts = $3 WHERE id = $1",
        batch_id,
        BatchState.READY,
        staging.as_json(counts),
    )
    return counts


@verb(Permission.CLIENTS_IMPORT)
async def choose_encoding(actor: Actor, now: datetime, context: Context, batch_id: UUID, encoding: str) -> None:
    """Say which of the samples reads right."""
    batch, association = await _batch(actor, batch_id)
    rules.readable(batch["state"])
    if encoding not in encodings.CHOICES:
        raise Invalid("encoding-unknown", fields={"encoding": "encoding-unknown"})
    data = await context.storage.get(batch["stored"])
    shape = await asyncio.to_thread(spreadsheet.recognise, data, batch["filename"], encoding)
    await _read(batch_id, association, data, shape, now)
    await trail.record(actor, now, "clients.list_encoding_chosen", batch_id, encoding=encoding)


@verb(Permission.CLIENTS_IMPORT)
async def choose_columns(
    actor: Actor, now: datetime, context: Context, batch_id: UUID, mapping: Mapping[str, int]
) -> None:
    """Say what each column is, {field: place}; remembered for this association and header."""
    batch, association = await _batch(actor, batch_id)
    rules.readable(batch["state"])
    width = len(json.loads(batch["header"]))
    if any(f not in MEMBERS or not 0 <= c < width for f, c in mapping.items()):
        raise Invalid("columns-unknown")
    if len(set(mapping.values())) < len(mapping):
        raise Invalid("columns-twice")
    asked = columns.missing({Field(f): c for f, c in mapping.items()}, association["kind"], association["country"])
    if asked:
        raise Invalid("columns-missing", fields=dict.fromkeys(asked, "column-needed"))
    await execute(
        "INSERT INTO import_mapping (id, association, fingerprint, mapping, updated_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (association, fingerprint) DO UPDATE SET mapping = $4, updated_at = $5",
        uuid7(),
        association["id"],
        columns.fingerprint(json.loads(batch["header"])),
        json.dumps(dict(mapping)),
        now,
    )
    await execute("UPDATE import_batch SET mapping = $2 WHERE id = $1", batch_id, json.dumps(dict(mapping)))
    await _preview(batch_id, association, await context.storage.get(batch["stored"]), now)
    await trail.record(actor, now, "clients.list_columns_chosen", batch_id)


@verb(Permission.CLIENTS_IMPORT)
async def mend_cell(
    actor: Actor, now: datetime, context: Context, batch_id: UUID, row: int, field: str, value: str
) -> None:
    """Take a value we suggested for one cell. The person's file stays as it is; the row is read again."""
    batch, association = await _batch(actor, batch_id)
    if batch["state"] != BatchState.READY:
        raise Conflict("import-not-ready", state=batch["state"])
    if field not in MEMBERS or field not in json.loads(batch["mapping"]):
        raise Invalid("columns-unknown")
    mends = json.loads(batch["mends"])
    mends.setdefault(str(row), {})[field] = value[:400]
    await execute("UPDATE import_batch SET mends = $2 WHERE id = $1", batch_id, json.dumps(mends))
    await _preview(batch_id, association, await context.storage.get(batch["stored"]), now)
    await trail.record(actor, now, "clients.list_cell_mended", batch_id, row=row, field=field)


@verb(Permission.CLIENTS_IMPORT)
async def commit_list(actor: Actor, now: datetime, batch_id: UUID, all_or_nothing: bool = False) -> UUID:
    """Take in the good rows. Asked again, or by two at once, it has been done once."""
    batch, association = await _batch(actor, batch_id)
    if batch["state"] == BatchState.COMMITTED:
        return batch_id
    before = msgspec.json.decode(batch["counts"], type=Counts)
    rules.committable(batch["state"], before.good)
    if all_or_nothing and before.error:
        raise Conflict("import-all-or-nothing", rows=before.error)
    made = await applying.apply(batch_id, association, now)
    counts = await staging.counts(batch_id)
    await execute(
        "UPDATE import_batch SET state = $2, counts = $3, committed_by = $4, committed_at = $5 WHERE id = $1",
        batch_id,
        BatchState.COMMITTED,
        staging.as_json(counts),
        actor.id,
        now,
    )
    await trail.record_many(actor, now, "clients.added", made, association=association["id"], batch=batch_id)
    await trail.record(actor, now, "clients.list_committed", batch_id, **msgspec.structs.asdict(counts))
    await outbox.announce("clients.list_committed", now, batch=str(batch_id), association=str(association["id"]))
    return batch_id


@verb(Permission.CLIENTS_IMPORT)
async def discard_list(actor: Actor, now: datetime, batch_id: UUID) -> None:
    """Put a list aside that was not taken in. Its file stays in the store."""
    batch, _ = await _batch(actor, batch_id)
    rules.readable(batch["state"])
    await execute("UPDATE import_batch SET state = $2 WHERE id = $1", batch_id, BatchState.DISCARDED)
    await execute("DELETE FROM import_row WHERE batch = $1", batch_id)
    await trail.record(actor, now, "clients.list_discarded", batch_id)


@verb(Permission.CLIENTS_IMPORT)
async def undo_list(actor: Actor, now: datetime, batch_id: UUID) -> None:
    """Take an import back whole: within a day, and only while nothing stands on what it made."""
    batch, association = await _batch(actor, batch_id)
    rules.undoable(batch["state"], batch["committed_at"], now, 0)
    rules.undoable(batch["state"], batch["committed_at"], now, await undoing.built_on(batch_id))
    await undoing.undo(batch_id)
    await execute("UPDATE import_batch SET state = $2, undone_at = $3 WHERE id = $1", batch_id, BatchState.UNDONE, now)
    await trail.record(actor, now, "clients.list_undone", batch_id, association=association["id"])
    await outbox.announce("clients.list_undone", now, batch=str(batch_id))


async def suggestion(batch_id: UUID, row: int, field: str, place: str) -> str:
    """The value behind a button of the preview: what we offered, never what a form says."""
    rows = await fetch("SELECT * FROM import_row WHERE batch = $1 AND row = $2 AND result = 'error'", batch_id, row)
    for error in queries.refused(rows[0]).errors if rows else ():
        if error.field == field and place.isdecimal() and len(place) < 5 and int(place) < len(error.suggest):
            return error.suggest[int(place)]
    raise Conflict("import-suggestion-gone")
