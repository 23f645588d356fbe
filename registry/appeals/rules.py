"""The life of an appeal (ISO/IEC 17065, 7.13): states, acts, clock, who may sit, when a panel has ruled. Pure."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from registry.certification.impartiality import Bond, Tie
from registry.core.calendar import add_months, working_days_after
from registry.core.errors import Conflict, Forbidden, Invalid


class State(StrEnum):
    """Where an appeal stands, named so that one knows who acts next."""

    LODGED = "lodged"
    ACKNOWLEDGED = "acknowledged"
    SEATED = "seated"
    TO_CARRY_OUT = "to_carry_out"
    CLOSED = "closed"


class Act(StrEnum):
    LODGE = "lodge"
    ACKNOWLEDGE = "acknowledge"
    SEAT = "seat"
    DECLARE = "declare"
    STAY = "stay"
    LIFT = "lift"
    PROPOSE = "propose"
    VOTE = "vote"
    UPHOLD = "uphold"
    UPHOLD_PARTLY = "uphold_partly"
    DISMISS = "dismiss"
    CARRY_OUT = "carry_out"
    WITHDRAW = "withdraw"


class Outcome(StrEnum):
    UPHELD = "upheld"
    PARTLY = "partly"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"

    @property
    def act(self) -> Act:
        """What it does to the appeal."""
        return _RULED[self]


_RULED = {
    Outcome.UPHELD: Act.UPHOLD,
    Outcome.PARTLY: Act.UPHOLD_PARTLY,
    Outcome.DISMISSED: Act.DISMISS,
    Outcome.WITHDRAWN: Act.WITHDRAW,
}
RULINGS = (Outcome.UPHELD, Outcome.PARTLY, Outcome.DISMISSED)

S, A = State, Act
AFTER: dict[tuple[State, Act], State] = {
    (S.LODGED, A.ACKNOWLEDGE): S.ACKNOWLEDGED,
    (S.ACKNOWLEDGED, A.SEAT): S.SEATED,
    (S.SEATED, A.SEAT): S.SEATED,  # until the panel has ruled, a member can be replaced
    (S.SEATED, A.DECLARE): S.SEATED,
    (S.SEATED, A.STAY): S.SEATED,
    (S.SEATED, A.LIFT): S.SEATED,
    (S.SEATED, A.PROPOSE): S.SEATED,
    (S.SEATED, A.VOTE): S.SEATED,
    (S.SEATED, A.UPHOLD): S.TO_CARRY_OUT,
    (S.SEATED, A.UPHOLD_PARTLY): S.TO_CARRY_OUT,
    (S.SEATED, A.DISMISS): S.CLOSED,
    (S.SEATED, A.CARRY_OUT): S.SEATED,  # of a stay
    (S.TO_CARRY_OUT, A.CARRY_OUT): S.CLOSED,
    **{(state, A.WITHDRAW): S.CLOSED for state in (S.LODGED, S.ACKNOWLEDGED, S.SEATED)},
}
OPEN = frozenset(State) - {S.CLOSED}
APPEALABLE = frozenset({"refuse", "suspend", "confirm", "withdraw", "reduce"})
"""Decisions that take something from a holder. Any of them, by the name it has in certification."""


def after(state: State, act: Act) -> State:
    """The state an act leads to, or a Conflict."""
    try:
        return AFTER[state, act]
    except KeyError:
        raise Conflict("appeal-act-not-possible", state=state, act=act) from None


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a scheme version leaves to its owner, as far as it is ours; the values here are those of domain.md."""

    appeal_days: int = 30
    appeal_acknowledge_days: int = 5
    """Working days."""
    appeal_ruling_days: int = 60
    appeal_panel: int = 3
    tie_months: int = 24

    @classmethod
    def of(cls, given: object) -> "Terms":
        """Ours out of a scheme version's parameters; what other rooms read is left alone."""
        return msgspec.convert(given, cls, from_attributes=True)


class Clock(msgspec.Struct, frozen=True):
    """The last days on which the registry keeps its word. The appellant reads the same ones."""

    acknowledge_by: date
    rule_by: date


def clock(lodged_on: date, terms: Terms, country: str) -> Clock:
    """Acknowledged within so many working days where the holder is, ruled within so many days."""
    return Clock(
        working_days_after(lodged_on, terms.appeal_acknowledge_days, country),
        lodged_on + timedelta(days=terms.appeal_ruling_days),
    )


def appealable(act: str, decided_on: date, today: date, terms: Terms, *, repeats: bool = False) -> None:
    """Raise Conflict unless this decision may still be appealed against. The last day counts whole.

    What only repeats an earlier one is no new decision: its appeal was, or is, against that one.
    """
    if act not in APPEALABLE or repeats:
        raise Conflict("decision-not-appealable")
    last = decided_on + timedelta(days=terms.appeal_days)
    if today > last:
        raise Conflict("appeal-too-late", last=last, days=terms.appeal_days)


class Obstacle(msgspec.Struct, frozen=True):
    """Why somebody may not sit. The sentence is `problem:<code>`; `ends_on` is the first day it no longer stands."""

    code: str
    ends_on: date | None = None


def obstacles(
    person: UUID, touched: Collection[UUID], holders: Collection[UUID], ties: Iterable[Tie], on: date, tie_months: int
) -> list[Obstacle]:
    """All that keeps a person from hearing an appeal: any part in the case, whatever it was (I1, I2), speaking for the
    holder, or a tie of the last two years. Unlike for a visit, having evaluated the holder before is one of them."""
    found = [Obstacle("panel-touched-this-case")] if person in touched else []
    if person in holders:
        found.append(Obstacle("panel-is-party"))
    for tie in ties:
        if tie.bond is Bond.HEARD:  # having sat on a panel about it keeps from every other part, not from this one
            continue
        ends_on = add_months(tie.until, tie_months) if tie.until else None
        if ends_on is None or on < ends_on:
            found.append(Obstacle(f"tied-{tie.bond}", ends_on))
    return found


def hears(seated: Collection[UUID], person: UUID, declared: Collection[UUID], *, declaring: bool = False) -> None:
    """Raise Forbidden unless this person sits on the panel and has declared to have no interest in the case."""
    if person not in seated:
        raise Forbidden("not-on-this-panel")
    if not declaring and person not in declared:
        raise Forbidden("panel-not-declared")


def seatable(panel: Collection[UUID], chair: UUID | None, size: int) -> None:
    """Raise Invalid unless a panel has its size and is led by one of its members."""
    if len(set(panel)) != size or len(set(panel)) != len(panel):
        raise Invalid("panel-size", fields={"panel": "panel-size"}, size=size)
    if chair not in panel:
        raise Invalid("chair-not-on-panel", fields={"chair": "chair-not-on-panel"})


class Count(StrEnum):
    """How the votes on a proposed ruling stand."""

    WAITING = "waiting"
    CARRIED = "carried"
    LOST = "lost"


def counted(votes: Collection[bool], size: int) -> Count:
    """A majority of the whole panel rules; one that cannot be reached any more sets the proposal aside."""
    need = size // 2 + 1
    if sum(votes) >= need:
        return Count.CARRIED
    return Count.LOST if size - (len(votes) - sum(votes)) < need else Count.WAITING


SHORTEST, LONGEST = 10, 8000


def reasoned(text: str, field: str = "reason") -> str:
    """The words of an appeal, a ruling or an act, trimmed; Invalid when they say nothing, or too much."""
    words = "".join(sign for sign in text.replace("\r\n", "\n") if sign in "\n\t" or sign.isprintable()).strip()
    if len(words) < SHORTEST:
        raise Invalid("words-too-few", fields={field: "words-too-few"}, least=SHORTEST)
    if len(words) > LONGEST:
        raise Invalid("words-too-many", fields={field: "words-too-many"}, most=LONGEST)
    return words
