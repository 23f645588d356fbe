"""Who may bind a business, and how long its word holds. Pure."""

import unicodedata
from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from registry.core.calendar import add_months, day_of
from registry.core.errors import Conflict, Forbidden, Invalid

RENEW_BEFORE_DAYS = 365
"""A term may be signed anew in the last year of the old signature; before that it is a slip of the hand."""


class Power(StrEnum):
    """By what power a person binds the business."""

    OWNER = "owner"
    LEGAL_REPRESENTATIVE = "legal_representative"
    POWER_OF_ATTORNEY = "power_of_attorney"


class Method(StrEnum):
    """How the signature was given. Typed: the full name, under one's own sign-in with its second factor."""

    TYPED = "typed"


class Standing(msgspec.Struct, frozen=True):
    """A commitment as the rules see it. `superseded_on` is when a newer text took or takes effect."""

    signed_at: datetime
    ends_on: date
    ended_at: datetime | None = None
    superseded_on: date | None = None


def binds(client_id: UUID, represented: Collection[UUID]) -> None:
    """Only a representative of this very business can bind it (17065 4.1.2): neither its association nor we can."""
    if client_id not in represented:
        raise Forbidden("commitment-only-representative")


def readable(version_id: UUID, current_id: UUID, language: str, languages: Collection[str]) -> None:
    """What is signed is the text in force now, in a language it was written in."""
    if version_id != current_id:
        raise Conflict("commitment-text-changed")
    if language not in languages:
        raise Invalid("commitment-language", fields={"language": "commitment-language"})


def named(name: str, position: str, *, power_to_bind: bool) -> tuple[str, str]:
    """The signatory's name and position, cleaned of what cannot be printed; raises Invalid naming the field to mend."""
    name, position = printable(name), printable(position)
    given = {
        "signatory_name": len(name) >= 3 and any(c.isalpha() for c in name),
        "signatory_position": len(position) >= 2,
        "power_to_bind": power_to_bind,
    }
    if not all(given.values()):
        refusal = Invalid("commitment-incomplete", fields={"signatory_name": "commitment-name-needed",
                                                           "signatory_position": "commitment-position-needed",
                                                           "power_to_bind": "commitment-power-needed"})  # fmt: skip
        refusal.details["fields"] = {name: code for name, code in refusal.details["fields"].items() if not given[name]}
        raise refusal
    return name, position


def printable(text: str) -> str:
    """NFC, one space between words, and nothing that would hide or turn round what is printed."""
    kept = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text)
                   if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})  # fmt: skip
    return " ".join(kept.split())


def last_day(signed_at: datetime, zone: str, months: int) -> date:
    """The last day a signature holds, where the business is: the same day of the month, or that month's last."""
    return add_months(day_of(signed_at, zone), months)


def in_force(standing: Standing, at: datetime, zone: str, overlap_months: int) -> bool:
    """Whether a signature holds at an instant. The day counts where the business is."""
    today = day_of(at, zone)
    if at < standing.signed_at or today > standing.ends_on:
        return False
    if standing.ended_at is not None and at >= standing.ended_at:
        return False
    return standing.superseded_on is None or today < add_months(standing.superseded_on, overlap_months)


def signable(standing: Standing | None, same_text: bool, today: date) -> None:
    """Raise Conflict while a signature under this very text holds for more than another year."""
    if standing and same_text and (standing.ends_on - today).days > RENEW_BEFORE_DAYS:
        raise Conflict("commitment-already-signed")
