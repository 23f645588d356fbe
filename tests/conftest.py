"""One database server for the whole run; each test in one transaction that is rolled back.

`db` is for nearly everything. `committed` gives a database of its own to a test that needs real commits: two
connections at once, other roles, a second process. The app is called in this event loop through httpx.ASGITransport,
so that it works inside the test's own transaction.
"""

import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, settings

from registry import reactions
from registry.access.actor import Actor
from registry.accounts.door import cookie_name, form_token
from registry.asgi import House
from registry.config import Config
from registry.core import crypto
from registry.core import db as databases
from registry.core.context import Context
from registry.house import context_of
from registry.outbox import service as outbox
from tests import database, people

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
    async with database.server(data) as address:
        await databases.open_engines(Config(data=data), address, size=4)
        yield address
        await databases.close_engines()


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


Browser = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def house(db: None, context: Context) -> AsyncIterator[House]:
    """The whole product over this test's transaction, without its worker."""
    house = House(context.config, worker=False)
    async with house.standing(context):
        yield house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A stranger's browser."""
    async with browser(house) as client:
        yield client


@pytest.fixture
async def sign_in(house: House, context: Context) -> AsyncIterator[Browser]:
    """`await sign_in(BRUNO)` or `await sign_in(ANA, organisation=hotel)`: a browser signed in as that person.

    Its forms carry the session's token by themselves; `.actor` of the browser is who it acts for.
    """
    async with contextlib.AsyncExitStack() as stack:

        async def signed_in(person: people.Person | Actor, organisation: UUID | None = None) -> httpx.AsyncClient:
            actor = person if isinstance(person, Actor) else await people.enter(person, NOW, organisation)
            token = await people.open_session(actor.id, NOW)
            client = await stack.enter_async_context(browser(house))
            client.cookies.set(cookie_name(context.config), token)
            key = context.keys.derived("form-token")
            client.headers["x-form-token"] = form_token(key, crypto.sha256(token.encode()))
            client.actor = actor  # type: ignore[attr-defined]
            return client

        yield signed_in


def browser(house: House) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=house, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers={"accept": "text/html"})


@pytest.fixture
async def committed(server: str, data: Path) -> AsyncIterator[str]:
    """A database of its own, where commits are real. Yields its address."""
    await databases.close_engines()
    async with database.fresh(server, data) as address:
        yield address
    await databases.open_engines(Config(data=data), server, size=4)


@pytest.fixture(scope="session")
def naughty() -> list[str]:
    """Strings that broke other programs: ours, and the big list of naughty strings where its folder exists."""
    ours = [
        "<script>alert(1)</script>", "'; DROP TABLE account; --", "%s%n%(x)s", "{{ 7*7 }}", "\u202eabc", "\x00",
        "A\u0300" * 200, "\N{GRINNING FACE}", "../../etc/passwd", "=1+1", "\N{LATIN SMALL LIGATURE FFI}", " ",
    ]  # fmt: skip
    path = Path(__file__).parents[2] / "shared" / "data" / "hostile" / "blns.base64.json"
    if not path.exists():
        return ours
    import base64
    import json

    theirs = [base64.b64decode(text).decode("utf-8", "replace") for text in json.loads(path.read_text())]
    return ours + theirs[::9]
