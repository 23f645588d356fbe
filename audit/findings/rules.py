"""What a finding may become, when it is due and who may close it. Pure: no database, clock or request.

ISO/IEC 17065, 7.4.6-7.4.8 and ISO 19011, 6.4.8 name findings and leave grades and terms to the scheme; ours are the
scheme version's parameters (a major: plan in 14 days, closed in 60; a minor: 30 and 90; an observation owes nothing).
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from registry.certification.facts import Grade, Mending
from registry.core.errors import Conflict, Forbidden, Invalid


class State(StrEnum):
    """Who acts next: raised, planned and reopened wait for the client, answered waits for the evaluator."""

    RAISED = "raised"
    ANSWERED = "answered"
    PLANNED = "planned"
    REOPENED = "reopened"
    VERIFIED = "verified"
    DROPPED = "dropped"


class Act(StrEnum):
    """What may happen to a finding."""

    ANSWER = "answer"
    ACCEPT = "accept"
    VERIFY = "verify"
    REOPEN = "reopen"
    DROP = "drop"


AFTER: dict[tuple[State, Act], State] = {
    (State.RAISED, Act.ANSWER): State.ANSWERED,
    (State.REOPENED, Act.ANSWER): State.ANSWERED,
    # A better answer before anybody verified the first one is added beside it; nothing is overwritten.
    (State.ANSWERED, Act.ANSWER): State.ANSWERED,
    # The plan is good and has still to be carried out; its proof comes as one more answer, or is seen on the spot.
    (State.ANSWERED, Act.ACCEPT): State.PLANNED,
    (State.PLANNED, Act.ANSWER): State.ANSWERED,
    (State.PLANNED, Act.VERIFY): State.VERIFIED,
    (State.PLANNED, Act.REOPEN): State.REOPENED,
    (State.ANSWERED, Act.VERIFY): State.VERIFIED,
    (State.ANSWERED, Act.REOPEN): State.REOPENED,
    # What was closed may show itself open again at the next look; the count of reopenings tells.
    (State.VERIFIED, Act.REOPEN): State.REOPENED,
    # Only before the closing meeting: the auditor looked again and the answer changed.
    (State.RAISED, Act.DROP): State.DROPPED,
}

MENDING: dict[State, Mending] = {
    State.RAISED: Mending.OPEN,
    State.ANSWERED: Mending.ANSWERED,
    State.PLANNED: Mending.PLANNED,
    State.REOPENED: Mending.OPEN,
    State.VERIFIED: Mending.CLOSED,
}
"""What certification hears of a finding: what the client says changes nothing until an evaluator has looked."""

WAITS_FOR_CLIENT = frozenset({State.RAISED, State.REOPENED})
OPEN = frozenset({State.RAISED, State.ANSWERED, State.PLANNED, State.REOPENED})
OWES_AN_ANSWER = frozenset({Grade.CRITICAL, Grade.MAJOR, Grade.MINOR})

MIN_WORDS = 10
"""Characters of the shortest text that can say what was seen or done; shorter is a shrug, not an answer."""
MAX_WORDS = 4000


class Terms(msgspec.Struct, frozen=True):
    """Days a client has, from the closing meeting: to send a plan and to have it verified."""

    plan_days: int
    close_days: int


class Due(msgspec.Struct, frozen=True):
    """The two dates of a finding; None where no plan is due (observation) or none buys time (critical)."""

    plan_on: date | None = None
    close_on: date | None = None


class Method(StrEnum):
    """How a correction was verified."""

    DOCUMENT = "document"
    PHOTOGRAPH = "photograph"
    REGISTRY = "registry"
    INTERVIEW = "interview"
    VISIT = "visit"


class Plan(msgspec.Struct, frozen=True):
    """The client's answer to a finding, as typed."""

    correction: str
    cause: str
    action: str
    responsible: str
    due_on: date | None
    proof: str = ""
    disagreement: str = ""


def after(state: State, act: Act) -> State:
    """The state an act leads to, or a Conflict that says what the finding is now."""
    try:
        return AFTER[state, act]
    except KeyError:
        raise Conflict(f"finding-not-{act}", state=str(state)) from None


def due(grade: Grade, closed_on: date, terms: Mapping[Grade, Terms]) -> Due:
    """The dates a finding gets at the closing meeting. No terms, or terms of no days (critical), are no dates."""
    given = terms.get(grade)
    if given is None or given.close_days == 0:
        return Due()
    return Due(closed_on + timedelta(days=given.plan_days), closed_on + timedelta(days=given.close_days))


def late(state: State, grade: Grade, dates: Due, today: date) -> bool:
    """Whether the client or the verification is past its date. The plan's date counts only until there is an answer."""
    if grade not in OWES_AN_ANSWER or state not in OPEN:
        return False
    if dates.close_on is not None and today > dates.close_on:
        return True
    return state in WAITS_FOR_CLIENT and dates.plan_on is not None and today > dates.plan_on


def complete(plan: Plan, dates: Due, closed_on: date) -> None:
    """Raise Invalid naming every field that still owes something; an answer is taken whole or not at all."""
    wrong: dict[str, str] = {}
    for field in ("correction", "cause", "action"):
        text = getattr(plan, field).strip()
        if len(text) < MIN_WORDS:
            wrong[field] = f"finding-{field}-short"
        elif len(text) > MAX_WORDS:
            wrong[field] = "text-too-long"
    for field in ("proof", "disagreement"):
        if len(getattr(plan, field)) > MAX_WORDS:
            wrong[field] = "text-too-long"
    if not plan.responsible.strip():
        wrong["responsible"] = "finding-responsible-missing"
    if plan.due_on is None:
        wrong["due_on"] = "finding-date-missing"
    elif dates.close_on is not None and plan.due_on > dates.close_on:
        wrong["due_on"] = "finding-date-late"
    elif plan.due_on < closed_on:
        wrong["due_on"] = "finding-date-early"
    if wrong:
        raise Invalid("finding-answer-incomplete", fields=wrong)


def independent(verifier: UUID, team: Iterable[UUID], answered_by: UUID | None) -> None:
    """Verification is evaluation: by someone of the visit's team, never by the client and never by an officer alone.

    A person may hold several roles; this stops one who is not in the team of this visit, or who wrote the answer.
    """
    if verifier == answered_by:
        raise Forbidden("verifier-wrote-the-answer")
    if verifier not in set(team):
        raise Forbidden("verifier-not-in-team")
