"""What the directory knows of one copy at one time: every public row with its verdict, and counts of all seals.

Made anew when the copy changes, when a seal begins or ends by itself, and when the copy grows stale; in a thread, and
only if somebody asks. Vehicles are counted and never named: their facts are sealed in the copy on purpose.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from heapq import merge, nsmallest
from itertools import repeat
from sys import intern

import msgspec

from public_site.directory.index import Index, Row
from public_site.directory.vocabulary import Vocabulary
from public_site.verification import rules
from public_site.verification.copy import Copy, LoadedShard
from public_site.verification.rules import State, Verdict
from registry.seals.snapshot import Entry, Facts, Kind, Listing, Record
from registry.seals.snapshot import State as Published

LODGING = frozenset(
    {"hotel", "hostel", "guesthouse", "apartment", "rural", "camping", "resort", "cabins", "lodge", "other", ""}
)
VEHICLES = "vehicle"
Where = tuple[str, str, str]
"""Region, group (or VEHICLES) and state."""


class Hit(msgspec.Struct, frozen=True):
    """A line of the results. A vehicle found by its plate has a verdict and no address: its code is on the vehicle."""

    row: Row | None
    verdict: Verdict
    record: Record | None = None

    @property
    def region(self) -> str:
        return self.row.region if self.row else self.record.region if self.record else ""

    @property
    def group(self) -> str:
        return self.row.group if self.row else "taxi"


class Shelf(msgspec.Struct, frozen=True):
    """A shard's index, and the bare facts of its vehicles; the same for every book."""

    region: str
    index: Index
    vehicles: list[Entry]
    changes: "array[int]"
    """Where the last changes of its rows stand in the public log, in order; `changed` says whose they are."""
    changed: "array[int]"


class Book(msgspec.Struct, frozen=True):
    """`verdicts` of each shelf's rows; `ordered` is every row by name, as (shelf, row); `until`: the first instant at
    which time alone changes something."""

    seq: int
    shelves: list[Shelf]
    verdicts: list[list[Verdict]]
    ordered: list[tuple[int, int]]
    counts: Counter[Where]
    until: datetime | None

    def every(self) -> Iterator[Hit]:
        return (Hit(self.shelves[shelf].index.rows[row], self.verdicts[shelf][row]) for shelf, row in self.ordered)

    def since(self, sequence: int) -> Iterator[Hit]:
        """Seals by their last change, from this place in the log on."""
        runs = (
            zip(shelf.changes[start:], repeat(place), shelf.changed[start:], strict=False)
            for place, shelf in enumerate(self.shelves)
            for start in [bisect_left(shelf.changes, sequence)]
        )
        return (Hit(self.shelves[s].index.rows[n], self.verdicts[s][n]) for _, s, n in merge(*runs))

    def search(self, text: str, most: int, keep: "Filter") -> tuple[list[Hit], Counter[Where]]:
        """The `most` nearest that pass the filter, nearest first and then by name, and counts of all that match the
        words."""
        counts: Counter[Where] = Counter()
        kept: list[tuple[int, str, int, int]] = []
        found = self._found(text, far=False)
        if not any(found):
            found = self._found(text, far=True)
        for place, shelf in enumerate(self.shelves):
            rows, verdicts, folded = shelf.index.rows, self.verdicts[place], shelf.index.folded
            for number, cost in found[place].items():
                where = (rows[number].region, rows[number].group, str(verdicts[number].state))
                counts[where] += 1
                if keep.passes(where):
                    kept.append((cost, folded[number], place, number))
        near = nsmallest(most, kept)
        return [Hit(self.shelves[s].index.rows[n], self.verdicts[s][n]) for _, _, s, n in near], counts

    def _found(self, text: str, *, far: bool) -> list[dict[int, int]]:
        """By shelf; the query is worked out once, for all shelves stand on one vocabulary."""
        if not self.shelves:
            return []
        asked = self.shelves[0].index.vocabulary.asked(text, far=far)
        return [shelf.index.find(asked) for shelf in self.shelves]

    def listed(self, most: int, keep: "Filter") -> list[Hit]:
        """Everything that passes the filter, by name."""
        found: list[Hit] = []
        for shelf, number in self.ordered:
            row, verdict = self.shelves[shelf].index.rows[number], self.verdicts[shelf][number]
            if keep.passes((row.region, row.group, str(verdict.state))):
                found.append(Hit(row, verdict))
                if len(found) == most:
                    break
        return found

    def named(self) -> Counter[Where]:
        """Counts of the rows that have a name: without vehicles."""
        return Counter({where: count for where, count in self.counts.items() if where[1] != VEHICLES})


class Filter(msgspec.Struct, frozen=True):
    region: str = ""
    group: str = ""
    state: str = ""

    def passes(self, where: Where) -> bool:
        region, group, state = where
        return self.region in ("", region) and self.group in ("", group) and self.state in ("", state)


def shelf_of(shard: LoadedShard, vocabulary: Vocabulary) -> Shelf:
    """Everything in a shard that needs no code, and its vehicles without their facts."""
    seals = (
        (seal_row(entry, shard, number), _seal_text(entry))
        for number in shard.open
        if (entry := shard.entry(number)).state != Published.REPLACED
    )
    listed = ((listing_row(listing), _listing_text(listing)) for listing in shard.listings)
    records = (shard.record(number) for number in range(len(shard)))
    vehicles = [bare(one) for one in records if one.kind is Kind.VEHICLE and one.state != Published.REPLACED]
    index = Index([*seals, *listed], vocabulary)
    when = sorted((row.brief.log_index, number) for number, row in enumerate(index.rows) if row.brief)
    changes, changed = array("Q", [at for at, _ in when]), array("L", [number for _, number in when])
    return Shelf(shard.region, index, vehicles, changes, changed)


def book_of(copy: Copy, shelves: list[Shelf], now: datetime, as_of: datetime) -> Book:
    """`now` is never before the copy was signed; `as_of` says how fresh it is."""
    counts: Counter[Where] = Counter()
    verdicts, turns = [], []
    for shelf in shelves:
        said = [_verdict(row, now, as_of) for row in shelf.index.rows]
        verdicts.append(said)
        counts.update((row.region, row.group, str(one.state)) for row, one in zip(shelf.index.rows, said, strict=True))
        counts.update((shelf.region, VEHICLES, str(rules.verdict(one, now, as_of).state)) for one in shelf.vehicles)
        turns += [when for row in shelf.index.rows if row.brief and (when := _turn(row.brief, now))]
        turns += [when for one in shelf.vehicles if (when := _turn(one, now))]
    rows = merge(*(
        [(folded, place, number) for number, folded in enumerate(shelf.index.folded)]
        for place, shelf in enumerate(shelves)
    ))  # fmt: skip
    return Book(copy.seq, shelves, verdicts, [(s, n) for _, s, n in rows], counts, min(turns, default=None))


def _turn(entry: Entry, now: datetime) -> datetime | None:
    """When it begins or ends by itself, if that is still to come."""
    if entry.state not in (Published.VALID, Published.SUSPENDED):
        return None
    return next((when for when in (entry.valid_from, entry.valid_until) if when >= now), None)


def _verdict(row: Row, now: datetime, as_of: datetime) -> Verdict:
    return rules.verdict(row.brief, now, as_of) if row.brief else rules.listed(now, as_of)


def seal_row(entry: Entry, shard: LoadedShard | None = None, number: int = 0) -> Row:
    """Without a shard the row keeps the whole seal."""
    premises, brief = entry.facts.premises, entry if shard is None else bare(entry)
    name, group = entry.facts.name or entry.facts.holder, "lodging" if premises in LODGING else intern(premises)
    return Row(name, group, intern(entry.region), intern(entry.facts.canton), brief, None, shard, number)


def _seal_text(entry: Entry) -> str:
    facts: Facts = entry.facts
    return f"{facts.name} {facts.district} {facts.canton} {facts.province}"


def listing_row(listing: Listing) -> Row:
    return Row(listing.name, listing.kind, listing.region, listing.canton, None, listing)


def _listing_text(listing: Listing) -> str:
    return f"{listing.name} {listing.canton} {listing.province}"


_NOTHING = Facts(name="", holder="")


def bare(seal: Record | Entry) -> Entry:
    """Its state and dates, with no facts: all that a plate opens, and all that a verdict is made of."""
    return Entry(
        "", seal.kind, seal.state, seal.since, intern(seal.region), seal.valid_from, seal.valid_until,
        intern(seal.scheme), intern(seal.version), seal.serial, seal.year, seal.status_index, seal.issued_index,
        seal.log_index, "", _NOTHING, intern(seal.zone),
    )  # fmt: skip


__all__ = ["VEHICLES", "Book", "Filter", "Hit", "Shelf", "State", "bare", "book_of", "shelf_of"]
