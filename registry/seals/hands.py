"""A large register is packed by as many processes as there are cores, all of them reading one moment.

The moment is a snapshot that PostgreSQL exports and others import, so that a million seals are one publication however
many read them; each process opens its own connection and its own store, writes the shards of its stretches and says
what they are. The files are those that one process would write, byte for byte.
"""

import asyncio
import contextlib
import gc
import os
import re
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import connection, get_context, parent_process
from typing import Any
from uuid import UUID

import msgspec
import uvloop

from registry.config import Config
from registry.core.db import DB, execute, fetch, transaction
from registry.core.storage import open_stores
from registry.seals import reading, register
from registry.seals.drafting import Tail
from registry.seals.lists import Moves
from registry.seals.reading import Seen
from registry.seals.register import Listed
from registry.seals.shards import Plan, Stretch
from registry.seals.snapshot import ShardRef

MANY = 50_000
"""Seals from which on a process more is worth the second or two that it takes to start."""
_EIGHTH = 0x10000 // 8
_MOMENT = re.compile(r"[0-9A-Fa-f-]+")


class Lot(msgspec.Struct, frozen=True):
    """What one process is told. `database`: how to connect to it."""

    config: Config
    database: dict[str, Any]
    moment: str
    seq: int
    plan: Plan
    listings: Listed
    credentials: bool


class Packed(msgspec.Struct, frozen=True):
    refs: tuple[ShardRef, ...]
    moves: Moves
    versions: set[UUID]
    tail: Tail | None


async def seen_by_all() -> bool:
    """Whether others can see all that this transaction sees: not what only it has written."""
    [own] = await fetch("SELECT pg_current_xact_id_if_assigned() IS NULL AS unwritten")
    return bool(own["unwritten"])


async def write(config: Config, seq: int, plan: Plan, listings: Listed, seen: Seen) -> tuple[ShardRef, ...]:
    """Every shard of a plan for everything; `seen` learns what the hands saw."""
    loop, refs, parts = asyncio.get_running_loop(), list[ShardRef](), parted(plan)
    pool = ProcessPoolExecutor(min(os.cpu_count() or 1, len(parts)), get_context("spawn"), _follow)
    try:
        async with DB.pooled() as other, other.transaction(isolation="repeatable_read", readonly=True):
            moment = str(await other.fetchval("SELECT pg_export_snapshot()"))
            lots = [Lot(config, dict(DB.config), moment, seq, part, _first(part, listings), seen.says)
                    for part in parts]  # fmt: skip
            done = await asyncio.gather(*(loop.run_in_executor(pool, pack, lot) for lot in lots))
        for packed in done:
            refs += packed.refs
            seen.moves |= packed.moves
            seen.versions |= packed.versions
            seen.tail = seen.tail or packed.tail
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return tuple(sorted(refs, key=lambda ref: (ref.region, ref.name)))


def parted(plan: Plan) -> list[Plan]:
    """Regions of one shard together, and an eighth of all the others each."""
    whole: dict[str, int] = {region: 0 for region, digits in plan.digits.items() if not digits}
    split = {region: digits for region, digits in plan.digits.items() if digits}
    parts = [Plan([Stretch(region, 0, 0xFFFF) for region in sorted(whole)], whole, {})] if whole else []
    for first in range(0, 0x10000, _EIGHTH) if split else ():
        stretches = [Stretch(region, first, first + _EIGHTH - 1) for region in sorted(split)]
        parts.append(Plan(stretches, split, {}))
    return parts


def _first(part: Plan, listings: Listed) -> Listed:
    """The listings of this part: they stand in a region's first shard."""
    return {
        one.region: listings[one.region] for one in part.stretches or () if not one.first and one.region in listings
    }


def pack(lot: Lot) -> Packed:
    """In a process of its own."""
    return uvloop.run(_pack(lot))


async def _pack(lot: Lot) -> Packed:
    _, published = open_stores(lot.config)
    seen = Seen(None, published if lot.credentials else None)
    async with _at(lot.database, lot.moment):
        rows = register.along(lot.plan.stretches or [])
        refs = await reading.write(published, lot.seq, lot.plan, rows, lot.listings, seen, aside=_here)
    return Packed(refs, seen.moves, seen.versions, seen.tail)


async def _here(work: Callable[..., Any], *about: Any) -> Any:
    """Nobody else waits in this process, and a thread would only pass the interpreter to and fro."""
    return work(*about)


@contextlib.asynccontextmanager
async def _at(database: dict[str, Any], moment: str) -> AsyncIterator[None]:
    if not _MOMENT.fullmatch(moment):
        raise ValueError(f"not a moment of PostgreSQL's: {moment}")
    DB.config = database
    await DB.start_connection_pool(min_size=1, max_size=1)
    try:
        async with transaction():
            await execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            await execute(f"SET TRANSACTION SNAPSHOT '{moment}'")  # a statement that takes no bound argument
            yield
    finally:
        await DB.close_connection_pool()


def _follow() -> None:
    """Whoever asked may be killed: then nobody waits for this process either. It lives for one publication and makes no
    circles, so that looking for them would be a tenth of its time."""
    gc.disable()
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
