"""Writing the log and the rows it speaks of, together: every verb of seals ends here.

Whoever appends holds the tail's row until its transaction is over, so the order of commits is the order of the log.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.core.bulk import insert_many
from registry.core.db import execute, fetch
from registry.seals import drafting, rules
from registry.seals.drafting import Renewed, Tail
from registry.seals.rules import Act
from registry.seals.snapshot import State
from registry.seals.tables import LogEntry, Seal


async def tail() -> Tail:
    """The end of the log, locked until this verb is over."""
    rows = await fetch("SELECT size, serial, changed FROM log_tail FOR UPDATE")
    return Tail(**rows[0])


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
