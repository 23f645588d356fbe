"""22. Purge: after the deadline neither the live store nor a restored backup opens, even with the authority's key, nor
any file that came with a report; what nobody acknowledged is never purged by the job."""

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
import msgspec
import pyrage

from registry.access.actor import STRANGER, SYSTEM
from registry.core import crypto, embedded
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Refusal
from registry.reports import answers, delivery, files, jobs, service
from registry.reports.agent import keys
from tests.channel import pictures
from tests.channel.result import Result
from tests.registry.reports.test_files import allow
from tests.registry.reports.world import World, filing

YEARS, FILES = 6, 2
Parts = dict[tuple[UUID, int], bytes | None]
"""What is kept of each report: 0 is its envelope, the others are its files."""


async def run(world: World) -> Result:
    await allow(world)
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
    whole = FILES + 1
    still = [_open(world, folder, which, restored) for which in (answered, waiting)]
    before = _open(world, stolen, answered, restored)
    gone = await _refused(world, answered) and not any(live.get((answered, part)) for part in range(whole))
    kept = _open(world, folder, waiting, live) == whole and await _refused(world, waiting) is False
    passed = gone and still == [0, whole] and before == whole and kept
    return Result(
        passed,
        f"the backup held {len(restored)} parts, envelopes and files: with every key of the authority and every file of"
        f" this house {still[0]} of {whole} of the purged report open (with its erasure key {before});"
        f" what nobody acknowledged is {'still there' if kept else 'GONE'} after {YEARS} years of the job",
    )


async def _filed(world: World) -> UUID:
    before = {row["id"] for row in await fetch("SELECT id FROM reports.envelope", engine=REPORTS_DB)}
    attached = files.ready([pictures.jpeg(), pictures.pdf()], keep_taken=True)
    sent = msgspec.structs.replace(filing(nonce=secrets.token_bytes(32)), files=attached)
    await service.file(STRANGER, world.now, world.context, sent)
    rows = await fetch("SELECT id FROM reports.envelope", engine=REPORTS_DB)
    (which,) = {row["id"] for row in rows} - before
    return UUID(str(which))


async def _refused(world: World, which: UUID) -> bool:
    """Whether the desk gives neither the envelope nor a file to the office."""
    given = []
    for part in range(FILES + 1):
        try:
            if part:
                await answers.file(world.officer, world.context, which, part)
            else:
                await answers.contents(world.officer, world.now, world.context, which)
            given.append(part)
        except Refusal:
            continue
    return not given


def _open(world: World, folder: Path, which: UUID, parts: Parts) -> int:
    """How many parts of a report open."""
    return sum(_opens(world, folder, which, part, parts.get((which, part))) for part in range(FILES + 1))


def _opens(world: World, folder: Path, which: UUID, part: int, body: bytes | None) -> bool:
    """With the authority's keys: first the erasure key of its own, then every other secret that lies on the machine."""
    if body is None:
        return False
    own = folder / str(which)
    tried = [own.read_bytes()] if own.exists() else []
    tried += [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    tried += [path.read_bytes() for path in (world.context.config.data / "keys").rglob("*") if path.is_file()]
    for key in (key for key in tried if len(key) == 32):
        try:
            sealed = crypto.unseal(key, body, service.attachment(which, part) if part else which.bytes)
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


async def _bodies(address: str | None) -> Parts:
    every = "SELECT id, 0 AS part, body FROM reports.envelope UNION ALL"
    every += " SELECT envelope, number, body FROM reports.attachment"
    if address is None:
        rows: list[Any] = await fetch(every, engine=REPORTS_DB)
    else:
        connection = await asyncpg.connect(address)
        try:
            rows = await connection.fetch(every)
        finally:
            await connection.close()
    return {(UUID(str(row["id"])), row["part"]): bytes(row["body"]) if row["body"] else None for row in rows}


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
