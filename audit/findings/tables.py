"""Findings, the client's answers to them and what verification said. Answers and verifications are only ever added."""

from piccolo.columns import UUID, Array, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from audit.findings.rules import Act, Method, State
from registry.certification.facts import Grade


class Finding(Table, tablename="finding"):
    """What a visit met that does not conform, or an observation. One for a question and unit of a visit."""

    id = UUID(primary_key=True, default=None)
    visit = UUID(null=False, default=None, help_text="The visit that met it (a foreign key: audit_guards)")
    certification = UUID(null=False, default=None, index=True)
    team = Array(base_column=UUID(), help_text="Who evaluated there, and so may verify")
    holder = UUID(null=False, default=None, index=True, help_text="The client or association that must answer it")
    question = Varchar(length=20)
    criterion = Varchar(length=20)
    unit = UUID(null=True, default=None, help_text="The member's unit it is about; empty for the place or office")
    grade = Varchar(length=20, choices=Grade)
    text = Text(help_text="What was seen, in the auditor's words")
    state = Varchar(length=20, choices=State, default=State.RAISED)
    answer = UUID(null=False, default=None, help_text="The answer of the checklist that raised it")
    raised_at = Timestamptz(null=False, default=None)
    closed_on = Date(null=True, default=None, help_text="Day of the closing meeting; before it the client sees nothing")
    plan_on = Date(null=True, default=None, help_text="The plan is due on this day; counted from the closing meeting")
    close_on = Date(null=True, default=None, help_text="Verified at the latest on this day")
    reopened = Integer(default=0, help_text="How often a correction was found insufficient")


class CorrectiveAction(Table, tablename="corrective_action"):
    """The client's answer. The one that stands has no `superseded_at`; one without `sent_at` is a draft."""

    id = UUID(primary_key=True, default=None)
    finding = ForeignKey(Finding, on_delete=OnDelete.restrict, null=False, index=True)
    correction = Text(default="")
    cause = Text(default="")
    action = Text(default="")
    responsible = Varchar(length=200, default="")
    due_on = Date(null=True, default=None)
    due_typed = Varchar(length=40, default="", help_text="The date as typed, kept in a draft though it is none")
    proof = Text(default="")
    disagreement = Text(default="", help_text="Verbatim; the finding must be answered all the same")
    proofs = Array(base_column=UUID(), help_text="The files sent with it")
    by = UUID(null=False, default=None)
    at = Timestamptz(null=False, default=None)
    sent_at = Timestamptz(null=True, default=None)
    superseded_at = Timestamptz(null=True, default=None)


class FindingVerification(Table, tablename="finding_verification"):
    """What an evaluator found when looking at an answer."""

    id = UUID(primary_key=True, default=None)
    finding = ForeignKey(Finding, on_delete=OnDelete.restrict, null=False, index=True)
    action = UUID(null=True, default=None, help_text="The answer it looked at")
    result = Varchar(length=20, choices=Act, help_text="accept, verify or reopen")
    method = Varchar(length=20, choices=Method, null=True, default=None)
    text = Text(default="")
    by = UUID(null=False, default=None)
    at = Timestamptz(null=False, default=None)


class FindingProof(Table, tablename="finding_proof"):
    """A file the client sends with an answer. The bytes are stored before this row is."""

    id = UUID(primary_key=True, default=None)
    finding = ForeignKey(Finding, on_delete=OnDelete.restrict, null=False, index=True)
    name = Varchar(length=200, help_text="The file's name as sent, for people only")
    content_type = Varchar(length=60)
    size = Integer()
    sha256 = Varchar(length=64, help_text="Of the bytes as kept, after cleaning")
    storage_key = Varchar(length=200)
    by = UUID(null=False, default=None)
    at = Timestamptz(null=False, default=None)
    removed_at = Timestamptz(null=True, default=None, help_text="Taken out of a draft by the client before sending")
