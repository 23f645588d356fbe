"""What several verbs check and write in the same way. Only verbs come here."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Role
from registry.certification import deadlines, file, guards, planning, queries, rules, sampling, signing, tables
from registry.certification.facts import Kind, Opposed
from registry.certification.guards import Cause, Situation
from registry.certification.impartiality import Bond, Part, impartial, obstacles
from registry.certification.rules import Act, State, UnitState
from registry.certification.sampling import Occasion
from registry.certification.schemas import Case, Plan
from registry.core.bulk import insert_many
from registry.core.calendar import day_of
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Invalid
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.trail import service as trail

PARTS: dict[Act, Part] = {
    **dict.fromkeys((Act.REVIEW, Act.REOPEN, Act.WATCH), Part.REVIEW),
    **dict.fromkeys((Act.SEND_BACK, *rules.DECISIONS), Part.DECIDE),
}


def of_the_holder(actor: Actor, case: Case) -> bool:
    """The business speaks for itself; its association for a group, and for the applications of its members."""
    own = case.client is not None and case.client in actor.organisations(Role.REPRESENTATIVE)
    return own or case.association in actor.organisations(Role.ASSOCIATION_ADMIN)


async def situation(
    actor: Actor,
    case: Case,
    act: Act,
    now: datetime,
    *,
    units: Collection[UUID] = (),
    first: frozenset[UUID] = frozenset(),
    **known: Any,
) -> Situation:
    """What the guards of this act look at, and nothing else is looked up. `first` is whoever is known to have signed.

    Who may not touch the case is told so first, whatever state it is in: that refusal is the one on record.
    """
    if act in PARTS:
        await be_impartial(actor, PARTS[act], case, now)
        known["obstacles"] = ()
    asked = set(rules.GUARDS_OF[act])
    if guards.holder in asked:
        known["of_the_holder"] = of_the_holder(actor, case)
    if guards.itself in asked:
        own = actor.organisations(Role.REPRESENTATIVE) | actor.organisations(Role.ASSOCIATION_ADMIN)
        known["is_the_holder"] = case.holder in own
    if guards.self_assessed in asked:  # what was planned once may be planned anew
        needed = case.standing is State.ACCEPTED and case.self_assessed_at is None
        known["self_assessed"] = not needed or not (await queries.parameters(case.scheme_version)).self_assessment
    if guards.not_awaited in asked:
        known["awaited"] = case.standing is State.RETURNED and await _awaited(case, now)
    if asked & {guards.unopposed, guards.first_objection, guards.opposed}:
        said = await file.objection(case.id)
        known["objection"] = Opposed.NOT if said is None else Opposed.ANSWERED if said.answered_at else Opposed.OPEN
    if guards.grown_old in asked:
        known["too_old"] = await queries.too_old(case, now)
    if guards.team in asked:
        known["of_the_team"] = actor.id in await file.evaluators(case.id)
    if guards.not_held in asked:
        asking = await signing.consultation(case.id, now)
        known |= {"consult": asking is not None, "held": bool(asking and asking.hold)}
    if guards.four_eyes in asked:
        known["signed_before"] = first or await signing.signed_before(case.id, act, units)
    if guards.another in asked:
        urgent = await signing.to_confirm(case.id)
        known |= {"confirmable": urgent is not None, "signed_before": frozenset({urgent.decided_by} if urgent else ())}
    if guards.verified in asked:
        known["cause_verified"] = await signing.cause_verified(case.id, units, actor.id)
    return Situation(person=actor.id, **known)


async def _awaited(case: Case, now: datetime) -> bool:
    days = (await queries.parameters(case.scheme_version)).answer_days
    return day_of(now, case.zone) <= deadlines.answer_by(day_of(case.moved_at, case.zone), days)


async def be_impartial(actor: Actor, part: Part, case: Case, now: datetime) -> None:
    """Raise Forbidden when this person may not take this part in this case, whatever roles they hold."""
    evaluators = await file.evaluators(case.id)
    ties = (await file.ties([actor.id], case)).get(actor.id, [])
    months = (await queries.parameters(case.scheme_version)).tie_months
    if part is Part.DECIDE and any([await known(actor.id, case.id, now) for known in file.LIFTED]):
        ties = [tie for tie in ties if tie.bond is not Bond.EVALUATED]  # the glass lifts this and nothing else
    impartial(actor.id, part, evaluators, ties, day_of(now, case.zone), months)


async def untied(case: Case, team: Collection[UUID], names: Mapping[UUID, str], now: datetime) -> None:
    """Raise Conflict naming whoever of a team may not evaluate this holder, and since what tie."""
    ties, judges, objected = await file.ties(team, case), await file.judges(case.id), await file.objected_to(case.id)
    months = (await queries.parameters(case.scheme_version)).tie_months
    for person in team:
        own, on = ties.get(person, []), day_of(now, case.zone)
        if found := obstacles(person, Part.EVALUATE, frozenset(), own, on, months, judges, objected):
            if found[0].code in ("auditor-judged-this-case", "auditor-objected-to"):
                raise Conflict(found[0].code, name=names[person])
            raise Conflict("team-tied", name=names[person], tie=found[0].code, ends_on=found[0].ends_on)


async def replace_team(case: Case, data: Plan, names: Mapping[UUID, str], now: datetime) -> None:
    """The assignments of a plan. Those it replaces are ended, not deleted."""
    await execute("UPDATE assignment SET ended_at = $2 WHERE certification = $1 AND ended_at IS NULL", case.id, now)
    await insert_many(
        tables.Assignment(
            id=uuid7(), certification=case.id, person=person, name=names[person], lead=person == data.lead,
            assigned_at=now,
        )
        for person in dict.fromkeys(data.team)
    )  # fmt: skip


async def draw(case: Case, actor: Actor, now: datetime, data: Plan) -> None:
    """Draw a group's sample from the roster as it is now. The same plan again draws the same units: the seed stays."""
    terms = (await queries.parameters(case.scheme_version)).group
    (row,) = await fetch("SELECT seed FROM certification WHERE id = $1", case.id)
    population = await planning.population(case, now)
    occasion = Occasion.SURVEILLANCE if case.standing in rules.IN_FORCE else case.occasion
    drawn = sampling.draw(population, occasion, data.risk, bytes(row["seed"]), terms)
    await tables.Draw(
        id=uuid7(), certification=case.id, algorithm=drawn.algorithm, seed=drawn.seed,
        population=msgspec.json.encode(population, order="deterministic").decode(),
        population_hash=drawn.population_hash, occasion=occasion, risk=data.risk, size=drawn.size,
        drawn=msgspec.json.encode(drawn.drawn).decode(), reserve=tuple(drawn.reserve), drawn_by=actor.id, drawn_at=now,
    ).save()  # fmt: skip


async def add_decision(
    case: Case,
    act: Act,
    actor: Actor,
    now: datetime,
    look: Situation,
    units: Collection[UUID] = (),
    dates: Mapping[str, Any] | None = None,
    answers: UUID | None = None,
    repeats: UUID | None = None,
    provisional: bool = False,
) -> UUID:
    """One row of the register of decisions. PostgreSQL checks again who signs and what stands behind it."""
    made = uuid7()
    evaluation = (await file.evaluations([case.id])).get(case.id)
    review = await file.review(evaluation.id) if evaluation else None
    proposer = next(iter(look.signed_before - {actor.id}), None) if guards.four_eyes in rules.GUARDS_OF[act] else None
    await tables.Decision(
        id=made, certification=case.id, evaluation=evaluation.id if evaluation else None,
        review=review.id if review else None, scheme_version=case.scheme_version, act=act,
        recommended=review.recommendation if review else None, reason=look.reason.strip(), units=list(units),
        valid_from=(dates or {}).get("valid_from"), valid_until=(dates or {}).get("valid_until"),
        decided_by=actor.id, decider=actor.name, decided_at=now, cause=look.cause, urgent=look.urgent,
        proposed_by=proposer, proposer=await signing.called(proposer), consulted=look.consulted, answers=answers,
        repeats=repeats, provisional=provisional,
    ).save()  # fmt: skip
    await execute(
        "UPDATE proposal SET ended_at = $3, ended_by = $4 WHERE certification = $1 AND act = $2 AND ended_at IS NULL"
        " AND repeats IS NULL AND (units = '{}' OR $5::uuid[] = '{}' OR units && $5::uuid[])",
        case.id, act, now, actor.id, list(units),
    )  # fmt: skip
    return made


async def unit_states(case: Case, act: Act, unit_ids: Collection[UUID], now: datetime) -> UnitState:
    """The state an act would lead these units of a certificate in force to; the case itself stays where it is."""
    if case.standing not in rules.IN_FORCE:
        raise Conflict("act-not-possible", state=case.standing, act=act)
    units = {unit.unit_id: unit for unit in await queries.scope(case.id, now)}
    if not unit_ids or not set(unit_ids) <= units.keys():
        raise Invalid("unit-not-in-scope", fields={"unit_ids": "unit-not-in-scope"})
    (state,) = {rules.unit_after(units[unit_id].state, act) for unit_id in unit_ids}  # one act, one state
    return state


async def set_units(case_id: UUID, unit_ids: Collection[UUID], state: UnitState) -> None:
    """Write where units stand, once the decision that says so is in the register."""
    await execute(
        "UPDATE scope_unit SET state = $3::varchar, open = open AND $3::varchar = 'pending' WHERE certification = $1"
        " AND unit_id = ANY($2::uuid[])",
        case_id, list(unit_ids), state,
    )  # fmt: skip


async def hold_back(case: Case, actor: Actor, now: datetime) -> list[UUID]:
    """Members of a group that is reinstated and who are not in order themselves: suspended by name, by that decision.

    Only members individually in order come back (domain.md 8, check 8).
    """
    if case.kind is not Kind.GROUP:
        return []
    asked, facts = await queries.parameters(case.scheme_version), await queries.facts_of(case, now)
    covered = {unit.unit_id for unit in await queries.scope(case.id, now) if unit.state is UnitState.COVERED}
    behind = [unit.id for unit in facts.units if unit.id in covered and not rules.ready(unit, facts, asked)]
    if behind:
        words = "Not in order by itself when its group was reinstated: signature, training or internal check."
        seen = await signing.verifiers(case.id) - {actor.id}
        look = Situation(
            person=actor.id, reason=words, cause=Cause.OTHER, urgent=not seen, signed_before=seen, consulted=True,
        )  # fmt: skip
        await add_decision(case, Act.SUSPEND, actor, now, look, behind)
        await set_units(case.id, behind, UnitState.SUSPENDED)
        await add_step(case.id, Act.SUSPEND, State.GRANTED, actor, now, words, behind)
    return behind


async def change(
    actor: Actor,
    now: datetime,
    case: Case,
    act: Act,
    event: str,
    look: Situation,
    unit_ids: Collection[UUID] | None,
    *,
    repeats: UUID | None = None,
) -> None:
    """Suspend, reinstate or withdraw: the whole certificate, or the units named."""
    units = list(unit_ids or ())
    if unit_ids is None:
        rules.passed(case.standing, act, look)
        decision = await add_decision(case, act, actor, now, look, repeats=repeats)
        await move(case, act, actor, now, look)
        if act is Act.REINSTATE:
            await hold_back(case, actor, now)
    else:
        state = await unit_states(case, act, units, now)
        rules.guarded(act, look)
        decision = await add_decision(case, act, actor, now, look, units, repeats=repeats)
        await set_units(case.id, units, state)
        await add_step(case.id, act, case.standing, actor, now, look.reason.strip(), units)
    await end_repeated(case.id, actor, now)
    await trail.record(actor, now, event, case.id, units=units, cause=look.cause, urgent=look.urgent)
    await outbox.announce(event, now, certification=case.id, units=units, decision=decision)


async def case_of_proposal(actor: Actor, now: datetime, proposal_id: UUID) -> tuple[Case, dict[str, Any]] | None:
    """A proposal and its case, both locked: the case first, as whoever decides about a case locks them."""
    for row in await fetch("SELECT certification FROM proposal WHERE id = $1", proposal_id):
        case = await queries.case(actor, row["certification"], now, lock=True)
        (proposal,) = await fetch("SELECT * FROM proposal WHERE id = $1 FOR UPDATE", proposal_id)
        return case, proposal
    return None


async def end_repeated(case_id: UUID, actor: Actor, now: datetime) -> None:
    """Proposals that a suspension be carried out again end once it was, of all they name that is still covered."""
    await execute(
        "UPDATE proposal p SET ended_at = $2, ended_by = $3 WHERE p.certification = $1 AND p.ended_at IS NULL"
        " AND p.repeats IS NOT NULL AND CASE WHEN p.units = '{}' THEN EXISTS (SELECT FROM decision d"
        "  WHERE d.certification = $1 AND d.repeats = p.repeats AND d.units = '{}' AND d.decided_at >= p.proposed_at)"
        " ELSE NOT EXISTS (SELECT FROM scope_unit s WHERE s.certification = $1 AND s.unit_id = ANY(p.units)"
        "  AND s.state IN ('covered', 'suspended') AND NOT EXISTS (SELECT FROM decision d WHERE d.certification = $1"
        "  AND d.repeats = p.repeats AND s.unit_id = ANY(d.units) AND d.decided_at >= p.proposed_at)) END",
        case_id, now, actor.id,
    )  # fmt: skip


async def move(
    case: Case,
    act: Act,
    actor: Actor,
    now: datetime,
    look: Situation | None = None,
    *,
    reason: str = "",
    units: Collection[UUID] = (),
    **columns: Any,
) -> State:
    """Take a case to the state an act leads to, past its guards, and keep the step: PostgreSQL lets no state change
    that the newest step does not lead to.

    Without a situation one is looked up, which holds what the act itself brings: its reason and who does it.
    """
    look = look or await situation(actor, case, act, now, reason=reason)
    state = rules.passed(case.standing, act, look)
    await add_step(case.id, act, state, actor, now, look.reason.strip(), units)
    if state is not case.standing:
        columns |= {"state": state, "moved_at": now}
    if columns:
        await tables.Certification.update(columns).where(tables.Certification.id == case.id)  # type: ignore[arg-type]  # wants Column keys too
    if state not in rules.UNDECIDED:
        await execute("UPDATE scope_unit SET open = false WHERE certification = $1 AND open", case.id)
    return state


async def lapse(actor: Actor, certification_id: UUID, now: datetime) -> None:
    """Store that a case has lapsed, so that another may take its place. It held from its day on without this."""
    case = await queries.case(actor, certification_id, now, lock=True)
    await move(msgspec.structs.replace(case, standing=case.state), Act.LAPSE, actor, now)
    await trail.record(actor, now, "certification.lapsed", case.id)


async def add_step(
    case_id: UUID,
    act: Act,
    state: State,
    actor: Actor,
    now: datetime,
    reason: str = "",
    units: Collection[UUID] = (),
) -> None:
    """Keep one step of a case; its row is locked, so the next number is free."""
    await execute(
        "WITH heard AS (UPDATE certification SET heard_at = $9 WHERE id = $2)"
        ' INSERT INTO step (id, certification, act, state, units, reason, taken_by, name, taken_at, "order") SELECT'
        ' $1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce(max("order"), 0) + 1 FROM step WHERE certification = $2',
        uuid7(),
        case_id,
        act,
        state,
        list(units),
        reason,
        actor.id,
        actor.name,
        now,
    )
