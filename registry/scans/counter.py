"""Counts in memory: one addition in a dictionary for each look-up, so that the fast lane does not feel it.

Nothing of a request is kept but the region that the operator's own proxy names in a header, and that only when the
request comes from such a proxy. The day is that of the batch, so a minute around midnight may count for the next day.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from typing import Any

from registry.core.shield import header
from registry.scans.rules import UNKNOWN, region_of

MOST = 200_000
"""Different (code, state, region) held at once. Beyond it, only the state is counted, until the next batch."""

Seen = tuple[str, str]
"""Code (empty where the register knows none) and what the page said."""
Key = tuple[str, str, str]


class Counter:
    """`name`: the header in which the operator's proxy names the region; empty when it names none."""

    def __init__(self, name: str = "", proxies: frozenset[str] = frozenset()) -> None:
        self._name, self._proxies = name.lower().encode("latin-1"), proxies
        self._counts: dict[Key, int] = {}

    def count(self, seen: Seen, scope: Mapping[str, Any]) -> None:
        """One look-up."""
        counts = self._counts
        key = (seen[0], seen[1], self._region(scope) if self._name else UNKNOWN)
        if key not in counts and len(counts) >= MOST:
            key = ("", seen[1], UNKNOWN)
        counts[key] = counts.get(key, 0) + 1

    def taken(self) -> dict[Key, int]:
        """What was counted since the last time; the counter begins anew."""
        taken, self._counts = self._counts, {}
        return taken

    def put_back(self, counts: Mapping[Key, int]) -> None:
        """A batch that could not be kept."""
        whole: Tally[Key] = Tally(self._counts)
        whole.update(counts)
        self._counts = dict(_fewest(whole.items()))

    def _region(self, scope: Mapping[str, Any]) -> str:
        if (scope.get("client") or ("",))[0] not in self._proxies:
            return UNKNOWN
        return region_of(header(scope, self._name))


def _fewest(items: Iterable[tuple[Key, int]]) -> Iterable[tuple[Key, int]]:
    """While the database is away, memory does not grow without end: the rest is counted by state alone."""
    loose: Tally[Key] = Tally()
    for number, (key, count) in enumerate(items):
        if number < MOST:
            yield key, count
        else:
            loose["", key[1], UNKNOWN] += count
    yield from loose.items()
