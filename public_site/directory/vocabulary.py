"""Every word of one copy once, with the ways in which a mistaken one leads to it. Shared by the indexes of all shards.

Shards hold much the same words ("hotel", "playa"), so what a word costs is paid once for the register. Indexes hold
their words here and let them go when their shard is replaced; a word that none holds is forgotten. Values are tuples
and are replaced whole, so that a search over the book before goes on while the next one is made.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from public_site.directory.likeness import (
    FAR_FROM,
    LOOSE_FROM,
    differs_by_one,
    distance,
    shortened,
    sound,
    trigrams,
    wanted,
    words,
)

AS_IT_IS, BY_EAR, ONE_SLIP, TWO_SLIPS = range(4)
_MOST = 80
"""Words sharing letters with a query that are compared with it."""

Ways = tuple[tuple[int, tuple[str, ...]], ...]
"""How far, and the words that are as far; the word itself and what begins with it is each index's own."""


class Asked(msgspec.Struct, frozen=True):
    """A query, worked out once for all shards. `whole`: its words written as one."""

    terms: tuple[tuple[str, Ways], ...]
    whole: tuple[str, Ways]


class Vocabulary:
    def __init__(self) -> None:
        self._held: dict[str, tuple[str, int]] = {}  # the one object of a word, and how many indexes hold it
        self._sounds: dict[str, tuple[str, ...]] = {}
        self._shorter: dict[str, tuple[str, ...]] = {}
        self._runs: dict[str, tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, some: Iterable[str]) -> dict[str, str]:
        """The same words as one object each, for an index that keeps them until it lets go."""
        own = {}
        for word in some:
            one, count = self._held.get(word) or (word, 0)
            self._held[one] = (one, count + 1)
            if not count:
                for table, form in self._forms(one):
                    table[form] = (*table.get(form, ()), one)
            own[word] = one
        return own

    def release(self, some: Iterable[str]) -> None:
        for word in some:
            one, count = self._held[word]
            if count > 1:
                self._held[one] = (one, count - 1)
                continue
            del self._held[one]
            for table, form in self._forms(one):
                if left := tuple(other for other in table[form] if other != one):
                    table[form] = left
                else:
                    del table[form]

    def asked(self, query: str, *, far: bool = False) -> Asked:
        """`far`: two slips are forgiven too."""
        whole = "".join(words(query))
        return Asked(tuple((word, self._ways(word, far)) for word in wanted(query)), (whole, self._ways(whole, False)))

    def _forms(self, word: str) -> Iterable[tuple[dict[str, tuple[str, ...]], str]]:
        if len(word) >= LOOSE_FROM:
            yield self._sounds, sound(word)
            for form in shortened(word):
                yield self._shorter, form
        if len(word) >= FAR_FROM - 2:
            for run in trigrams(word):
                yield self._runs, run

    def _ways(self, word: str, far: bool) -> Ways:
        ways: list[tuple[int, tuple[str, ...]]] = []
        if len(word) >= LOOSE_FROM:
            ways.append((BY_EAR, self._sounds.get(sound(word), ())))
            slips = {other for form in shortened(word) for other in self._shorter.get(form, ())}
            ways.append((ONE_SLIP, tuple(other for other in slips if differs_by_one(word, other))))
        if far and len(word) >= FAR_FROM:
            ways.append((TWO_SLIPS, self._far(word)))
        return tuple(ways)

    def _far(self, word: str) -> tuple[str, ...]:
        shared = Counter(other for run in trigrams(word) for other in self._runs.get(run, ()))
        least = max(2, len(word) - 6)  # each slip spoils at most three runs
        likely = [o for o, runs in shared.most_common(_MOST) if runs >= least and abs(len(o) - len(word)) <= 2]
        return tuple(other for other in likely if distance(word, other) <= 2)
