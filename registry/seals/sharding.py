"""In which shard a seal stands: its region's, and past a thousand seals one of sixteen, of 256 … by its code. Pure.

A change writes its whole shard anew, and a traveller's copy fetches it anew: so shards are small. The table names them
all and is written at every change: so they are not too small. At a million seals in seven regions they hold 560 each.
"""

import hashlib
from collections.abc import Iterable

from registry.seals.snapshot import Entry, Listing, address

SHARD_LIMIT = 1024  # records; a larger region is split by the first hex digits of its records' places
LISTED = 0  # listings have no code; they stand in the region's first shard


def place(code: str) -> int:
    """Where in its region a seal stands, 0 to 65,535: a shard takes a stretch of them. In SQL: seal_place()."""
    return place_of(address(code))


def place_of(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:2], "big")


def arrange(entries: Iterable[Entry], listings: Iterable[Listing]) -> dict[str, tuple[list[Entry], list[Listing]]]:
    """Shard name -> who stands in it, sorted so that equal content gives equal bytes."""
    regions: dict[str, tuple[list[Entry], list[Listing]]] = {}
    for entry in entries:
        regions.setdefault(entry.region, ([], []))[0].append(entry)
    for listing in listings:
        regions.setdefault(listing.region, ([], []))[1].append(listing)
    shards: dict[str, tuple[list[Entry], list[Listing]]] = {}
    for region, (seals, listed) in sorted(regions.items()):
        digits = digits_for(len(seals))
        for entry in seals:
            shards.setdefault(shard_of(region, place(entry.code), digits), ([], []))[0].append(entry)
        if listed:
            shards.setdefault(shard_of(region, LISTED, digits), ([], []))[1].extend(listed)
    for seals, listed in shards.values():
        seals.sort(key=lambda entry: entry.code)
        listed.sort(key=lambda listing: listing.id)
    return shards


def digits_for(seals: int) -> int:
    """With how many hex digits of their place the shards of a region of so many seals are told apart."""
    digits = 0
    while seals > SHARD_LIMIT * 16**digits:
        digits += 1
    return digits


def shard_of(region: str, place: int, digits: int) -> str:
    return f"{region}-{place:04x}"[: len(region) + 1 + digits] if digits else region


def stretch(region: str, name: str) -> tuple[int, int]:
    """The first and the last place that a shard takes."""
    prefix = name.removeprefix(region).removeprefix("-")
    return int(prefix.ljust(4, "0"), 16), int(prefix.ljust(4, "f"), 16)
