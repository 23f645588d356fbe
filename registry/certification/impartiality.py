"""Who may not touch a case, and why (ISO/IEC 17065, 4.2, 7.5.1, 7.6.2; invariants I1 to I3 of the domain).

Roles say what somebody may *ever* do (access/permissions.py); this says whether they may do it *here*. No role lifts
it: there is no override for administrators, and a person who holds two roles is one person.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from registry.core.calendar import add_months
from registry.core.errors import Forbidden, Invalid


class Bond(StrEnum):
    """What ties a person to an organisation."""

    EVALUATED = "evaluated"
    TRAINED = "trained"
    EMPLOYED = "employed"
    CONSULTED = "consulted"
    ASSOCIATION = "association"
    INSPECTED = "inspected"
    RELATED = "related"
    COMPETES = "competes"
    HEARD = "heard"


DECLARABLE = (Bond.EMPLOYED, Bond.CONSULTED, Bond.TRAINED, Bond.ASSOCIATION, Bond.RELATED, Bond.COMPETES)
"""What a person can tell us about themselves; the others we know from what they did here."""


class Part(StrEnum):
    """What somebody is about to do in a case."""

    EVALUATE = "evaluate"
    REVIEW = "review"
    DECIDE = "decide"


class Tie(msgspec.Struct, frozen=True):
    """A person's tie to the holder of a case or to its association. No `until` means it still lasts."""

    bond: Bond
    organisation: UUID
    since: date
    until: date | None = None


class Obstacle(msgspec.Struct, frozen=True):
    """Why somebody may not. The sentence is `problem:<code>`; `ends_on` is the first day it no longer stands."""

    code: str
    bond: Bond
    ends_on: date | None = None


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """What the holder of a case says against people of its team, once, and what it was answered."""

    persons: tuple[UUID, ...]
    reason: str
    name: str
    objected_at: datetime
    upheld: bool | None
    answer: str
    answerer: str
    answered_at: datetime | None


def obstacles(
    person: UUID, part: Part, team: frozenset[UUID], ties: Iterable[Tie], on: date, tie_months: int,
    judges: frozenset[UUID] = frozenset(), objected: frozenset[UUID] = frozenset(),
) -> list[Obstacle]:  # fmt: skip
    """Everything that keeps a person from a part in a case on a day; empty means nothing does.

    `team`: who evaluates this case; `judges`: who reviewed it or decided about it, which counts as long as it lasts;
    `objected`: whom its holder objected to, with reasons that an officer shared.
    Who evaluated a holder before may evaluate it again, and may not review or decide it. 17065 speaks of a period
    "specified by the certification body"; ours is the scheme's `tie_months`, counted from the tie's end.
    """
    found = []
    if part is not Part.EVALUATE and person in team:
        found.append(Obstacle(f"{_NAMES[part]}-evaluated-this-case", Bond.EVALUATED))
    if part is Part.EVALUATE and person in judges:
        found.append(Obstacle("auditor-judged-this-case", Bond.EVALUATED))
    if part is Part.EVALUATE and person in objected:
        found.append(Obstacle("auditor-objected-to", Bond.EVALUATED))
    for tie in ties:
        if tie.bond is Bond.EVALUATED and part is Part.EVALUATE:
            continue
        ends_on = add_months(tie.until, tie_months) if tie.until else None
        if ends_on is None or on < ends_on:
            found.append(Obstacle(f"tied-{tie.bond}", tie.bond, ends_on))
    return found


def impartial(person: UUID, part: Part, team: frozenset[UUID], ties: Iterable[Tie], on: date, tie_months: int) -> None:
    """Raise Forbidden with the first obstacle. Reviewer and decider may be the same person (7.6.2)."""
    for obstacle in obstacles(person, part, team, ties, on, tie_months):
        raise Forbidden(obstacle.code, ends_on=obstacle.ends_on)


def declarable(bond: Bond, since: date, until: date | None, today: date, lasting_from: date | None) -> None:
    """Raise Invalid unless a declared tie makes sense.

    `lasting_from` is when the same tie was last entered as still lasting: it cannot be ended before that day, or a new
    entry would lift an old tie by writing history.
    """
    if bond not in DECLARABLE:
        raise Invalid("tie-not-declarable", fields={"bond": "tie-not-declarable"})
    if since > today:
        raise Invalid("tie-in-future", fields={"since": "tie-in-future"})
    if until and (until < since or until > today or (lasting_from and until < lasting_from)):
        raise Invalid("tie-end-not-possible", fields={"until": "tie-end-not-possible"})


_NAMES = {Part.REVIEW: "reviewer", Part.DECIDE: "decider", Part.EVALUATE: "auditor"}
