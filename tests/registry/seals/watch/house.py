"""A house to watch, and a dishonest publisher that has its real keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from registry.core.context import Context
from registry.core.crypto import verified
from registry.core.db import fetch
from registry.seals import credential, log, note, snapshot, status_list
from registry.seals.publication import Press
from registry.seals.snapshot import LogRef, Manifest, Record, Shard, Table
from registry.seals.watch import head
from tests.registry.certification import scene
from tests.registry.certification.scene import Scene
from tests.registry.seals.test_service import granted


async def hotels(context: Context, now: datetime, count: int = 3) -> list[tuple[Scene, UUID]]:
    """Three hotels with a seal each: leaves 3, 4 and 5, after the three keys."""
    version = await scene.opened(now)
    made = []
    for number in range(count):
        here = await scene.hotel(now, version, f"Hotel {number}")
        made.append((here, await granted(context, now, here)))
    return made


async def unguarded(address: str, statement: str, *args: Any) -> None:
    """What somebody with the database owner's password can do: triggers are no obstacle to that."""
    owner = await asyncpg.connect(address)
    try:
        await owner.execute("SET session_replication_role = replica")
        await owner.execute(statement, *args)
        await owner.execute("SET session_replication_role = DEFAULT")
        await owner.execute("UPDATE log_tail SET changed = changed + 1, size = (SELECT count(*) FROM log_entry)")
        await owner.execute(
            "INSERT INTO unpublished (region, place, seal) SELECT region, seal_place(code), id FROM seal"
        )
    finally:
        await owner.close()


async def leaves() -> list[bytes]:
    return [bytes(row["leaf"]) for row in await fetch("SELECT leaf FROM log_entry ORDER BY number")]


class Dishonest:
    """Publishes what it likes over what an honest registry published, signed with the real keys."""

    def __init__(self, context: Context, now: datetime) -> None:
        self.press, self.store, self.now = Press.of(context), context.published, now

    async def log(self, kept: list[bytes]) -> None:
        """Another log: its tiles, its entries, its checkpoint."""
        hashes = [log.leaf_hash(leaf) for leaf in kept]
        for path, data in (log.grow([], 0, hashes)[1] | dict(log.bundles(kept, 0, 0))).items():
            await self.store.put(path, data)
        signer, name = self.press.keys.log, self.press.log_name
        tree = note.Checkpoint(name, len(kept), log.root(hashes))
        await self.store.put(
            "checkpoint", note.sign_note(tree.text(), name, signer.public_bytes(), signer.sign).encode()
        )

    async def bits(self, purpose: str, numbers: set[int]) -> None:
        who = self.press.issuer
        listed = status_list.credential(purpose, numbers, who.origin, who.did, who.name, self.now)
        jws = credential.secure_list(listed, self.press.keys.issuer, who.did)
        await self.store.put(status_list.key(purpose), jws.encode())

    async def records(self, change: Any) -> None:
        """A new snapshot in which `change` was done to the list of records."""
        was = await head.read(self.store.get)
        [ref] = was.table.shards
        shard = snapshot.decode_shard(await self.store.get(f"snapshot/{ref.sha256}"))
        records: tuple[Record, ...] = tuple(change(list(shard.records)))
        data = snapshot.encode_shard(
            Shard(shard.v, was.manifest.seq + 1, shard.name, shard.region, records, shard.listings)
        )
        table = snapshot.encode_table(
            Table(was.table.v, (snapshot.refer(snapshot.decode_shard(data), data),), was.table.schemes, was.table.keys)
        )
        for one in (data, table):
            await self.store.put(f"snapshot/{snapshot.name_of(one)}", one)
        await self.manifest(was, len(records), snapshot.name_of(table))

    async def manifest(self, was: head.Head, count: int, root: str) -> None:
        signed = (await self.store.get("checkpoint")).decode()
        keys = was.keys
        tree = note.read_checkpoint(signed, keys.log_name, keys.log_key, verified)
        made = Manifest(
            was.manifest.v, was.manifest.seq + 1, int(self.now.timestamp()), int(self.now.timestamp()) + 600_000, count,
            LogRef(tree.size, tree.text().split("\n")[2]), root, was.manifest.hotlines,
        )  # fmt: skip
        jws = snapshot.sign_manifest(made, self.press.keys.snapshot, self.press.issuer.did)
        await self.store.put("snapshot/manifest", jws.encode())


__all__ = ["Dishonest", "hotels", "leaves", "unguarded"]
