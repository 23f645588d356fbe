"""One search over the copy: what was found, told by the same verdict rules as a scanned code."""

import asyncio
import re
from datetime import datetime

import msgspec

from public_site.directory.index import Index, Row, fold
from public_site.verification import rules
from public_site.verification.copy import Copy, LoadedShard
from public_site.verification.following import Following
from public_site.verification.rules import State, Verdict
from registry.seals.snapshot import Entry, Facts, Listing, Record, plate_tag

PER_PAGE = 20
GROUPS = ("lodging", "taxi", "waterway", "freight", "operator", "entertainment")
LODGING = frozenset(
    {"hotel", "hostel", "guesthouse", "apartment", "rural", "camping", "resort", "cabins", "lodge", "other", ""}
)
# Letters and figures as plates have them: TSJ 4417, PQ-0412, 417, AA123BB. A code has 16 and is no plate.
_PLATE = re.compile(r"(?=.*\d)[A-Z]{0,4}\d{1,6}[A-Z]{0,3}")


class Wanted(msgspec.Struct, frozen=True):
    """What a visitor asked for; empty means everything."""

    text: str = ""
    group: str = ""
    state: str = ""
    region: str = ""
    page: int = 1


class Hit(msgspec.Struct, frozen=True):
    """A line of the results. A vehicle found by its plate has a verdict and no address: its code is on the vehicle."""

    row: Row | None
    verdict: Verdict
    record: Record | None = None


class Found(msgspec.Struct, frozen=True):
    hits: list[Hit]
    total: int
    by_group: dict[str, int]
    by_state: dict[str, int]
    pages: int
    plate: str = ""


class Directory:
    """Keeps one index a shard; builds what is missing in a thread, so that verdicts do not wait for it."""

    def __init__(self, following: Following) -> None:
        self._following = following
        self._kept: dict[str, Index] = {}

    async def search(self, wanted: Wanted, now: datetime) -> Found:
        copy, as_of = self._following.copy, self._following.as_of
        now = self._following.instant(now)
        indexes = await self._indexes(copy)
        plate = as_plate(wanted.text)
        vehicles = await self._by_plate(copy, plate, now, as_of) if plate else []
        found = sorted(
            ((cost, fold(index.rows[number].name), index.rows[number]) for index in indexes
             for number, cost in index.search(wanted.text).items()),
            key=lambda hit: hit[:2],
        )  # fmt: skip
        hits = vehicles + [Hit(row, _verdict(row, now, as_of)) for _, _, row in found]
        return _page(hits, wanted, plate)

    async def _indexes(self, copy: Copy) -> list[Index]:
        missing = [shard for shard in copy.shards if shard.sha256 not in self._kept]
        for shard in missing:
            self._kept[shard.sha256] = await asyncio.to_thread(index_of, shard)
        if missing:
            current = {shard.sha256 for shard in copy.shards}
            self._kept = {sha256: index for sha256, index in self._kept.items() if sha256 in current}
        return [self._kept[shard.sha256] for shard in copy.shards if shard.sha256 in self._kept]

    async def _by_plate(self, copy: Copy, plate: str, now: datetime, as_of: datetime) -> list[Hit]:
        tag = await asyncio.to_thread(plate_tag, plate)  # slow on purpose, so not on the loop
        records = sorted(copy.tagged(tag), key=lambda record: record.since, reverse=True)
        # A plate may have had several seals; the newest one that was not replaced is what it says now.
        newest = next((r for r in records if r.state != "replaced"), None)
        return [Hit(None, rules.verdict(_bare(newest), now, as_of), newest)] if newest else []


def index_of(shard: LoadedShard) -> Index:
    """Everything in a shard that needs no code."""
    seals = ((_seal_row(entry), _seal_text(entry)) for entry in shard.clear if entry.state != "replaced")
    listed = ((_listing_row(listing), _listing_text(listing)) for listing in shard.listings)
    return Index([*seals, *listed])


def as_plate(text: str) -> str:
    """The plate a search looks for, or empty when it looks like a name."""
    spelled = "".join(letter for letter in text.upper() if letter.isalnum())
    return spelled if 2 <= len(spelled) <= 9 and _PLATE.fullmatch(spelled) else ""


def _page(hits: list[Hit], wanted: Wanted, plate: str) -> Found:
    in_region = [hit for hit in hits if not wanted.region or _region(hit) == wanted.region]
    by_state = _counted(
        [str(hit.verdict.state) for hit in in_region if not wanted.group or _group(hit) == wanted.group]
    )
    in_state = [hit for hit in in_region if not wanted.state or hit.verdict.state == wanted.state]
    by_group = _counted([_group(hit) for hit in in_state])
    kept = [hit for hit in in_state if not wanted.group or _group(hit) == wanted.group]
    pages = max(1, -(-len(kept) // PER_PAGE))
    start = (min(max(wanted.page, 1), pages) - 1) * PER_PAGE
    return Found(kept[start : start + PER_PAGE], len(kept), by_group, by_state, pages, plate)


def _counted(names: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def _region(hit: Hit) -> str:
    return hit.row.region if hit.row else hit.record.region if hit.record else ""


def _group(hit: Hit) -> str:
    return hit.row.group if hit.row else "taxi"


def _verdict(row: Row, now: datetime, as_of: datetime) -> Verdict:
    if row.entry is not None:
        return rules.verdict(row.entry, now, as_of)
    return rules.listed(now, as_of) if row.listing else rules.verdict(None, now, as_of)


def _seal_row(entry: Entry) -> Row:
    premises = entry.facts.premises
    return Row(
        entry.facts.name or entry.facts.holder, "lodging" if premises in LODGING else premises, entry.region, entry
    )


def _seal_text(entry: Entry) -> str:
    facts: Facts = entry.facts
    return f"{facts.name} {facts.district} {facts.canton} {facts.province}"


def _listing_row(listing: Listing) -> Row:
    return Row(listing.name, listing.kind, listing.region, None, listing)


def _listing_text(listing: Listing) -> str:
    return f"{listing.name} {listing.canton} {listing.province}"


def _bare(record: Record) -> Entry:
    """A sealed record's state and dates, with no facts: all that a plate opens."""
    names = [name for name in Entry.__struct_fields__ if name not in ("code", "facts")]
    return Entry(code="", facts=Facts(name="", holder=""), **{name: getattr(record, name) for name in names})


__all__ = ["GROUPS", "PER_PAGE", "Directory", "Found", "Hit", "State", "Wanted", "as_plate", "index_of"]
