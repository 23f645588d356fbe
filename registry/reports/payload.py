"""What a person tells, as it is sealed (`sectt-report/1`). Only a place and one sentence are needed.

Fields are only ever added: what an earlier form sealed still opens. The browser's twin (report_form/client/written.js)
writes the same fields in the same order, so both seal the same bytes. There is no field for a child's name.

A form's version stands outside and inside. An office whose program is older than a form keeps the envelope and says
that its program must be renewed: a report that nobody there can read yet is no junk. `2027-01` is written only where a
report has files.
"""

import re
from enum import StrEnum
from typing import Annotated, Literal, get_args

import msgspec

Form = Literal["2026-11", "2026-12", "2027-01"]
FORMS: tuple[str, ...] = get_args(Form)
_FORM = re.compile(r"20[0-9]{2}-[0-9]{2}")

Line = Annotated[str, msgspec.Meta(max_length=500)]
Short = Annotated[str, msgspec.Meta(max_length=40)]
Words = Annotated[str, msgspec.Meta(max_length=1000)]
Count = Annotated[int, msgspec.Meta(ge=0, le=99)]


class When(StrEnum):
    NOW = "now"
    TODAY = "today"
    DAYS = "days"
    BEFORE = "before"
    UNKNOWN = "unknown"


class Sign(StrEnum):
    """Something done or said. Nationality, clothes, money or resemblance are never signs."""

    OFFERED = "offered"
    PAID = "paid"
    UNREGISTERED = "unregistered"
    CONTROLLED = "controlled"
    ASKED_HELP = "asked_help"
    ADULTS_IN_AND_OUT = "adults_in_and_out"
    ONLINE = "online"
    OTHER = "other"


class Age(StrEnum):
    """Bands of ECPAT's list: a witness guesses, and must not have to count years."""

    SMALL = "0-5"
    MIDDLE = "6-11"
    ADOLESCENT = "12-17"
    UNKNOWN = "unknown"


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    BOTH = "both"
    UNKNOWN = "unknown"


class Told(StrEnum):
    """Who was told already."""

    HOTEL = "hotel"
    POLICE = "police"
    GUIDE = "guide"
    NOBODY = "nobody"
    OTHER = "other"


class Role(StrEnum):
    """Who tells. `trained`: somebody whom the register trained for it, such as a member of a vigilance committee."""

    TRAVELLER = "traveller"
    STAFF = "staff"
    DRIVER = "driver"
    GUIDE = "guide"
    RESIDENT = "resident"
    CHILD = "child"
    TRAINED = "trained"
    OTHER = "other"


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a report; what is empty is not written."""


class Place(Part, frozen=True):
    """Where: an ISO 3166-2 province (or 3166-1 country) and the reporter's own words. `unit`: room, vehicle, flight;
    `business`: the code of a seal, if the reporter came from one."""

    code: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}(-[A-Z0-9]{1,3}(/[0-9A-Z]{1,8})?)?$")]
    spot: Line = ""
    premises: Short = ""
    locality: Line = ""
    unit: Line = ""
    business: Short = ""


class Moment(Part, frozen=True):
    """When exactly, where it is known: local date and time; `about` in the reporter's own words; or still going on."""

    date: Annotated[str, msgspec.Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")] = ""
    time: Annotated[str, msgspec.Meta(pattern="^([0-9]{2}:[0-9]{2})?$")] = ""
    about: Line = ""
    ongoing: bool = False


class Children(Part, frozen=True):
    """Never a name. `about`: how many, in the reporter's own words where they are no number."""

    count: Count = 0
    age: Annotated[tuple[Age, ...], msgspec.Meta(max_length=len(Age))] = ()
    sex: Sex | None = None
    description: Words = ""
    about: Line = ""


class Adults(Part, frozen=True):
    count: Count = 0
    description: Words = ""
    nationality: Line = ""
    language: Line = ""
    name: Line = ""
    about: Line = ""


class Vehicle(Part, frozen=True):
    plate: Line = ""
    make: Line = ""
    colour: Line = ""


class Online(Part, frozen=True):
    """Where on the internet, as text: never a file."""

    platform: Line = ""
    handle: Words = ""


class Report(Part, frozen=True):
    """What a person tells. `when` says how long ago; `moment` more exactly. The order of the fields is the bytes'."""

    place: Place
    narrative: Annotated[str, msgspec.Meta(min_length=1, max_length=12_000)]
    when: When = When.UNKNOWN
    what: Annotated[tuple[Sign, ...], msgspec.Meta(max_length=len(Sign))] = ()
    contact: Line = ""
    language: Annotated[str, msgspec.Meta(max_length=12)] = ""
    happening_now: bool = False
    child_in_danger_now: bool = False
    moment: Moment | None = None
    children: Children | None = None
    adults: Adults | None = None
    vehicle: Vehicle | None = None
    online: Online | None = None
    already_told: Annotated[tuple[Told, ...], msgspec.Meta(max_length=len(Told))] = ()
    reporter_role: Role | None = None
    languages: Annotated[tuple[Short, ...], msgspec.Meta(max_length=8)] = ()
    may_contact_via_code: bool = False


class FileType(StrEnum):
    """What a file may be inside. A picture is drawn anew, so it is always a JPEG."""

    JPEG = "image/jpeg"
    PDF = "application/pdf"
    M4A = "audio/mp4"


class Manifest(Part, frozen=True):
    """One file of a report, sealed beside it: a neutral name; size and hash of what it is before it was padded.
    `stripped`: drawn anew from its pixels; without, it is as it was sent, and unsafe to open. `taken`: place and time
    of a photo as text, where its sender ticked that they stay."""

    name: Annotated[str, msgspec.Meta(pattern="^file-[1-3]\\.(jpg|pdf|m4a)$")]
    type: FileType
    size: Annotated[int, msgspec.Meta(ge=1, le=10 * 1024 * 1024)]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    stripped: bool = False
    taken: Line = ""


def urgent(report: Report) -> bool:
    """Whether the shorter clock applies."""
    return report.when is When.NOW or report.happening_now or report.child_in_danger_now


def newer(form: str) -> bool:
    """Whether a form came after this program: neither one that it knows nor anything else."""
    return _FORM.fullmatch(form) is not None and form > FORMS[-1]
