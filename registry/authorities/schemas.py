"""What crosses the wire."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from registry.authorities.directory import Competence, Offence, Terms
from registry.authorities.hotlines import Kind as LineKind
from registry.authorities.hours import Hours
from registry.authorities.rules import Channel, Kind, Use

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Register(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An authority as it is enrolled. `then` is the office behind it; no `offences` means every kind of act; `abroad`:
    it is the focal point for acts of its residents in other countries."""

    names: dict[str, Line]
    kind: Kind
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    competence: tuple[Competence, ...]
    languages: tuple[str, ...] = ("es",)
    always_open: bool = False
    then: UUID | None = None
    offences: tuple[Offence, ...] = ()
    abroad: bool = False
    hours: Hours | None = None
    timezone: Annotated[str, msgspec.Meta(max_length=40)] = ""


class PublicKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One public key, as the authority's own machine wrote it."""

    use: Use
    public: Annotated[str, msgspec.Meta(max_length=62)]
    holder: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class Challenge(msgspec.Struct, frozen=True):
    """What the holder of a key must open (an age file, base64url) or sign (the text itself) to prove it."""

    key: UUID
    use: Use
    public: str
    task: str


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: UUID
    answer: Annotated[str, msgspec.Meta(max_length=200)]


class ReadBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fingerprint as its holder read it to us, over which channel, and which post read it."""

    key: UUID
    fingerprint: Annotated[str, msgspec.Meta(max_length=120)]
    channel: Channel
    reader: Line


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agreement, signed by both. `attachments`: its written mandate lets the office receive files."""

    reference: Line
    signatory: Line
    signed_on: date
    valid_from: date
    valid_until: date
    terms: Terms = Terms()
    attachments: bool = False


class NewContact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    post: Line
    email: Annotated[str, msgspec.Meta(pattern="^[^@\\s]+@[^@\\s]+$", max_length=254)]
    phone: Annotated[str, msgspec.Meta(pattern="^(\\+[1-9][0-9]{6,14})?$")] = ""


class NewHotline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: LineKind
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    names: dict[str, Line]
    numbers: tuple[str, ...]
    hours: Hours
    timezone: str
    languages: tuple[str, ...]
    checked_on: date
    checked_by: Line
    place: Annotated[str, msgspec.Meta(pattern="^([A-Z]{2}-[A-Z0-9]{1,3}(/[0-9A-Z]{1,8})?)?$")] = ""
    texts: tuple[str, ...] = ()
    from_abroad: bool = False
    fictitious: bool = False
    source: Annotated[str, msgspec.Meta(max_length=200)] = ""
    owner: Annotated[str, msgspec.Meta(max_length=120)] = ""
    owner_email: Annotated[str, msgspec.Meta(pattern="^([^@\\s]+@[^@\\s]+)?$", max_length=254)] = ""
