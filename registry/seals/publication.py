"""Writing the published files, and knowing what is published already (architecture.md 2, seals.md 3 and 4).

The order is the argument: keys; shards, which nobody refers to yet; tiles and entries, checkpoint, credentials, status
lists, table, manifest. Each file refers only to what was written before it. Where a write fails, what is there is the
last publication and some files nobody refers to; the next attempt goes on from there. Nothing here asks the database:
edition.py does, and calls the steps in this order.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from registry.config import Config
from registry.core.context import Context
from registry.core.keyring import Keys
from registry.core.storage import Storage
from registry.seals import did, log, signing, snapshot
from registry.seals.credential import Issuer
from registry.seals.jose import Untrusted
from registry.seals.note import Checkpoint
from registry.seals.rules import MANIFEST_LIFE
from registry.seals.snapshot import LogRef, Manifest, Table

AT_ONCE = 16  # files on their way at one time
_HASH = re.compile(r"[0-9a-f]{64}")
STEP = 256 * log.WIDTH  # leaves in memory at one time
JSON, TEXT, BYTES, JWT = (
    "application/json",
    "text/plain; charset=utf-8",
    "application/octet-stream",
    "application/vc+jwt",
)


class Press(msgspec.Struct, frozen=True):
    """Whose publication this is, and where it goes."""

    published: Storage
    keys: Keys
    issuer: Issuer
    log_name: str  # the log's origin: the address of its files without a scheme

    @classmethod
    def of(cls, context: Context) -> "Press":
        return cls(context.published, context.keys, issuer(context.config), log_name(context.config))

    def document(self) -> dict[str, Any]:
        return signing.document(self)


def issuer(config: Config) -> Issuer:
    return Issuer(config.did, (config.seal_origin or config.origin).rstrip("/"), config.operator)


def log_name(config: Config) -> str:
    return f"{(config.seal_origin or config.origin).rstrip('/').partition('://')[2]}/log"


class Standing(msgspec.Struct, frozen=True):
    """What a reader finds now. Missing parts are None: nothing published yet, or a store that was emptied."""

    checkpoint: Checkpoint | None
    manifest: Manifest | None


async def signed(press: Press) -> Checkpoint | None:
    """The published checkpoint. One that is there and is not ours is Untrusted: nobody overwrites it."""
    data = await read(press.published, "checkpoint")
    return None if data is None else signing.read_checkpoint(press, data.decode())


async def standing(press: Press) -> Standing:
    """What is published. A manifest that is there and is not ours is Untrusted, as a checkpoint is; what a key signed
    that was dropped says nothing."""
    manifest = None
    data = await read(press.published, "snapshot/manifest")
    if data is not None and not signing.dropped(press, data.decode(), "snapshot"):
        manifest = snapshot.read_manifest(data.decode(), signing.ours(press, "snapshot"))
    return Standing(await signed(press), manifest)


async def answered_for(press: Press, name: Callable[[Manifest], str]) -> bytes | None:
    """The bytes of another room's file that the newest manifest names, as `name` reads it from there; None where it
    names none, or where what stands there is not what was signed."""
    try:
        manifest = (await standing(press)).manifest
        digest = name(manifest) if manifest else ""
        data = await read(press.published, f"snapshot/{digest}") if digest else None
    except Untrusted:
        return None
    return data if data is not None and snapshot.name_of(data) == digest else None


async def table(published: Storage, manifest: Manifest | None) -> Table | None:
    """The table a manifest refers to; None where it is not there, and everything has to be written anew."""
    data = await read(published, f"snapshot/{manifest.root}") if manifest else None
    return snapshot.decode_table(data, manifest.root) if manifest and data is not None else None


async def read_edge(published: Storage, checkpoint: Checkpoint | None) -> log.Edge | None:
    """The edge of the published tree, or None when its tiles are not there or do not give its root."""
    if checkpoint is None or not checkpoint.size:
        return []
    edge: log.Edge = []
    for path in log.edge_paths(checkpoint.size):
        data = await read(published, path) if path else b""
        if data is None:
            return None
        edge.append([data[at : at + 32] for at in range(0, len(data), 32)])
    return edge if log.edge_root(edge) == checkpoint.root else None


async def write_log(
    press: Press, edge: log.Edge, old: int, size: int, leaves: Callable[[int, int], Awaitable[list[bytes]]],
    published: Checkpoint | None,
) -> Checkpoint:  # fmt: skip
    """Tiles and entries from the `old` size to this one, and only then the checkpoint. `edge`: of the old tree."""
    at = old
    while at < size:
        start, end = at // log.WIDTH * log.WIDTH, min(size, (at // STEP + 1) * STEP)
        some = await leaves(start, end)
        edge, tiles = log.grow(edge, at, [log.leaf_hash(leaf) for leaf in some[at - start :]])
        await put_all(press.published, tiles | dict(log.bundles(some, start, at)), BYTES)
        at = end
    checkpoint = Checkpoint(press.log_name, size, log.edge_root(edge))
    if checkpoint != published:  # the same tree keeps its note, and the witnesses' lines under it
        await press.published.put("checkpoint", signing.checkpoint(press, checkpoint).encode(), content_type=TEXT)
    return checkpoint


async def write_table(press: Press, table: Table) -> str:
    """Its name, which is the manifest's root."""
    data = snapshot.encode_table(table)
    root = snapshot.name_of(data)
    await press.published.put(f"snapshot/{root}", data, content_type=JSON)
    return root


async def write_manifest(
    press: Press, now: datetime, seq: int, checkpoint: Checkpoint, count: int, root: str, hotlines: str,
    witnessed: tuple[int, int, int] = (0, 0, 0),
) -> None:  # fmt: skip
    """The last file of a publication: whoever follows it finds everything it refers to."""
    seconds = int(now.timestamp())
    manifest = Manifest(
        snapshot.VERSION, seq, seconds, seconds + int(MANIFEST_LIFE.total_seconds()), count,
        LogRef(checkpoint.size, checkpoint.text().split("\n")[2], *witnessed), root, hotlines,
    )  # fmt: skip
    jws = snapshot.sign_manifest(manifest, press.keys.snapshot, press.issuer.did)
    await press.published.put("snapshot/manifest", jws.encode(), content_type="application/jwt")


async def write_keys(press: Press, leaves: Iterable[tuple[int, bytes]]) -> None:
    """Readers must find a key before they meet its first signature; `leaves`, by index, are what the log says of keys,
    which whoever pins the log's key can prove."""
    document = press.document()
    listed = {"v": 1, "leaves": [{"index": index, "leaf": leaf.decode()} for index, leaf in leaves]}
    for name, value in (("did.json", document), ("jwks.json", did.jwks(document)), ("keys.json", listed)):
        data = msgspec.json.encode(value)
        if await read(press.published, name) != data:
            await press.published.put(name, data, content_type=JSON)


async def snapshot_files(published: Storage) -> set[str]:
    """The names of all tables, shards and hotlines there are, whoever refers to them."""
    names = [key.removeprefix("snapshot/") async for key in published.list("snapshot/")]
    return {name for name in names if _HASH.fullmatch(name)}


async def forget(published: Storage, names: Iterable[str]) -> None:
    """Remove snapshot files that no manifest of the last hour refers to."""
    for name in names:
        await published.delete(f"snapshot/{name}")


async def put_all(published: Storage, files: Mapping[str, bytes], content_type: str) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(key: str, data: bytes) -> None:
        async with gate:
            await published.put(key, data, content_type=content_type)

    await asyncio.gather(*(one(key, data) for key, data in files.items()))


async def read(published: Storage, key: str) -> bytes | None:
    try:
        return await published.get(key)
    except KeyError:
        return None
