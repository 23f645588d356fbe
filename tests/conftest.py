"""One database server for the whole run; each test in one transaction that is rolled back.

`db` is for nearly everything. `committed` gives a database of its own to a test that needs real commits: two
connections at once, other roles, a second process. The app is called in this event loop through httpx.ASGITransport,
so that it works inside the test's own transaction.
"""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from registry import reactions
from registry.config import Config
from registry.core import db as databases
from registry.core import embedded
from registry.core.context import Context
from registry.core.migrations import migrate
from registry.house import context_of
from registry.outbox import service as outbox

settings.register_profile("default", max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("thorough", max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
TEMPLATE = "resguardo_template"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of the run: short, because a Unix socket's path must be."""
    with tempfile.TemporaryDirectory(prefix="rt-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
async def server(data: Path, anyio_backend: str) -> AsyncIterator[str]:
    """A running server whose database is migrated; yields its address."""
    outbox.listen(reactions.REACTIONS)
    running = await embedded.start(data)
    await migrate(Config(data=data), running.url)
    await databases.open_engines(Config(data=data), running.url, size=4)
    yield running.url
    await databases.close_engines()
    running.stop()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path, demo=True)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def context(config: Config) -> Context:
    """Stores, keys and letters of a house of its own, at NOW."""
    return context_of(config, clock=lambda: NOW)


@pytest.fixture
async def db(server: str) -> AsyncIterator[None]:
    """The database, as if nothing had ever been written to it, afterwards."""
    opened = []
    for engine in databases.ENGINES:
        current = engine.transaction()
        await current.__aenter__()
        opened.append(current)
    yield
    for current in reversed(opened):
        await current.rollback()
        await current.__aexit__(None, None, None)


@pytest.fixture
async def committed(server: str, data: Path) -> AsyncIterator[str]:
    """A database of its own, where commits are real. Yields its address."""
    name = f"t{os.urandom(6).hex()}"
    await databases.close_engines()
    await _on_server(server, f"CREATE DATABASE {name} TEMPLATE resguardo")
    address = server.replace("/resguardo?", f"/{name}?")
    await databases.open_engines(Config(data=data), address, size=6)
    yield address
    await databases.close_engines()
    await _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")
    await databases.open_engines(Config(data=data), server, size=4)


async def _on_server(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url.replace(f"{urlsplit(url).path}?", "/postgres?"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
