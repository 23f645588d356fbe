"""The life of a case (ISO/IEC 17065, 7.2 to 7.11): states, acts and what follows. Pure: no database, clock or request.

What a seal needs is `missing`, said in requirements.py; who may not touch a case is impartiality.py.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from registry.certification.facts import Evaluated, Facts, Grade, Kind, Parameters, Who
from registry.certification.requirements import missing as missing  # other rooms say rules.missing
from registry.certification.requirements import ready as ready
from registry.certification.requirements import score as score
from registry.certification.requirements import settled
from registry.core.errors import Conflict, Invalid


class State(StrEnum):
    """Where a case stands, named so that one knows who acts next."""

    APPLIED = "applied"
    RETURNED = "returned"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    ACCEPTED = "accepted"
    PLANNED = "planned"
    IN_EVALUATION = "in_evaluation"
    CORRECTIONS_OPEN = "corrections_open"
    EVALUATED = "evaluated"
    REVIEWED = "reviewed"
    GRANTED = "granted"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # computed by standing(), never stored
    LAPSED = "lapsed"  # computed by standing(); stored when a new application takes its place


class Act(StrEnum):
    """What can be done to a case."""

    APPLY = "apply"  # the first step of every case; it has no state before it
    RETURN = "return"
    COMPLETE = "complete"
    CANCEL = "cancel"
    ACCEPT = "accept"
    DECLINE = "decline"
    PLAN = "plan"
    BEGIN = "begin"
    OPEN_CORRECTIONS = "open_corrections"
    REPORT = "report"
    REVIEW = "review"
    REOPEN = "reopen"  # the reviewer sends it back to the team
    GRANT = "grant"
    REFUSE = "refuse"
    SEND_BACK = "send_back"  # the decider sends it back to review
    SURVEY = "survey"  # an evaluation of a certificate in force (7.9)
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


S, A = State, Act
AFTER: dict[tuple[State, Act], State] = {
    (S.APPLIED, A.RETURN): S.RETURNED,
    (S.RETURNED, A.COMPLETE): S.APPLIED,
    (S.APPLIED, A.ACCEPT): S.ACCEPTED,
    (S.APPLIED, A.DECLINE): S.DECLINED,
    (S.ACCEPTED, A.PLAN): S.PLANNED,
    (S.PLANNED, A.PLAN): S.PLANNED,  # a team can change until it begins
    (S.PLANNED, A.BEGIN): S.IN_EVALUATION,
    (S.IN_EVALUATION, A.OPEN_CORRECTIONS): S.CORRECTIONS_OPEN,
    (S.IN_EVALUATION, A.REPORT): S.EVALUATED,
    (S.CORRECTIONS_OPEN, A.OPEN_CORRECTIONS): S.CORRECTIONS_OPEN,
    (S.CORRECTIONS_OPEN, A.REPORT): S.EVALUATED,
    (S.EVALUATED, A.REVIEW): S.REVIEWED,
    (S.EVALUATED, A.REOPEN): S.IN_EVALUATION,
    (S.REVIEWED, A.SEND_BACK): S.EVALUATED,
    (S.REVIEWED, A.GRANT): S.GRANTED,
    (S.REVIEWED, A.REFUSE): S.REFUSED,
    (S.GRANTED, A.SURVEY): S.GRANTED,
    (S.SUSPENDED, A.SURVEY): S.SUSPENDED,
    (S.GRANTED, A.REVIEW): S.GRANTED,  # of such an evaluation
    (S.SUSPENDED, A.REVIEW): S.SUSPENDED,
    (S.GRANTED, A.SUSPEND): S.SUSPENDED,
    (S.SUSPENDED, A.REINSTATE): S.GRANTED,
    (S.GRANTED, A.WITHDRAW): S.WITHDRAWN,
    (S.SUSPENDED, A.WITHDRAW): S.WITHDRAWN,
    (S.RETURNED, A.LAPSE): S.LAPSED,
    (S.CORRECTIONS_OPEN, A.LAPSE): S.LAPSED,
    **{
        (state, A.CANCEL): S.CANCELLED
        for state in (
            S.APPLIED, S.RETURNED, S.ACCEPTED, S.PLANNED, S.IN_EVALUATION, S.CORRECTIONS_OPEN, S.EVALUATED, S.REVIEWED,
        )
    },
}  # fmt: skip

WAITS_FOR: dict[State, Who] = {
    S.APPLIED: Who.OFFICER,
    S.RETURNED: Who.REPRESENTATIVE,
    S.ACCEPTED: Who.OFFICER,
    S.PLANNED: Who.AUDITOR,
    S.IN_EVALUATION: Who.AUDITOR,
    S.CORRECTIONS_OPEN: Who.REPRESENTATIVE,
    S.EVALUATED: Who.REVIEWER,
    S.REVIEWED: Who.DECIDER,
}
UNDECIDED = frozenset(WAITS_FOR)
"""Open cases: a unit stands in at most one of them for a scheme."""
IN_FORCE = frozenset({S.GRANTED, S.SUSPENDED})
FINAL = frozenset({S.DECLINED, S.CANCELLED, S.LAPSED, S.REFUSED, S.WITHDRAWN, S.EXPIRED})
ACCEPTED = UNDECIDED - {S.APPLIED, S.RETURNED} | IN_FORCE
"""The application was found complete (7.3)."""


class UnitState(StrEnum):
    """Where one unit of a case stands by itself. Its seal says the case's state times this one."""

    PENDING = "pending"
    COVERED = "covered"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


UNIT_AFTER: dict[tuple[UnitState, Act], UnitState] = {
    (UnitState.PENDING, A.GRANT): UnitState.COVERED,
    (UnitState.COVERED, A.SUSPEND): UnitState.SUSPENDED,
    (UnitState.SUSPENDED, A.REINSTATE): UnitState.COVERED,
    (UnitState.COVERED, A.WITHDRAW): UnitState.WITHDRAWN,
    (UnitState.SUSPENDED, A.WITHDRAW): UnitState.WITHDRAWN,
}


class Decision(StrEnum):
    """What a decider can say about a reviewed case (7.6)."""

    GRANT = "grant"
    REFUSE = "refuse"
    RETURN = "return"

    @property
    def act(self) -> Act:
        """What it does to the case."""
        return Act.SEND_BACK if self is Decision.RETURN else Act(self.value)


class Recommendation(StrEnum):
    """What a team or a reviewer advises."""

    GRANT = "grant"
    REFUSE = "refuse"
    RETURN = "return"


class Method(StrEnum):
    """How a team evaluates (ISO 19011 leaves it open; each case says which)."""

    ON_SITE = "on_site"
    REMOTE = "remote"
    MIXED = "mixed"


def after(state: State, act: Act) -> State:
    """The state an act leads to, or a Conflict naming what was possible instead."""
    try:
        return AFTER[state, act]
    except KeyError:
        raise Conflict("act-not-possible", state=state, act=act, possible=possible(state)) from None


def unit_after(state: UnitState, act: Act) -> UnitState:
    """The state an act on one unit leads to, or a Conflict."""
    try:
        return UNIT_AFTER[state, act]
    except KeyError:
        raise Conflict("unit-act-not-possible", state=state, act=act) from None


def possible(state: State) -> list[Act]:
    """The acts a state allows at all, in the order of the table."""
    return [act for (before, act) in AFTER if before is state]


def standing(
    state: State, valid_until: datetime | None, at: datetime, moved_at: datetime | None = None, silence_days: int = 180
) -> State:
    """The state that holds at an instant: expiry and lapse need no job to have run.

    7.9 leaves the length of validity to the scheme. `valid_until` is the first instant that is no longer covered.
    """
    if state in IN_FORCE and valid_until is not None and at >= valid_until:
        return State.EXPIRED
    silent = state in (State.RETURNED, State.CORRECTIONS_OPEN)
    if silent and moved_at is not None and at >= moved_at + timedelta(days=silence_days):
        return State.LAPSED
    return state


def unit_standing(case: State, unit: UnitState) -> State:
    """What one seal says: the case's state, unless the unit's own is worse."""
    if case not in IN_FORCE or unit is UnitState.COVERED:
        return case
    if unit is UnitState.SUSPENDED:
        return State.SUSPENDED
    return State.WITHDRAWN if unit is UnitState.WITHDRAWN else State.REFUSED


def outcome(evaluated: Evaluated, refusal_advised: bool = False) -> Act:
    """Whether an evaluation goes to review or waits for corrections.

    Zero findings go straight to review. So does a case the team advises to refuse: no plan buys time for it, and the
    business keeps its right to a reasoned refusal.
    """
    waits = any(finding.grade is not Grade.OBSERVATION and not settled(finding) for finding in evaluated.findings)
    return Act.OPEN_CORRECTIONS if waits and not refusal_advised else Act.REPORT


def grantable(facts: Facts, parameters: Parameters) -> None:
    """Raise Conflict with the exact list of what still stands in the way of a grant."""
    lacking = [requirement for requirement in missing(facts, parameters) if requirement.blocks]
    if lacking:
        raise Conflict("requirements-missing", missing=lacking, count=len(lacking))


def reasoned(reason: str, field: str = "reason") -> str:
    """The reason, trimmed. Every act that changes what a person may do says why, in words somebody else can follow."""
    words = " ".join(reason.split())
    if len(words) < SHORTEST_REASON:
        raise Invalid("reason-too-short", fields={field: "reason-too-short"}, least=SHORTEST_REASON)
    if len(words) > LONGEST_REASON:
        raise Invalid("reason-too-long", fields={field: "reason-too-long"}, most=LONGEST_REASON)
    return reason.strip()


def staffed(team: Collection[UUID], lead: UUID, auditors: Collection[UUID]) -> None:
    """Raise Invalid unless a team is somebody, all of them auditors, and led by one of them."""
    if not team or not set(team) <= set(auditors):
        raise Invalid("team-missing", fields={"team": "team-missing"})
    if lead not in team:
        raise Invalid("lead-not-on-team", fields={"lead": "lead-not-on-team"})


def checkable(kind: Kind, state: State, in_scope: bool, days: Collection[date | None], today: date) -> None:
    """Raise unless these internal checks are of units of a living group case, and none lies in the future."""
    if kind is not Kind.GROUP or state in FINAL:
        raise Conflict("checks-not-possible", state=state)
    if not in_scope or not days:
        raise Invalid("unit-not-in-scope", fields={"unit_ids": "unit-not-in-scope"})
    if any(day and day > today for day in days):
        raise Invalid("check-in-future", fields={"checked_on": "check-in-future"})


def belongs(
    case_version: UUID,
    version: UUID,
    team: Collection[UUID],
    evaluators: Collection[UUID],
    units: Collection[UUID],
    sample: Collection[UUID],
) -> None:
    """Raise Invalid unless an evaluation is of this case: its criteria (I4), its team, its units."""
    if version != case_version:
        raise Invalid("evaluation-of-other-version")
    if not evaluators or not set(evaluators) <= set(team):
        raise Invalid("evaluator-not-assigned")
    if not set(sample) <= set(units):
        raise Invalid("unit-not-in-scope")


SHORTEST_REASON, LONGEST_REASON = 10, 4000

GROUP_KINDS = frozenset({"taxi", "waterway"})
"""Businesses that may always go in a group; lodging only while it is small. Everybody else goes one by one."""


def suits(kind: Kind, client_kind: str, rooms: int | None, parameters: Parameters) -> None:
    """Raise Invalid when a unit may not go in a group (domain.md 3: each larger building and its team differ)."""
    small = client_kind == "lodging" and rooms is not None and rooms <= parameters.micro_lodging_rooms
    if kind is Kind.GROUP and client_kind not in GROUP_KINDS and not small:
        raise Invalid("unit-not-for-group", rooms=parameters.micro_lodging_rooms)
