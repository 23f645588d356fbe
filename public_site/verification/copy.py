"""One whole copy of the register, as published: immutable, replaced in one assignment. Pure.

Records stay as the bytes they came in, and are read when somebody asks: a million of them is then a million small
objects the collector never walks, and a look-up costs a few microseconds more.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

import msgspec

from registry.authorities.hotlines import Published
from registry.seals.jose import Untrusted
from registry.seals.snapshot import (
    Entry,
    Listing,
    LogRef,
    Manifest,
    Record,
    State,
    Table,
    Words,
    address,
    name_of,
    reveal,
)


class _Key(msgspec.Struct, frozen=True, gc=False):
    key: str
    plate_tag: str = ""
    code: str = ""
    state: State = State.VALID


class _Shard(msgspec.Struct, frozen=True):
    v: int
    seq: int
    name: str
    region: str
    records: tuple[msgspec.Raw, ...] = ()
    listings: tuple[Listing, ...] = ()


class LoadedShard(msgspec.Struct, frozen=True):
    """`records` by key, `tags` from a plate's tag to the key of its latest seal, `clear` the entries that need no
    code."""

    sha256: str
    seq: int
    name: str
    region: str
    records: dict[str, msgspec.Raw]
    tags: dict[str, list[str]]
    clear: tuple[Entry, ...]
    listings: tuple[Listing, ...]

    def record(self, key: str) -> Record:
        return msgspec.json.decode(self.records[key], type=Record)


class Copy(msgspec.Struct, frozen=True):
    seq: int
    root: str
    issued_at: datetime
    expires_at: datetime
    log: LogRef
    shards: tuple[LoadedShard, ...]
    schemes: dict[tuple[str, str], Words]
    hotlines: Published | None = None
    named: dict[str, LoadedShard] = {}
    digits: dict[str, int] = {}
    """By region: with how many hex digits its shards' names end."""

    @classmethod
    def empty(cls) -> "Copy":
        """Before the first publication was seen."""
        never = datetime(1970, 1, 1, tzinfo=UTC)
        return cls(0, "", never, never, LogRef(0, ""), (), {})

    @classmethod
    def of(cls, manifest: Manifest, table: Table, shards: Sequence[LoadedShard], hotlines: Published | None) -> "Copy":
        """Raises Untrusted if the shards do not hold as many seals as the manifest signed for."""
        count = sum(len(shard.records) for shard in shards)
        if count != manifest.count:
            raise Untrusted(f"{count} seals where {manifest.count} were signed for")
        return cls(
            manifest.seq, manifest.root, _instant(manifest.iat), _instant(manifest.exp), manifest.log, tuple(shards),
            {(words.scheme, words.version): words for words in table.schemes}, hotlines,
            {shard.name: shard for shard in shards},
            {shard.region: len(shard.name.removeprefix(shard.region).removeprefix("-")) for shard in shards},
        )  # fmt: skip

    def find(self, code: str) -> Entry | None:
        """The seal with this code. `code` is already spelled and checked."""
        key = address(code)
        for shard in chain(self._likely(key), self.shards):  # absence must be the answer of all of them
            if key in shard.records:
                return reveal(shard.record(key), shard.seq, code)
        return None

    def _likely(self, key: str) -> Iterator[LoadedShard]:
        """Where the writer puts such a key: one shard a region, so that a look-up does not grow with the register."""
        hexed = name_of(key.encode())
        for region, digits in self.digits.items():
            if shard := self.named.get(f"{region}-{hexed[:digits]}" if digits else region):
                yield shard

    def tagged(self, tag: str) -> Iterator[Record]:
        """The records of the vehicle whose plate has this tag: state and dates, for its facts stay sealed."""
        for shard in self.shards:
            for key in shard.tags.get(tag, ()):
                yield shard.record(key)

    def clear(self) -> Iterator[Entry]:
        for shard in self.shards:
            yield from shard.clear

    def listings(self) -> Iterator[Listing]:
        for shard in self.shards:
            yield from shard.listings

    def listing(self, id: str) -> Listing | None:
        return next((listing for listing in self.listings() if listing.id == id), None)

    def words(self, scheme: str, version: str) -> Words | None:
        return self.schemes.get((scheme, version))


def load_shard(data: bytes, sha256: str) -> LoadedShard:
    """A shard whose bytes hash to the name the table gave it. Raises Untrusted."""
    if name_of(data) != sha256:
        raise Untrusted(f"the bytes of {sha256} are not the ones that were signed")
    try:
        shard = msgspec.json.decode(data, type=_Shard)
        keys = [msgspec.json.decode(raw, type=_Key) for raw in shard.records]
    except msgspec.DecodeError as error:
        raise Untrusted("not a shard") from error
    records = {key.key: raw for key, raw in zip(keys, shard.records, strict=True)}
    tags: dict[str, list[str]] = {}
    for key in keys:
        if key.plate_tag:
            tags.setdefault(key.plate_tag, []).append(key.key)
    clear = tuple(
        reveal(msgspec.json.decode(raw, type=Record), shard.seq, key.code)
        for key, raw in zip(keys, shard.records, strict=True)
        if key.code
    )
    return LoadedShard(sha256, shard.seq, shard.name, shard.region, records, tags, clear, shard.listings)


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
