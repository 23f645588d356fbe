"""What crosses the wire and what other rooms hand in."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.certification.facts import (
    Criterion,
    Evaluated,
    Facts,
    Finding,
    Grade,
    Kind,
    Mending,
    Parameters,
    Requirement,
)
from registry.certification.guards import Cause
from registry.certification.impartiality import Bond, Objection, Obstacle
from registry.certification.questionnaire import Said
from registry.certification.rules import Act, Decision, Method, Recommendation, State, UnitState
from registry.certification.sampling import Occasion, Risk


class Apply(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An application: for one business by itself, or by an association for a group of its members."""

    kind: Kind = Kind.SINGLE
    client_id: UUID | None = None
    association_id: UUID | None = None
    scheme_version: UUID
    unit_ids: tuple[UUID, ...]
    occasion: Occasion = Occasion.INITIAL


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who evaluates, how, when, and how large a sample the risk asks for."""

    team: tuple[UUID, ...]
    lead: UUID
    method: Method = Method.ON_SITE
    why: str = ""
    """Why not on site, where it is not."""
    visit_on: date
    risk: Risk = Risk.LOW


class InternalCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The association's own check of one unit. Without a day it was made today."""

    passed: bool
    notes: str = ""
    checked_on: date | None = None


class FindingSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as reviewer and decider read it."""

    id: UUID
    question: str
    criterion: str
    grade: Grade
    state: Mending
    text: str = ""
    unit: UUID | None = None
    """The member of a group it was found at."""
    due_on: date | None = None
    """Verified at the latest on this day; unknown in summaries older than the field."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What the team hands in: a summary, complete each time, that supersedes the one before."""

    evaluators: tuple[UUID, ...]
    scheme_version: UUID
    visited_on: date
    criteria: tuple[Criterion, ...]
    findings: tuple[FindingSummary, ...] = ()
    unanswered: int = 0
    sample: tuple[UUID, ...] = ()
    """Units of a group that were visited."""
    office: bool = True
    recommendation: Recommendation = Recommendation.GRANT
    notes: str = ""


class Review(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A reviewer's recommendation; `return` sends the case back to the team."""

    recommendation: Recommendation
    notes: str


class Decide(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A decision on a reviewed case, with its reason."""

    decision: Decision
    reason: str


class Propose(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a decider should do to a certificate, or to these units of it, and why."""

    act: Act
    reason: str
    cause: Cause | None = None
    unit_ids: tuple[UUID, ...] = ()


class DeclareTie(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tie that a person tells us of. No `until` means that it lasts."""

    organisation: UUID
    bond: Bond
    since: date
    until: date | None = None
    source: str


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody advises a decider to do."""

    id: UUID
    certification: UUID
    act: Act
    cause: Cause | None
    reason: str
    units: tuple[UUID, ...]
    proposed_by: UUID
    proposer: str
    proposed_at: datetime
    repeats: UUID | None = None
    """The suspension that stands again when a panel's stay of it is over."""


class Urgent(msgspec.Struct, frozen=True, kw_only=True):
    """A suspension one decider signed alone, and nobody has confirmed or lifted yet."""

    id: UUID
    certification: UUID
    units: tuple[UUID, ...]
    reason: str
    cause: Cause | None
    decided_by: UUID
    decider: str
    decided_at: datetime
    by: date
    """The last day on which the second person answers in time."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case as its row says, and `standing`: the state that holds now."""

    id: UUID
    number: str
    kind: Kind
    client: UUID | None
    association: UUID | None
    name: str
    scheme: str
    scheme_version: UUID
    zone: str
    state: State
    standing: State
    moved_at: datetime
    applied_at: datetime
    occasion: Occasion
    risk: Risk
    method: Method | None
    visit_on: date | None
    valid_from: datetime | None
    valid_until: datetime | None
    last_on: date | None
    surveillance_on: date | None
    self_assessed_at: datetime | None = None
    renews: UUID | None = None
    ended_in_proceedings: bool = False

    @property
    def holder(self) -> UUID:
        """Who answers: the business, or the association of a group."""
        holder = self.association if self.kind is Kind.GROUP else self.client
        assert holder is not None  # a constraint of the table
        return holder


class ScopeUnit(msgspec.Struct, frozen=True, kw_only=True):
    """One unit of a case. `standing` is what its seal says now; `checked_on` is its last internal check."""

    certification: UUID
    unit_kind: str
    unit_id: UUID
    client: UUID
    label: str
    state: UnitState
    standing: State
    checked_on: date | None = None
    passed: bool = False
    notes: str = ""


class TeamMember(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody assigned to evaluate a case."""

    person: UUID
    name: str
    lead: bool
    declared_at: datetime | None
    assigned_at: datetime


class SelfAssessmentView(msgspec.Struct, frozen=True, kw_only=True):
    """What the holder said of itself last."""

    version: int
    answers: dict[str, Said]
    name: str
    at: datetime


class EvaluationView(msgspec.Struct, frozen=True, kw_only=True):
    """The newest evaluation as it was handed in."""

    id: UUID
    version: int
    scheme_version: UUID
    evaluators: tuple[UUID, ...]
    visited_on: date
    criteria: tuple[Criterion, ...]
    findings: tuple[FindingSummary, ...]
    unanswered: int
    office: bool
    sample: tuple[UUID, ...]
    recommendation: Recommendation
    notes: str
    recorded_at: datetime
    drawn: frozenset[UUID] = frozenset()
    """Units of the draw and its reserve list."""
    sample_size: int = 0
    reviewed: bool = False

    @property
    def facts(self) -> Evaluated:
        """What the rules see of it."""
        return Evaluated(
            version=self.scheme_version,
            criteria=self.criteria,
            findings=tuple(Finding(f.grade, f.state, f.question, f.unit) for f in self.findings),
            unanswered=self.unanswered,
            office=self.office,
            sampled=len(self.drawn.intersection(self.sample)),
            sample_size=self.sample_size,
            visited_on=self.visited_on,
        )


class ReviewView(msgspec.Struct, frozen=True, kw_only=True):
    """The newest review of the newest evaluation."""

    id: UUID
    evaluation: UUID
    recommendation: Recommendation
    notes: str
    reviewed_by: UUID
    reviewer: str
    reviewed_at: datetime


class DrawView(msgspec.Struct, frozen=True, kw_only=True):
    """A sample, and what was kept so that anybody allowed to may repeat it."""

    algorithm: str
    population_hash: str
    occasion: str
    risk: str
    size: int
    drawn: tuple[UUID, ...]
    reasons: dict[UUID, str]
    reserve: tuple[UUID, ...]
    drawn_at: datetime


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a case's history."""

    act: Act
    state: State
    units: tuple[UUID, ...]
    reason: str
    name: str
    taken_at: datetime


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """All of one case that its page shows to one reader."""

    case: Case
    units: list[ScopeUnit]
    team: list[TeamMember]
    evaluation: EvaluationView | None
    review: ReviewView | None
    draw: DrawView | None
    steps: list[StepView]
    facts: Facts
    parameters: Parameters
    missing: list[Requirement]
    allowed: frozenset[Act]
    obstacles: list[Obstacle]
    """What keeps this reader from reviewing or deciding here."""
    inside: bool
    """Whether the reader works for the registry on this case: reads the review, and the reasons."""
    told: list[str]
    """Names of those who get a letter about a decision."""
    proposals: list[Proposed]
    urgent: Urgent | None
    verified: bool
    """Whether an auditor, not this reader, saw that the cause of the suspension is gone: it may be reinstated."""
    advised: bool
    """Whether somebody other than this reader stands behind a withdrawal: by proposing it, or by the suspension."""
    assessment: SelfAssessmentView | None
    """For the holder and the registry's own people; nobody else reads what a business thinks of itself."""
    consult: bool
    """Deciders alone read it: an authority is consulted first."""
    mine: bool
    """Whether the reader speaks for the holder."""
    objection: Objection | None
    screened: dict[str, Any] | None


class TieView(msgspec.Struct, frozen=True, kw_only=True):
    """One tie somebody declared."""

    organisation: UUID
    organisation_name: str
    bond: Bond
    since: date
    until: date | None
    source: str
    recorded_at: datetime


class Auditor(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who could be on a team, and what keeps them from it."""

    person: UUID
    name: str
    obstacles: list[Obstacle]
