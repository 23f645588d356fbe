"""22. Purge: after the deadline neither the live store nor a restored backup opens, even with the authority's key; what
nobody acknowledged is never purged by the job."""

import asyncio
import os
import secrets
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pyrage

from registry.access.actor import STRANGER, SYSTEM
from registry.core import crypto, embedded
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Refusal
from registry.reports import answers, delivery, jobs, service
from registry.reports.agent import keys
from tests.channel.result import Result
from tests.registry.reports.world import World, filing

YEARS = 6


async def run(world: World) -> Result:
    answered = await _filed(world)
    await world.agent().once()
    waiting = await _filed(world)
    backup, stolen = world.folder.parent / "backup.sql", world.folder.parent / "erasure-copy"
    await _dump(backup)
    shutil.copytree(world.context.config.erasure_folder, stolen)
    for month in range(YEARS * 12):
        at = world.now + timedelta(days=30 * month, hours=month % 24)
        await jobs.watch(world.context, at)
        await delivery.purge(SYSTEM, at, world.context)
    live = await _bodies(None)
    async with Restored(backup) as address:
        restored = await _bodies(address)
    folder = world.context.config.erasure_folder
    still = [_opens(world, folder, which, restored[which]) for which in (answered, waiting)]
    before = _opens(world, stolen, answered, restored[answered])
    try:
        await answers.contents(world.officer, world.now, world.context, answered)
        gone = False
    except Refusal:
        gone = live[answered] is None
    kept = live[waiting] is not None and _opens(world, folder, waiting, live[waiting])
    passed = gone and still == [False, True] and before and kept
    return Result(
        passed,
        f"the backup held {len(restored)} envelopes: with every key of the authority and every file of this house"
        f" the purged one {'does not open' if not still[0] else 'OPENS'} (with its erasure key it did: {before});"
        f" what nobody acknowledged is {'still there' if kept else 'GONE'} after {YEARS} years of the job",
    )


async def _filed(world: World) -> UUID:
    before = {row["id"] for row in await fetch("SELECT id FROM reports.envelope", engine=REPORTS_DB)}
    await service.file(STRANGER, world.now, world.context, filing(nonce=secrets.token_bytes(32)))
    rows = await fetch("SELECT id FROM reports.envelope", engine=REPORTS_DB)
    (which,) = {row["id"] for row in rows} - before
    return UUID(str(which))


def _opens(world: World, folder: Path, which: UUID, body: bytes | None) -> bool:
    """With the authority's keys: first the erasure key of its own, then every other secret that lies on the machine."""
    if body is None:
        return False
    own = folder / str(which)
    tried = [own.read_bytes()] if own.exists() else []
    tried += [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    tried += [path.read_bytes() for path in (world.context.config.data / "keys").rglob("*") if path.is_file()]
    for key in (key for key in tried if len(key) == 32):
        try:
            sealed = crypto.unseal(key, body, which.bytes)
        except Refusal:
            continue
        for identity in keys.identities(world.folder):
            if pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(identity)]):
                return True
    for identity in keys.identities(world.folder):
        try:
            pyrage.decrypt(body, [pyrage.x25519.Identity.from_str(identity)])
        except pyrage.DecryptError:
            continue
        return True
    return False


async def _bodies(address: str | None) -> dict[UUID, bytes | None]:
    if address is None:
        rows: list[Any] = await fetch("SELECT id, body FROM reports.envelope", engine=REPORTS_DB)
    else:
        connection = await asyncpg.connect(address)
        try:
            rows = await connection.fetch("SELECT id, body FROM reports.envelope")
        finally:
            await connection.close()
    return {UUID(str(row["id"])): bytes(row["body"]) if row["body"] else None for row in rows}


def _address(name: str = "") -> str:
    """The address of the database in use; of another one on the same server with a name."""
    dsn = str(REPORTS_DB.config["dsn"])
    return dsn.replace(f"{urlsplit(dsn).path}?", f"/{name}?") if name else dsn


async def _run(program: str, *words: str) -> None:
    process = await asyncio.create_subprocess_exec(str(embedded.binaries() / program), *words,
                                                   stdout=asyncio.subprocess.DEVNULL)  # fmt: skip
    if await process.wait():
        raise RuntimeError(f"{program} ended with {process.returncode}")


async def _dump(path: Path) -> None:
    await _run("pg_dump", "--no-owner", "-f", str(path), "-d", _address())


class Restored:
    """A database of its own, made from the backup; gone afterwards."""

    def __init__(self, backup: Path) -> None:
        self._backup, self._name = backup, f"r{os.urandom(6).hex()}"

    async def __aenter__(self) -> str:
        await self._server(f"CREATE DATABASE {self._name}")
        await _run("psql", "-q", "-f", str(self._backup), "-d", _address(self._name))
        return _address(self._name)

    async def __aexit__(self, *_: object) -> None:
        await self._server(f"DROP DATABASE {self._name} WITH (FORCE)")

    async def _server(self, statement: str) -> None:
        connection = await asyncpg.connect(_address("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
