"""What counts may hold, and what a run of them may hint at. Pure."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from statistics import median

import msgspec

KEPT = timedelta(days=90)
UNKNOWN = "unknown"
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")  # ISO 3166-1 or 3166-2: nothing finer can be written down

REGIONS = 3
"""In how many regions on one day a seal makes one think of a copy. Ours: two are a border or a trip."""
BURST = 50
"""Fewer look-ups than this on a day are never remarkable. Ours."""
TIMES = 10
"""How many times its usual day a day must be. Ours."""
USUAL = 28
"""Days before it that make the usual day."""
STILL_SHOWN = 5
"""Look-ups of a seal that is not valid that make one think it still hangs there. Ours."""
NOT_VALID = frozenset({"suspended", "withdrawn", "expired"})


class Count(msgspec.Struct, frozen=True):
    """`code` is empty where the register knows none: what a stranger typed is not kept."""

    code: str
    day: date
    region: str
    state: str
    count: int


class Kind(StrEnum):
    REGIONS = "regions"
    BURST = "burst"
    STILL_SHOWN = "still_shown"


class Hint(msgspec.Struct, frozen=True):
    """`number`: regions on that day, look-ups on that day, or look-ups since then."""

    kind: Kind
    day: date
    number: int


def region_of(given: str) -> str:
    """A country or a first-level division as a proxy writes it; whatever else is written there is unknown."""
    said = given.strip().upper()
    return said if _REGION.fullmatch(said) and said not in {"XX", "T1"} else UNKNOWN  # what proxies say for "no idea"


def hints(counts: Iterable[Count]) -> list[Hint]:
    """What the counts of one seal may mean, the newest day of each kind. The counts are of one code."""
    days: dict[date, dict[str, int]] = {}
    stale: dict[date, int] = {}
    for one in counts:
        regions = days.setdefault(one.day, {})
        regions[one.region] = regions.get(one.region, 0) + one.count
        if one.state in NOT_VALID:
            stale[one.day] = stale.get(one.day, 0) + one.count
    found = [_regions(days), _burst(days), _still_shown(stale)]
    return [hint for hint in found if hint]


def _regions(days: dict[date, dict[str, int]]) -> Hint | None:
    seen = {day: len(regions.keys() - {UNKNOWN}) for day, regions in days.items()}
    day = max((day for day, number in seen.items() if number >= REGIONS), default=None)
    return Hint(Kind.REGIONS, day, seen[day]) if day else None


def _burst(days: dict[date, dict[str, int]]) -> Hint | None:
    totals = {day: sum(regions.values()) for day, regions in days.items()}
    for day in sorted(totals, reverse=True):
        before = [totals.get(day - timedelta(days=back), 0) for back in range(1, USUAL + 1)]
        if totals[day] >= BURST and totals[day] >= TIMES * max(1.0, median(before)):
            return Hint(Kind.BURST, day, totals[day])
    return None


def _still_shown(stale: dict[date, int]) -> Hint | None:
    total = sum(stale.values())
    return Hint(Kind.STILL_SHOWN, min(stale), total) if total >= STILL_SHOWN else None
