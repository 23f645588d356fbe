"""What a publication reads of the database, all of it of one moment, and what it notices on the way.

A change reads the shards it touches. When much has to be read, rows come from one statement and pass by; when the
register is large, several processes read it side by side (hands.py), each its own stretch of one moment.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import msgspec

from registry.core.db import fetch
from registry.core.storage import Storage
from registry.seals import evidence, publication, queries, register, sharding, shards
from registry.seals.drafting import Tail
from registry.seals.lists import Moves
from registry.seals.publication import JWT, Press
from registry.seals.register import Listed, Waiting
from registry.seals.shards import Plan, Rows
from registry.seals.snapshot import Entry, ShardRef, State, Table

ATTEMPTS = 5


class Seen:
    """What a publication notices while rows pass by. `marked`: whose status may have moved; None means everybody's.
    `store`: where their credentials go at once, when all are written again: nobody is led to one before the manifest
    names its seal."""

    def __init__(self, marked: set[UUID] | None, store: Storage | None = None) -> None:
        self._marked, self._store = marked, store
        self.tail: Tail | None = None
        self.moves: Moves = {}
        self.versions: set[UUID] = set()

    @property
    def says(self) -> bool:
        """Whether credentials are written at once."""
        return self._store is not None

    async def __call__(self, rows: Rows, shown: Sequence[Entry]) -> None:
        entries = {entry.code: entry for entry in shown}
        for row in rows:
            self.versions.add(row["scheme_version"])
            if (entry := entries.get(row["code"])) is None:
                if evidence.erased(row) and (kept := evidence.state(row)) not in (None, State.VALID):
                    self.moves[row["status_index"]] = kept
            elif row["id"] in self._marked if self._marked is not None else entry.state is not State.VALID:
                self.moves[entry.status_index] = entry.state
        if self.tail is None and rows:
            self.tail = Tail(rows[0]["tail_size"], 0, rows[0]["tail_changed"])
        if self._store is not None:
            await _say(self._store, rows, shown)


class Read(msgspec.Struct, frozen=True):
    """One moment of the database: what waits, and, of what waits, where it goes and every row of those shards."""

    waiting: Waiting
    tail: Tail
    plan: Plan | None = None
    rows: list[Rows] = []
    listings: Listed = {}


async def changes(table: Table) -> Read:
    """What waits and the rows it touches, in one moment: read again while verbs come in between, and in the end with
    the log held for the milliseconds it takes."""
    for attempt in range(ATTEMPTS):
        if attempt == ATTEMPTS - 1:
            await fetch("SELECT 1 FROM log_tail FOR SHARE")
        waiting = await register.waiting()
        found = Read(waiting, await queries.tail())
        if waiting.places:
            crowded = shards.crowded(table.shards, waiting.places)
            plan = shards.changes(table.shards, waiting.places, await register.counts(crowded) if crowded else {})
            rows = [some async for some in register.shown(plan.stretches)]
            found = Read(waiting, await queries.tail(), plan, rows, await listings(plan))
        if (await queries.tail()).changed == waiting.changed:
            break
    return found


async def listings(plan: Plan) -> Listed:
    """Those that signed and hold no seal, by region: of the regions whose first shard is written."""
    first = [region for region, digits in plan.digits.items()
             if sharding.shard_of(region, sharding.LISTED, digits) not in plan.kept]  # fmt: skip
    return await register.listings(first) if first else {}


async def write(
    store: Storage, seq: int, plan: Plan, rows: AsyncIterator[Rows], listed: Listed, seen: Seen, **options: Any
) -> tuple[ShardRef, ...]:
    """The shards of a plan; references to all there are now."""
    seen.versions |= {version for found in listed.values() for version, _ in found}
    bare = {region: [listing for _, listing in found] for region, found in listed.items()}
    return await shards.write(store, seq, plan, rows, bare, seen, **options)


async def each(rows: list[Rows]) -> AsyncIterator[Rows]:
    """Rows that were read before."""
    for some in rows:
        yield some


async def credentials(press: Press, since: int, before: int) -> None:
    """Those that were signed by leaves from `since` on, once the log that holds these leaves is published. They pass
    by: after a change of keys they are as many as there are seals."""
    async for rows in register.signed(since, before):
        await _say(press.published, rows, await asyncio.to_thread(evidence.entries, rows))


async def _say(store: Storage, rows: Rows, shown: Sequence[Entry]) -> None:
    said = {entry.code for entry in shown}
    files = {f"credentials/{row['code']}.jwt": row["jws"].encode()
             for row in rows if row["code"] in said and row["salt"]}  # fmt: skip
    await publication.put_all(store, files, JWT)
