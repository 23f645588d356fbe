"""Checking what is published, as anybody can: from the files alone, with no database and no key of ours.

`audit` reads everything and computes from the leaves what every other file must say (one run of a monitor that has
never run before); `look_up` follows one code and reads only what concerns it. Both take a `get` that fetches a
published file, from a folder, a bucket or another house's /log address (watch/source.py).
A vehicle's facts open to its code alone, so a whole audit checks their dates, state and hashes, and `look_up` the rest.
"""

import msgspec

from registry.seals import log, snapshot
from registry.seals.jose import Untrusted
from registry.seals.note import Checkpoint
from registry.seals.policy import Policy
from registry.seals.snapshot import Manifest, Shard, Table
from registry.seals.tiles import Tiles
from registry.seals.watch import head, monitor
from registry.seals.watch.head import NOBODY
from registry.seals.watch.head import Get as Get
from registry.seals.watch.memory import Memory
from registry.seals.watch.monitor import Report as Found
from registry.seals.watch.monitor import Told, silent
from registry.seals.watch.single import Proven as Proven
from registry.seals.watch.single import look_up as look_up


class Copy(msgspec.Struct, frozen=True):
    """The published files of one moment, each held against its signature or hash."""

    manifest: Manifest
    table: Table
    checkpoint: Checkpoint
    shards: list[Shard]
    leaves: list[bytes]


async def read(get: Get) -> Copy:
    """Raises Untrusted at the first file that does not prove what it claims; KeyError where one is not there."""
    found = await head.read(get)
    shards = [snapshot.decode_shard(await get(f"snapshot/{ref.sha256}"), ref.sha256) for ref in found.table.shards]
    tiles, size = Tiles(get, found.checkpoint.size), found.checkpoint.size
    leaves = [leaf for number in range(-(-size // log.WIDTH)) for leaf in await tiles.bundle(number)]
    if log.root([log.leaf_hash(leaf) for leaf in leaves]) != found.checkpoint.root:
        raise Untrusted("the entries do not give the checkpoint's root")
    return Copy(found.manifest, found.table, found.checkpoint, shards, leaves)


async def audit(get: Get, believed: Policy = NOBODY, told: Told = silent) -> Found:
    """Everything: tiles, every leaf, every record, both lists, every credential that stands in clear."""
    memory = Memory()
    try:
        return await monitor.watch(get, memory, None, believed=believed, told=told)
    finally:
        memory.close()
