"""One whole copy of the register, as published: immutable, replaced in one assignment. Pure.

Records stay as the bytes they came in, one run of bytes a shard with two small arrays beside it, and are read when
somebody asks: a million seals are then some thousand objects, a look-up costs a few microseconds more, and a register
ten times as large costs ten times the bytes and nothing else.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate

import msgspec

from registry.authorities.hotlines import Published
from registry.seals import sharding
from registry.seals.jose import Untrusted
from registry.seals.snapshot import Entry, Listing, LogRef, Manifest, Record, Table, Words, address, name_of, reveal

_HEAD = 8  # characters of a key or tag that are compared before the record is read


class _Key(msgspec.Struct, frozen=True, gc=False):
    key: str
    plate_tag: str = ""
    code: str = ""


class _Shard(msgspec.Struct, frozen=True):
    v: int
    seq: int
    name: str
    region: str
    records: tuple[msgspec.Raw, ...] = ()
    listings: tuple[Listing, ...] = ()


_RECORD = msgspec.json.Decoder(Record)
_KEY = msgspec.json.Decoder(_Key)


class LoadedShard(msgspec.Struct, frozen=True):
    """`body` holds the records in the order of their keys, record n from starts[n] to starts[n + 1]; `heads` how their
    keys begin; `tags` how the tags of their plates begin, in order, and `tagged` whose they are; `open` those that need
    no code. `strays`: a record stands here that the writer's rule puts elsewhere."""

    sha256: str
    seq: int
    name: str
    region: str
    body: bytes
    starts: "array[int]"
    heads: "array[int]"
    tags: "array[int]"
    tagged: "array[int]"
    open: "array[int]"
    strays: bool
    listings: tuple[Listing, ...]

    def __len__(self) -> int:
        return len(self.heads)

    def find(self, key: str) -> Record | None:
        head = _head(key)
        number = bisect_left(self.heads, head)
        while number < len(self.heads) and self.heads[number] == head:
            if (record := self.record(number)).key == key:
                return record
            number += 1
        return None

    def with_tag(self, tag: str) -> Iterator[Record]:
        head = _head(tag)
        place = bisect_left(self.tags, head)
        while place < len(self.tags) and self.tags[place] == head:
            if (record := self.record(self.tagged[place])).plate_tag == tag:
                yield record
            place += 1

    def record(self, number: int) -> Record:
        return _RECORD.decode(memoryview(self.body)[self.starts[number] : self.starts[number + 1]])

    def entry(self, number: int) -> Entry:
        """Of a record that needs no code."""
        record = self.record(number)
        return reveal(record, self.seq, record.code)

    @property
    def clear(self) -> Iterator[Entry]:
        """The entries that need no code."""
        return map(self.entry, self.open)


class Copy(msgspec.Struct, frozen=True):
    seq: int
    root: str
    issued_at: datetime
    expires_at: datetime
    log: LogRef
    shards: tuple[LoadedShard, ...]
    schemes: dict[tuple[str, str], Words]
    hotlines: Published | None = None
    hotlines_sha256: str = ""
    grid: tuple[tuple[int, tuple[LoadedShard | None, ...]], ...] = ()
    """For each region: by how many bits a place is shifted to be the number of its shard, and the shards."""
    strays: tuple[LoadedShard, ...] = ()

    @classmethod
    def empty(cls) -> "Copy":
        """Before the first publication was seen."""
        never = datetime(1970, 1, 1, tzinfo=UTC)
        return cls(0, "", never, never, LogRef(0, ""), (), {})

    @classmethod
    def of(cls, manifest: Manifest, table: Table, shards: Sequence[LoadedShard], before: "Copy") -> "Copy":
        """Raises Untrusted if the shards do not hold as many seals as the manifest signed for. Hotlines are `before`'s:
        following.py brings the ones this manifest names."""
        count = sum(map(len, shards))
        if count != manifest.count:
            raise Untrusted("%(count)s seals where %(signed)s were signed for", count=count, signed=manifest.count)
        return cls(
            manifest.seq, manifest.root, _instant(manifest.iat), _instant(manifest.exp), manifest.log, tuple(shards),
            {(words.scheme, words.version): words for words in table.schemes}, before.hotlines, before.hotlines_sha256,
            _grid(shards), tuple(shard for shard in shards if shard.strays),
        )  # fmt: skip

    def find(self, code: str) -> Entry | None:
        """The seal with this code. `code` is already spelled and checked."""
        key = address(code)
        for shard in self._likely(key):
            if (record := shard.find(key)) is not None:
                return reveal(record, shard.seq, code)
        return None

    def _likely(self, key: str) -> Iterator[LoadedShard]:
        """Where the writer puts such a key: one shard a region, so that a look-up does not grow with the register; and
        those that do not keep to the rule, since absence must be everybody's answer."""
        place = sharding.place_of(key)
        for shift, shards in self.grid:
            if shard := shards[place >> shift]:
                yield shard
        yield from self.strays

    def tagged(self, tag: str) -> Iterator[Record]:
        """The records of the vehicle whose plate has this tag: state and dates, for its facts stay sealed."""
        for shard in self.shards:
            yield from shard.with_tag(tag)

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


def _grid(shards: Sequence[LoadedShard]) -> tuple[tuple[int, tuple[LoadedShard | None, ...]], ...]:
    named = {shard.name: shard for shard in shards}
    digits = {shard.region: len(shard.name.removeprefix(shard.region).removeprefix("-")) for shard in shards}
    return tuple(
        (16 - 4 * many, tuple(named.get(sharding.shard_of(region, number << (16 - 4 * many), many))
                              for number in range(16**many)))
        for region, many in digits.items()
    )  # fmt: skip


def load_shard(data: bytes, sha256: str) -> LoadedShard:
    """A shard whose bytes hash to the name the table gave it. Raises Untrusted."""
    if name_of(data) != sha256:
        raise Untrusted("the bytes of %(name)s are not the ones that were signed", name=sha256)
    try:
        shard = msgspec.json.decode(data, type=_Shard)
        found = sorted(
            ((_head((key := _KEY.decode(raw)).key), key, raw) for raw in shard.records), key=lambda one: one[0]
        )
    except msgspec.DecodeError as error:
        raise Untrusted("not a shard") from error
    keys = [key for _, key, _ in found]
    tags = sorted((_head(key.plate_tag), number) for number, key in enumerate(keys) if key.plate_tag)
    first, last = sharding.stretch(shard.region, shard.name)
    split = shard.name != shard.region
    return LoadedShard(
        sha256, shard.seq, shard.name, shard.region, b"".join([raw for _, _, raw in found]),
        array("I", accumulate((len(memoryview(raw)) for _, _, raw in found), initial=0)),
        array("Q", [head for head, _, _ in found]), array("Q", [head for head, _ in tags]),
        array("I", [number for _, number in tags]), array("I", [n for n, key in enumerate(keys) if key.code]),
        split and any(not first <= sharding.place_of(key.key) <= last for key in keys), shard.listings,
    )  # fmt: skip


def _head(text: str) -> int:
    """How a key or tag begins, as a number of the same order."""
    return int.from_bytes(text.encode()[:_HEAD].ljust(_HEAD, b"\0"), "big")


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
