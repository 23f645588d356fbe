"""Hotlines as they are published (hotlines.json) and as a page shows them. Pure.

A number is shown with the day somebody last rang it. Older than 180 days it is marked, older than 365 it is hidden
unless a place would be left with none: an old number may still save somebody, and the page says how old it is.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import phonenumbers

from registry.authorities.hours import Hours
from registry.authorities.places import within
from registry.core.errors import Invalid
from registry.core.telephone import spaced

FORMAT: Literal["resguardo-hotlines/1"] = "resguardo-hotlines/1"
MARKED_AFTER, HIDDEN_AFTER = timedelta(days=180), timedelta(days=365)
ASKED_AFTER, ASKED_EVERY = timedelta(days=150), timedelta(days=14)
"""A line's owner is asked to ring it a month before it would be marked, and again every fortnight."""

Number = Annotated[str, msgspec.Meta(pattern=r"^(\+[1-9][0-9]{6,14}|[0-9]{3,6})$")]
"""E.164, or a short code such as 911 that has no E.164 form."""


class Kind(StrEnum):
    EMERGENCY = "emergency"
    CHILD_PROTECTION = "child_protection"
    POLICE = "police"
    LISTENING = "listening"
    DEAF = "deaf"
    OTHER = "other"


class Hotline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line. `place` is a province or canton, or empty when it answers for the whole country.

    `source`: who published the number; `owner`: the post that rings it again before it gets stale.
    """

    id: UUID
    kind: Kind
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    names: dict[str, Annotated[str, msgspec.Meta(min_length=1, max_length=120)]]
    numbers: Annotated[tuple[Number, ...], msgspec.Meta(min_length=1, max_length=4)]
    hours: Hours
    timezone: str
    languages: tuple[str, ...]
    checked_on: date
    checked_by: str
    place: str = ""
    texts: tuple[Number, ...] = ()
    from_abroad: bool = False
    fictitious: bool = False
    source: str = ""
    owner: str = ""

    def covers(self, place: str) -> bool:
        return within(self.place or self.country, place)

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names.get("es") or next(iter(self.names.values()))


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """hotlines.json."""

    format: Literal["resguardo-hotlines/1"]
    issued_at: datetime
    hotlines: tuple[Hotline, ...]


class Shown(msgspec.Struct, frozen=True):
    """A line on a page; `stale` when it has not been checked for half a year."""

    hotline: Hotline
    stale: bool


def shown(hotlines: tuple[Hotline, ...], place: str, today: date) -> list[Shown]:
    """The lines of a place: emergency first, then those of the province, then the country's; too old ones left out."""
    here = sorted(
        (h for h in hotlines if h.covers(place)),
        key=lambda h: (h.kind is not Kind.EMERGENCY, list(Kind).index(h.kind), not h.place, h.checked_on),
    )
    fresh = [h for h in here if today - h.checked_on <= HIDDEN_AFTER]
    return [Shown(h, today - h.checked_on > MARKED_AFTER) for h in fresh or here]


def aged(line: Hotline, today: date) -> bool:
    """Whether it is time to ring it again."""
    return today - line.checked_on >= ASKED_AFTER


def to_ring(checked_on: date, asked_on: date | None, today: date) -> bool:
    """Whether the owner is asked today."""
    return today - checked_on >= ASKED_AFTER and (asked_on is None or today - asked_on >= ASKED_EVERY)


def number(typed: str, country: str) -> str:
    """A number as it is stored; Invalid when no telephone network would take it."""
    digits = "".join(c for c in typed if c.isdigit())
    if 3 <= len(digits) <= 6 and not typed.strip().startswith("+"):
        return digits
    try:
        parsed = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException as error:
        raise Invalid("hotline-number", fields={"numbers": "hotline-number"}) from error
    if not phonenumbers.is_possible_number(parsed):
        raise Invalid("hotline-number", fields={"numbers": "hotline-number"})
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def local(stored: str) -> str:
    """A number as people of its country write it: 2555-0147."""
    if not stored.startswith("+"):
        return stored
    return phonenumbers.format_number(phonenumbers.parse(stored), phonenumbers.PhoneNumberFormat.NATIONAL).replace(
        " ", "-"
    )


def abroad(stored: str) -> str:
    """A number as it is dialled from another country: +506 2555 0147."""
    if not stored.startswith("+"):
        return stored
    return spaced(stored)


def decode(document: bytes) -> Published:
    """The published file; Invalid when it is not one."""
    try:
        return msgspec.json.decode(document, type=Published)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("hotlines-unreadable") from error
