"""From when and until when a certificate holds: days in the holder's time zone, instants in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from registry.core.calendar import add_months, day_of


class Validity(msgspec.Struct, frozen=True):
    """`from_at` ≤ valid < `until_at`; `last_on` is the last day printed, `surveillance_on` when 7.9 is due."""

    from_at: datetime
    until_at: datetime
    last_on: date
    surveillance_on: date


def validity(
    decided_at: datetime, zone: str, months: int, surveillance_months: int, kept: date | None = None
) -> Validity:
    """Validity begins with the decision, never before it (I5), and ends with the last day where the holder is.

    `kept` is the last day of the certificate that is renewed: the new one counts its months from there, so that who
    renews early loses nothing and who renews late gains nothing. Surveillance is each so many months (7.9), whatever
    was kept: its first one counts from the decision of an early renewal.
    """
    decided = day_of(decided_at, zone)
    first = kept or decided
    last = add_months(first, months)
    surveillance = min(add_months(min(first, decided), surveillance_months), last)
    return Validity(decided_at, end_of(last, zone), last, surveillance)


def end_of(last: date, zone: str) -> datetime:
    """The first instant that no longer belongs to a day in a zone, in UTC.

    Some zones change their clocks at midnight: fold=0 then gives the instant of the change itself, which is right.
    """
    return datetime.combine(last + timedelta(days=1), time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def last_day(until_at: datetime, zone: str) -> date:
    """The last day that `until_at` still leaves whole."""
    return day_of(until_at - timedelta(microseconds=1), zone)
