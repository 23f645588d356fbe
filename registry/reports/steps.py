"""How an envelope moves forward, and what the schema's own event log says of it. For the verbs of this room only."""

from datetime import datetime
from uuid import UUID

from registry.core.db import REPORTS_DB, execute, fetch
from registry.reports import rules


async def move(
    which: UUID,
    to: rules.State,
    now: datetime,
    authority: UUID | None,
    name: str,
    note: str = "",
    statement: bytes | None = None,
    signature: str = "",
) -> bool:
    """Bring an envelope forward, once, and write it into the event log. Inside a verb's transaction."""
    (row,) = await fetch("SELECT state FROM reports.envelope WHERE id = $1 FOR UPDATE", which, engine=REPORTS_DB)
    before = rules.State(row["state"])
    after = rules.forward(before, to)
    column = f"{to}_at"
    if after is not before:
        await execute(
            f"UPDATE reports.envelope SET state = $2, {column} = $3 WHERE id = $1",
            which,
            str(after),
            now,
            engine=REPORTS_DB,
        )
    elif before is not to:
        await execute(
            f"UPDATE reports.envelope SET {column} = coalesce({column}, $2) WHERE id = $1",
            which,
            now,
            engine=REPORTS_DB,
        )
    await record(which, name, now, authority, note, statement, signature)
    return after is not before


async def record(
    which: UUID,
    name: str,
    now: datetime,
    authority: UUID | None,
    note: str = "",
    statement: bytes | None = None,
    signature: str = "",
) -> None:
    """Append to the event log of the schema: ids, codes and signatures, never content."""
    await execute(
        "INSERT INTO reports.event (envelope, name, authority, at, note, statement, signature)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        which,
        name,
        authority,
        now,
        note,
        statement,
        signature,
        engine=REPORTS_DB,
    )


async def record_many(told: list[tuple[UUID, UUID]], name: str, now: datetime, again: str = "") -> None:
    """The same of many envelopes and the office of each, in one statement; `again` where it was said of them before."""
    await execute(
        "INSERT INTO reports.event (envelope, name, authority, at, note, signature) SELECT t.envelope,"
        " CASE WHEN $5::text <> '' AND EXISTS (SELECT FROM reports.event v WHERE v.envelope = t.envelope"
        " AND v.authority = t.authority AND v.name = $3::text) THEN $5::text ELSE $3::text END, t.authority, $4, '', ''"
        " FROM unnest($1::uuid[], $2::uuid[]) AS t(envelope, authority) ORDER BY t.envelope",
        [envelope for envelope, _office in told],
        [office for _envelope, office in told],
        name,
        now,
        again,
        engine=REPORTS_DB,
    )
