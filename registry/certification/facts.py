"""What the rules look at: values, never rows. Whoever has a database fills these in (queries.py); tests make them up."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec


class Kind(StrEnum):
    """Whom a case is about: one business, or the members of an association together."""

    SINGLE = "single"
    GROUP = "group"


class UnitKind(StrEnum):
    """What carries a seal."""

    ESTABLISHMENT = "establishment"
    VEHICLE = "vehicle"


class Grade(StrEnum):
    """How much a finding weighs. Only an observation asks for no answer."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    OBSERVATION = "observation"


class Mending(StrEnum):
    """How far a finding has come: nothing accepted yet, a plan accepted by the team, or verified and closed."""

    OPEN = "open"
    PLANNED = "planned"
    CLOSED = "closed"


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a scheme version leaves to its owner. The values here are those of domain.md, for a version that says less."""

    coverage_total: int = 80
    """Percentage of active workers with valid training."""
    coverage_critical: int = 100
    criterion_floor: int = 70
    """Each criterion by itself must reach this percentage: the lowest decides, never the average."""
    validity_months: int = 24
    surveillance_months: int = 12
    internal_check_months: int = 12
    silence_days: int = 180
    """A case whose applicant says nothing for this long has lapsed."""
    tie_months: int = 24
    """How long a tie keeps somebody away after it ended."""
    micro_lodging_rooms: int = 15
    """Lodging of at most this many rooms may go in a group; larger houses differ too much to be sampled."""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Parameters":
        """The parameters a scheme version states; what other rooms read from the same mapping is left alone."""
        return msgspec.convert(dict(given), cls)


class Who(StrEnum):
    """Who takes a step. Pages name the person; the rules name the part."""

    REPRESENTATIVE = "representative"
    ASSOCIATION = "association"
    INSPECTOR = "inspector"
    TRAINER = "trainer"
    OFFICER = "officer"
    AUDITOR = "auditor"
    REVIEWER = "reviewer"
    DECIDER = "decider"


class Requirement(msgspec.Struct, frozen=True):
    """One thing that is missing: `count` of `of` are still lacking, and `who` takes the step.

    The sentence is the message `requirement:<code>`. `blocks` is false for what keeps single members of a group out
    without keeping the group from its certificate.
    """

    code: str
    who: Who
    count: int = 1
    of: int = 1
    url_hint: str = ""
    blocks: bool = True


class Member(msgspec.Struct, frozen=True):
    """What a business can show by itself, at one instant."""

    signed: UUID | None = None
    """Scheme version of the commitment in force."""
    roster: int = 0
    trained: int = 0
    critical: int = 0
    critical_trained: int = 0


class Unit(msgspec.Struct, frozen=True):
    """One unit of a group: whose it is, and its internal check."""

    id: UUID
    member: Member
    checked_on: date | None = None
    passed: bool = False
    in_force: bool = True
    """False once this unit was suspended or withdrawn by itself."""


class Finding(msgspec.Struct, frozen=True):
    """One finding of an evaluation, as far as the rules care. `unit` is set where it speaks of one member of a group."""

    grade: Grade
    mending: Mending
    question: str = ""
    unit: UUID | None = None


class Criterion(msgspec.Struct, frozen=True):
    """The result of one criterion: of `assessed` questions, so many conform and so many have an accepted minor plan."""

    criterion: str
    conform: int = 0
    planned: int = 0
    assessed: int = 0
    not_applicable: int = 0
    without_reason: int = 0
    """Answered `not applicable` without saying why."""

    @property
    def looked_at(self) -> bool:
        """Whether anybody looked: never assessed is neither a pass nor `not applicable`."""
        return self.assessed + self.not_applicable > 0


class Evaluated(msgspec.Struct, frozen=True):
    """The newest evaluation of a case."""

    version: UUID
    """Scheme version it judged by."""
    criteria: tuple[Criterion, ...] = ()
    findings: tuple[Finding, ...] = ()
    unanswered: int = 0
    office: bool = True
    """Whether the group's central office was evaluated. A single case has none."""
    sampled: int = 0
    sample_size: int = 0


class Facts(msgspec.Struct, frozen=True):
    """All that decides whether a seal can be granted.

    `member` is the business looked at: the holder of a single case, or one member of a group with its `units`.
    A group looked at as a whole has no `member` and all its `units`.
    """

    version: UUID
    """Scheme version of the case; before an application, the current one."""
    criteria: tuple[str, ...]
    kind: Kind = Kind.SINGLE
    on: date = date.min
    """Today, in the holder's time zone."""
    applied: bool = False
    accepted: bool = False
    member: Member | None = None
    units: tuple[Unit, ...] = ()
    evaluation: Evaluated | None = None
    reviewed: bool = False
