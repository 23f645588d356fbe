"""Verbs of those who keep the gates: open one after a silence, lift for a day what an office lacks.

A gate closes by itself and needs nobody for it. An officer opens it after a silence, with a reason, once everything
else is as it must be. What is lacking may be lifted for a day by two people, never by one; never where nobody signed.
Each act stands in this schema's own log, under the office's id; so does every change that nobody made (`remember`).
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.authorities.directory import Record
from registry.core.context import Context
from registry.core.db import REPORTS_DB, execute, fetch
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.reports import gate, queries
from registry.reports.gate import Reason
from registry.reports.steps import record
from registry.reports.typed import line

SHORTEST_REASON = 10
MOVED = "reports.gate_moved"


@verb(Permission.REPORTS_GATE, engine=REPORTS_DB)
async def open_gate(actor: Actor, now: datetime, context: Context, authority: UUID, reason: str) -> UUID:
    """Open an office's gate after a silence. Conflict while it was not silent, or while anything else is lacking."""
    facts, lacking = await _look(context, now, authority)
    if Reason.SILENT not in lacking:
        raise Conflict("gate-not-silent")
    if lacking != [Reason.SILENT]:
        raise Conflict("gate-lacks-more")
    made = uuid4()
    await execute(
        "INSERT INTO reports.gate_opening (id, authority, silent_at, opened_by, opened_name, reason, opened_at,"
        " gate_version, directory_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        made,
        authority,
        facts.standing[authority].silent_at,
        actor.id,
        actor.name,
        reasoned(reason),
        now,
        gate.VERSION,
        facts.directory.version if facts.directory else 0,
        engine=REPORTS_DB,
    )
    await record(authority, "reports.gate_opened", now, authority, str(made))
    return made


@verb(Permission.REPORTS_GATE, engine=REPORTS_DB)
async def ask_override(actor: Actor, now: datetime, context: Context, authority: UUID, reason: str, hours: int) -> UUID:
    """Ask to lift what an office lacks, for some hours from now. Nothing is lifted until somebody else agrees."""
    _, lacking = await _look(context, now, authority)
    if not lacking:
        raise Conflict("gate-open-already")
    if gate.NEVER_LIFTED & set(lacking):
        raise Conflict("gate-never-lifted")
    if not 1 <= hours <= gate.LONGEST_OVERRIDE // timedelta(hours=1):
        raise Invalid("gate-hours")
    if await fetch(
        "SELECT 1 FROM reports.gate_override WHERE authority = $1 AND ended_at IS NULL AND ends_at > $2",
        authority,
        now,
        engine=REPORTS_DB,
    ):
        raise Conflict("gate-asked-already")
    made = uuid4()
    await execute(
        "INSERT INTO reports.gate_override (id, authority, asked_by, asked_name, reason, asked_at, ends_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        made,
        authority,
        actor.id,
        actor.name,
        reasoned(reason),
        now,
        now + timedelta(hours=hours),
        engine=REPORTS_DB,
    )
    await record(authority, "reports.gate_override_asked", now, authority, str(made))
    return made


@verb(Permission.REPORTS_GATE, engine=REPORTS_DB)
async def agree_override(actor: Actor, now: datetime, override: UUID, reason: str) -> None:
    """The second person agrees, with a reason of their own; only now, and until its hour, the gate is open."""
    row = await _running(override, now)
    if row["asked_by"] == actor.id:
        raise Forbidden("gate-needs-two")
    if row["agreed_at"] is not None:
        raise Conflict("gate-agreed-already")
    await execute(
        "UPDATE reports.gate_override SET agreed_by = $2, agreed_name = $3, agreed_reason = $4, agreed_at = $5"
        " WHERE id = $1",
        override,
        actor.id,
        actor.name,
        reasoned(reason),
        now,
        engine=REPORTS_DB,
    )
    await record(row["authority"], "reports.gate_override_agreed", now, row["authority"], str(override))


@verb(Permission.REPORTS_GATE, engine=REPORTS_DB)
async def end_override(actor: Actor, now: datetime, override: UUID) -> None:
    """Take it back at once. Closing needs nobody else and no reason."""
    row = await _running(override, now)
    await execute(
        "UPDATE reports.gate_override SET ended_by = $2, ended_at = $3 WHERE id = $1",
        override,
        actor.id,
        now,
        engine=REPORTS_DB,
    )
    await record(row["authority"], "reports.gate_override_ended", now, row["authority"], str(override))


@verb(Permission.REPORTS_DELIVER, engine=REPORTS_DB)
async def remember(actor: Actor, now: datetime, context: Context) -> int:
    """Write down every gate that moved by itself since the last look: the version of the rules, open or why not."""
    facts = await queries.facts(context, now, REPORTS_DB)
    rows = await fetch(
        "SELECT DISTINCT ON (envelope) envelope, note FROM reports.event WHERE name = $1 ORDER BY envelope, id DESC",
        MOVED,
        engine=REPORTS_DB,
    )
    before = {row["envelope"]: row["note"] for row in rows}
    moved = 0
    for one in facts.directory.records if facts.directory else ():
        said = decision(one, now, facts)
        if before.get(one.authority) != said:
            await record(one.authority, MOVED, now, one.authority, said)
            moved += 1
    return moved


def decision(record_of: Record, now: datetime, facts: gate.Facts) -> str:
    """What the gate says of an office, in one line: `v2 open`, `v2 lifted no-drill`, `v2 closed overdue silent`."""
    lacking = gate.lacks(facts.directory.chain(record_of), now, facts) if facts.directory else [Reason.NO_DIRECTORY]
    state = "open" if not lacking else "lifted" if gate.lifts(record_of, lacking, now, facts) else "closed"
    return " ".join((f"v{gate.VERSION}", state, *lacking))[:120]


def reasoned(text: str) -> str:
    """A reason in a few words at least; Invalid without."""
    kept = line(text, 500)
    if len(kept) < SHORTEST_REASON:
        raise Invalid("gate-reason")
    return kept


async def _look(context: Context, now: datetime, authority: UUID) -> tuple[gate.Facts, list[Reason]]:
    facts = await queries.facts(context, now, REPORTS_DB)
    found = facts.directory.record(authority) if facts.directory else None
    if facts.directory is None or found is None:
        raise NotFound("authority-not-found")
    return facts, gate.lacks(facts.directory.chain(found), now, facts)


async def _running(override: UUID, now: datetime) -> dict[str, Any]:
    rows = await fetch("SELECT * FROM reports.gate_override WHERE id = $1 FOR UPDATE", override, engine=REPORTS_DB)
    if not rows:
        raise NotFound("page-not-found")
    if rows[0]["ended_at"] is not None or rows[0]["ends_at"] <= now:
        raise Conflict("gate-override-over")
    return rows[0]
