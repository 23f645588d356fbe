"""The life of a case and of its certificate (ISO/IEC 17065, 7.2 to 7.11): states, acts, guards and what follows. Pure.

ROWS is the whole of it, in the order of the way: from which states, what, by whom, under which guards, to which state.
Nothing moves a case but a row; there is no override. What a seal needs is `missing`, said in requirements.py; who may
not touch a case is impartiality.py; each guard is one function of guards.py.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from registry.certification import deadlines
from registry.certification import guards as g
from registry.certification.facts import Evaluated, Grade, Who
from registry.certification.guards import Guard, Situation
from registry.certification.requirements import missing as missing  # other rooms say rules.missing
from registry.certification.requirements import ready as ready
from registry.certification.requirements import score as score
from registry.certification.requirements import settled
from registry.certification.requirements import unit_lacking as unit_lacking
from registry.core.errors import Conflict


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
    SUPERSEDED = "superseded"  # a renewal goes on in its own case
    ENDED = "ended"  # at the holder's wish
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
    SELF_ASSESS = "self_assess"  # what the holder says of itself, before anybody visits
    PLAN = "plan"
    PLAN_ANEW = "plan_anew"  # what was found is too old: a new evaluation
    OBJECT = "object"  # the holder objects to somebody of the team
    KEEP_TEAM = "keep_team"
    CHANGE_TEAM = "change_team"
    BEGIN = "begin"
    OPEN_CORRECTIONS = "open_corrections"
    REPORT = "report"
    REVIEW = "review"
    REOPEN = "reopen"  # the reviewer sends it back to the team
    GRANT = "grant"
    REFUSE = "refuse"
    SEND_BACK = "send_back"  # the decider sends it back to review
    SURVEY = "survey"  # an evaluation of a certificate in force (7.9)
    WATCH = "watch"  # a year's surveillance is complete
    PROPOSE = "propose"  # the first of four eyes
    SUSPEND = "suspend"
    CONFIRM = "confirm"  # the second person of an urgent suspension
    LIFT = "lift"  # the same person, who does not confirm it
    VERIFY_CAUSE = "verify_cause"
    ANNUL = "annul"  # because an appeals panel ruled so
    REINSTATE = "reinstate"
    WITHDRAW = "withdraw"
    ASK_EXTENSION = "ask_extension"
    EXTEND = "extend"
    REDUCE = "reduce"
    UNCOVER = "uncover"  # a member left its group, a car was sold: nobody's fault
    SUPERSEDE = "supersede"
    END = "end"
    LAPSE = "lapse"


class Row(NamedTuple):
    """One line of the table: whoever stands in one of `before` may go by `act` to `after` (None: stays there)."""

    before: Collection[State]
    act: Act
    after: State | None
    who: Who
    guards: tuple[Guard, ...] = ()


S, A, W = State, Act, Who
_OPEN = (
    S.APPLIED, S.RETURNED, S.ACCEPTED, S.PLANNED, S.IN_EVALUATION, S.CORRECTIONS_OPEN, S.EVALUATED, S.REVIEWED,
)  # fmt: skip
_HELD = (S.GRANTED, S.SUSPENDED)
_AFTERWARDS = (S.EXPIRED, S.SUPERSEDED, S.ENDED, S.WITHDRAWN, S.REFUSED)
ROWS: tuple[Row, ...] = (
    # The case, to its decision.
    Row((S.APPLIED,), A.RETURN, S.RETURNED, W.OFFICER, (g.reasoned,)),
    Row((S.RETURNED,), A.COMPLETE, S.APPLIED, W.REPRESENTATIVE, (g.holder, g.reasoned)),
    Row((S.APPLIED,), A.ACCEPT, S.ACCEPTED, W.OFFICER),
    # What was sent back may be declined once the days to answer are over.
    Row((S.APPLIED, S.RETURNED), A.DECLINE, S.DECLINED, W.OFFICER, (g.reasoned, g.not_awaited)),
    Row((S.APPLIED, S.RETURNED, S.ACCEPTED, S.PLANNED), A.SELF_ASSESS, None, W.REPRESENTATIVE, (g.itself, g.answered)),
    # A team can change until it begins.
    Row((S.ACCEPTED, S.PLANNED), A.PLAN, S.PLANNED, W.OFFICER, (g.self_assessed, g.unopposed)),
    # Once, with a reason, and answered before anybody visits.
    Row((S.PLANNED,), A.OBJECT, None, W.REPRESENTATIVE, (g.itself, g.reasoned, g.first_objection)),
    Row((S.PLANNED,), A.KEEP_TEAM, None, W.OFFICER, (g.reasoned, g.opposed)),
    Row((S.PLANNED,), A.CHANGE_TEAM, S.ACCEPTED, W.OFFICER, (g.reasoned, g.opposed)),
    Row((S.PLANNED,), A.BEGIN, S.IN_EVALUATION, W.AUDITOR, (g.team, g.unopposed)),
    Row((S.CORRECTIONS_OPEN, S.EVALUATED, S.REVIEWED), A.PLAN_ANEW, S.PLANNED, W.OFFICER, (g.grown_old,)),
    # What is verified after the report is a new version; whoever reviewed the old one looks again.
    Row((S.IN_EVALUATION, S.CORRECTIONS_OPEN, S.EVALUATED, S.REVIEWED), A.OPEN_CORRECTIONS, S.CORRECTIONS_OPEN,
        W.AUDITOR, (g.team,)),
    Row((S.IN_EVALUATION, S.CORRECTIONS_OPEN, S.EVALUATED, S.REVIEWED), A.REPORT, S.EVALUATED, W.AUDITOR, (g.team,)),
    Row((S.EVALUATED,), A.REVIEW, S.REVIEWED, W.REVIEWER, (g.impartial, g.reasoned)),
    Row((S.EVALUATED,), A.REOPEN, S.IN_EVALUATION, W.REVIEWER, (g.impartial, g.reasoned)),
    Row((S.REVIEWED,), A.SEND_BACK, S.EVALUATED, W.DECIDER, (g.impartial, g.reasoned)),
    Row((S.REVIEWED,), A.GRANT, S.GRANTED, W.DECIDER, (g.impartial, g.reasoned, g.complete)),
    Row((S.REVIEWED,), A.REFUSE, S.REFUSED, W.DECIDER, (g.impartial, g.reasoned)),
    Row(_OPEN, A.CANCEL, S.CANCELLED, W.REPRESENTATIVE, (g.holder, g.reasoned)),
    Row((S.RETURNED, S.ACCEPTED, S.CORRECTIONS_OPEN), A.LAPSE, S.LAPSED, W.SYSTEM),
    # The certificate, while it is held.
    # Surveillance, a short-notice visit, what an extension adds.
    Row(_HELD, A.PLAN, None, W.OFFICER, (g.self_assessed, g.unopposed)),
    Row(_HELD, A.BEGIN, None, W.AUDITOR, (g.team, g.unopposed)),
    Row(_HELD, A.SURVEY, None, W.AUDITOR, (g.team,)),
    Row(_HELD, A.REVIEW, None, W.REVIEWER, (g.impartial, g.reasoned)),
    Row((S.GRANTED,), A.WATCH, None, W.REVIEWER, (g.impartial, g.reasoned, g.complete)),
    Row(_HELD, A.PROPOSE, None, W.OFFICER, (g.reasoned,)),
    Row((S.GRANTED,), A.SUSPEND, S.SUSPENDED, W.DECIDER,
        (g.impartial, g.reasoned, g.caused, g.not_held, g.consulted, g.four_eyes)),
    Row((S.SUSPENDED,), A.CONFIRM, None, W.DECIDER, (g.impartial, g.reasoned, g.another)),
    Row((S.SUSPENDED,), A.LIFT, S.GRANTED, W.DECIDER, (g.impartial, g.reasoned, g.another)),
    Row((S.GRANTED, S.SUSPENDED), A.VERIFY_CAUSE, None, W.AUDITOR, (g.team, g.reasoned)),
    Row((S.SUSPENDED,), A.REINSTATE, S.GRANTED, W.DECIDER, (g.impartial, g.reasoned, g.verified)),
    Row(_HELD, A.WITHDRAW, S.WITHDRAWN, W.DECIDER,
        (g.impartial, g.reasoned, g.grave, g.not_held, g.consulted, g.four_eyes)),
    Row((S.SUSPENDED,), A.ANNUL, S.GRANTED, W.DECIDER, (g.impartial, g.reasoned)),
    # Final stays final, and over stays over: the annulment stands beside it.
    Row((S.GRANTED, *_AFTERWARDS), A.ANNUL, None, W.DECIDER, (g.impartial, g.reasoned)),
    Row((S.GRANTED,), A.ASK_EXTENSION, None, W.REPRESENTATIVE, (g.holder, g.reasoned)),
    Row((S.GRANTED,), A.EXTEND, None, W.DECIDER,
        (g.impartial, g.reasoned, g.looked_at, g.complete, g.room_to_grow, g.four_eyes)),
    Row(_HELD, A.REDUCE, None, W.DECIDER, (g.impartial, g.reasoned, g.something_remains, g.not_held, g.four_eyes)),
    Row((*_OPEN, *_HELD), A.UNCOVER, None, W.SYSTEM),
    Row((S.GRANTED,), A.SUPERSEDE, S.SUPERSEDED, W.DECIDER),  # by the grant of its renewal, never alone
    Row((*_HELD, S.EXPIRED), A.END, S.ENDED, W.REPRESENTATIVE, (g.holder, g.reasoned)),
    # What a team verifies when all is over is kept, and moves nothing.
    Row(_AFTERWARDS, A.SURVEY, None, W.AUDITOR, (g.team,)),
)  # fmt: skip

AFTER: dict[tuple[State, Act], State] = {
    (before, row.act): row.after or before for row in ROWS for before in row.before
}  # fmt: skip
GUARDS_OF: dict[Act, tuple[Guard, ...]] = {row.act: row.guards for row in ROWS}
"""The same by act: what is done to single units of a case passes them too."""
DECISIONS = frozenset(
    {A.GRANT, A.REFUSE, A.SUSPEND, A.CONFIRM, A.LIFT, A.REINSTATE, A.WITHDRAW, A.EXTEND, A.REDUCE, A.ANNUL}
)  # fmt: skip
"""Acts that are a decision (7.6): signed by one person, told in a letter, open to an appeal."""

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
BEFORE_PLANNING = frozenset({S.APPLIED, S.RETURNED, S.ACCEPTED})
IN_FORCE = frozenset(_HELD)
FINAL = frozenset(
    {S.DECLINED, S.CANCELLED, S.LAPSED, S.REFUSED, S.WITHDRAWN, S.SUPERSEDED, S.ENDED, S.EXPIRED}
)  # fmt: skip
ACCEPTED = UNDECIDED - {S.APPLIED, S.RETURNED} | IN_FORCE
"""The application was found complete (7.3)."""


class UnitState(StrEnum):
    """Where one unit of a case stands by itself. Its seal says the case's state times this one."""

    PENDING = "pending"
    COVERED = "covered"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"  # no longer covered: by name, at the holder's wish, or because its member left


U = UnitState
UNIT_AFTER: dict[tuple[UnitState, Act], UnitState] = {
    (U.PENDING, A.GRANT): U.COVERED,
    (U.PENDING, A.EXTEND): U.COVERED,
    (U.COVERED, A.SUSPEND): U.SUSPENDED,
    (U.SUSPENDED, A.REINSTATE): U.COVERED,
    (U.SUSPENDED, A.LIFT): U.COVERED,
    (U.SUSPENDED, A.ANNUL): U.COVERED,
    (U.COVERED, A.WITHDRAW): U.WITHDRAWN,
    (U.SUSPENDED, A.WITHDRAW): U.WITHDRAWN,
    # Who comes back is asked for, looked at and decided like the first time; after a withdrawal, when its wait is over.
    (U.ENDED, A.ASK_EXTENSION): U.PENDING,
    (U.WITHDRAWN, A.ASK_EXTENSION): U.PENDING,
    **{(state, act): U.ENDED for state in (U.PENDING, U.COVERED, U.SUSPENDED) for act in (A.REDUCE, A.UNCOVER)},
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


def passed(state: State, act: Act, situation: Situation) -> State:
    """The state an act leads to once every guard of its row let it pass; else the refusal of the first that did not."""
    found = after(state, act)
    guarded(act, situation)
    return found


def guarded(act: Act, situation: Situation) -> None:
    """Raise the first refusal of an act's guards."""
    for guard in GUARDS_OF[act]:
        guard(situation)


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
    state: State,
    valid_until: datetime | None,
    at: datetime,
    heard_at: datetime | None = None,
    silence_days: int = 180,
    *,
    self_assessed: bool = True,
) -> State:
    """The state that holds at an instant: expiry and lapse need no job to have run.

    7.9 leaves the length of validity to the scheme. `valid_until` is the first instant that is no longer covered,
    `heard_at` the last in which anything happened to the case.
    """
    if state in IN_FORCE and valid_until is not None and at >= valid_until:
        return State.EXPIRED
    if silent(state, self_assessed) and heard_at is not None and at >= deadlines.lapses_at(heard_at, silence_days):
        return State.LAPSED
    return state


def silent(state: State, self_assessed: bool) -> bool:
    """Whether a case waits for nobody but its holder, so that silence closes it; what waits for us never lapses."""
    return state in (S.RETURNED, S.CORRECTIONS_OPEN) or (state is S.ACCEPTED and not self_assessed)


def unit_standing(case: State, unit: UnitState) -> State:
    """What one seal says: the case's state, unless the unit's own is worse."""
    if case not in IN_FORCE or unit is UnitState.COVERED:
        return case
    own = {U.SUSPENDED: State.SUSPENDED, U.WITHDRAWN: State.WITHDRAWN, U.ENDED: State.ENDED}
    return own.get(unit, State.REFUSED)


def unit_at(steps: Iterable[tuple[Act, Collection[UUID]]], unit: UUID) -> UnitState:
    """Where a unit stood after these steps of its case (I6). A step that names no unit moved the case, not the unit."""
    state = UnitState.PENDING
    for act, named in steps:
        if unit in named:
            state = UNIT_AFTER.get((state, act), state)
    return state


def given_back(acts: Sequence[tuple[Act, bool]]) -> bool:
    """Whether a suspension is one whose stay gave back what it took, and that nothing has taken again.

    `acts` are those of this one suspension and its repetitions, in order: SUSPEND, or ANNUL with whether it holds only
    for as long as a panel stays it.
    """
    return bool(acts) and acts[-1] == (Act.ANNUL, True)


def outcome(evaluated: Evaluated, refusal_advised: bool = False) -> Act:
    """Whether an evaluation goes to review or waits for corrections.

    Zero findings go straight to review. So does a case the team advises to refuse: no plan buys time for it, and the
    business keeps its right to a reasoned refusal.
    """
    waits = any(finding.grade is not Grade.OBSERVATION and not settled(finding) for finding in evaluated.findings)
    return Act.OPEN_CORRECTIONS if waits and not refusal_advised else Act.REPORT
