"""What the rules look at: values, never rows. queries.py fills them in from the database; tests make them up."""

from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec


class Kind(StrEnum):
    """Whom a case is about: one business, or the members of an association together."""

    SINGLE = "single"
    GROUP = "group"


class Grade(StrEnum):
    """How much a finding weighs. Only an observation asks for no answer."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    OBSERVATION = "observation"


class Opposed(StrEnum):
    """Whether the holder objected to the team, once, and had its answer."""

    NOT = "not"
    OPEN = "open"
    ANSWERED = "answered"


class Mending(StrEnum):
    """How far a finding has come: not answered, answered and not looked at, a plan accepted by the team, or closed."""

    OPEN = "open"
    ANSWERED = "answered"
    PLANNED = "planned"
    CLOSED = "closed"


class GroupTerms(msgspec.Struct, frozen=True, kw_only=True):
    """How many members of a group are visited from outside, and what their results say of the rest."""

    all_up_to: int = 4
    random_percent: int = 25
    new_member_percent: int = 25
    surveillance_factor: float = 0.6
    renewal_factor: float = 0.8
    risk: dict[str, float] = msgspec.field(
        default_factory=lambda: {"low": 1.0, "new": 1.2, "raised": 1.5, "after_major": 2.0}
    )
    major_percent: int = 10
    """The same major in more than this share of the sample, and in `major_minimum`, is the group's own."""
    major_minimum: int = 2
    growth_percent: int = 10
    """How much a group may grow between two audits from outside."""


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a scheme version leaves to its owner, as far as it is ours; the values here are those of domain.md."""

    coverage_total: int = 80
    """Percentage of active workers with valid training, on the day of the grant."""
    coverage_critical: int = 100
    criterion_floor: int = 70
    """Each criterion by itself must reach this percentage: the lowest decides, never the average."""
    validity_months: int = 24
    surveillance_months: int = 12
    internal_check_months: int = 12
    evaluation_max_age_days: int = 180
    """An older evaluation no longer says what is there; it is done again."""
    self_assessment: bool = True
    """Whether a holder says how it sees itself before a team is planned."""
    answer_days: int = 30
    """Days to answer what an officer asked of an application."""
    silence_days: int = 180
    """A case whose applicant says nothing for this long has lapsed."""
    lead_cycles: int = 2
    """Nobody leads the evaluation of one holder for more cycles in a row."""
    tie_months: int = 24
    """How long a tie keeps somebody away after it ended."""
    coverage_renewal: int = 90
    """The same percentage on the day of a renewal: two years were enough to reach it."""
    coverage_grace_days: int = 60
    """How long coverage may stay below its floor before that is a cause."""
    surveillance_random_percent: int = 10
    surveillance_grace_days: int = 60
    """A surveillance failed by so much stands before a decider as a cause; nothing suspends by itself."""
    renewal_opens_months: int = 6
    """A renewal may be asked for from here before the end, and what expired restored for as long after it."""
    suspension_max_months: int = 6
    reapply_months: int = 12
    appeal_days: int = 30
    micro_lodging_rooms: int = 15
    """Lodging of at most this many rooms may go in a group; larger houses differ too much to be sampled."""
    group: GroupTerms = msgspec.field(default_factory=GroupTerms)

    @classmethod
    def of(cls, given: object) -> "Parameters":
        """Ours out of a scheme version's parameters, a struct or a mapping; what other rooms read is left alone."""
        if isinstance(given, msgspec.Struct):  # what an older text does not say is ours to say
            given = {name: value for name, value in msgspec.structs.asdict(given).items() if value is not msgspec.UNSET}
        return msgspec.convert(given, cls, from_attributes=True)


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
    SYSTEM = "system"


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
    """One finding, as far as the rules care. `unit` is set where it speaks of one member of a group."""

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
    visited_on: date | None = None


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
    self_assessment_due: bool = False
    """Asked for, not answered, and nothing planned yet."""
    member: Member | None = None
    units: tuple[Unit, ...] = ()
    evaluation: Evaluated | None = None
    reviewed: bool = False
    granted: bool = False
    """In force: what an evaluation said then does not grow old, surveillance follows it."""
    renewal: bool = False
    """A second cycle: more of the roster has to be trained than on the first day."""
