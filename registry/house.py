"""Opening and closing the house: database, stores, keys and letters, in the order they need each other.

Every command, the server, the worker and the tests come in through `opened`.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import msgspec

from registry import reactions
from registry.config import Config
from registry.core import db, embedded
from registry.core.clock import Clock, utc_now
from registry.core.context import Context
from registry.core.errors import Invalid
from registry.core.keyring import Keys, open_keys
from registry.core.mail import open_mail
from registry.core.migrations import migrate
from registry.core.storage import open_stores
from registry.core.telephone import open_telephone
from registry.outbox import service as outbox
from registry.printing import service as printing

log = logging.getLogger(__name__)


def context_of(config: Config, clock: Clock = utc_now, *, signs: bool = True) -> Context:
    """Stores, keys and letters of a house; touches no database. A door of strangers signs nothing: it has a secret of
    its own, and the folder of keys is none of its business."""
    storage, published = open_stores(config)
    keys = _keys(config) if signs else open_keys(config.data / "public" / "keys")
    return Context(config, storage, published, keys, open_mail(config), open_telephone(config), clock)


def _keys(config: Config) -> Keys:
    sources = {"issuer": config.key_issuer, "snapshot": config.key_snapshot, "log": config.key_log}
    return open_keys(config.data / "keys", sources)


async def same_address(config: Config) -> None:
    """Refuse to serve seals under another address than the one they were signed for: every page would turn grey.

    did:web is the address. Raises Invalid naming both; moving a registry means signing its seals anew.
    """
    _, published = open_stores(config)
    try:
        signed_for = msgspec.json.decode(await published.get("did.json"), type=dict)["id"]
    except KeyError:
        return
    if signed_for != config.did:
        raise Invalid("origin-other", signed_for=signed_for, now=config.did)


@contextlib.asynccontextmanager
async def database(
    config: Config, *, migrated: bool = True, engines: tuple[db.Database, ...] = db.ENGINES
) -> AsyncIterator[str]:
    """The database's address, its server running and its engines connected; brought to this version first."""
    server = None
    url = config.database_url
    if url is None:
        server = await embedded.start(config.data)
        url = server.url
    try:
        if migrated:
            await migrate(config, url)
        await db.open_engines(config, url, engines)
        async with _kept(server, works=db.DB in engines):
            yield url
    finally:
        await db.close_engines()
        if server:
            server.stop()


@contextlib.asynccontextmanager
async def _kept(server: embedded.Embedded | None, *, works: bool) -> AsyncIterator[None]:
    """A server of ours, kept running. That we started it also says that whoever worked before us is gone, for it would
    be gone with them: what they had taken in hand is free at once.
    """
    if server is None or not server.ours:
        yield
        return
    if works:
        await outbox.reclaim()
        await printing.reclaim()
    keeping = asyncio.create_task(server.keep())
    try:
        yield
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


@contextlib.asynccontextmanager
async def opened(config: Config, *, clock: Clock = utc_now, migrated: bool = True) -> AsyncIterator[Context]:
    """The whole house, ready to work."""
    outbox.listen(reactions.REACTIONS)
    async with database(config, migrated=migrated):
        yield context_of(config, clock)
