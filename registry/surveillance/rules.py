"""What a year between grant and renewal asks, and what is due on a day. Pure.

7.9 leaves shape and interval to the scheme; ours: an annual report, the training of the roster, and a visit where the
risk is more than low or the draw says so. A group is visited every year: its own checks are what is certified.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

import msgspec

from registry.certification.facts import Grade, Kind, Mending, Parameters, Requirement, Who
from registry.certification.sampling import Risk
from registry.core.calendar import add_months
from registry.core.errors import Conflict, Invalid

OPENS_DAYS = 90
"""Days before the anniversary from which a year can be reported and checked."""
NOTICE_DAYS = 30
"""Days in which a change has to be told (domain.md 2)."""
DRAW = b"resguardo-surveillance-1"
"""Named in the draw; a change to it is a new name."""


class ChangeKind(StrEnum):
    """What changed of that which was certified."""

    OWNER = "owner"
    NAME = "name"
    PLATE = "plate"
    PREMISES = "premises"
    ROLES = "roles"


class Ending(StrEnum):
    """What a holder is warned of."""

    VALIDITY = "validity"
    SURVEILLANCE = "surveillance"
    TRAINING = "training"
    ANSWER = "answer"
    """The days to complete an application that was sent back."""
    SILENCE = "silence"
    """A file that waits for its holder, and closes without a word from it."""


class Figures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a year comes to in numbers, all of which the registry knows itself."""

    people: int
    trained: int
    critical: int
    critical_trained: int
    units: int


class Year(msgspec.Struct, frozen=True, kw_only=True):
    """One surveillance as it stands."""

    due_on: date
    reported: bool = False
    visit: bool = False
    """A visit is part of it."""
    visited: bool = False
    """Evaluated and reviewed since it opened."""
    lacking: tuple[Requirement, ...] = ()
    """What training and findings lack today."""


class Stage(StrEnum):
    """How pressing a surveillance is."""

    NOT_YET = "not_yet"
    OPEN = "open"
    OVERDUE = "overdue"
    FAILED = "failed"
    """Overdue by so much that a decider is asked to suspend."""


def drawn(seed: bytes, due_on: date, percent: int) -> bool:
    """Whether the draw of a year falls on a certificate: one in ten, by the seed its acceptance put on record.

    The seed's hash is in the trail since then, so nobody can choose it later and anybody allowed to can repeat it.
    """
    number = int.from_bytes(sha256(DRAW + seed + due_on.isoformat().encode()).digest()[:8])
    return number * 100 < percent << 64


def visit_needed(kind: Kind, risk: Risk, seed: bytes, due_on: date, parameters: Parameters) -> bool:
    """Whether this year is visited: every group, whoever is more than low risk, and one in ten of the others."""
    if kind is Kind.GROUP or risk is not Risk.LOW:
        return True
    return drawn(seed, due_on, parameters.surveillance_random_percent)


def opens_on(due_on: date) -> date:
    return due_on - timedelta(days=OPENS_DAYS)


def stage(due_on: date, today: date, parameters: Parameters) -> Stage:
    """What a day makes of a surveillance that is not complete."""
    if today < opens_on(due_on):
        return Stage.NOT_YET
    if today <= due_on:
        return Stage.OPEN
    grace = timedelta(days=parameters.surveillance_grace_days)
    return Stage.FAILED if today > due_on + grace else Stage.OVERDUE


def lacking(year: Year) -> list[Requirement]:
    """What a surveillance still needs before a reviewer can close it."""
    found = []
    if not year.reported:
        found.append(Requirement("report-missing", Who.REPRESENTATIVE, url_hint="report"))
    found += year.lacking
    if year.visit and not year.visited:
        found.append(Requirement("surveillance-visit-missing", Who.AUDITOR, url_hint="case"))
    return found


class Owed(Protocol):
    """What of a finding says whether it is overdue."""

    @property
    def grade(self) -> Grade: ...
    @property
    def state(self) -> Mending: ...
    @property
    def due_on(self) -> date | None: ...


def overdue(findings: Iterable[Owed], today: date) -> list[date]:
    """The days on which corrections were due that the holder still owes. One it answered waits for the team."""
    return [
        one.due_on for one in findings
        if one.due_on is not None and one.due_on < today and one.grade is not Grade.OBSERVATION
        and one.state in (Mending.OPEN, Mending.PLANNED)
    ]  # fmt: skip


def next_on(due_on: date, last_on: date, parameters: Parameters) -> date:
    """The next anniversary, however late this one was closed; never past the last day."""
    return min(add_months(due_on, parameters.surveillance_months), last_on)


def equal(told: Figures, known: Figures) -> None:
    """Raise Conflict with every figure that is not the registry's own (domain.md 8, check 27)."""
    differs = [
        {"figure": name, "told": getattr(told, name), "known": getattr(known, name)}
        for name in Figures.__struct_fields__
        if getattr(told, name) != getattr(known, name)
    ]
    if differs:
        raise Conflict("report-figures-differ", differs=differs, count=len(differs))


def tellable(happened_on: date, today: date) -> None:
    """Raise Invalid for a change that has not happened."""
    if happened_on > today:
        raise Invalid("change-in-future", fields={"happened_on": "change-in-future"})


def told_late(happened_on: date, told_on: date) -> bool:
    """Whether a change was told after its thirty days. It is taken in all the same; the officer reads it."""
    return told_on > happened_on + timedelta(days=NOTICE_DAYS)


def warning(ends_on: date, today: date, days: Collection[int]) -> int | None:
    """The warning that is due today: the nearest of 60, 30 and 7 days that has been reached, None before and after."""
    left = (ends_on - today).days
    reached = [one for one in days if 0 <= left <= one]
    return min(reached, default=None)
