"""What crosses the wire about findings, and what a visit hands in when it meets one."""

from uuid import UUID

import msgspec

from audit.findings.rules import Method
from registry.certification.facts import Grade


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as the answer of a checklist raises it."""

    question: str
    criterion: str
    unit: UUID | None
    grade: Grade
    text: str
    answer: UUID
    holder: UUID


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """The visit a finding comes from, as far as this room cares."""

    visit: UUID
    certification: UUID
    team: tuple[UUID, ...]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A client's answer half done: kept as typed, also a date that is none (rules.Plan is the whole one)."""

    correction: str = ""
    cause: str = ""
    action: str = ""
    responsible: str = ""
    due_on: str = ""
    proof: str = ""
    disagreement: str = ""


class Verify(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An evaluator looked: how, and in their words what they saw. `plan_only` accepts the plan and leaves it open."""

    method: Method
    text: str
    plan_only: bool = False


class Reopen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The correction is not enough: what is still missing, in words the client can act on."""

    reason: str


class VerifyForm(msgspec.Struct, frozen=True, kw_only=True):
    """The verification as the page sends it; without `send` it was Enter alone."""

    result: str = ""
    method: Method = Method.DOCUMENT
    text: str = ""
    send: str = ""
    save: str = ""
    once: UUID | None = None
