"""What crosses the wire. The first three are what strangers send and read; site pages are made over them."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from registry.complaints import misuse
from registry.complaints.rules import About, Outcome, State

Line = Annotated[str, msgspec.Meta(max_length=200)]


class Mismatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody saw that does not match a seal. No field says who they are, and none is asked for.

    `code` is what was scanned or typed, or a listing's id; `seen` the plate, name or place they saw; `region` a
    province (ISO 3166-2) or nothing; `note` one free sentence. Only the code is needed.
    """

    code: Annotated[str, msgspec.Meta(max_length=60)]
    what: Literal["plate", "place", "vehicle", "other"] = "other"
    seen: Line = ""
    region: Annotated[str, msgspec.Meta(max_length=6)] = ""
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""
    about: misuse.About = misuse.About.MISMATCH


class Lodge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A complaint. `contact` is an e-mail address or nothing; `form` the id the page made, so that a second press is
    harmless; `language` the one letters are to be written in."""

    about: Literal["holder", "auditor", "registry"]
    text: Annotated[str, msgspec.Meta(max_length=8000)]
    code_or_name: Line = ""
    contact: Line = ""
    language: Literal["es", "en", "pt", "fr"] = "es"
    form: UUID | None = None


class Told(msgspec.Struct, frozen=True):
    """What a complainant's code opens: where it stands and by when, never what was written."""

    number: str
    about: About
    state: State
    lodged_on: date
    acknowledge_by: date
    acknowledged_on: date | None
    answer_by: date
    closed_on: date | None
    outcome: Outcome | None
    answer: str
    """What was found, in the investigator's words to the complainant."""
