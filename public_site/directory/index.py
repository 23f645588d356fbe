"""Words to rows, in memory. Pure.

One index for each published shard, kept as long as the shard is: a publication re-reads only what changed. A word is
looked for as it is, then by its sound, then with one slip (a word and a query that differ by one letter share a form
with one letter less), and, when all that finds nothing, with two slips in a long word (by shared runs of three letters).
So a search costs dictionary look-ups and never walks the register.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import msgspec

from public_site.directory.likeness import (
    FAR_FROM,
    LOOSE_FROM,
    differs_by_one,
    distance,
    fold,
    shortened,
    sound,
    trigrams,
    wanted,
    words,
)
from registry.seals.snapshot import Entry, Listing

AS_IT_IS, BY_EAR, ONE_SLIP, TWO_SLIPS = range(4)
_MOST = 400
"""Words sharing letters with a query that are compared with it."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """A seal whose facts are public, or a listing."""

    name: str
    group: str  # lodging, operator, entertainment …
    region: str
    entry: Entry | None = None
    listing: Listing | None = None


class Index:
    """`rows` in the order of their folded names, which are `folded`."""

    def __init__(self, rows: Iterable[tuple[Row, str]]) -> None:
        """Each row comes with the text under which it is found."""
        known = sorted(((fold(row.name), row, text) for row, text in rows), key=lambda one: one[0])
        self.rows = [row for _, row, _ in known]
        self.folded = [folded for folded, _, _ in known]
        self._places: dict[str, set[int]] = {}
        for number, (folded, _, text) in enumerate(known):
            for word in {*words(text), *joined(folded)}:
                self._places.setdefault(word, set()).add(number)
        self._sorted = sorted(self._places)
        self._sounds: dict[str, list[str]] = {}
        self._shorter: dict[str, list[str]] = {}
        self._runs: dict[str, list[str]] = {}
        for word in self._sorted:
            if len(word) >= LOOSE_FROM:
                self._sounds.setdefault(sound(word), []).append(word)
                for form in shortened(word):
                    self._shorter.setdefault(form, []).append(word)
            if len(word) >= FAR_FROM - 2:
                for run in trigrams(word):
                    self._runs.setdefault(run, []).append(word)

    def search(self, query: str) -> dict[int, int]:
        """Row numbers that hold every word of the query, with how far from it they are, summed over its words."""
        asked = wanted(query)
        if not asked:
            return dict.fromkeys(range(len(self.rows)), 0)
        found = self._all(asked)
        if not found and len(asked) > 1:  # "villa mar" where the name is Villamar
            found = self._all(["".join(asked)])
        return found

    def _all(self, asked: list[str]) -> dict[int, int]:
        found: dict[int, int] | None = None
        for word in asked:
            here = self._near(word)
            found = here if found is None else {n: cost + here[n] for n, cost in found.items() if n in here}
            if not found:
                return {}
        return found or {}

    def _near(self, word: str) -> dict[int, int]:
        """Rows that hold the word or one like it; the nearest way counts."""
        ways = [(TWO_SLIPS, self._far(word))] if not (near := self._ways(word)) else near
        found: dict[int, int] = {}
        for cost, alike in sorted(ways, key=lambda way: way[0]):
            for other in alike:
                for number in self._places[other]:
                    found.setdefault(number, cost)
        return found

    def _ways(self, word: str) -> list[tuple[int, Iterable[str]]]:
        ways: list[tuple[int, Iterable[str]]] = [(AS_IT_IS, self._begun(word))]
        if len(word) >= LOOSE_FROM:
            ways.append((BY_EAR, self._sounds.get(sound(word), ())))
            slips = {other for form in shortened(word) for other in self._shorter.get(form, ())}
            ways.append((ONE_SLIP, [other for other in slips if differs_by_one(word, other)]))
        return [(cost, alike) for cost, alike in ways if alike]

    def _begun(self, word: str) -> list[str]:
        """Words that are this one or begin with it."""
        start = bisect_left(self._sorted, word)
        end = bisect_left(self._sorted, word + "\U0010ffff", lo=start)
        return self._sorted[start:end]

    def _far(self, word: str) -> list[str]:
        if len(word) < FAR_FROM:
            return []
        shared = Counter(other for run in trigrams(word) for other in self._runs.get(run, ()))
        likely = [other for other, _ in shared.most_common(_MOST) if abs(len(other) - len(word)) <= 2]
        return [other for other in likely if distance(word, other) <= 2]


def joined(folded: str) -> Iterable[str]:
    """Neighbouring words of a name written as one, as many write them: "villamar" for Villa Mar."""
    return (one + other for one, other in pairwise(words(folded)))
