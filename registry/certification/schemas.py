"""What crosses the wire and what other rooms hand in."""

from datetime import date
from uuid import UUID

import msgspec

from registry.certification.facts import Criterion, Grade, Kind, Mending
from registry.certification.impartiality import Bond
from registry.certification.rules import Decision, Method, Recommendation
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


class DeclareTie(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tie that a person tells us of. No `until` means that it lasts."""

    organisation: UUID
    bond: Bond
    since: date
    until: date | None = None
    source: str
