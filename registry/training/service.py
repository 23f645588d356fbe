"""Holding a session: open, write down who is there, mend, close. Closing makes the records."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core.calendar import day_of
from registry.core.db import execute, fetch
from registry.core.errors import Invalid, NotFound
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.schemes import queries as schemes
from registry.trail import service as trail
from registry.training import checks, queries, rules, signals
from registry.training.rules import SessionState
from registry.training.schemas import Attendee, Open
from registry.training.tables import TrainingSession


@verb(Permission.TRAINING_HOLD)
async def open_session(actor: Actor, now: datetime, data: Open) -> UUID:
    """Open a session for some businesses' people and draw its knowledge check."""
    clients = list(dict.fromkeys(data.clients))
    seen = await queries.trainable(actor, clients)
    if len(seen) != len(clients):
        raise NotFound("client-not-found")
    version = await schemes.current(data.scheme, now)
    modules = [module for module in version.modules if module.id in set(data.modules)]
    if len(modules) != len(set(data.modules)) or not all(module.items for module in modules):
        raise Invalid("training-module-unknown", fields={"modules": "training-module-unknown"})
    place = " ".join(data.place.split())
    if not place:
        raise Invalid("training-place-needed", fields={"place": "training-place-needed"})
    if data.language not in version.languages:
        raise Invalid("training-language", fields={"language": "training-language"})
    started_at = data.started_at or now
    rules.begun(started_at, now, version.parameters.training.late_entry_days)
    least = sum(module.minutes for module in modules) if data.kind is rules.Kind.FULL else 5 * len(modules)
    if data.minutes is not None and data.minutes < least:
        raise Invalid("training-too-short", minutes=least, fields={"minutes": "training-too-short"})

    id = uuid7()
    session = TrainingSession(
        id=id, facilitator=actor.id, facilitator_name=actor.name, clients=clients, scheme_version=version.id,
        modules=[module.id for module in modules], kind=data.kind, language=data.language, place=place,
        room_code=_room_code(), items=list(checks.draw(modules, id)), started_at=started_at,
        minutes=data.minutes or least, opened_at=now,
    )  # fmt: skip
    await session.save()
    await trail.record(actor, now, "training.opened", id, clients=len(clients), modules=session.modules)
    return id


@verb(Permission.TRAINING_HOLD)
async def record_attendance(actor: Actor, now: datetime, session_id: UUID, people: Sequence[Attendee]) -> None:
    """Write down who is there, with score: many people in one call, the same call again changes nothing.

    The facilitator's own act is what confirms each person. A second entry for somebody replaces the first, and the
    trail keeps both.
    """
    session = await _mine(actor, session_id)
    by_worker = {one.worker_id: one for one in people}
    for one in by_worker.values():
        if one.score is not None:
            checks.checked(one.score, len(session["items"]))
    rows = await fetch("SELECT id, client FROM worker WHERE id = ANY($1) AND client = ANY($2)",
                       list(by_worker), session["clients"])  # fmt: skip
    if len(rows) != len(by_worker):
        raise Invalid("training-not-on-roster", count=len(by_worker) - len(rows))
    ordered = [(row["client"], by_worker[row["id"]]) for row in rows]
    before = {row["worker"]: row for row in await _attendance(session_id)}
    await execute(
        "INSERT INTO attendance (id, session, worker, client, present, score, must_pass, assisted, assurance,"
        " recorded_at, recorded_by)"
        " SELECT i, $2, w, c, true, s, m, a, l, $9, $10 FROM unnest($1::uuid[], $3::uuid[], $4::uuid[], $5::smallint[],"
        " $6::bool[], $7::bool[], $8::smallint[]) AS t(i, w, c, s, m, a, l)"
        " ON CONFLICT (session, worker) DO UPDATE SET present = true, score = excluded.score,"
        " must_pass = excluded.must_pass, assisted = excluded.assisted, assurance = excluded.assurance,"
        " recorded_at = excluded.recorded_at, recorded_by = excluded.recorded_by"
        " WHERE (attendance.present, attendance.score, attendance.must_pass, attendance.assisted, attendance.assurance)"
        " IS DISTINCT FROM (true, excluded.score, excluded.must_pass, excluded.assisted, excluded.assurance)",
        [uuid7() for _ in ordered], session_id, [one.worker_id for _, one in ordered],
        [client for client, _ in ordered],
        [one.score for _, one in ordered], [one.must_pass for _, one in ordered], [one.assisted for _, one in ordered],
        [int(one.assurance) for _, one in ordered], now, actor.id,
    )  # fmt: skip
    mended = [
        {"worker": one.worker_id, "from": before[one.worker_id]["score"], "to": one.score}
        for _, one in ordered
        if one.worker_id in before and before[one.worker_id]["score"] != one.score
    ]
    await trail.record(actor, now, "training.attended", session_id, people=len(ordered), mended=mended[:200])


@verb(Permission.TRAINING_HOLD)
async def remove_attendance(actor: Actor, now: datetime, session_id: UUID, workers: Sequence[UUID]) -> None:
    """Somebody was written down by mistake: they were not there. Possible until the session is closed."""
    await _mine(actor, session_id)
    done = await execute(
        "UPDATE attendance SET present = false, recorded_at = $3, recorded_by = $4"
        " WHERE session = $1 AND worker = ANY($2) AND present",
        session_id, list(workers), now, actor.id,
    )  # fmt: skip
    if done != "UPDATE 0":
        await trail.record(actor, now, "training.attendance_removed", session_id, workers=[str(one) for one in workers])


@verb(Permission.TRAINING_HOLD)
async def close_session(actor: Actor, now: datetime, session_id: UUID) -> None:
    """End the session: whoever passed gets a record for each module, and what stands out is noted for a person."""
    session = await _mine(actor, session_id)
    people = [row for row in await _attendance(session_id) if row["present"]]
    rules.closable(SessionState(session["state"]), session["started_at"], session["minutes"], len(people), now)
    version = await schemes.version(session["scheme_version"])
    training, asked = version.parameters.training, len(session["items"])

    made = [
        (row, module)
        for row in people
        if checks.passed(row["score"], asked, row["must_pass"], training.pass_percent)
        for module in session["modules"]
    ]
    passed_on = [day_of(session["started_at"], row["zone"]) for row, _ in made]
    await execute(
        "INSERT INTO training_record (id, session, worker, client, module, kind, scheme_version, assurance, assisted,"
        " score, asked, passed_on, expires_on, made_at)"
        " SELECT i, $2, w, c, m, $6, $7, l, a, s, $11, p, e, $14 FROM unnest($1::uuid[], $3::uuid[], $4::uuid[],"
        " $5::text[], $8::smallint[], $9::bool[], $10::smallint[], $12::date[], $13::date[])"
        " AS t(i, w, c, m, l, a, s, p, e)",
        [uuid7() for _ in made], session_id, [row["worker"] for row, _ in made], [row["client"] for row, _ in made],
        [module for _, module in made], session["kind"], version.id, [row["assurance"] for row, _ in made],
        [row["assisted"] for row, _ in made], [row["score"] for row, _ in made], asked, passed_on,
        [rules.expiry(day, training.validity_months) for day in passed_on], now,
    )  # fmt: skip
    found = await _signals(session, people, now, training.group_limit, training.same_score_limit)
    await execute(
        "UPDATE training_session SET state = 'closed', closed_at = $2, signals = $3 WHERE id = $1",
        session_id, now, msgspec.json.encode(found).decode(),
    )  # fmt: skip
    passed = len({row["worker"] for row, _ in made})
    await trail.record(actor, now, "training.closed", session_id, people=len(people), passed=passed,
                       signals=[signal.code for signal in found])  # fmt: skip
    await outbox.announce("training.closed", now, session=str(session_id),
                          clients=sorted({str(row["client"]) for row in people}))  # fmt: skip


@verb(Permission.TRAINING_HOLD)
async def cancel_session(actor: Actor, now: datetime, session_id: UUID) -> None:
    """It did not take place, or was opened by mistake: no record comes of it."""
    session = await _mine(actor, session_id)
    await execute("UPDATE training_session SET state = 'cancelled', closed_at = $2 WHERE id = $1", session["id"], now)
    await trail.record(actor, now, "training.cancelled", session_id)


def _room_code() -> str:
    """Six digits, none of them read as a number to call for help."""
    while "911" in (code := f"{secrets.randbelow(1_000_000):06}"):
        continue
    return code


async def _mine(actor: Actor, session_id: UUID) -> dict[str, Any]:
    """The facilitator's own open session, locked. Anybody else's is not found."""
    rows = await fetch("SELECT * FROM training_session WHERE id = $1 AND facilitator = $2 FOR UPDATE",
                       session_id, actor.id)  # fmt: skip
    if not rows:
        raise NotFound("training-session-not-found")
    rules.writable(SessionState(rows[0]["state"]))
    return rows[0]


async def _attendance(session_id: UUID) -> list[dict[str, Any]]:
    return await fetch(
        "SELECT a.*, w.started_on, w.left_on, c.zone FROM attendance a JOIN worker w ON w.id = a.worker"
        " JOIN client c ON c.id = a.client WHERE a.session = $1",
        session_id,
    )


async def _signals(
    session: dict[str, Any], people: list[dict[str, Any]], now: datetime, group_limit: int, same_score_limit: int
) -> tuple[signals.Signal, ...]:
    started = session["started_at"]
    near = await fetch(
        "SELECT s.id, s.started_at, s.minutes, s.place, (SELECT count(*)::int FROM attendance a WHERE a.session = s.id"
        " AND a.present) AS people FROM training_session s WHERE s.facilitator = $1 AND s.state <> 'cancelled'"
        " AND s.started_at BETWEEN $2 AND $3",
        session["facilitator"], started - timedelta(days=1), started + timedelta(days=1),
    )  # fmt: skip
    on = {row["client"]: day_of(started, row["zone"]) for row in people}
    seen = [
        signals.Seen(row["client"], (row["left_on"] is None or on[row["client"]] < row["left_on"]), row["score"])
        for row in people
    ]
    payroll = await queries.payroll(on)
    span = signals.Span(session["id"], started, session["minutes"], session["place"], len(people))
    return signals.signals(span, [signals.Span(**row) for row in near], seen, payroll, now,
                           group_limit=group_limit, same_score_limit=same_score_limit)  # fmt: skip
