"""Reads. `visible_to` is the only place that says which cases an actor may see, `allowed` what it may do to one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.certification import deadlines, file, guards, questionnaire, rules
from registry.certification.facts import Facts, Kind, Member, Parameters, Requirement, Unit
from registry.certification.rules import Act, State, UnitState
from registry.certification.sampling import Occasion
from registry.certification.schemas import Case, EvaluationView, ScopeUnit
from registry.clients import queries as clients
from registry.commitments import queries as commitments
from registry.core.calendar import add_months, day_of
from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.schemes import queries as schemes
from registry.schemes.content import Criterion, Question
from registry.schemes.schemas import Version
from registry.training import queries as training

SCHEME = "sectt-code"
"""The scheme somebody applies for who has not applied yet."""
ALL = frozenset({Role.SYSTEM, Role.OFFICER, Role.REVIEWER, Role.DECIDER, Role.PANEL, Role.IMPARTIALITY})


class Scope(msgspec.Struct, frozen=True):
    """What an actor may see. `where` is true of a certification's row `c`; its arguments follow the ones before."""

    everything: bool
    associations: list[UUID]
    clients: list[UUID]
    person: UUID

    def where(self, first: int = 1) -> str:
        return (
            f"(${first}::bool OR c.association = ANY(${first + 1}::uuid[]) OR c.client = ANY(${first + 2}::uuid[])"
            " OR EXISTS (SELECT FROM scope_unit s WHERE s.certification = c.id"
            f"  AND s.client = ANY(${first + 2}::uuid[]))"
            " OR EXISTS (SELECT FROM assignment a WHERE a.certification = c.id AND a.ended_at IS NULL"
            f"  AND a.person = ${first + 3}::uuid))"
        )

    @property
    def args(self) -> tuple[bool, list[UUID], list[UUID], UUID]:
        return self.everything, self.associations, self.clients, self.person


def visible_to(actor: Actor) -> Scope:
    """The registry's own people see all cases, auditors theirs, an association its members', a business its own."""
    if not actor.may(Permission.CERTIFICATION_VIEW):
        return Scope(False, [], [], UUID(int=0))
    associations = actor.organisations(Role.ASSOCIATION_ADMIN) | actor.organisations(Role.INSPECTOR)
    clients = actor.organisations(Role.REPRESENTATIVE)
    return Scope(bool(actor.roles & ALL), list(associations), list(clients), actor.id)


P = Permission
PERMISSION: dict[Act, Permission] = {
    **dict.fromkeys((Act.RETURN, Act.ACCEPT, Act.DECLINE), P.CERTIFICATION_ACCEPT),
    **dict.fromkeys(
        (Act.COMPLETE, Act.SELF_ASSESS, Act.OBJECT, Act.CANCEL, Act.ASK_EXTENSION, Act.END), P.CERTIFICATION_APPLY
    ),
    **dict.fromkeys((Act.PLAN, Act.PLAN_ANEW, Act.KEEP_TEAM, Act.CHANGE_TEAM), P.CERTIFICATION_PLAN),
    **dict.fromkeys(
        (Act.BEGIN, Act.OPEN_CORRECTIONS, Act.REPORT, Act.SURVEY, Act.VERIFY_CAUSE), P.CERTIFICATION_EVALUATE
    ),
    **dict.fromkeys((Act.REVIEW, Act.REOPEN, Act.WATCH), P.CERTIFICATION_REVIEW),
    Act.PROPOSE: P.CERTIFICATION_PROPOSE,
    **dict.fromkeys((Act.SEND_BACK, *rules.DECISIONS), P.CERTIFICATION_DECIDE),
}


def allowed(actor: Actor, case: Case) -> frozenset[Act]:
    """The acts an actor's roles and the case's state leave open: draws the buttons. Impartiality is shown beside them,
    with its reason, so that nobody wonders where a button went.
    """
    return frozenset(act for act in rules.possible(case.standing) if act in PERMISSION and actor.may(PERMISSION[act]))


async def parameters(version_id: UUID) -> Parameters:
    """What a scheme version asks, as far as it is ours."""
    return Parameters.of((await schemes.version(version_id)).parameters)


async def certified_under(client: UUID | None, association: UUID | None) -> UUID | None:
    """The scheme version of a holder's newest certificate. For pages that have said who may read about it."""
    rows = await fetch(
        "SELECT scheme_version FROM certification WHERE valid_until IS NOT NULL AND (client = $1"
        " OR kind = 'group' AND association = $2) ORDER BY valid_until DESC LIMIT 1",
        client, association,
    )  # fmt: skip
    return rows[0]["scheme_version"] if rows else None


async def asked(case: Case) -> list[tuple[Criterion, list[Question]]]:
    """What a case asks its holder of itself, by the version it was opened under."""
    kind = ""
    if case.kind is Kind.SINGLE:
        kind = str((await clients.clients([case.holder]))[case.holder].kind)
    return questionnaire.asked((await schemes.version(case.scheme_version)).criteria, kind, case.kind)


async def too_old(case: Case, at: datetime) -> bool:
    """Whether what was found in a case is too old to be decided upon."""
    seen = (await file.evaluations([case.id])).get(case.id)
    days = (await parameters(case.scheme_version)).evaluation_max_age_days
    return seen is not None and deadlines.too_old(seen.visited_on, day_of(at, case.zone), days)


async def renewable(case: Case, at: datetime) -> bool:
    """Whether its holder may ask for the renewal now: near its end, or expired not long ago, and not asked yet."""
    if case.last_on is None or case.standing not in rules.IN_FORCE | {State.EXPIRED}:
        return False
    months, today = (await parameters(case.scheme_version)).renewal_opens_months, day_of(at, case.zone)
    if not add_months(case.last_on, -months) <= today <= add_months(case.last_on, months):
        return False
    open_states = [str(state) for state in rules.UNDECIDED | rules.IN_FORCE]
    return not await fetch("SELECT 1 FROM certification WHERE renews = $1 AND state = ANY($2)", case.id, open_states)


async def case(actor: Actor, certification_id: UUID, at: datetime, *, lock: bool = False) -> Case:
    """A case the actor may see, or NotFound; `lock` keeps everybody else from it until the verb is over."""
    scope = visible_to(actor)
    rows = await fetch(
        f"SELECT c.* FROM certification c WHERE c.id = $1 AND {scope.where(2)}{' FOR UPDATE OF c' if lock else ''}",
        certification_id,
        *scope.args,
    )
    if not rows:
        raise NotFound("certification-not-found")
    return await case_of(rows[0], at)


async def cases(
    actor: Actor, at: datetime, states: Collection[State] = (), text: str = "", limit: int = 200, offset: int = 0
) -> list[Case]:
    """Cases in these states (all of them when none is named), the longest waiting first. Expired is by its date."""
    scope = visible_to(actor)
    rows = await fetch(
        f"SELECT c.* FROM certification c WHERE {scope.where(6)} AND ($1::text[] = '{{}}' OR CASE"
        "  WHEN c.state IN ('granted', 'suspended') AND c.valid_until <= $5 THEN 'expired' ELSE c.state END = ANY($1))"
        " AND ($2 = '' OR c.name ILIKE '%' || $2 || '%' OR c.number ILIKE '%' || $2 || '%')"
        " ORDER BY c.moved_at, c.id LIMIT $3 OFFSET $4",
        [str(state) for state in states],
        text,
        limit,
        offset,
        at,
        *scope.args,
    )
    return [await case_of(row, at) for row in rows]


async def waiting(actor: Actor, states: Collection[State]) -> int:
    """How many cases in these states wait for this actor: those it may see and did not evaluate itself."""
    scope = visible_to(actor)
    (row,) = await fetch(
        f"SELECT count(*)::int AS n FROM certification c WHERE c.state = ANY($1) AND {scope.where(2)} AND ("
        " c.state NOT IN ('evaluated', 'reviewed') OR NOT EXISTS"
        " (SELECT FROM assignment a WHERE a.certification = c.id AND a.person = $6))",
        [str(state) for state in states],
        *scope.args,
        actor.id,
    )
    return int(row["n"])


async def case_of(row: dict[str, Any], at: datetime) -> Case:
    """A row of the table as it stands at an instant. For this room and those above it."""
    asked = await parameters(row["scheme_version"])
    standing = rules.standing(
        State(row["state"]), row["valid_until"], at, row["heard_at"] or row["moved_at"], asked.silence_days,
        self_assessed=row["self_assessed_at"] is not None or not asked.self_assessment,
    )  # fmt: skip
    values = {name: row[name] for name in Case.__struct_fields__ if name != "standing"}
    return msgspec.convert(values | {"standing": standing}, Case)


async def standing(certification_id: UUID, at: datetime) -> State:
    """The state of a case that holds at an instant from now on. For this room and those above it."""
    (row,) = await fetch("SELECT * FROM certification WHERE id = $1", certification_id)
    return (await case_of(row, at)).standing


async def scope(certification_id: UUID, at: datetime | None = None) -> list[ScopeUnit]:
    """The units of a case. For other rooms, which have said who may see them; `at` is when `standing` is told for."""
    (row,) = await fetch("SELECT * FROM certification WHERE id = $1", certification_id)
    state = (await case_of(row, at)).standing if at else State(row["state"])
    return [_unit(unit, state) for unit in await file.scope_rows("s.certification = $1", certification_id)]


async def units_seen(actor: Actor, case: Case, at: datetime) -> list[ScopeUnit]:
    """Those this actor may read: a member of a group finds itself there, and no other member."""
    seen, units = visible_to(actor), await scope(case.id, at)
    own = [unit for unit in units if unit.client in seen.clients]
    whole = seen.everything or case.association in seen.associations or case.client in seen.clients
    return units if whole or not own else own


def _unit(row: dict[str, Any], case_state: State) -> ScopeUnit:
    standing = rules.unit_standing(case_state, UnitState(row["state"]))
    values = {name: row[name] for name in ScopeUnit.__struct_fields__ if name != "standing"}
    return msgspec.convert(values | {"standing": standing}, ScopeUnit)


async def facts(client_ids: Iterable[UUID], at: datetime, scheme: str = SCHEME) -> dict[UUID, Facts]:
    """What each of these businesses can show for its newest case, or before one. A constant number of queries.

    For other rooms, which have said who may see them.
    """
    wanted = list(client_ids)
    current = await schemes.current(scheme, at)
    rows = await fetch(
        "SELECT DISTINCT ON (s.client) s.client AS of_client, c.* FROM scope_unit s"
        " JOIN certification c ON c.id = s.certification WHERE s.client = ANY($1::uuid[]) AND c.scheme = $2"
        " AND s.state <> 'ended'"
        " ORDER BY s.client, (c.state = ANY($3)) DESC, c.applied_at DESC, c.id",
        wanted,
        scheme,
        [str(state) for state in rules.UNDECIDED | rules.IN_FORCE],
    )
    newest = {row["of_client"]: await case_of(row, at) for row in rows}
    ids = {case.id for case in newest.values()}
    evaluated = await file.evaluations(ids)
    units = defaultdict(list)
    for row in await file.scope_rows(
        "s.certification = ANY($1::uuid[]) AND s.client = ANY($2::uuid[]) AND s.state <> 'ended'", list(ids), wanted
    ):
        units[row["client"], row["certification"]].append(row)
    members = await _members(wanted, at, current)
    return {
        client: _facts(
            case, current, await schemes.version(case.scheme_version) if case else current, evaluated, at,
            members[client], [_fact(row, members[client]) for row in units[client, case.id]] if case else [],
        )
        for client, case in ((client, newest.get(client)) for client in wanted)
    }  # fmt: skip


async def facts_of(case: Case, at: datetime) -> Facts:
    """What a case can show: its holder's facts, or those of all units of a group."""
    version = await schemes.version(case.scheme_version)
    rows = await file.scope_rows("s.certification = $1 AND s.state <> 'ended'", case.id)
    members = await _members({row["client"] for row in rows}, at, version)
    units = [_fact(row, members[row["client"]]) for row in rows]
    member = members[case.client] if case.kind is Kind.SINGLE and case.client else None
    return _facts(case, version, version, await file.evaluations([case.id]), at, member, units)


async def extension(case: Case, unit_ids: Collection[UUID], at: datetime) -> dict[str, Any]:
    """What the guards of an extension look at: what the new units lack, how much it grows, who looked at them.

    A group's own check and a reviewer's proposal are what looks at a new member; a single business is visited anew.
    """
    asked, known = await parameters(case.scheme_version), await facts_of(case, at)
    new = tuple(unit for unit in known.units if unit.id in set(unit_ids))
    single = case.kind is Kind.SINGLE
    needs = [one for unit in new for one in rules.unit_lacking(unit, known, asked)] if not single else []
    (seen,) = await fetch(
        "SELECT coalesce(max(e.recorded_at), '-infinity') AS evaluated, EXISTS (SELECT FROM evaluation n JOIN review r"
        "  ON r.evaluation = n.id AND r.recommendation = 'grant' WHERE n.certification = $1 AND n.recorded_at >= ("
        "  SELECT max(taken_at) FROM step WHERE certification = $1 AND act = 'ask_extension' AND units && $2::uuid[]))"
        "  AS visited,"
        " EXISTS (SELECT FROM proposal p JOIN role_held h ON h.account = p.proposed_by AND h.role = 'reviewer'"
        "  WHERE p.certification = $1 AND p.act = 'extend' AND p.ended_at IS NULL"
        "  AND p.units @> $2::uuid[]) AS proposed FROM evaluation e WHERE e.certification = $1",
        case.id, list(unit_ids),
    )  # fmt: skip
    (grown,) = await fetch(
        "SELECT count(*) FILTER (WHERE s.state = 'covered')::int AS covered,"
        " (SELECT coalesce(sum(cardinality(d.units)), 0)::int FROM decision d WHERE d.certification = $1"
        "  AND d.act = 'extend' AND d.decided_at > $2) AS added"
        " FROM scope_unit s WHERE s.certification = $1",
        case.id, seen["evaluated"],
    )  # fmt: skip
    return {
        "lacking": tuple(needs),
        "reviewed": bool(seen["visited"] if single else seen["visited"] or seen["proposed"]),
        "added": grown["added"] + len(new),
        "growth_limit": None if single else guards.growth_limit(grown["covered"] - grown["added"], asked),
    }


async def lacking(client_ids: Iterable[UUID], at: datetime, scheme: str = SCHEME) -> dict[UUID, list[Requirement]]:
    """What each of these businesses still needs for a seal."""
    found = await facts(client_ids, at, scheme)
    asked = {version: await parameters(version) for version in {one.version for one in found.values()}}
    return {client: rules.missing(one, asked[one.version]) for client, one in found.items()}


async def _members(client_ids: Collection[UUID], at: datetime, version: Version) -> dict[UUID, Member]:
    signed = await commitments.current(client_ids, at)
    covered = await training.coverage(client_ids, at, version)
    return {
        client: Member(
            signed=signed[client].scheme_version if client in signed else None,
            roster=covered[client].total if client in covered else 0,
            trained=covered[client].valid if client in covered else 0,
            critical=covered[client].critical_total if client in covered else 0,
            critical_trained=covered[client].critical_valid if client in covered else 0,
        )
        for client in client_ids
    }


def _fact(row: dict[str, Any], member: Member) -> Unit:
    in_force = row["state"] in (UnitState.PENDING, UnitState.COVERED)
    return Unit(row["unit_id"], member, row["checked_on"], row["passed"], in_force)


def _facts(
    case: Case | None,
    current: Version,
    version: Version,
    evaluated: dict[UUID, EvaluationView],
    at: datetime,
    member: Member | None,
    units: Sequence[Unit],
) -> Facts:
    """A case that is over counts for nothing: its business stands where it stood before it applied."""
    open_case = case if case and case.standing not in rules.FINAL else None
    if open_case is None:
        criteria = tuple(one.id for one in current.criteria if not one.group_only)
        return Facts(current.id, criteria, on=day_of(at, "UTC"), member=member)
    evaluation = evaluated.get(open_case.id)
    return Facts(
        version=version.id,
        criteria=tuple(one.id for one in version.criteria if open_case.kind is Kind.GROUP or not one.group_only),
        kind=open_case.kind,
        on=day_of(at, open_case.zone),
        applied=True,
        accepted=open_case.standing in rules.ACCEPTED,
        self_assessment_due=open_case.standing in rules.BEFORE_PLANNING
        and open_case.self_assessed_at is None
        and Parameters.of(version.parameters).self_assessment,
        member=member,
        units=tuple(units),
        evaluation=evaluation.facts if evaluation else None,
        reviewed=evaluation is not None and evaluation.reviewed,
        granted=open_case.standing in rules.IN_FORCE,
        renewal=open_case.occasion is Occasion.RENEWAL,
    )
