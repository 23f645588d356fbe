"""A verified copy of what a house publishes, brought up to date run by run.

Nothing is followed that does not continue what the copy holds: not a smaller log, not another history, not an older
manifest. Tiles and bundles are written from leaves that were read and hashed here. The order is the publisher's, so
that whoever reads the copy at any moment finds a whole publication.

Codes of vehicles are not published, so over HTTP their credentials cannot be found and are left out; from a folder or
a bucket they are copied too.
"""

import asyncio
import hashlib

import msgspec

from registry.core.crypto import verified
from registry.core.storage import Storage
from registry.seals import credential, log, note, snapshot, status_list
from registry.seals.jose import Untrusted
from registry.seals.log import WIDTH, Edge
from registry.seals.note import Checkpoint
from registry.seals.policy import Policy
from registry.seals.snapshot import Shard
from registry.seals.tiles import Tiles
from registry.seals.watch import head
from registry.seals.watch.earlier import JSON, JWT, TOGETHER, dropped_keys, each, made_again, versions
from registry.seals.watch.folding import Told
from registry.seals.watch.head import NOBODY, Get, Head, pin
from registry.seals.watch.monitor import silent
from registry.seals.watch.source import Source

TRIES = 3
TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"
BESIDE = (("jwks.json", JSON), ("keys.json", JSON), ("hotlines.json", JSON), ("authorities/directory.json", JSON),
          ("reports/heads.json", JSON), ("misuse.jws", "application/jwt"))  # fmt: skip
"""Files that prove themselves, or are read by people: copied as they are."""


class Mirrored(msgspec.Struct, frozen=True):
    """What one run did. `lists`: versions of lists; `left_out`: credentials of vehicles that could not be found."""

    size: int
    seq: int
    leaves: int
    shards: int
    credentials: int
    left_out: int
    lists: int = 0


async def mirror(source: Source, to: Storage, *, believed: Policy = NOBODY, told: Told = silent) -> Mirrored:
    """Raises Untrusted where the source does not continue the copy; nothing that a reader sees has changed then."""
    for _ in range(TRIES):
        was, before = await _before(to)
        top = await head.read(source.get, believed, pin(before.keys) if before else None, _seq(before))
        if before and top.manifest.seq == before.manifest.seq and top.manifest.root != before.manifest.root:
            raise Untrusted("two snapshots under number %(seq)s", seq=top.manifest.seq)
        await _continues(source.get, was, top.checkpoint)
        done = await _copy(source, to, was, top, told)
        if await source.get("snapshot/manifest") == await to.get("snapshot/manifest"):
            break  # nothing was published while it was copied
    await _forget(to, top, before)
    return done


async def _before(to: Storage) -> tuple[Checkpoint | None, Head | None]:
    """The tree that the copy holds, and the whole head if a run has ended well before."""
    try:
        before = await head.read(to.get)
    except KeyError:
        before = None
    try:
        keys = head.read_keys(await to.get("did.json"))
        return head.checkpoint_of((await to.get("checkpoint")).decode(), keys, NOBODY), before
    except KeyError:
        return None, before


def _seq(before: Head | None) -> int:
    return before.manifest.seq if before else 0


async def _continues(get: Get, was: Checkpoint | None, now: Checkpoint) -> None:
    if was is None or not was.size:
        return
    if now.size < was.size:
        raise Untrusted("this copy holds %(was)s entries, and the source shows %(now)s", was=was.size, now=now.size)
    path = await Tiles(get, now.size).consistency(was.size)
    if not log.consistent(was.size, was.root, now.size, now.root, path):
        raise Untrusted("the %(was)s entries of this copy are not the beginning of what the source shows", was=was.size)


async def _copy(source: Source, to: Storage, was: Checkpoint | None, top: Head, told: Told) -> Mirrored:
    document = await source.get("did.json")
    dropped = await dropped_keys(to, document)
    await to.put("did.json", document, content_type=JSON)
    leaves = await _tree(source.get, to, was, top.checkpoint, told)
    await to.put("checkpoint", top.signed.encode(), content_type=TEXT)
    await _cosigned(source.get, to, top)
    lists = await _lists(source.get, to, top)
    again, settled = await made_again(source.get, to, dropped)
    shards, copied, left = await _shards(source, to, top)
    for key, kind in BESIDE:
        if settled or key != "jwks.json":
            await _as_it_is(source.get, to, key, kind)
    await _as_it_is(source.get, to, f"snapshot/{top.manifest.root}", JSON)
    if top.manifest.hotlines:  # whoever reads the copy holds these against the manifest
        await _as_it_is(source.get, to, f"snapshot/{top.manifest.hotlines}", JSON)
    # Not fetched again: what was read at the beginning is what everything above was held against.
    await to.put("snapshot/manifest", top.jws.encode(), content_type="application/jwt")
    return Mirrored(top.checkpoint.size, top.manifest.seq, leaves, shards, copied, left, lists + again)


async def _tree(get: Get, to: Storage, was: Checkpoint | None, now: Checkpoint, told: Told) -> int:
    """Bundles and tiles of the leaves that are new. The tree grown from them must be the checkpoint's."""
    start = was.size if was else 0
    edge, tiles = await _edge(to, was), Tiles(get, now.size)
    if edge is None:
        edge, start = [], 0
    begun = start
    for first in range(start // WIDTH, -(-now.size // WIDTH), TOGETHER):
        numbers = range(first, min(first + TOGETHER, -(-now.size // WIDTH)))
        bundles = await asyncio.gather(*(tiles.bundle(number) for number in numbers))
        leaves = [leaf for bundle in bundles for leaf in bundle]
        fresh = leaves[start - first * WIDTH :] if start > first * WIDTH else leaves
        edge, files = log.grow(edge, start, [log.leaf_hash(leaf) for leaf in fresh])
        files |= dict(log.bundles(leaves, first * WIDTH, start))
        await each([_put(to, path, data) for path, data in files.items()])
        start += len(fresh)
        told(start)
    if (log.edge_root(edge) if now.size else log.EMPTY) != now.root:
        raise Untrusted("the entries do not give the checkpoint's root")
    return now.size - begun


async def _edge(to: Storage, was: Checkpoint | None) -> Edge | None:
    if was is None:
        return []
    edge: Edge = []
    for path in log.edge_paths(was.size):
        try:
            data = await to.get(path) if path else b""
        except KeyError:
            return None
        edge.append([data[at : at + 32] for at in range(0, len(data), 32)])
    return edge if not was.size or log.edge_root(edge) == was.root else None


async def _cosigned(get: Get, to: Storage, top: Head) -> None:
    """Witnesses' lines need no belief of ours: whoever reads the copy holds them against a policy."""
    try:
        signed = (await get("checkpoint.cosigned")).decode()
        seen = note.read_checkpoint(signed, top.keys.log_name, top.keys.log_key, verified)
    except (KeyError, Untrusted):  # none yet, or by a key that was dropped since
        return
    await _continues(get, seen, top.checkpoint)
    await to.put("checkpoint.cosigned", signed.encode(), content_type=TEXT)


async def _lists(get: Get, to: Storage, top: Head) -> int:
    """Every list with its earlier versions; how many versions were new."""
    copied = 0
    for purpose in status_list.PURPOSES:
        for number in range(1, status_list.most(top.checkpoint.size) + 1):
            key = status_list.key(purpose, number)
            try:
                data = await get(key)
            except KeyError:
                break
            credential.verified_list(data.decode(), top.keys.verifier("issuer", verified), purpose)
            copied += await versions(get, to, purpose, number)
            await to.put(key, data, content_type=JWT)
    return copied


async def _shards(source: Source, to: Storage, top: Head) -> tuple[int, int, int]:
    """Shards the copy has not, a few at a time, each after its credentials: so a run that ends early is taken up again
    where it ended. Returns how many shards and credentials are new, and how many credentials could not be found."""
    missing = [ref for ref in top.table.shards if await to.stat(f"snapshot/{ref.sha256}") is None]
    copied = left = 0
    listed = await _listed(source) if missing else {}
    for start in range(0, len(missing), TOGETHER // 4):
        some = missing[start : start + TOGETHER // 4]
        files = dict(
            zip(some, await asyncio.gather(*(source.get(f"snapshot/{ref.sha256}") for ref in some)), strict=True)
        )
        wanted: dict[str, str] = {}
        for ref, data in files.items():
            wanted |= _wanted(snapshot.decode_shard(data, ref.sha256))
        codes = {listed.get(place, place): vc for place, vc in wanted.items() if place in listed or place[:1] != "#"}
        copied += sum(await each([_credential(source.get, to, top, code, vc) for code, vc in codes.items()]))
        left += len(wanted) - len(codes)
        for ref, data in files.items():
            await to.put(f"snapshot/{ref.sha256}", data, content_type=JSON)
    return len(missing), copied, left


def _wanted(shard: Shard) -> dict[str, str]:
    """The hashes of credentials by code; `#` and the record's place where the code is not told."""
    return {record.code or f"#{record.key}": record.credential for record in shard.records}


async def _listed(source: Source) -> dict[str, str]:
    """Codes that a list of files tells, by the place of their records."""
    if source.store is None:
        return {}
    names = [key.removeprefix("credentials/").removesuffix(".jwt") async for key in source.store.list("credentials/")]
    return {f"#{snapshot.address(code)}": code for code in names}


async def _credential(get: Get, to: Storage, top: Head, code: str, vc: str) -> int:
    key = f"credentials/{code}.jwt"
    try:
        if hashlib.sha256(await to.get(key)).hexdigest() == vc:
            return 0
    except KeyError:
        pass
    data = await get(key)
    if hashlib.sha256(data).hexdigest() != vc:
        raise Untrusted("%(key)s is not the credential of the snapshot", key=key)
    credential.verified(data.decode(), top.keys.verifier("issuer", verified))
    await to.put(key, data, content_type=JWT)
    return 1


async def _as_it_is(get: Get, to: Storage, key: str, kind: str) -> None:
    try:
        await to.put(key, await get(key), content_type=kind)
    except KeyError:
        return


async def _forget(to: Storage, top: Head, before: Head | None) -> None:
    """Snapshot files that neither this publication nor the one before refers to: somebody may still be reading that."""
    kept = {"manifest", top.manifest.root, top.manifest.hotlines, *(ref.sha256 for ref in top.table.shards)}
    if before:
        kept |= {before.manifest.root, before.manifest.hotlines, *(ref.sha256 for ref in before.table.shards)}
    for key in [key async for key in to.list("snapshot/")]:
        if key.removeprefix("snapshot/") not in kept:
            await to.delete(key)


async def _put(to: Storage, path: str, data: bytes) -> int:
    await to.put(path, data, content_type=BYTES)
    return 1
