"""The verbs of surveillance. None of them suspends: what fails stands before a decider."""

from datetime import datetime
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification import guards, moves
from registry.certification import queries as certification
from registry.certification import rules as certifying
from registry.certification.rules import Act
from registry.core.calendar import day_of
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.surveillance import queries, rules, tables
from registry.surveillance.ending import Soon
from registry.surveillance.rules import Stage
from registry.surveillance.schemas import Report, TellChange
from registry.trail import service as trail


@verb(Permission.CERTIFICATION_APPLY)
async def report_year(actor: Actor, now: datetime, certification_id: UUID, data: Report) -> UUID:
    """Hand in the report of a year. Its figures are the registry's own; one that differs is refused by name."""
    case = await certification.case(actor, certification_id, now, lock=True)
    guards.holder(await moves.situation(actor, case, Act.END, now))
    (watched,) = await queries.years([case.id], now)
    if case.standing not in certifying.IN_FORCE or watched.stage is Stage.NOT_YET:
        raise Conflict("surveillance-not-open", day=rules.opens_on(watched.year.due_on))
    if watched.year.reported:
        raise Conflict("report-already-in")
    rules.equal(data.figures, await queries.figures(case, now))
    made = uuid7()
    await tables.AnnualReport(
        id=made, certification=case.id, due_on=watched.year.due_on,
        figures=msgspec.json.encode(data.figures).decode(), done=guards.words(data.done, "done"), signed_by=actor.id,
        name=actor.name, signed_at=now,
    ).save()  # fmt: skip
    await trail.record(actor, now, "surveillance.reported", case.id, due_on=watched.year.due_on)
    await outbox.announce("surveillance.reported", now, report=made)
    return made


@verb(Permission.CERTIFICATION_REVIEW)
async def complete_year(actor: Actor, now: datetime, certification_id: UUID, notes: str) -> None:
    """A reviewer closes a year in which nothing is lacking; the next one is due on the same day, however late."""
    case = await certification.case(actor, certification_id, now, lock=True)
    (watched,) = await queries.years([case.id], now)
    if watched.stage is Stage.NOT_YET:
        raise Conflict("surveillance-not-open", day=rules.opens_on(watched.year.due_on))
    look = await moves.situation(actor, case, Act.WATCH, now, reason=notes, lacking=tuple(watched.lacking))
    asked = await certification.parameters(case.scheme_version)
    assert case.last_on is not None  # a constraint of the table
    next_on = rules.next_on(watched.year.due_on, case.last_on, asked)
    await moves.move(case, Act.WATCH, actor, now, look, surveillance_on=next_on)
    await trail.record(actor, now, "surveillance.completed", case.id, due_on=watched.year.due_on, next_on=next_on)
    await outbox.announce("surveillance.completed", now, certification=case.id)


@verb(Permission.CERTIFICATION_APPLY)
async def tell_change(actor: Actor, now: datetime, certification_id: UUID, data: TellChange) -> UUID:
    """Tell of a change of owner, name, plate, premises or posts: within 30 days. A late word is better than none."""
    case = await certification.case(actor, certification_id, now, lock=True)
    guards.holder(await moves.situation(actor, case, Act.END, now))
    if case.standing not in certifying.IN_FORCE:
        raise Conflict("act-not-possible", state=case.standing, act="tell_change")
    rules.tellable(data.happened_on, day_of(now, case.zone))
    if data.unit_id and data.unit_id not in {unit.unit_id for unit in await certification.scope(case.id)}:
        raise Invalid("unit-not-in-scope", fields={"unit_id": "unit-not-in-scope"})
    made = uuid7()
    await tables.ChangeNotice(
        id=made, certification=case.id, unit_id=data.unit_id, kind=data.kind, happened_on=data.happened_on,
        text=guards.words(data.text, "text"), told_by=actor.id, told_at=now,
    ).save()  # fmt: skip
    late = rules.told_late(data.happened_on, day_of(now, case.zone))
    await trail.record(actor, now, "surveillance.change_told", case.id, kind=data.kind, late=late)
    return made


@verb(Permission.CERTIFICATION_PLAN)
async def judge_change(actor: Actor, now: datetime, notice_id: UUID, evaluate: bool, answer: str) -> None:
    """Say whether a change has to be looked at (7.10); if so, a visit is planned in the case itself."""
    rows = await fetch("SELECT certification, answered_at FROM change_notice WHERE id = $1 FOR UPDATE", notice_id)
    if not rows:
        raise NotFound("change-not-found")
    if rows[0]["answered_at"]:
        raise Conflict("change-already-judged")
    case = await certification.case(actor, rows[0]["certification"], now)
    await execute(
        "UPDATE change_notice SET evaluate = $2, answer = $3, answered_by = $4, answered_at = $5 WHERE id = $1",
        notice_id, evaluate, guards.words(answer, "answer"), actor.id, now,
    )  # fmt: skip
    await trail.record(actor, now, "surveillance.change_judged", case.id, notice=notice_id, evaluate=evaluate)


@verb(Permission.CERTIFICATION_FOLLOW)
async def keep_warned(actor: Actor, now: datetime, soon: Soon) -> None:
    """Keep that a warning was sent, so that it is sent once."""
    await execute(
        "INSERT INTO warned (id, client, certification, ending, ends_on, days, warned_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        uuid7(), soon.client, soon.certification, soon.ending, soon.ends_on, soon.days, now,
    )  # fmt: skip
    about = soon.certification or soon.client
    await trail.record(actor, now, "surveillance.warned", about, ending=soon.ending, ends_on=soon.ends_on)
