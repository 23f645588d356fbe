"""What is a flood, and what is many people. Pure.

What is part of a burst is delivered and escalated like everything else, and never held against an office: otherwise
anybody could close a country's channel by flooding it (reporting.md 5.8). An office is not held to more than it has
shown that it can answer. So an hour is part of a burst when more came in it than the office usually answers in two
days, and so are 24 hours when more came in them than it answers in four; never less than one person can open in that
time.

Whole hours are marked, the first report of one as much as the last: we know of no report more than its hour, and the
first ones of a flood could close an office too. What is overdue already is marked no more, so nobody who let a report
rot can take it back by a flood; and what came in other hours is held against the office as before. That an hour was a
rush by itself counts for nothing in the 24 hours around it: a rush in the evening excuses no report of the morning.

A drill is marked with its hour, or it could be told from the rest. So an office that leaves a flood lying, perhaps its
own, passes no drill, and after 30 days of that its form closes (gate.DRILL_AGE).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import accumulate

LEAST_HOUR, LEAST_DAY = 12, 24
"""One person opens so many in that time, beside their other work."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUDGED = timedelta(days=28)
"""What an office usually answers is counted over so long."""


def an_hour(usual: float) -> float:
    """The most that comes to an office in an hour without a flood. `usual`: acknowledged a day."""
    return max(LEAST_HOUR, 2 * usual)


def a_day(usual: float) -> float:
    """The same of any 24 hours."""
    return max(LEAST_DAY, 4 * usual)


def flooded(came: Mapping[datetime, int], usual: float) -> frozenset[datetime]:
    """The hours that are part of a burst, of those in which something came: hour (UTC, whole) -> how many."""
    fast = {hour for hour, many in came.items() if many > an_hour(usual)}
    calm = sorted(set(came) - fast)
    upto = [0, *accumulate(came[hour] for hour in calm)]
    slow, end = set[datetime](), 0
    for first, hour in enumerate(calm):
        while end < len(calm) and calm[end] < hour + DAY:
            end += 1
        if upto[end] - upto[first] > a_day(usual):
            slow.update(calm[first:end])
    return frozenset(fast | slow)
