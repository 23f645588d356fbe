"""What crosses the border of this room."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from registry.commitments.rules import Method, Power

Name = Annotated[str, msgspec.Meta(max_length=200)]


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signature under the current text. `power_to_bind`: it was read in full, and may be signed for this business."""

    scheme_version: UUID
    language: str
    signatory_name: Name
    signatory_position: Name
    power_to_bind: bool
    method: Method = Method.TYPED
    power: Power = Power.LEGAL_REPRESENTATIVE
    fingerprint: str = ""
    """Of the text that was read; a form carries it, so that what was seen is what is signed."""


class CommitmentView(msgspec.Struct, frozen=True):
    """A commitment in force. `last_on` is the last day it holds, `replaced_on` when a newer text takes effect."""

    id: UUID
    client: UUID
    scheme_version: UUID
    language: str
    signatory_name: str
    signatory_position: str
    power: str
    method: str
    signed_at: datetime
    last_on: date
    sha256: str
    fingerprint: str
    replaced_on: date | None = None
