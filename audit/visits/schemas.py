"""What crosses the wire about visits: answers, the two meetings, evidence."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from audit.visits.rules import Draft, Outcome, Reason, Reply
from registry.certification.facts import Grade


class AnswerDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One answer with the id its author gave it. `over` is the answer its author saw standing, when they saw one drawn:
    if another stands by now, this one is not taken without asking. Left out, the newest to arrive stands.
    """

    id: UUID
    question: str
    reply: Reply
    grade: Grade | None = None
    reason: Reason | None = None
    note: str = ""
    figure: float | None = None
    unit: UUID | None = None
    over: UUID | msgspec.UnsetType | None = msgspec.UNSET

    @property
    def draft(self) -> Draft:
        return Draft(self.reply, self.grade, self.reason, self.note, self.figure)


class Explained(StrEnum):
    """What the team explains at the opening meeting (ISO 19011, 6.4.3, and domain.md 3); all of it, every time."""

    SCOPE = "scope"
    METHODS = "methods"
    CONFIDENTIALITY = "confidentiality"
    GRADES = "grades"
    OBJECTION = "objection"
    SAFETY = "safety"


class Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The opening meeting: who was there (roles), in which language, and what was explained.

    `declares`: whoever opens has no tie with this business (4.2; renewed at each assignment).
    """

    present: str
    language: str
    explained: tuple[Explained, ...] = tuple(Explained)
    declares: bool
    notes: str = ""


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The closing meeting and its signature. `shown_hash` binds it to the findings as they were shown."""

    present: str
    language: str
    shown_hash: str
    outcome: Outcome
    name: str = ""
    role: str = ""
    reason: str = ""
    disagreement: str = ""
    limits: str = ""


class AddEvidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A photograph, a document or a note. `id` is its author's, so that sending it twice keeps one."""

    id: UUID
    name: str = ""
    note: str = ""
    question: str | None = None
    unit: UUID | None = None


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A planned visit as certification says it: holder, team, day, and the draw of a group."""

    certification: UUID
    number: str
    name: str
    client: UUID | None
    association: UUID | None
    business_kind: str
    team: tuple[UUID, ...]
    lead: UUID
    visit_on: date | None
    method: str
    occasion: str
    zone: str
    scheme_version: UUID
    sample: tuple["Place", ...] = ()


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One place of the draw, or of its reserve list."""

    unit: UUID
    client: UUID
    drawn_for: str
    reserve: bool = False


class ShownFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as read out: what the signature is about."""

    question: str
    unit: UUID | None
    grade: Grade
    text: str
    plan_on: date | None
    close_on: date | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The answer that stands for one item, with who gave it and when."""

    id: UUID
    question: str
    unit: UUID | None
    draft: Draft
    by: UUID
    at: datetime


class OpeningForm(msgspec.Struct, frozen=True, kw_only=True):
    """The opening meeting as the page sends it: one tick for each thing explained."""

    present: str = ""
    language: str = "es"
    notes: str = ""
    explained_scope: str = ""
    explained_methods: str = ""
    explained_confidentiality: str = ""
    explained_grades: str = ""
    explained_objection: str = ""
    explained_safety: str = ""
    declares: str = ""
    once: UUID | None = None

    @property
    def opening(self) -> Opening:
        ticked = tuple(one for one in Explained if getattr(self, f"explained_{one.value}"))
        return Opening(present=self.present, language=self.language, explained=ticked,
                       declares=bool(self.declares), notes=self.notes)  # fmt: skip


class ClosingForm(msgspec.Struct, frozen=True, kw_only=True):
    """The closing meeting as the page sends it; `save` is the harmless Enter."""

    present: str = ""
    language: str = "es"
    shown_hash: str = ""
    outcome: Outcome = Outcome.RECEIVED
    name: str = ""
    role: str = ""
    reason: str = ""
    disagreement: str = ""
    limits: str = ""
    save: str = ""
    once: UUID | None = None

    @property
    def closing(self) -> Closing:
        return Closing(present=self.present, language=self.language, shown_hash=self.shown_hash, outcome=self.outcome,
                       name=self.name, role=self.role, reason=self.reason, disagreement=self.disagreement,
                       limits=self.limits)  # fmt: skip


class ReportForm(msgspec.Struct, frozen=True, kw_only=True):
    notes: str = ""
    save: str = ""
    once: UUID | None = None


class ReplaceForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: str = ""
    once: UUID | None = None
