"""Visits, their sample, their answers, the evidence and the signature. Answers and evidence are only ever added."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    Date,
    DoublePrecision,
    ForeignKey,
    Integer,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table

from audit.visits.rules import Outcome, Reason, Reply, State
from registry.certification.facts import Grade
from registry.certification.rules import Method
from registry.certification.sampling import Occasion


class Visit(Table, tablename="visit"):
    """One audit of one business, or of the office and a sample of one group."""

    id = UUID(primary_key=True, default=None)
    certification = UUID(null=False, default=None, index=True, help_text="The case this visit evaluates")
    number = Varchar(length=20, default="", help_text="The case's number, as people say it")
    name = Varchar(length=200, default="", help_text="The holder's name as applied for")
    client = UUID(null=True, default=None, index=True, help_text="The business visited; empty for a group")
    association = UUID(null=True, default=None, index=True, help_text="The group's association; empty for one business")
    business_kind = Varchar(length=20, help_text="Kind of business whose questions are asked")
    team = Array(base_column=UUID(), index=True, index_method=IndexMethod.gin, help_text="Everybody who evaluates here")
    lead = UUID(null=False, default=None, help_text="The lead auditor, one of the team")
    planned_on = Date(null=True, default=None, help_text="Day of the visit, in the holder's zone")
    method = Varchar(length=10, choices=Method, default=Method.ON_SITE)
    occasion = Varchar(length=20, choices=Occasion, default=Occasion.INITIAL)
    zone = Varchar(length=64, help_text="Time zone in which the dates of this visit are days")
    scheme_version = UUID(null=False, default=None)
    checklist = JSONB(help_text="The frozen checklist: question ids at the place and in each sampled unit")
    checklist_hash = Varchar(length=64, help_text="Over version, order and words (checklists.rules.fingerprint)")
    figures = JSONB(default="{}", help_text="What the registry knew at the opening: question id -> figure to confirm")
    state = Varchar(length=20, choices=State, default=State.PLANNED, index=True)
    opening = JSONB(null=True, default=None, help_text="Record of the opening meeting")
    opened_at = Timestamptz(null=True, default=None)
    closing = JSONB(null=True, default=None, help_text="Record of the closing meeting")
    closed_at = Timestamptz(null=True, default=None)
    notes = Text(default="", help_text="What the team wants the reviewer to know, written with the report")
    reported_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(null=False, default=None)


class VisitSample(Table, tablename="visit_sample"):
    """One unit of the external sample of a group, in the order of the draw."""

    id = UUID(primary_key=True, default=None)
    visit = ForeignKey(Visit, on_delete=OnDelete.restrict, null=False, index=True)
    unit = UUID(null=False, default=None)
    client = UUID(null=False, default=None, help_text="The member whose unit it is: findings here are for that member")
    position = Integer(help_text="Place in the draw, from 1")
    drawn_for = Varchar(length=60, help_text="Why the draw took it: random, joined, open_action, stratum:…")
    reserve = Boolean(default=False, help_text="From the reserve list of the same draw; asked only in another's place")
    replaces = UUID(null=True, default=None, help_text="The unit whose place this reserve took")
    reason = Text(default="", help_text="Why the first one could not be visited")


class VisitAnswer(Table, tablename="visit_answer"):
    """One answer, as given. The one that stands has no `superseded_at`; at most one stands for a question and unit."""

    id = UUID(primary_key=True, default=None, help_text="Made by whoever answers: the same answer twice is one")
    visit = ForeignKey(Visit, on_delete=OnDelete.restrict, null=False, index=False)
    question = Varchar(length=20)
    unit = UUID(null=True, default=None, help_text="The sampled unit; empty at the place itself")
    reply = Varchar(length=20, choices=Reply)
    grade = Varchar(length=20, choices=Grade, null=True, default=None)
    reason = Varchar(length=20, choices=Reason, null=True, default=None)
    note = Text(default="", help_text="What was seen; personal data of children never belongs here")
    figure = DoublePrecision(null=True, default=None, help_text="Percentage or count the auditor confirmed")
    by = UUID(null=False, default=None)
    at = Timestamptz(null=False, default=None)
    superseded_at = Timestamptz(null=True, default=None)


class VisitEvidence(Table, tablename="visit_evidence"):
    """A file or a note kept as evidence. The bytes are stored before this row is."""

    id = UUID(primary_key=True, default=None, help_text="Made by whoever adds it: the same photograph twice is one")
    visit = ForeignKey(Visit, on_delete=OnDelete.restrict, null=False, index=True)
    question = Varchar(length=20, null=True, default=None)
    unit = UUID(null=True, default=None)
    name = Varchar(length=200, default="", help_text="The file's name as sent, for people only")
    note = Text(default="")
    content_type = Varchar(length=60, default="", help_text="Empty for a note without a file")
    size = Integer(default=0)
    sha256 = Varchar(length=64, default="", help_text="Of the bytes as kept, after cleaning")
    storage_key = Varchar(length=200, default="")
    by = UUID(null=False, default=None)
    at = Timestamptz(null=False, default=None)


class VisitSignature(Table, tablename="visit_signature"):
    """Who received the findings at the closing meeting, or that they would not sign."""

    id = UUID(primary_key=True, default=None)
    visit = ForeignKey(Visit, on_delete=OnDelete.restrict, null=False, unique=True)
    outcome = Varchar(length=20, choices=Outcome)
    name = Varchar(length=200, default="")
    role = Varchar(length=200, default="")
    reason = Text(default="", help_text="Why they would not sign, if they say so")
    disagreement = Text(default="", help_text="Their words, verbatim, in their language")
    shown = Text(help_text="The findings exactly as shown, as canonical JSON")
    shown_hash = Varchar(length=64, help_text="SHA-256 of `shown`")
    language = Varchar(length=5, help_text="Language of the statement they read")
    at = Timestamptz(null=False, default=None)
