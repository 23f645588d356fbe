"""The verbs of certification. Each has the same six beats: get, may, decide, write, record, announce."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.access.verbs import verb
from registry.certification import competence, file, guards, moves, planning, queries, renewing, rules, signing, tables
from registry.certification.facts import Kind
from registry.certification.guards import Cause
from registry.certification.rules import Act, Recommendation, State, UnitState
from registry.certification.schemas import Decide, Evaluation, InternalCheck, Plan, Review
from registry.core.bulk import insert_many
from registry.core.calendar import day_of
from registry.core.db import execute
from registry.core.errors import Conflict, Forbidden, Invalid
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.trail import service as trail


@verb(Permission.CERTIFICATION_PLAN)
async def plan(actor: Actor, now: datetime, certification_id: UUID, data: Plan) -> None:
    """Assign a team without conflict of interest, a day and a method; draw the sample of a group. A case whose
    evaluation is too old to be decided upon, its corrections included, is planned anew and evaluated whole.
    """
    case = await queries.case(actor, certification_id, now, lock=True)
    anew = Act.PLAN_ANEW in rules.possible(case.standing)
    act = Act.PLAN_ANEW if anew else Act.PLAN
    look = await moves.situation(actor, case, act, now, reason=data.why)
    state = rules.passed(case.standing, act, look)
    guards.justified(data.method is rules.Method.ON_SITE, data.why)
    names = {person: name for person, name in await file.auditors() if person in data.team}
    guards.staffed(data.team, data.lead, names)
    cycles = (await queries.parameters(case.scheme_version)).lead_cycles
    guards.rotated(await file.led_before(case, data.lead), cycles)
    await moves.untied(case, data.team, names, now)
    competence.covers((await planning.competences(data.team)).values(), *await planning.asked_of_team(case))
    await moves.replace_team(case, data, names, now)
    if case.kind is Kind.GROUP:
        await moves.draw(case, actor, now, data)
    await moves.move(case, act, actor, now, look, method=data.method, visit_on=data.visit_on, risk=data.risk)
    await trail.record(actor, now, "certification.planned", case.id, team=data.team, visit_on=data.visit_on, anew=anew)
    await outbox.announce("certification.planned", now, certification=case.id, state=state)


@verb(Permission.CERTIFICATION_CHECK)
async def check_unit(actor: Actor, now: datetime, certification_id: UUID, unit_id: UUID, data: InternalCheck) -> None:
    """Record the association's own check of one unit of its group."""
    await check_units(actor, now, certification_id, {unit_id: data})


@verb(Permission.CERTIFICATION_CHECK)
async def check_units(
    actor: Actor, now: datetime, certification_id: UUID, checks: Mapping[UUID, InternalCheck]
) -> None:
    """Record the association's own checks of many units at once. A newer check supersedes the one before."""
    case = await queries.case(actor, certification_id, now, lock=True)
    if case.association not in actor.organisations(Role.INSPECTOR):
        raise Forbidden("not-inspector-of-this-association")
    units = {unit.unit_id: unit for unit in await queries.scope(case.id, now)}
    today = day_of(now, case.zone)
    possible = case.kind is Kind.GROUP and case.standing not in rules.FINAL
    guards.checkable(possible, checks.keys() <= units.keys(), [c.checked_on for c in checks.values()], today)
    await insert_many(
        tables.InternalCheck(
            id=uuid7(), certification=case.id, unit_id=unit_id, passed=check.passed, notes=check.notes.strip(),
            checked_on=check.checked_on or today, checked_by=actor.id, recorded_at=now,
        )
        for unit_id, check in checks.items()
    )  # fmt: skip
    passed = sum(check.passed for check in checks.values())
    await trail.record(actor, now, "certification.checked", case.id, units=len(checks), passed=passed)


@verb(Permission.CERTIFICATION_EVALUATE)
async def begin_evaluation(actor: Actor, now: datetime, certification_id: UUID, declares: bool = True) -> None:
    """Begin, and declare to have no other interest in the case (4.2; renewed at each assignment)."""
    case = await queries.case(actor, certification_id, now, lock=True)
    if actor.id not in {member.person for member in await file.team(case.id)}:
        raise Forbidden("not-on-this-team")
    if not declares:
        raise Invalid("declaration-missing", fields={"declares": "declaration-missing"})
    await execute(
        "UPDATE assignment SET declared_at = $3 WHERE certification = $1 AND person = $2 AND ended_at IS NULL",
        case.id,
        actor.id,
        now,
    )
    if case.standing is not State.IN_EVALUATION:  # a second auditor declares in a case already begun
        await moves.move(case, Act.BEGIN, actor, now)
    await trail.record(actor, now, "certification.begun", case.id)


@verb(Permission.CERTIFICATION_EVALUATE)
async def record_evaluation(actor: Actor, now: datetime, certification_id: UUID, data: Evaluation) -> UUID:
    """Take in what the team found (7.4). Each version is complete and supersedes the one before.

    Findings that need an answer open corrections; a version in which they are mended closes them. On a certificate in
    force it is surveillance (7.9), and changes no state by itself; no more does a word about the visit before, once the
    case was planned anew.
    """
    case = await queries.case(actor, certification_id, now, lock=True)
    look = await moves.situation(actor, case, Act.SURVEY, now)
    guards.team(look)
    stale = await planning.planned_anew(case, data.visited_on)
    if case.standing is State.PLANNED and not stale:  # nothing of an evaluation is lost because nobody pressed "begin"
        await begin_evaluation(actor, now, certification_id)
        case = await queries.case(actor, certification_id, now)
    team = await file.evaluators(case.id)
    units = {unit.unit_id for unit in await queries.scope(case.id)}
    guards.belongs(case.scheme_version, data.scheme_version, team, data.evaluators, units, data.sample)

    before = (await file.evaluations([case.id])).get(case.id)
    row = tables.Evaluation(
        id=uuid7(), certification=case.id, version=before.version + 1 if before else 1,
        scheme_version=data.scheme_version, evaluators=list(data.evaluators), visited_on=data.visited_on,
        criteria=msgspec.json.encode(data.criteria).decode(), findings=msgspec.json.encode(data.findings).decode(),
        unanswered=data.unanswered, office=data.office, sample=list(data.sample),
        recommendation=data.recommendation, notes=data.notes.strip(), recorded_by=actor.id, recorded_at=now,
    )  # fmt: skip
    await row.save()
    seen = (await file.evaluations([case.id]))[case.id]
    state, act = case.standing, Act.SURVEY
    if case.standing in rules.UNDECIDED:
        act = rules.outcome(seen.facts, data.recommendation is Recommendation.REFUSE)
    if not stale:
        state = await moves.move(case, act, actor, now, look)
    await trail.record(actor, now, "certification.evaluated", case.id, version=row.version, state=state)
    await outbox.announce("certification.evaluated", now, certification=case.id, state=state)
    return seen.id


@verb(Permission.CERTIFICATION_REVIEW)
async def review(actor: Actor, now: datetime, certification_id: UUID, data: Review) -> None:
    """Check an evaluation and recommend (7.5), or send it back to the team with what to mend."""
    case = await queries.case(actor, certification_id, now, lock=True)
    act = Act.REOPEN if data.recommendation is Recommendation.RETURN else Act.REVIEW
    look = await moves.situation(actor, case, act, now, reason=data.notes)
    rules.after(case.standing, act)
    evaluation = (await file.evaluations([case.id]))[case.id]
    if case.standing in rules.IN_FORCE and evaluation.reviewed:
        raise Conflict("evaluation-already-reviewed")
    await tables.Review(
        id=uuid7(), certification=case.id, evaluation=evaluation.id, recommendation=data.recommendation,
        notes=guards.words(data.notes, "notes"), reviewed_by=actor.id, reviewer=actor.name, reviewed_at=now,
    ).save()  # fmt: skip
    await moves.move(case, act, actor, now, look)
    await trail.record(actor, now, "certification.reviewed", case.id, recommendation=data.recommendation)
    await outbox.announce("certification.reviewed", now, certification=case.id, recommendation=data.recommendation)


@verb(Permission.CERTIFICATION_DECIDE)
async def decide(actor: Actor, now: datetime, certification_id: UUID, data: Decide) -> None:
    """Grant, refuse, or send back to review (7.6): by one person outside the evaluation, with a reason.

    The grant of a renewal takes the place of the certificate it renews; one that had expired stays so, with its gap.
    """
    case = await queries.case(actor, certification_id, now, lock=True)
    act = data.decision.act
    missing = rules.missing(await queries.facts_of(case, now), await queries.parameters(case.scheme_version))
    look = await moves.situation(actor, case, act, now, reason=data.reason, lacking=tuple(missing))
    rules.passed(case.standing, act, look)
    if act is Act.SEND_BACK:
        await moves.move(case, act, actor, now, look)
        await trail.record(actor, now, "certification.sent_back", case.id)
        return
    units, dates = await renewing.to_grant(case, now) if act is Act.GRANT else ([], {})
    decision = await moves.add_decision(case, act, actor, now, look, units, dates)
    await moves.move(case, act, actor, now, look, units=units, **dates)
    await moves.set_units(case.id, units, UnitState.COVERED)
    event = "certification.granted" if act is Act.GRANT else "certification.refused"
    known: dict[str, Any] = {"certification": case.id, "units": units, "decision": decision}
    if act is Act.GRANT and case.renews:
        event = "certification.renewed"
        known |= await renewing.supersede(case, case.renews, actor, now)
    await trail.record(actor, now, event, case.id, **known | {"certification": case.number, "units": len(units)})
    await outbox.announce(event, now, **known)


@verb(Permission.CERTIFICATION_DECIDE)
async def suspend(
    actor: Actor,
    now: datetime,
    certification_id: UUID,
    reason: str,
    unit_ids: Collection[UUID] | None = None,
    *,
    cause: Cause = Cause.OTHER,
    urgent: bool | None = None,
    consulted: bool = False,
) -> None:
    """Make a certificate, or single units of it, not valid for the time being (7.11). Never set off by a report.

    Somebody else proposed it; else it is urgent, and a second decider confirms or lifts it within five working days.
    """
    case = await queries.case(actor, certification_id, now, lock=True)
    if urgent is None:
        urgent = not await signing.signed_before(case.id, Act.SUSPEND, list(unit_ids or ())) - {actor.id}
    look = await moves.situation(
        actor, case, Act.SUSPEND, now, units=unit_ids or (), reason=reason, cause=cause, urgent=urgent,
        consulted=consulted,
    )  # fmt: skip
    await moves.change(actor, now, case, Act.SUSPEND, "certification.suspended", look, unit_ids)


@verb(Permission.CERTIFICATION_DECIDE)
async def reinstate(
    actor: Actor, now: datetime, certification_id: UUID, reason: str, unit_ids: Collection[UUID] | None = None
) -> None:
    """End a suspension whose cause an auditor saw gone. Members of a group come back only if they are in order."""
    case = await queries.case(actor, certification_id, now, lock=True)
    look = await moves.situation(actor, case, Act.REINSTATE, now, units=unit_ids or (), reason=reason)
    await moves.change(actor, now, case, Act.REINSTATE, "certification.reinstated", look, unit_ids)


@verb(Permission.CERTIFICATION_DECIDE)
async def withdraw(
    actor: Actor,
    now: datetime,
    certification_id: UUID,
    reason: str,
    unit_ids: Collection[UUID] | None = None,
    *,
    cause: Cause = Cause.OTHER,
    consulted: bool = False,
) -> None:
    """End a certificate, or single units of it, for good (7.11). Its holder may apply again after twelve months."""
    case = await queries.case(actor, certification_id, now, lock=True)
    look = await moves.situation(
        actor, case, Act.WITHDRAW, now, units=unit_ids or (), reason=reason, cause=cause, consulted=consulted
    )
    await moves.change(actor, now, case, Act.WITHDRAW, "certification.withdrawn", look, unit_ids)
    await renewing.drop(actor, now, case, unit_ids or ())
