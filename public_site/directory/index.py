"""Words to rows, in memory. Pure.

One index for each published shard, kept as long as the shard is: a publication re-reads only what changed. A word is
looked for as it is, then by its sound, then with one slip (a word and a query that differ by one letter share a form
with one letter less), and, when all that finds nothing, with two slips in a long word (by shared runs of three
letters). So a search costs dictionary look-ups and never walks the register.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
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
_MOST = 80
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
        self._joined: dict[str, set[int]] = {}
        for number, (folded, _, text) in enumerate(known):
            for word in set(words(text)):
                self._places.setdefault(word, set()).add(number)
            for word in joined(folded):
                self._joined.setdefault(word, set()).add(number)
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

    def search(self, query: str, *, far: bool = False) -> dict[int, int]:
        """Row numbers that hold every word of the query, with how far from it they are, summed over its words. `far`:
        two slips are forgiven too."""
        asked = wanted(query)
        if not asked:
            return dict.fromkeys(range(len(self.rows)), 0)
        found: dict[int, int] | None = None
        for word in asked:
            here = self._near(word, far)
            found = here if found is None else {n: cost + here[n] for n, cost in found.items() if n in here}
            if not found:
                break
        return found or self._near("".join(words(query)), False)  # "villa mar" where the name is Villamar

    def _near(self, word: str, far: bool) -> dict[int, int]:
        """Rows that hold the word or one like it; the nearest way counts."""
        found: dict[int, int] = dict.fromkeys(self._joined.get(word, ()), AS_IT_IS)
        for cost, alike in self._ways(word, far):
            for other in alike:
                for number in self._places[other]:
                    found.setdefault(number, cost)
        return found

    def _ways(self, word: str, far: bool) -> Iterator[tuple[int, Iterable[str]]]:
        yield AS_IT_IS, self._begun(word)
        if len(word) >= LOOSE_FROM:
            yield BY_EAR, self._sounds.get(sound(word), ())
            slips = {other for form in shortened(word) for other in self._shorter.get(form, ())}
            yield ONE_SLIP, [other for other in slips if differs_by_one(word, other)]
        if far and len(word) >= FAR_FROM:
            yield TWO_SLIPS, self._far(word)

    def _begun(self, word: str) -> list[str]:
        """Words that are this one or begin with it."""
        start = bisect_left(self._sorted, word)
        end = bisect_left(self._sorted, word + "\U0010ffff", lo=start)
        return self._sorted[start:end]

    def _far(self, word: str) -> list[str]:
        shared = Counter(other for run in trigrams(word) for other in self._runs.get(run, ()))
        least = max(2, len(word) - 6)  # each slip spoils at most three runs
        likely = [o for o, runs in shared.most_common(_MOST) if runs >= least and abs(len(o) - len(word)) <= 2]
        return [other for other in likely if distance(word, other) <= 2]


def joined(folded: str) -> Iterable[str]:
    """Neighbouring words of a name written as one, as many write them: "villamar" for Villa Mar."""
    return (one + other for one, other in pairwise(words(folded)))
