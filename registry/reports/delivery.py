"""Verbs of the clock: an office is told, silence goes to the next one, and what is over is destroyed."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core.context import Context
from registry.core.db import REPORTS_DB, execute, fetch
from registry.reports import bursts, rules
from registry.reports.service import shred
from registry.reports.steps import record, record_many

DUE = "done_at IS NULL AND (due_at <= $1 OR due_at > $1::timestamptz + interval '25 hours')"
"""No retry is later than a day from now: what says so was written by a clock that was wrong then, and is due."""


async def waiting(now: datetime) -> list[UUID]:
    """The offices that are due to be told."""
    rows = await fetch(f"SELECT DISTINCT authority FROM reports.delivery WHERE {DUE}", now, engine=REPORTS_DB)
    return [row["authority"] for row in rows]


async def lease(now: datetime, authority: UUID) -> list[dict[str, Any]]:
    """Take the notices that are due to an office, up to a thousand; another worker takes them again if this one
    dies."""
    return await fetch(
        "UPDATE reports.delivery SET due_at = $1::timestamptz + interval '1 minute', attempts = attempts + 1"
        f" WHERE id IN (SELECT id FROM reports.delivery WHERE {DUE} AND authority = $2 ORDER BY due_at LIMIT 1000"
        " FOR UPDATE SKIP LOCKED) RETURNING *,"
        " (SELECT e.acknowledged_at IS NOT NULL FROM reports.envelope e WHERE e.id = envelope) AS answered",
        now,
        authority,
        engine=REPORTS_DB,
    )


@verb(Permission.REPORTS_DELIVER, engine=REPORTS_DB)
async def notified(actor: Actor, now: datetime, deliveries: list[UUID], note: str = "") -> None:
    """The transport accepted the notice of all these; or, with a note, no letter of its own was needed. In three
    statements however many they are; in the order of their ids, so that two who do this never wait for each other."""
    done = await fetch(
        "UPDATE reports.delivery SET done_at = $2, trouble = $3 WHERE id IN (SELECT id FROM reports.delivery"
        " WHERE id = ANY($1) AND done_at IS NULL ORDER BY id FOR UPDATE) RETURNING envelope, authority",
        deliveries,
        now,
        note,
        engine=REPORTS_DB,
    )
    told = [(row["envelope"], row["authority"]) for row in done]
    at = rules.hour(now)  # to the hour: the first notice goes out in the second of the report
    await execute(
        "UPDATE reports.envelope SET state = CASE state WHEN 'sealed' THEN 'notified' ELSE state END,"
        " notified_at = coalesce(notified_at, $2) WHERE id IN (SELECT id FROM reports.envelope WHERE id = ANY($1)"
        " AND state <> 'purged' AND (state = 'sealed' OR notified_at IS NULL) ORDER BY id FOR UPDATE)",
        [envelope for envelope, _office in told],
        at,
        engine=REPORTS_DB,
    )
    await record_many(told, "reports.notified", at, again="reports.reminded")


async def postponed(deliveries: list[UUID], until: datetime, trouble: str, *, tried: bool = True) -> None:
    """Not told yet: a failure (its kind only), or another notice went to the same office a moment ago."""
    await execute(
        "UPDATE reports.delivery SET due_at = $2, trouble = $3, attempts = attempts - $4::int"
        " WHERE id = ANY($1) AND done_at IS NULL",
        deliveries,
        until,
        trouble[:80],
        not tried,
        engine=REPORTS_DB,
    )


async def due_again(now: datetime) -> int:
    """Whoever was told and has acknowledged nothing is told again: once after an hour where it is urgent, and daily,
    without end (`notified` writes it down). A notice of tomorrow was written by a clock that was wrong then."""
    rows = await fetch(
        "UPDATE reports.delivery d SET done_at = NULL, due_at = $1, attempts = 0 FROM reports.envelope e"
        " WHERE e.id = d.envelope AND e.state = ANY($2::text[]) AND (d.done_at <= $1::timestamptz - interval '1 day'"
        " OR d.done_at > $1::timestamptz + interval '1 day'"
        " OR (e.urgent AND d.done_at <= $1::timestamptz - interval '1 hour' AND NOT EXISTS (SELECT FROM reports.event v"
        " WHERE v.envelope = e.id AND v.authority = d.authority AND v.name = 'reports.reminded'))) RETURNING d.id",
        now,
        [str(s) for s in rules.State if s not in rules.ANSWERED],
        engine=REPORTS_DB,
    )
    return len(rows)


@verb(Permission.REPORTS_DELIVER, engine=REPORTS_DB)
async def mark_bursts(actor: Actor, now: datetime) -> int:
    """Mark what came in a flood, from its first report on, while it is not overdue. Returns how many."""
    rows = await fetch(
        "SELECT e.chain[1] AS office, e.received_hour AS hour, count(*) AS n FROM reports.envelope e"
        " WHERE e.received_hour BETWEEN $1::timestamptz - interval '4 days' AND $1"
        " AND e.state NOT IN ('closed', 'purged') GROUP BY 1, 2",
        now,
        engine=REPORTS_DB,
    )
    came: dict[UUID, dict[datetime, int]] = {}
    for row in rows:
        came.setdefault(row["office"], {})[row["hour"]] = row["n"]
    marked = 0
    for office, hours in came.items():
        if sum(hours.values()) > bursts.LEAST_HOUR and (found := bursts.flooded(hours, await _usual(office, now))):
            (row,) = await fetch(
                "SELECT reports.mark_burst($1, $2, $3) AS n", office, sorted(found), now, engine=REPORTS_DB
            )
            if row["n"]:
                await record(office, "reports.burst", rules.hour(now), office, f"{row['n']} marked")
            marked += row["n"]
    return marked


async def _usual(office: UUID, now: datetime) -> float:
    """How many an office acknowledges a day; neither drills nor what came in a flood."""
    (row,) = await fetch(
        "SELECT count(*) AS n FROM reports.envelope e WHERE e.answered_by = $1 AND e.chain[1] = $1 AND NOT e.burst"
        " AND e.acknowledged_at BETWEEN $2::timestamptz - $3::interval AND $2"
        " AND NOT EXISTS (SELECT FROM reports.drill d WHERE d.envelope = e.id)",
        office,
        now,
        bursts.JUDGED,
        engine=REPORTS_DB,
    )
    return float(row["n"] / (bursts.JUDGED / bursts.DAY))


@verb(Permission.REPORTS_DELIVER, engine=REPORTS_DB)
async def escalate(actor: Actor, now: datetime) -> int:
    """Silence moves an envelope to the next office of its chain; when all were silent, people are told."""
    rows = await fetch(
        "SELECT id, chain, due, urgent FROM reports.envelope WHERE state = ANY($2::text[]) AND due[1] <= $1"
        " FOR UPDATE SKIP LOCKED",
        now,
        [str(s) for s in rules.State if s not in rules.ANSWERED],
        engine=REPORTS_DB,
    )
    return sum([await _escalate(row, now) for row in rows])


async def _escalate(row: dict[str, Any], now: datetime) -> int:
    moved = 0
    for turn in range(1, min(rules.link(now, tuple(row["due"])), len(row["chain"]) - 1) + 1):
        made = await fetch(
            "INSERT INTO reports.delivery (id, envelope, authority, link, due_at, attempts, trouble)"
            " VALUES ($1, $2, $3, $4, $5, 0, '') ON CONFLICT DO NOTHING RETURNING id",
            uuid4(),
            row["id"],
            row["chain"][turn],
            turn,
            now,
            engine=REPORTS_DB,
        )
        if made and row["urgent"]:
            await execute(
                "INSERT INTO reports.ring (id, envelope, authority, due_at) VALUES ($1, $2, $3, $4)"
                " ON CONFLICT DO NOTHING",
                uuid4(),
                row["id"],
                row["chain"][turn],
                now,
                engine=REPORTS_DB,
            )
        if made:
            await record(row["id"], "reports.escalated", now, row["chain"][turn], f"link {turn}")
        moved += len(made)
    if now >= row["due"][-1] and not await fetch(
        "SELECT 1 FROM reports.event WHERE envelope = $1 AND name = 'reports.exhausted'", row["id"], engine=REPORTS_DB
    ):
        await record(row["id"], "reports.exhausted", now, None)
        moved += 1
    return moved


async def stuck() -> list[dict[str, Any]]:
    """Envelopes that an office's own system did not take, of which the people of this register were not told yet."""
    return await fetch(
        "SELECT e.id, e.blocked FROM reports.envelope e WHERE e.blocked <> '' AND e.acknowledged_at IS NULL"
        " AND NOT EXISTS (SELECT FROM reports.event v WHERE v.envelope = e.id AND v.name = 'reports.blocked_told'"
        " AND v.note = e.blocked)",
        engine=REPORTS_DB,
    )


@verb(Permission.REPORTS_DELIVER, engine=REPORTS_DB)
async def stuck_told(actor: Actor, now: datetime, told: list[dict[str, Any]]) -> None:
    """The people of this register know that a delivery is blocked, and why; of what it says nobody here knows."""
    for row in told:
        await record(row["id"], "reports.blocked_told", now, None, row["blocked"])


@verb(Permission.REPORTS_DELIVER, engine=REPORTS_DB)
async def purge(actor: Actor, now: datetime, context: Context) -> int:
    """Destroy what was answered and is old: its bytes, and its erasure key. Never what nobody acknowledged."""
    rows = await fetch(
        "SELECT id, state, received_hour, imported_at, body IS NOT NULL AS body,"
        " least(acknowledged_at, closed_at) AS answered, greatest(acknowledged_at, closed_at, progressed_at) AS ended"
        " FROM reports.envelope WHERE state = ANY($1::text[]) AND state <> 'purged'"
        " AND (body IS NOT NULL OR received_hour <= $2) FOR UPDATE SKIP LOCKED",
        [str(s) for s in rules.ANSWERED],
        now - rules.PURGE_LAST,
        engine=REPORTS_DB,
    )
    gone = 0
    for row in rows:
        state, received = rules.State(row["state"]), row["received_hour"]
        if row["body"] and rules.purgeable(state, received, row["answered"], row["imported_at"], now):
            await destroy(context, now, row["id"], "reports.body_purged")
            gone += 1
            row["body"] = False
        if not row["body"] and rules.box_over(state, received, row["ended"], now):
            await _forget(row["id"], now)
            gone += 1
    await _sweep(now)
    return gone


async def destroy(context: Context, now: datetime, which: UUID, name: str, note: str = "") -> None:
    """The bytes of one envelope, and the key without which no copy of them in any backup opens. For verbs."""
    await execute("UPDATE reports.envelope SET body = NULL WHERE id = $1", which, engine=REPORTS_DB)
    await record(which, name, now, None, note)
    await shred(context, str(which))


async def _forget(which: UUID, now: datetime) -> None:
    """The reply box: no code finds it any more."""
    await execute(
        "UPDATE reports.envelope SET state = 'purged', lookup_mac = sha256(gen_random_uuid()::text::bytea)"
        " WHERE id = $1",
        which,
        engine=REPORTS_DB,
    )
    await execute("DELETE FROM reports.reply WHERE envelope = $1", which, engine=REPORTS_DB)
    await record(which, "reports.purged", now, None)


async def _sweep(now: datetime) -> None:
    """What helped for an hour: receipts, forms that were used, requests of agents, and the minute of a first notice or
    ring, which was the minute of the report."""
    for statement in (
        "UPDATE reports.form_use SET receipt = NULL WHERE receipt IS NOT NULL"
        " AND hour < $1::timestamptz - interval '75 minutes'",
        "DELETE FROM reports.form_use WHERE hour < $1::timestamptz - interval '3 days'",
        "DELETE FROM reports.agent_nonce WHERE at < $1::timestamptz - interval '1 hour'",
        "UPDATE reports.delivery d SET due_at = date_trunc('hour', d.due_at), done_at = date_trunc('hour', d.done_at)"
        " WHERE d.done_at < $1::timestamptz - interval '1 hour' AND d.done_at <> date_trunc('hour', d.done_at)",
        "UPDATE reports.delivery d SET due_at = date_trunc('day', d.due_at, reports.zone()),"
        " done_at = date_trunc('day', d.done_at, reports.zone()) FROM reports.envelope e WHERE e.id = d.envelope"
        " AND d.link = 0 AND e.state IN ('closed', 'purged') AND d.done_at < $1::timestamptz - interval '1 hour'"
        " AND d.done_at <> date_trunc('day', d.done_at, reports.zone())",
        "UPDATE reports.ring r SET due_at = date_trunc('hour', r.due_at), done_at = date_trunc('hour', r.done_at)"
        " WHERE r.done_at < $1::timestamptz - interval '1 hour' AND r.done_at <> date_trunc('hour', r.done_at)",
        "UPDATE reports.ring r SET due_at = date_trunc('day', r.due_at, reports.zone()),"
        " done_at = date_trunc('day', r.done_at, reports.zone()) FROM reports.envelope e WHERE e.id = r.envelope"
        " AND e.state IN ('closed', 'purged') AND r.done_at < $1::timestamptz - interval '1 hour'"
        " AND r.done_at <> date_trunc('day', r.done_at, reports.zone())",
        "DELETE FROM reports.rung WHERE at < $1::timestamptz - interval '1 hour'",
    ):
        await execute(statement, now, engine=REPORTS_DB)
