"""One search over the copy: what was found, told by the same verdict rules as a scanned code."""

import asyncio
import re
from collections import Counter
from datetime import datetime
from functools import lru_cache

import msgspec

from public_site.directory.book import Book, Filter, Hit, Shelf, Where, bare, book_of, shelf_of
from public_site.directory.vocabulary import Vocabulary
from public_site.verification import rules
from public_site.verification.copy import Copy
from public_site.verification.following import Following
from registry.seals.snapshot import Kind, plate_tag

PER_PAGE = 20
LAST_PAGE = 500
"""Nobody turns more pages; whoever wants everything takes the file."""
GROUPS = ("lodging", "taxi", "waterway", "freight", "operator", "entertainment")
# Letters and figures as plates have them: TSJ 4417, PQ-0412, 417, AA123BB. A code has 16 and is no plate.
_PLATE = re.compile(r"(?=.*\d)[A-Z]{0,4}\d{1,6}[A-Z]{0,3}")


class Wanted(msgspec.Struct, frozen=True):
    """What a visitor asked for; empty means everything."""

    text: str = ""
    group: str = ""
    state: str = ""
    region: str = ""
    page: int = 1


class Found(msgspec.Struct, frozen=True):
    hits: list[Hit]
    total: int
    by_group: dict[str, int]
    by_state: dict[str, int]
    pages: int
    plate: str = ""


class Directory:
    """Keeps one shelf a shard and one book a copy; both are made in a thread, so that verdicts do not wait for them."""

    def __init__(self, following: Following) -> None:
        self._following = following
        self._shelves: dict[str, Shelf] = {}
        self._vocabulary = Vocabulary()
        self._book: tuple[tuple[object, ...], Book] | None = None
        self._making = asyncio.Lock()

    async def book(self, now: datetime) -> Book:
        """What is known now."""
        async with self._making:
            copy, as_of = self._following.copy, self._following.as_of
            now = self._following.instant(now)
            limits, age = rules.DOOR[Kind.ESTABLISHMENT], now - as_of
            key = (copy.seq, copy.root, age > limits.green, age > limits.amber)
            if self._book and self._book[0] == key and (self._book[1].until is None or now <= self._book[1].until):
                return self._book[1]
            book = await asyncio.to_thread(self._made, copy, now, as_of)
            self._book = (key, book)
            return book

    def _made(self, copy: Copy, now: datetime, as_of: datetime) -> Book:
        before, words = self._shelves, self._vocabulary
        self._shelves = {one.sha256: before.get(one.sha256) or shelf_of(one, words) for one in copy.shards}
        for gone in before.keys() - self._shelves.keys():
            before[gone].index.release()
        return book_of(copy, list(self._shelves.values()), now, as_of)

    async def search(self, wanted: Wanted, now: datetime) -> Found:
        """A page of what was asked for, with counts for each filter beside it."""
        book = await self.book(now)
        keep, most = Filter(wanted.region, wanted.group, wanted.state), PER_PAGE * min(max(wanted.page, 1), LAST_PAGE)
        if wanted.text:
            plate = as_plate(wanted.text)
            vehicles = await self._by_plate(plate, now) if plate else []
            hits, counts = await asyncio.to_thread(book.search, wanted.text, most, keep)
            counts.update((hit.region, hit.group, str(hit.verdict.state)) for hit in vehicles)
            first = [hit for hit in vehicles if keep.passes((hit.region, hit.group, str(hit.verdict.state)))]
            return _page([*first, *hits], counts, wanted, plate)
        return _page(book.listed(most, keep), book.named(), wanted, "")

    async def _by_plate(self, plate: str, now: datetime) -> list[Hit]:
        copy, as_of, now = self._following.copy, self._following.as_of, self._following.instant(now)
        tag = await asyncio.to_thread(plate_tag, plate)  # slow on purpose, so not on the loop
        records = sorted(copy.tagged(tag), key=lambda record: record.since, reverse=True)
        # A plate may have had several seals; the newest one that was not replaced is what it says now.
        newest = next((r for r in records if r.state != "replaced"), None)
        return [Hit(None, rules.verdict(bare(newest), now, as_of), newest)] if newest else []


@lru_cache(4)
def directory_of(following: Following) -> Directory:
    """One for each follower: the door has one."""
    return Directory(following)


def as_plate(text: str) -> str:
    """The plate a search looks for, or empty when it looks like a name."""
    spelled = "".join(letter for letter in text.upper() if letter.isalnum())
    return spelled if 2 <= len(spelled) <= 9 and _PLATE.fullmatch(spelled) else ""


def _page(hits: list[Hit], counts: Counter[Where], wanted: Wanted, plate: str) -> Found:
    """`hits` begin at the first page. Each filter's counts are of what the other filters let through."""
    by_group = summed(counts, 1, Filter(wanted.region, "", wanted.state))
    by_state = summed(counts, 2, Filter(wanted.region, wanted.group, ""))
    keep = Filter(wanted.region, wanted.group, wanted.state)
    total = sum(count for where, count in counts.items() if keep.passes(where))
    pages = min(max(1, -(-total // PER_PAGE)), LAST_PAGE)
    start = (min(max(wanted.page, 1), pages) - 1) * PER_PAGE
    return Found(hits[start : start + PER_PAGE], total, by_group, by_state, pages, plate)


def summed(counts: Counter[Where], place: int, keep: Filter) -> dict[str, int]:
    """Counts by one of region, group and state, of those that pass."""
    found: dict[str, int] = {}
    for where, count in counts.items():
        if keep.passes(where):
            found[where[place]] = found.get(where[place], 0) + count
    return found


__all__ = ["GROUPS", "PER_PAGE", "Directory", "Found", "Wanted", "as_plate", "directory_of", "summed"]
