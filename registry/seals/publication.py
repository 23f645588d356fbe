"""Writing the published files, and knowing what is published already (architecture.md 2, seals.md 3 and 4).

The order is the argument: keys, tiles and entries, checkpoint, status lists, credentials, shards, table, manifest. Each
file refers only to what was written before it. Where a write fails, what is there is the last publication and some
files nobody refers to; the next attempt writes the same bytes again and goes on. Nothing here asks the database.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from registry.config import Config
from registry.core.context import Context
from registry.core.crypto import verified
from registry.core.keyring import Keys
from registry.core.storage import Storage
from registry.seals import credential, did, jose, log, note, snapshot, status_list
from registry.seals.credential import Issuer
from registry.seals.note import Checkpoint
from registry.seals.rules import MANIFEST_LIFE, bits
from registry.seals.snapshot import Entry, Listing, LogRef, Manifest, ShardRef, Table, Words

AT_ONCE = 16  # files on their way at one time
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
        keys = self.keys
        return did.document(self.issuer.did, self.issuer.origin, self.log_name, [keys.issuer], keys.snapshot, keys.log)


def issuer(config: Config) -> Issuer:
    return Issuer(config.did, (config.seal_origin or config.origin).rstrip("/"), config.operator)


def log_name(config: Config) -> str:
    return f"{(config.seal_origin or config.origin).rstrip('/').partition('://')[2]}/log"


class Standing(msgspec.Struct, frozen=True):
    """What a reader finds now. Missing parts are None: nothing published yet, or a store that was emptied."""

    checkpoint: Checkpoint | None
    manifest: Manifest | None
    table: Table | None


class Work(msgspec.Struct, frozen=True):
    """What this publication is to say, read in one moment from the database."""

    now: datetime
    seq: int
    size: int
    entries: Sequence[Entry]
    listings: Sequence[Listing]
    words: tuple[Words, ...]
    credentials: Mapping[str, str]  # code -> JWS, those that may not be published yet
    standing: Standing
    edge: log.Edge  # of the published tree
    leaves: Sequence[bytes]  # from `start`, a multiple of 256, to the end
    start: int
    witnessed: tuple[int, int, int] = (0, 0, 0)  # LogRef.cosigned and what follows it


async def standing(press: Press) -> Standing:
    """What is published. A checkpoint or manifest that is there and is not ours is Untrusted: nobody overwrites it."""
    checkpoint, manifest, table = None, None, None
    if (data := await _get(press.published, "checkpoint")) is not None:
        text = note.open_note(data.decode(), press.log_name, press.keys.log.public_bytes(), verified)
        checkpoint = note.parse_checkpoint(text, press.log_name)
    if (data := await _get(press.published, "snapshot/manifest")) is not None:
        manifest = snapshot.read_manifest(data.decode(), _ours(press))
        if (data := await _get(press.published, f"snapshot/{manifest.root}")) is not None:
            table = snapshot.decode_table(data, manifest.root)
    return Standing(checkpoint, manifest, table)


async def read_edge(published: Storage, checkpoint: Checkpoint | None) -> log.Edge | None:
    """The edge of the published tree, or None when its tiles are not there or do not give its root."""
    if checkpoint is None or not checkpoint.size:
        return []
    edge: log.Edge = []
    for path in log.edge_paths(checkpoint.size):
        data = await _get(published, path) if path else b""
        if data is None:
            return None
        edge.append([data[at : at + 32] for at in range(0, len(data), 32)])
    return edge if log.edge_root(edge) == checkpoint.root else None


async def publish(press: Press, work: Work) -> tuple[Checkpoint, list[str]]:
    """Write it all, in order. Returns the checkpoint, and the snapshot files that nothing refers to any more."""
    put = press.published.put
    await _keys(press)

    old = work.standing.checkpoint.size if work.standing.checkpoint else 0
    hashes = [log.leaf_hash(leaf) for leaf in work.leaves[old - work.start :]]
    edge, tiles = log.grow(work.edge, old, hashes)
    files = tiles | dict(log.bundles(work.leaves, work.start, old))
    await _put_all(press.published, files, BYTES)

    checkpoint = Checkpoint(press.log_name, work.size, log.edge_root(edge))
    signer = press.keys.log
    if checkpoint != work.standing.checkpoint:  # the same tree keeps its note, and the witnesses' lines under it
        signed = note.sign_note(checkpoint.text(), press.log_name, signer.public_bytes(), signer.sign)
        await put("checkpoint", signed.encode(), content_type=TEXT)

    await _lists(press, work)
    jwts = {f"credentials/{code}.jwt": jws.encode() for code, jws in work.credentials.items()}
    await _put_all(press.published, jwts, JWT)

    refs, shards = _shards(work)
    await _put_all(press.published, shards, JSON)
    table = snapshot.encode_table(Table(snapshot.VERSION, refs, work.words))
    root = snapshot.name_of(table)
    await put(f"snapshot/{root}", table, content_type=JSON)

    seconds = int(work.now.timestamp())
    manifest = Manifest(
        snapshot.VERSION, work.seq, seconds, seconds + int(MANIFEST_LIFE.total_seconds()), len(work.entries),
        LogRef(checkpoint.size, checkpoint.text().split("\n")[2], *work.witnessed), root,
    )  # fmt: skip
    signed = snapshot.sign_manifest(manifest, press.keys.snapshot, press.issuer.did)
    await put("snapshot/manifest", signed.encode(), content_type="application/jwt")
    return checkpoint, _superseded(work.standing, {root, *(ref.sha256 for ref in refs)})


async def _keys(press: Press) -> None:
    """Readers must find a key before they meet its first signature."""
    document = press.document()
    for name, value in (("did.json", document), ("jwks.json", did.jwks(document))):
        data = msgspec.json.encode(value)
        if await _get(press.published, name) != data:
            await press.published.put(name, data, content_type=JSON)


async def _lists(press: Press, work: Work) -> None:
    """Both lists; one whose bits did not change keeps its bytes, so that caches stay warm."""
    last = status_list.list_of(max((entry.status_index for entry in work.entries), default=0))
    lists = bits((entry.state, entry.status_index) for entry in work.entries)
    for purpose, numbers in lists.items():
        split = status_list.by_list(numbers)
        for number in range(1, last + 1):
            wanted = split.get(number, set())
            if await _published_bits(press, purpose, number) == frozenset(wanted):
                continue
            listed = status_list.credential(
                purpose, wanted, press.issuer.origin, press.issuer.did, press.issuer.name, work.now, number
            )
            jws = credential.secure_list(listed, press.keys.issuer, press.issuer.did)
            await press.published.put(status_list.key(purpose, number), jws.encode(), content_type=JWT)


async def _published_bits(press: Press, purpose: str, number: int) -> frozenset[int] | None:
    data = await _get(press.published, status_list.key(purpose, number))
    if data is None:
        return None
    try:
        keys = did.keys(press.document()).verifier("issuer", verified)
        return credential.verified_list(data.decode(), keys, purpose)
    except ValueError:  # signed by an earlier key, or damaged: written anew
        return None


def _shards(work: Work) -> tuple[tuple[ShardRef, ...], dict[str, bytes]]:
    """References to every shard, and the files of those that changed. An unchanged one keeps its own earlier seq."""
    known = {ref.name: ref for ref in work.standing.table.shards} if work.standing.table else {}
    refs, files = [], {}
    for name, (entries, listings) in snapshot.arrange(work.entries, work.listings).items():
        if ref := known.get(name):
            same = snapshot.encode_shard(snapshot.write_shard(name, ref.seq, entries, listings))
            if snapshot.name_of(same) == ref.sha256:
                refs.append(ref)
                continue
        shard = snapshot.write_shard(name, work.seq, entries, listings)
        data = snapshot.encode_shard(shard)
        refs.append(snapshot.refer(shard, data))
        files[f"snapshot/{refs[-1].sha256}"] = data
    return tuple(refs), files


def _superseded(before: Standing, now: set[str]) -> list[str]:
    if before.manifest is None or before.table is None:
        return []
    return sorted({before.manifest.root, *(ref.sha256 for ref in before.table.shards)} - now)


async def forget(published: Storage, names: Iterable[str]) -> None:
    """Remove snapshot files that no manifest of the last hour refers to."""
    for name in names:
        await published.delete(f"snapshot/{name}")


def _ours(press: Press) -> jose.Verify:
    return did.keys(press.document()).verifier("snapshot", verified)


async def _put_all(published: Storage, files: Mapping[str, bytes], content_type: str) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(key: str, data: bytes) -> None:
        async with gate:
            await published.put(key, data, content_type=content_type)

    await asyncio.gather(*(one(key, data) for key, data in files.items()))


async def _get(published: Storage, key: str) -> bytes | None:
    try:
        return await published.get(key)
    except KeyError:
        return None
