"""Words to rows, in memory: accents and capitals are forgiven, and one typing mistake a word. Pure.

One index for each published shard, kept as long as the shard is: a publication re-reads only what changed.
A mistake is found by deletions (a word and a query that differ by one letter share a form with one letter less), so a
search costs a few dictionary look-ups and never walks the register.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator

import msgspec

from registry.seals.snapshot import Entry, Listing

LOOSE_FROM = 4  # letters; shorter words are too alike
_SPLIT = re.compile(r"[\W_]+")


class Row(msgspec.Struct, frozen=True, gc=False):
    """A seal whose facts are public, or a listing."""

    name: str
    group: str  # lodging, operator, entertainment …
    region: str
    entry: Entry | None = None
    listing: Listing | None = None


class Index:
    """`rows` in the order of their folded names."""

    def __init__(self, rows: Iterable[tuple[Row, str]]) -> None:
        """Each row comes with the text under which it is found."""
        known = sorted(rows, key=lambda pair: fold(pair[0].name))
        self.rows = [row for row, _ in known]
        self._places: dict[str, set[int]] = {}
        for number, (_, text) in enumerate(known):
            for word in words(text):
                self._places.setdefault(word, set()).add(number)
        self._sorted = sorted(self._places)
        self._shorter: dict[str, set[str]] = {}
        for word in self._sorted:
            if len(word) >= LOOSE_FROM:
                for form in shortened(word):
                    self._shorter.setdefault(form, set()).add(word)

    def search(self, query: str) -> dict[int, int]:
        """Row numbers that hold every word of the query, with how many of them were found loosely."""
        found: dict[int, int] | None = None
        for word in words(query):
            exact, loose = self._exact(word), self._loose(word)
            here = dict.fromkeys(loose - exact, 1) | dict.fromkeys(exact, 0)
            found = here if found is None else {n: cost + here[n] for n, cost in found.items() if n in here}
        return found if found is not None else dict.fromkeys(range(len(self.rows)), 0)

    def _exact(self, word: str) -> set[int]:
        """Words that are this one or begin with it."""
        found: set[int] = set()
        for place in range(bisect_left(self._sorted, word), len(self._sorted)):
            if not self._sorted[place].startswith(word):
                break
            found |= self._places[self._sorted[place]]
        return found

    def _loose(self, word: str) -> set[int]:
        if len(word) < LOOSE_FROM:
            return set()
        near = {
            other for form in shortened(word) for other in self._shorter.get(form, ()) if differs_by_one(word, other)
        }
        return {number for other in near for number in self._places[other]}


def fold(text: str) -> str:
    """Without capitals, accents and tildes, as people type who have no such keys."""
    # Twice, because some letters become capitals only when they are taken apart.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words(text: str) -> Iterator[str]:
    return (word for word in _SPLIT.split(fold(text)) if word)


def shortened(word: str) -> set[str]:
    """The word, and every form of it with one letter less."""
    return {word} | {word[:place] + word[place + 1 :] for place in range(len(word))}


def differs_by_one(one: str, other: str) -> bool:
    """One letter more, less or another, or two neighbours swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, remains = one[start:], other[start:]
    return (
        rest[1:] in (remains, remains[1:])
        or rest == remains[1:]
        or (rest[:2] == remains[1::-1] and rest[2:] == remains[2:])
    )
