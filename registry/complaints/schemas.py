"""What crosses the wire. The first three are what strangers send and read; site pages are made over them."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from registry.complaints import misuse
from registry.complaints.rules import About, Act, Outcome, State

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


class Assign(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whom a complaint is about, as far as it is known, and who looks into it."""

    investigator: UUID
    organisation: UUID | None = None
    person: UUID | None = None
    note: str = ""


class Conclude(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was found: `answer` is for the complainant, `note` stays inside; `visit` asks for one at short notice."""

    outcome: Outcome
    answer: str
    note: str = ""
    visit: bool = False


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint as its row says."""

    id: UUID
    number: str
    about: About
    named: str
    text: str
    contact: str
    language: str
    state: State
    moved_at: datetime
    lodged_on: date
    acknowledge_by: date
    acknowledged_on: date | None
    answer_by: date
    closed_on: date | None
    organisation: UUID | None
    organisation_name: str
    person: UUID | None
    person_name: str
    investigator: UUID | None
    investigator_name: str
    outcome: Outcome | None
    answer: str
    visit: str
    burst: bool


class Burst(msgspec.Struct, frozen=True):
    """Complaints of one day that came in a flood and that nobody has read yet."""

    on: date
    count: int
    about: int  # different things they speak of


class Step(msgspec.Struct, frozen=True, kw_only=True):
    act: Act
    state: State
    note: str
    name: str
    taken_at: datetime


class Investigator(msgspec.Struct, frozen=True):
    """Somebody who could look into a complaint; `involved` is what keeps them from it, or nothing."""

    person: UUID
    name: str
    involved: str


class Notice(msgspec.Struct, frozen=True):
    """What a stranger said of a mark."""

    id: UUID
    about: str
    code: str
    seen: str
    what: str
    region: str
    note: str
    told_on: date
    state: str
    outcome: str
    misuse: UUID | None
    known: bool
    """Whether its code is one we gave."""
    alike: int
    """How many open notices are read together with it, itself and those that were only counted included."""


class OpenMisuse(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A misuse to look into: of a mark of the holder, or of somebody who was never certified (`holder` is none)."""

    holder: UUID | None = None
    name: str = ""
    """Of whoever shows the mark, when it is no holder of ours."""
    code: str = ""
    place: str = ""
    note: str = ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A photograph or document, already redrawn by core.picture."""

    shows: misuse.Shows
    taken_on: date
    note: str = ""
    nobody_in_it: bool = False


class Misuse(msgspec.Struct, frozen=True, kw_only=True):
    """A misuse as its row says."""

    id: UUID
    number: str
    kind: misuse.Kind
    code: str
    certification: UUID | None
    holder: UUID | None
    holder_name: str
    place: str
    state: misuse.State
    moved_at: datetime
    opened_on: date
    warned_on: date | None
    stop_by: date | None
    published_on: date | None
    removed_on: date | None
    closed_on: date | None
    outcome: misuse.Outcome | None


class MisuseStep(msgspec.Struct, frozen=True, kw_only=True):
    act: misuse.Act
    state: misuse.State
    note: str
    name: str
    taken_at: datetime


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of evidence as pages show it."""

    id: UUID
    shows: misuse.Shows
    note: str
    taken_on: date
    storage_key: str
    content_type: str
    sha256: str
    name: str
    added_at: datetime
    gone_on: date | None


class Closed30(msgspec.Struct, frozen=True):
    """V2 of the indicators: misuse closed within 30 days, of those opened in a window; the open young ones apart."""

    opened: int
    in_time: int
    late: int
    still_open: int

    @property
    def share(self) -> float | None:
        """Of those that are settled; None when there is none."""
        settled = self.in_time + self.late
        return self.in_time / settled if settled else None
