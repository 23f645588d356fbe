"""Words to rows, in memory. Pure.

One index for each published shard, kept as long as the shard is: a publication re-reads only what changed. A word is
looked for as it is, then by its sound, then with one slip (a word and a query that differ by one letter share a form
with one letter less), and, when all that finds nothing, with two slips in a long word (by shared runs of three
letters). So a search costs dictionary look-ups and never walks the register.
"""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise

import msgspec

from public_site.directory.likeness import fold, words
from public_site.directory.vocabulary import AS_IT_IS, Asked, Vocabulary, Ways
from public_site.verification.copy import LoadedShard
from registry.seals.snapshot import Entry, Listing


class Row(msgspec.Struct, frozen=True, gc=False):
    """A seal whose facts are public, or a listing. Of a seal what every book asks is kept; the rest is read from its
    shard when somebody looks at it: a hundred thousand facts are a fifth of a gigabyte."""

    name: str
    group: str  # lodging, operator, entertainment …
    region: str
    canton: str = ""
    brief: Entry | None = None
    listing: Listing | None = None
    shard: LoadedShard | None = None
    number: int = 0

    @property
    def entry(self) -> Entry | None:
        """The whole seal."""
        return self.shard.entry(self.number) if self.shard is not None else self.brief


class Index:
    """`rows` in the order of their folded names, which are `folded`. `vocabulary`: the copy's, held until `release`."""

    def __init__(self, rows: Iterable[tuple[Row, str]], vocabulary: Vocabulary | None = None) -> None:
        """Each row comes with the text under which it is found."""
        known = sorted(((fold(row.name), row, text) for row, text in rows), key=lambda one: one[0])
        self.rows = [row for _, row, _ in known]
        self.folded = [folded for folded, _, _ in known]
        places: dict[str, list[int]] = {}
        runs: dict[str, list[int]] = {}
        for number, (folded, _, text) in enumerate(known):
            for word in set(words(text)):
                places.setdefault(word, []).append(number)
            for word in set(joined(folded)):
                runs.setdefault(word, []).append(number)
        self.vocabulary = Vocabulary() if vocabulary is None else vocabulary
        own = self.vocabulary.hold(places)
        # Tuples, for most words of a shard stand in one or two rows.
        self._places = {own[word]: tuple(found) for word, found in places.items()}
        self._joined = {word: tuple(found) for word, found in runs.items()}
        self._sorted = sorted(self._places)

    def release(self) -> None:
        """The shard was replaced: what only it said is forgotten. Searches that go on still find what is written as
        it is."""
        self.vocabulary.release(self._sorted)

    def search(self, query: str, *, far: bool = False) -> dict[int, int]:
        """As `find`."""
        return self.find(self.vocabulary.asked(query, far=far))

    def find(self, asked: Asked) -> dict[int, int]:
        """Row numbers that hold every word of the query, with how far from it they are, summed over its words."""
        if not asked.terms:
            return dict.fromkeys(range(len(self.rows)), 0)
        found: dict[int, int] | None = None
        for word, ways in asked.terms:
            here = self._near(word, ways)
            found = here if found is None else {n: cost + here[n] for n, cost in found.items() if n in here}
            if not found:
                break
        return found or self._near(*asked.whole)  # "villa mar" where the name is Villamar

    def _near(self, word: str, ways: Ways) -> dict[int, int]:
        """Rows that hold the word or one like it; the nearest way counts."""
        found: dict[int, int] = dict.fromkeys(self._joined.get(word, ()), AS_IT_IS)
        for cost, alike in ((AS_IT_IS, self._begun(word)), *ways):
            for other in alike:
                for number in self._places.get(other, ()):
                    found.setdefault(number, cost)
        return found

    def _begun(self, word: str) -> list[str]:
        """Words that are this one or begin with it."""
        start = bisect_left(self._sorted, word)
        end = bisect_left(self._sorted, word + "\U0010ffff", lo=start)
        return self._sorted[start:end]


def joined(folded: str) -> Iterable[str]:
    """Neighbouring words of a name written as one, as many write them: "villamar" for Villa Mar."""
    return (one + other for one, other in pairwise(words(folded)))
