"""What the pages of this room show to one reader, put together from queries and the file. Decides nothing."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.certification import deadlines, file, queries, rules, sampling, signing
from registry.certification import past as history
from registry.certification.facts import Parameters
from registry.certification.impartiality import Part, obstacles
from registry.certification.rules import Act, State
from registry.certification.sampling import Risk
from registry.certification.schemas import Auditor, Case, Dossier
from registry.certification.validity import end_of
from registry.core.calendar import add_months, day_of
from registry.core.db import fetch

_OURS = frozenset({Act.REVIEW, Act.REOPEN, Act.SEND_BACK})
"""Steps between the registry's own people."""
_OF_THE_TEAM = frozenset({Act.OBJECT, Act.KEEP_TEAM, Act.CHANGE_TEAM})


async def opened(actor: Actor, certification_id: UUID, at: datetime) -> Dossier:
    """The whole file of a case, as far as this actor may read it."""
    seen = await queries.case(actor, certification_id, at)
    evaluation = (await file.evaluations([seen.id])).get(seen.id)
    known, asked = await queries.facts_of(seen, at), await queries.parameters(seen.scheme_version)
    team = await file.team(seen.id)
    inside = bool(actor.roles & queries.ALL) or actor.id in {member.person for member in team}
    own = seen.holder in actor.organisations(Role.REPRESENTATIVE) | actor.organisations(Role.ASSOCIATION_ADMIN)
    steps = await file.history(seen.id)
    ours = bool(actor.roles & queries.ALL)
    if inside and not ours:  # whom it is about does not read what the holder says of the team
        steps = [msgspec.structs.replace(step, reason="") if step.act in _OF_THE_TEAM else step for step in steps]
    if not inside:  # a holder reads the reasons of decisions, not of reviews; its association reads no reasons
        hidden = _OURS if own else frozenset(Act)
        steps = [msgspec.structs.replace(step, reason="") if step.act in hidden else step for step in steps]
    part = Part.DECIDE if actor.may(Permission.CERTIFICATION_DECIDE) else Part.REVIEW
    return Dossier(
        case=seen,
        units=await queries.units_seen(actor, seen, at),
        team=team,
        evaluation=evaluation,
        review=await file.review(evaluation.id) if evaluation else None,
        draw=await file.drawn(seen.id) if inside else None,
        steps=steps,
        facts=known,
        parameters=asked,
        missing=rules.missing(known, asked),
        allowed=queries.allowed(actor, seen),
        obstacles=obstacles(
            actor.id, part, await file.evaluators(seen.id), (await file.ties([actor.id], seen)).get(actor.id, []),
            day_of(at, seen.zone), asked.tie_months,
        ),
        inside=inside,
        told=[str(row["name"]) for row in await file.told(seen)],
        proposals=(await signing.proposals([seen.id])).get(seen.id, []) if inside or own else [],
        urgent=await signing.to_confirm(seen.id),
        verified=await signing.cause_verified(seen.id, [], actor.id),
        advised=bool(await signing.signed_before(seen.id, Act.WITHDRAW, []) - {actor.id}),
        assessment=await file.self_assessment(seen.id) if inside or own else None,
        consult=actor.may(Permission.CERTIFICATION_DECIDE) and await signing.consultation(seen.id, at) is not None,
        mine=own,
        objection=await file.objection(seen.id) if ours or own else None,
        screened=await file.screened(seen.id) if inside else None,
    )  # fmt: skip


class Past(msgspec.Struct, frozen=True):
    """How a case and each of its units stood at the end of a past day."""

    on: date
    state: State | None
    units: list[tuple[str, State]]


async def past(opened: Dossier, asked: str) -> Past | None:
    """How it stood when a day ended where the holder is; None for no day, or no day that has been."""
    try:
        on = date.fromisoformat(asked.strip())
    except ValueError:
        return None
    at = end_of(on, opened.case.zone) - timedelta(seconds=1)
    state = await history.state_at(opened.case.id, at)
    units = await history.units_at(opened.case.id, at)
    return Past(on, state, [(unit.label, units[unit.unit_id]) for unit in opened.units if unit.unit_id in units])


async def closes(case: Case, asked: Parameters) -> date | None:
    """The day on which a case that waits for its holder closes without a word from it."""
    (row,) = await fetch("SELECT heard_at, self_assessed_at FROM certification WHERE id = $1", case.id)
    if not rules.silent(case.standing, row["self_assessed_at"] is not None or not asked.self_assessment):
        return None
    return day_of(deadlines.lapses_at(row["heard_at"] or case.moved_at, asked.silence_days), case.zone)


async def auditors(case: Case, at: datetime) -> list[Auditor]:
    """Everybody who could be assigned, with what keeps them from it."""
    people = await file.auditors()
    ties, judges = await file.ties([person for person, _ in people], case), await file.judges(case.id)
    objected = await file.objected_to(case.id)
    months = (await queries.parameters(case.scheme_version)).tie_months
    return [
        Auditor(
            person=person,
            name=name,
            obstacles=obstacles(
                person,
                Part.EVALUATE,
                frozenset(),
                ties.get(person, []),
                day_of(at, case.zone),
                months,
                judges,
                objected,
            ),
        )
        for person, name in people
    ]


async def sizes(case: Case) -> dict[Risk, int]:
    """How large a group's sample is for each risk."""
    terms, units = (await queries.parameters(case.scheme_version)).group, len(await queries.scope(case.id))
    return {risk: sampling.size(units, case.occasion, risk, terms) for risk in Risk}


_UNCHECKED = """
SELECT c.id, count(*)::int AS units, count(*) FILTER (WHERE NOT EXISTS (SELECT FROM internal_check k
  WHERE k.certification = c.id AND k.unit_id = s.unit_id AND k.checked_on > $2))::int AS unchecked
FROM certification c JOIN scope_unit s ON s.certification = c.id
WHERE c.kind = 'group' AND c.association = ANY($1::uuid[]) AND c.state = ANY($3)
GROUP BY c.id ORDER BY c.applied_at DESC
"""


async def groups(actor: Actor, at: datetime) -> list[tuple[Case, int, int]]:
    """The groups whose units this inspector checks: case, units, and how many of them no check of a year is of."""
    living = [str(state) for state in rules.UNDECIDED | rules.IN_FORCE]
    mine = list(actor.organisations(Role.INSPECTOR))
    rows = await fetch(_UNCHECKED, mine, add_months(at.date(), -12), living)
    return [(await queries.case(actor, row["id"], at), row["units"], row["unchecked"]) for row in rows]


async def unchecked(actor: Actor, at: datetime) -> int:
    """How many units wait for this inspector."""
    return sum(waiting for _, _, waiting in await groups(actor, at))
