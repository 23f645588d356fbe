"""Days and months where people live: validity is counted in local days, never in hours."""

from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import holidays


def day_of(at: datetime, zone: str) -> date:
    """The day an instant falls on, in a time zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def add_months(day: date, months: int) -> date:
    """The same day some months on; the month's last where there is none (31 August + 6 is 28 February)."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for number in range(day.day, 28, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    return date(year, month, min(day.day, 28))


def working_days_after(day: date, count: int, country: str) -> date:
    """The working day that is so many working days after a day: Saturdays, Sundays and the public holidays of a country
    (ISO 3166-1) do not count. A country nobody keeps a calendar of has only its weekends.
    """
    return _calendar(country).get_nth_working_day(day, count)


@cache
def _calendar(country: str) -> "holidays.HolidayBase":
    import holidays  # every country's: loaded when a working day is counted

    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return holidays.HolidayBase()
