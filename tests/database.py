"""The PostgreSQL of tests: one server a run, and a database of its own for whoever needs real commits."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from registry.config import Config
from registry.core import db as databases
from registry.core import embedded
from registry.core.migrations import migrate


@contextlib.asynccontextmanager
async def server(data: Path) -> AsyncIterator[str]:
    """A running server whose database is migrated; yields its address. The folder is short: a socket's path must be."""
    running = await embedded.start(data)
    try:
        # Nobody pulls the plug of a test: what is committed need not reach the disk, only the other processes.
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            await say(running.url, f"ALTER SYSTEM SET {setting} = off")
        await say(running.url, "SELECT pg_reload_conf()")
        await migrate(Config(data=data), running.url)
        yield running.url
    finally:
        running.stop()


@contextlib.asynccontextmanager
async def fresh(server: str, data: Path) -> AsyncIterator[str]:
    """A copy of the migrated database, with the engines open on it; nobody else may be connected to the original."""
    name = f"t{os.urandom(6).hex()}"
    await say(server, f"CREATE DATABASE {name} TEMPLATE resguardo")
    address = server.replace("/resguardo?", f"/{name}?")
    await databases.open_engines(Config(data=data), address, size=6)
    try:
        yield address
    finally:
        await databases.close_engines()
        await say(server, f"DROP DATABASE {name} WITH (FORCE)")


async def say(url: str, statement: str) -> None:
    """One statement to the server itself, outside every database of ours."""
    connection = await asyncpg.connect(url.replace(f"{urlsplit(url).path}?", "/postgres?"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
