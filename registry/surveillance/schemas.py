"""What crosses the wire."""

from datetime import date
from uuid import UUID

import msgspec

from registry.surveillance.rules import ChangeKind, Figures


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A year in the registry's figures and the holder's words."""

    figures: Figures
    done: str


class TellChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A change of what was certified."""

    kind: ChangeKind
    happened_on: date
    text: str
    unit_id: UUID | None = None
