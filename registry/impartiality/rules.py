"""When a tie is due for its yearly review, and what the glass lifts. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from registry.core.calendar import add_months
from registry.core.errors import Conflict, Forbidden, Invalid

REVIEW_MONTHS = 12
GLASS_LASTS = timedelta(hours=24)


class Treatment(StrEnum):
    """What is done about a tie."""

    KEPT_AWAY = "kept_away"  # from the holder's cases, while it lasts and for the scheme's months after
    ENDED = "ended"  # it is over, and the months are too
    WATCHED = "watched"  # somebody looks at the person's work for others, too


def due(recorded_on: date, reviewed_on: date | None, today: date) -> bool:
    """Whether the committee has not looked at a tie for a year."""
    return today >= add_months(reviewed_on or recorded_on, REVIEW_MONTHS)


def agreed(opener: object, person: object, second: object | None, opened_at: datetime, now: datetime) -> None:
    """Raise unless this person may be the second for a broken glass: another decider, once, within the day."""
    if person == opener:
        raise Forbidden("glass-needs-another")
    if second is not None:
        raise Conflict("glass-already-agreed")
    if now >= opened_at + GLASS_LASTS:
        raise Conflict("glass-too-late")


def reasoned(text: str, field: str = "reason") -> str:
    """Words that somebody else can follow."""
    words = " ".join(text.split())
    if len(words) < 10:
        raise Invalid("words-too-few", fields={field: "words-too-few"}, least=10)
    return words[:4000]
