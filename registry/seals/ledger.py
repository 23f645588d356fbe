"""Writing the log and the rows it speaks of, together: every verb of seals ends here.

Whoever appends holds the tail's row until its transaction is over, so the order of commits is the order of the log.
Every verb that changes seals or keys takes it first, before it reads anything: a key that was dropped, or a decision
that was made, while one waited for the end of the log would otherwise be overruled by what was read before; and two
that take seals and the end of the log in different orders wait for each other.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.core.bulk import copy_rows, insert_many
from registry.core.db import DB, execute, fetch, transaction
from registry.seals import drafting, queries, rules
from registry.seals.drafting import Renewed, Resigned, Tail
from registry.seals.publication import Press
from registry.seals.rules import Act
from registry.seals.snapshot import State
from registry.seals.tables import LogEntry, Seal

LOT = 4000
"""Seals signed again between two trips to the database."""
_ENTRY = ("number", "leaf", "hash", "event", "seal", "at")


async def tail() -> Tail:
    """The end of the log, locked until this verb is over."""
    rows = await fetch("SELECT size, serial, changed FROM log_tail FOR UPDATE")
    return Tail(**rows[0])


@contextlib.asynccontextmanager
async def alone() -> AsyncIterator[None]:
    """Nobody else changes a seal meanwhile, so that what holds now is read and done in one breath."""
    async with transaction():
        await tail()
        yield


async def append(seals: list[Seal], entries: list[LogEntry]) -> None:
    await insert_many(seals)
    await insert_many(entries)
    await execute(
        "UPDATE log_tail SET size = size + $1, serial = serial + $2, changed = changed + 1", len(entries), len(seals)
    )


async def change(now: datetime, act: Act, seals: list[dict[str, Any]]) -> list[UUID]:
    """One leaf for each seal that moves; a seal that is already there is not moved twice. Returns those that moved."""
    moving = [seal for seal in seals if (State(seal["state"]), act) in rules.AFTER]
    if not moving:
        return []
    end = await tail()
    entries = [drafting.moved(end.size + n, seal, act, now) for n, seal in enumerate(moving)]
    await append([], entries)
    state = rules.AFTER[State(moving[0]["state"]), act]
    await execute(
        "UPDATE seal SET state = $1, since = $2, log_index = m.number"
        " FROM unnest($3::uuid[], $4::bigint[]) m(id, number) WHERE seal.id = m.id",
        str(state),
        now,
        [seal["id"] for seal in moving],
        [entry.number for entry in entries],
    )
    return [seal["id"] for seal in moving]


async def resign(press: Press, now: datetime) -> int:
    """Every live seal under the key in use now, each with its leaf, all in this one transaction. Returns how many.

    In lots, so that a million seals need the memory of a few thousand; signatures that are journeys go together."""
    done, serial = 0, -1
    while lot := await queries.live_after(serial, LOT):
        serial, end = lot[-1]["serial"], await tail()
        drafts = await asyncio.to_thread(_resigned, press, lot, end.size, now)
        await copy_rows("log_entry", _ENTRY, [draft[: len(_ENTRY)] for draft in drafts], DB.connection)
        await execute("UPDATE log_tail SET size = size + $1, changed = changed + 1", len(drafts))
        await execute(
            "UPDATE seal s SET jws = n.jws, credential = n.credential, log_index = n.number"
            " FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[]) n(id, jws, credential, number)"
            " WHERE s.id = n.id",
            [draft.seal for draft in drafts], [draft.jws for draft in drafts], [draft.credential for draft in drafts],
            [draft.number for draft in drafts],
        )  # fmt: skip
        done += len(lot)
    return done


def _resigned(press: Press, lot: list[dict[str, Any]], size: int, now: datetime) -> list[Resigned]:
    with ThreadPoolExecutor(press.keys.issuer.at_once) as pool:
        numbered = pool.map(lambda one: drafting.resigned(press, one[1], size + one[0], now), enumerate(lot))
        return list(numbered)


async def keep(drafts: list[Renewed]) -> None:
    """New credentials for seals that stay what they are: leaves first, then the rows they allow to change."""
    await append([], [draft.entry for draft in drafts])
    await execute(
        "UPDATE seal s SET certification = n.certification, valid_from = n.valid_from, valid_until = n.valid_until,"
        " scheme = n.scheme, scheme_version = n.scheme_version, version = n.version, plate_tag = n.plate_tag,"
        " facts = n.facts::jsonb, jws = n.jws, credential = n.credential, log_index = n.log_index"
        " FROM jsonb_to_recordset($1::jsonb) AS n(id uuid, certification uuid, valid_from timestamptz,"
        " valid_until timestamptz, scheme text, scheme_version uuid, version text, plate_tag text, facts text,"
        " jws text, credential text, log_index bigint) WHERE s.id = n.id",
        msgspec.json.encode([draft.values for draft in drafts]).decode(),
    )
