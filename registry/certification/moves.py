"""What several verbs check and write in the same way. Only service.py comes here, always inside a verb."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Role
from registry.certification import file, queries, rules, sampling, tables
from registry.certification.facts import Kind
from registry.certification.impartiality import Part, impartial, obstacles
from registry.certification.rules import Act, State
from registry.certification.schemas import Case, Plan
from registry.certification.validity import validity
from registry.core.bulk import insert_many
from registry.core.calendar import day_of
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Forbidden, Invalid
from registry.core.ids import uuid7
from registry.trail import service as trail


def applicant(actor: Actor, case: Case) -> None:
    """Only the holder speaks for an application: the business, or the association for a group and for its members."""
    own = case.client is not None and case.client in actor.organisations(Role.REPRESENTATIVE)
    if not own and case.association not in actor.organisations(Role.ASSOCIATION_ADMIN):
        raise Forbidden("not-the-applicant")


async def on_team(actor: Actor, case: Case) -> None:
    """Only the assigned team evaluates."""
    if actor.id not in {member.person for member in await file.team(case.id)}:
        raise Forbidden("not-on-this-team")


async def be_impartial(actor: Actor, part: Part, case: Case, now: datetime) -> None:
    """Raise Forbidden when this person may not take this part in this case, whatever roles they hold."""
    evaluators = await file.evaluators(case.id)
    ties = (await file.ties([actor.id], case)).get(actor.id, [])
    months = (await queries.parameters(case.scheme_version)).tie_months
    impartial(actor.id, part, evaluators, ties, day_of(now, case.zone), months)


async def untied(case: Case, team: Collection[UUID], names: Mapping[UUID, str], now: datetime) -> None:
    """Raise Conflict naming whoever of a team may not evaluate this holder, and since what tie."""
    ties = await file.ties(team, case)
    months = (await queries.parameters(case.scheme_version)).tie_months
    for person in team:
        found = obstacles(person, Part.EVALUATE, frozenset(), ties.get(person, []), day_of(now, case.zone), months)
        if found:
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
    population = await file.population(case, now)
    drawn = sampling.draw(population, case.occasion, data.risk, bytes(row["seed"]), terms)
    await tables.Draw(
        id=uuid7(), certification=case.id, algorithm=drawn.algorithm, seed=drawn.seed,
        population=msgspec.json.encode(population, order="deterministic").decode(),
        population_hash=drawn.population_hash, occasion=case.occasion, risk=data.risk, size=drawn.size,
        drawn=msgspec.json.encode(drawn.drawn).decode(), reserve=list(drawn.reserve), drawn_by=actor.id, drawn_at=now,
    ).save()  # fmt: skip


async def to_grant(case: Case, now: datetime) -> tuple[list[UUID], dict[str, Any]]:
    """The units a grant covers and its dates, or Conflict with the exact list of what is missing."""
    asked = await queries.parameters(case.scheme_version)
    facts = await queries.facts_of(case, now)
    rules.grantable(facts, asked)
    units = [unit.id for unit in facts.units if case.kind is Kind.SINGLE or rules.ready(unit, facts, asked)]
    valid = validity(now, case.zone, asked.validity_months, asked.surveillance_months)
    return units, {
        "valid_from": valid.from_at,
        "valid_until": valid.until_at,
        "last_on": valid.last_on,
        "surveillance_on": valid.surveillance_on,
    }


async def add_decision(
    case: Case,
    act: Act,
    actor: Actor,
    now: datetime,
    reason: str,
    units: Collection[UUID] = (),
    dates: Mapping[str, Any] | None = None,
) -> UUID:
    """One row of the register of decisions. PostgreSQL checks again who signs and what stands behind it."""
    made = uuid7()
    evaluation = (await file.evaluations([case.id])).get(case.id)
    review = await file.review(evaluation.id) if evaluation else None
    await tables.Decision(
        id=made, certification=case.id, evaluation=evaluation.id if evaluation else None,
        review=review.id if review else None, scheme_version=case.scheme_version, act=act,
        recommended=review.recommendation if review else None, reason=reason, units=list(units),
        valid_from=(dates or {}).get("valid_from"), valid_until=(dates or {}).get("valid_until"),
        decided_by=actor.id, decider=actor.name, decided_at=now,
    ).save()  # fmt: skip
    return made


async def change_units(case: Case, act: Act, unit_ids: Collection[UUID], now: datetime) -> None:
    """Move single units of a certificate in force; the case itself stays where it is."""
    if case.standing not in rules.IN_FORCE:
        raise Conflict("act-not-possible", state=case.standing, act=act)
    units = {unit.unit_id: unit for unit in await queries.scope(case.id, now)}
    if not unit_ids or not set(unit_ids) <= units.keys():
        raise Invalid("unit-not-in-scope", fields={"unit_ids": "unit-not-in-scope"})
    states = {rules.unit_after(units[unit_id].state, act) for unit_id in unit_ids}
    for state in states:  # one act leads every unit it fits to the same state
        await execute(
            "UPDATE scope_unit SET state = $3 WHERE certification = $1 AND unit_id = ANY($2::uuid[])",
            case.id,
            list(unit_ids),
            state,
        )


async def move(
    case: Case,
    act: Act,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    units: Collection[UUID] = (),
    **columns: Any,
) -> State:
    """Take a case to the state an act leads to, and keep the step. Raises Conflict when it does not lead anywhere."""
    state = rules.after(case.standing, act)
    if state is not case.standing:
        columns |= {"state": state, "moved_at": now}
    if columns:
        await tables.Certification.update(columns).where(tables.Certification.id == case.id)  # type: ignore[arg-type]  # wants Column keys too
    if state not in rules.UNDECIDED:
        await execute("UPDATE scope_unit SET open = false WHERE certification = $1 AND open", case.id)
    await add_step(case.id, act, state, actor, now, reason, units)
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
        'INSERT INTO step (id, certification, act, state, units, reason, taken_by, name, taken_at, "order") SELECT'
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
