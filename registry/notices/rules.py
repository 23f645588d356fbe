"""What a notice may be about, and when two are one. Pure."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

WINDOW = 600  # seconds
NOTICES = UUID("6b1c5a64-6a0e-5f0b-9d53-2f6a1f4c9e01")
LONGEST = 200  # characters of what was seen


class About(StrEnum):
    MISMATCH = "mismatch"  # the plate, name or address is another
    STILL_SHOWN = "still_shown"  # suspended, withdrawn or expired, and still on show
    NOT_THEIRS = "not_theirs"  # a seal where there is only a commitment
    UNKNOWN_CODE = "unknown_code"  # a code the register does not hold


class State(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


def same(about: About, code: str, seen: str, now: datetime) -> UUID:
    """The id of this notice. The page it comes from is the same bytes for everybody, so it can carry no id of its own;
    browsers send a form twice on their own. The same words about the same seal in the same ten minutes are one
    notice."""
    window = int(now.timestamp()) // WINDOW
    return uuid5(NOTICES, "\n".join((about, code, seen.strip().casefold(), str(window))))


def cleaned(text: str) -> str:
    """One line without control characters, at most LONGEST long."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()[:LONGEST]
