"""What crosses the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from registry.authorities.directory import Record
from registry.reports.code import Derived
from registry.reports.envelope import Fingerprint, Key
from registry.reports.files import Ready
from registry.reports.payload import Form, Report
from registry.reports.rules import Blocked, Outcome, Progress, State

Reference = Annotated[str, msgspec.Meta(max_length=80)]
Signature = Annotated[str, msgspec.Meta(max_length=100)]
ProofText = Annotated[str, msgspec.Meta(min_length=20, max_length=60)]


class Filing(msgspec.Struct, frozen=True):
    """A report about to be sealed. `nonce`: the form's own secret; `typed`: the body as it was sent, without files."""

    report: Report
    code: str
    derived: Derived
    nonce: bytes
    typed: bytes
    burst: bool = False
    home: str = ""
    files: tuple[Ready, ...] = ()


class Carried(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A report that a browser sealed, as it is posted. Place and premises are for the gate and are not kept."""

    token: Annotated[str, msgspec.Meta(max_length=200)]
    place: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}(-[A-Z0-9]{1,3}(/[0-9A-Z]{1,8})?)?$")]
    envelope: UUID
    chain: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=4)]
    keys: Annotated[tuple[Fingerprint, ...], msgspec.Meta(min_length=1, max_length=16)]
    directory: int
    form: Form
    size_step: Literal[4096, 16384, 65536]
    sealed: Annotated[str, msgspec.Meta(max_length=120_000)]
    lookup: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")]
    reply_recipient: Key
    proof_hash: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    urgent: bool = False
    premises: Annotated[str, msgspec.Meta(max_length=40)] = ""
    home: Annotated[str, msgspec.Meta(pattern="^([A-Z]{2})?$")] = ""
    website: Annotated[str, msgspec.Meta(max_length=200)] = ""
    pow: Annotated[str, msgspec.Meta(max_length=2_000)] = ""


class Peek(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a browser sends of a code: never the code."""

    lookup: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")]


class Receipt(msgspec.Struct, frozen=True):
    """What the reporter gets once it is committed. `code` is None when it was shown too long ago to show again."""

    code: str | None
    chain: tuple[Record, ...]
    due: tuple[datetime, ...]
    outcome_due: datetime
    again: bool = False


class ReplyView(msgspec.Struct, frozen=True):
    """A reply as it is kept: sealed to the code, signed by the authority."""

    authority: UUID
    counter: int
    body: str
    signature: str
    sent_on: date


class Box(msgspec.Struct, frozen=True):
    """What a code opens. Never the report."""

    envelope: UUID
    sha256: str
    state: State
    chain: tuple[UUID, ...]
    received: datetime
    notified: datetime | None
    opened: datetime | None
    acknowledged: datetime | None
    closed: datetime | None
    due: tuple[datetime, ...]
    outcome_due: datetime
    outcome: Outcome | None
    answered_by: UUID | None
    returned_on: date | None
    replies: tuple[ReplyView, ...]
    progress: str = ""
    progressed: datetime | None = None


class Waiting(msgspec.Struct, frozen=True):
    """One envelope as its authority sees it from outside."""

    id: UUID
    state: State
    urgent: bool
    received_hour: datetime
    due_at: datetime
    outcome_due: datetime
    notified_at: datetime | None
    fetched_at: datetime | None
    opened_at: datetime | None
    acknowledged_at: datetime | None
    closed_at: datetime | None
    reference: str
    outcome: Outcome | None
    progress: str = ""
    blocked: str = ""
    files: int = 0


class Followed(msgspec.Struct, frozen=True):
    """How an envelope stands, for whoever is about to say something about it. `replies`: how many were sent."""

    id: UUID
    state: State
    sha256: str
    replies: int
    reference: str
    progress: str
    outcome: Outcome | None


class Collected(msgspec.Struct, frozen=True):
    """What an agent needs to open an envelope and to check that it is the one; `files`: how many lie beside it.
    `received`: the hour; `sealed_by`: browser, server or operator. Neither is known from a register of before."""

    id: UUID
    chain: tuple[UUID, ...]
    key_ids: tuple[str, ...]
    directory_version: int
    sha256: str
    urgent: bool
    due_at: datetime
    reply_recipient: str
    form: str = "2026-11"
    files: int = 0
    received: datetime | None = None
    sealed_by: str = ""


class Lifted(msgspec.Struct, frozen=True):
    """A request to lift what an office lacks, as those who keep the gates see it."""

    id: UUID
    authority: UUID
    asked_by: UUID
    asked_name: str
    reason: str
    asked_at: datetime
    ends_at: datetime
    agreed_by: UUID | None
    agreed_name: str
    agreed_reason: str
    agreed_at: datetime | None
    ended_at: datetime | None


class Fetched(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Opened(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    proof: ProofText


class Acknowledge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`signature` is over notary.statement("acknowledged", …, reference=…); an officer at the desk gives the proof."""

    reference: Reference = ""
    signature: Signature = ""
    proof: Annotated[str, msgspec.Meta(max_length=60)] = ""


class Unreadable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    signature: Signature


class Conclude(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outcome: Outcome
    signature: Signature = ""


class Progressed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The signature is over notary.statement("progress", …, progress=…)."""

    progress: Progress
    signature: Signature


class Imported(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The office keeps it in its own system. The signature is over notary.statement("imported", …)."""

    signature: Signature


class Stopped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The office's own system did not take it. A kind and nothing else: there is no field for words."""

    why: Blocked


class NewReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`body` is an age file in base64url; the signature is over statement("reply", …, counter=…, reply=<sha256>)."""

    counter: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    body: Annotated[str, msgspec.Meta(max_length=120_000)]
    signature: Signature


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed answer made on the authority's own machine. `data` is what the agents' door takes under this name."""

    what: Literal["acknowledged", "unreadable", "progress", "outcome", "replies", "imported"]
    envelope: UUID
    data: dict[str, Any]
