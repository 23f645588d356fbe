"""What may be said in public about reports: per country and quarter, rounded, small numbers left out. Pure.

A quarter is published once, a month after it ended, and never again: what is published is written down, and what it was
computed from is destroyed. So two publications never differ by one report, and no later one corrects an earlier one.
Everything is counted in the quarter in which it happened, so quarters share nothing that could be subtracted.

- Under five a figure is left out, and nought looks the same as four.
- The rest is rounded to fives from a point that is drawn for each figure and kept nowhere: a shown ten stands for six
  to fourteen. The total of the outcomes is rounded by itself and is not the sum of its parts.
- Where one part of a total would be the only one left out, the smallest shown part is left out too.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from registry.reports.rules import Outcome

SMALLEST = STEP = 5
WAIT = timedelta(days=30)
"""After the end of a quarter, so that the last thing that happened in it is old when it becomes a figure."""
HOURS = (1, 4, 24, 72, 168, 720, 8760)
"""The steps in which the time to an answer is counted: the median is one of them, and never a minute."""
RECEIVED, ACKNOWLEDGED, IN_TIME, MEDIAN, OUTCOMES = "received", "acknowledged", "in_time", "median_hours", "outcomes"
PARTS = tuple(f"outcome:{one}" for one in Outcome)
SHOWN = (RECEIVED, ACKNOWLEDGED, IN_TIME, MEDIAN, OUTCOMES, *PARTS)
"""Every figure of one country and quarter, in the order in which they are told."""

Tallies = Mapping[str, int]
Draw = Callable[[int], int]


def quarter(day: date) -> date:
    """The first day of the quarter of a day."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def after(start: date) -> date:
    """The first day of the next quarter."""
    return date(start.year + (start.month == 10), (start.month + 2) % 12 + 1, 1)


def publishable(start: date, now: datetime) -> bool:
    """Whether the figures of a quarter may be published."""
    return now.date() - after(start) >= WAIT


def publish(tallies: Tallies, draw: Draw) -> dict[str, int | None]:
    """The figures of one country and quarter. `draw(5)` is a random number under five, kept by nobody."""
    found: dict[str, int | None] = {
        what: shown(tallies.get(what, 0), draw) for what in (RECEIVED, ACKNOWLEDGED, IN_TIME)
    }
    found[MEDIAN] = median(tallies) if (found[ACKNOWLEDGED] or 0) >= 2 * STEP else None
    counted = {part: tallies.get(part, 0) for part in PARTS}
    found[OUTCOMES] = shown(sum(counted.values()), draw)
    return found | hidden({part: shown(n, draw) for part, n in counted.items()}, counted)


def shown(n: int, draw: Draw) -> int | None:
    """One number as it may be shown; None when it is too small."""
    return (n + draw(STEP)) // STEP * STEP if n >= SMALLEST else None


def hidden(parts: dict[str, int | None], counted: Tallies) -> dict[str, int | None]:
    """The parts of a total: never exactly one left out, whose size the total would tell."""
    left_out = [part for part, value in parts.items() if value is None]
    rest = sorted((counted[part], part) for part, value in parts.items() if value is not None)
    return parts | {rest[0][1]: None} if len(left_out) == 1 and rest else parts


def median(tallies: Tallies) -> int | None:
    """Within how many hours half of the answers came, as one of HOURS."""
    counted = [(hours, tallies.get(f"hours:{hours}", 0)) for hours in HOURS]
    whole = sum(n for _, n in counted)
    so_far = 0
    for hours, n in counted:
        so_far += n
        if whole and 2 * so_far >= whole:
            return hours
    return None
