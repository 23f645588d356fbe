"""The database: engines, the one transaction of a verb, and plain SQL where the ORM would be slow.

Each door connects as its own PostgreSQL role, so that what a door may not read it cannot read: `DB` is the desk's,
`REPORTS_DB` that of the sealed reports, `PUBLIC_DB` the stranger's. Piccolo's own transaction loses its connection
when COMMIT fails or BEGIN is cancelled (the pool runs dry and the next query hangs for ever), and flattens a nested one
into the outer one, so that an inner refusal that is caught would keep its rows; both are mended here.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from registry.config import Config

DESK, REPORTS, PUBLIC = "resguardo_desk", "resguardo_reports", "resguardo_public"
"""Roles of the three doors; core/migrations.py makes them and says what each may touch."""


class Transaction(PostgresTransaction):
    """Piccolo's transaction, giving its connection back whatever BEGIN and COMMIT say."""

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent:
            return self._parent
        self.connection = await self.get_connection()  # type: ignore[no-untyped-call]  # Piccolo gives it no types
        try:
            self.transaction = self.connection.transaction()
            await self.begin()  # type: ignore[no-untyped-call]  # the same
        except BaseException:  # also whoever was cancelled while BEGIN was on its way: a house could not even close
            await self._give_back()
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(self, exception_type: Any, exception: Any, traceback: Any) -> bool:
        if self._parent:
            return exception is None
        try:
            if exception is not None and not self._rolled_back:
                await self.rollback()  # type: ignore[no-untyped-call]  # Piccolo gives these two no types
            elif exception is None and not self._committed and not self._rolled_back:
                await self.commit()  # type: ignore[no-untyped-call]  # the same
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._give_back()
        return exception is None

    async def _give_back(self) -> None:
        if self.engine.pool:
            await self.engine.pool.release(self.connection)
        else:
            await self.connection.close()


class Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A pooled connection that is handed on as it is.

    asyncpg sends a reset between two users of a connection, which here is one statement in five. Nothing of ours leaves
    a trace in a session: locks are the transaction's, settings SET LOCAL, and nobody LISTENs (tests/house).
    """

    def get_reset_query(self) -> str:
        """Nothing to undo."""
        return ""


class Database(PostgresEngine):
    """A PostgreSQL engine whose transactions are ours."""

    def __init__(self, role: str) -> None:
        super().__init__(config={}, extensions=())
        self.role = role

    async def get_version(self) -> float:
        """Asked by Piccolo at import, before there is an address to ask: then the least we support."""
        return await super().get_version() if self.config else 15.0

    def transaction(self, allow_nested: bool = True) -> Transaction:
        """A transaction of this engine; prefer `transaction()` below, which nests by savepoint."""
        return Transaction(engine=self, allow_nested=allow_nested)

    @property
    def connection(self) -> Any:
        """The connection of the transaction we are in, or None."""
        current = self.current_transaction.get()
        return current.connection if current else None

    def pooled(self) -> Any:
        """A connection of the pool, for one statement: `async with engine.pooled() as connection`."""
        if self.pool is None:
            raise ConnectionError("The database is not open.")
        return self.pool.acquire()


DB = Database(DESK)
REPORTS_DB = Database(REPORTS)
PUBLIC_DB = Database(PUBLIC)
ENGINES = (DB, REPORTS_DB, PUBLIC_DB)
STATEMENTS = 1000
"""Statements a connection keeps prepared. The house has some hundreds; with asyncpg's hundred they push each other out,
and every second one would be parsed and planned again."""


@contextlib.asynccontextmanager
async def transaction(engine: Database = DB) -> AsyncIterator[Any]:
    """All of it or none of it; inside another one, a savepoint. Yields the asyncpg connection."""
    if engine.connection is not None:
        async with engine.connection.transaction():
            yield engine.connection
    else:
        async with engine.transaction():
            yield engine.connection


async def fetch(sql: str, *args: Any, engine: Database = DB) -> list[dict[str, Any]]:
    """Rows of one statement with bound arguments ($1, $2 …), inside the transaction we are in, if any."""
    if engine.connection is not None:
        return [dict(row) for row in await engine.connection.fetch(sql, *args)]
    async with engine.pooled() as connection:
        return [dict(row) for row in await connection.fetch(sql, *args)]


async def batches(sql: str, *args: Any, size: int = 500, engine: Database = DB) -> AsyncIterator[list[Any]]:
    """Rows of one statement, `size` at a time, all of one moment; the next ones are on their way while these are read.

    Only inside a transaction, whose connection is the caller's again between two batches only if it stops asking.
    """
    if engine.connection is None:
        raise RuntimeError("batches are read inside a transaction")
    cursor = await engine.connection.cursor(sql, *args)
    coming = asyncio.ensure_future(cursor.fetch(size))
    try:
        while some := await coming:
            coming = asyncio.ensure_future(cursor.fetch(size))
            yield some
    finally:
        if not coming.done():
            await asyncio.wait([coming])


async def execute(sql: str, *args: Any, engine: Database = DB) -> str:
    """Run one statement; returns PostgreSQL's word for what it did, such as `UPDATE 3`."""
    if engine.connection is not None:
        return str(await engine.connection.execute(sql, *args))
    async with engine.pooled() as connection:
        return str(await connection.execute(sql, *args))


def address(config: Config, url: str, role: str | None) -> dict[str, Any]:
    """Arguments for asyncpg to connect as a role: its own login on the embedded server, SET ROLE elsewhere."""
    settings = {"application_name": "resguardo", "timezone": "UTC", "resguardo.zone": config.time_zone}
    if role is None:
        return {"dsn": url, "server_settings": settings}
    if config.database_url is None:
        parts = urlsplit(url)
        return {"dsn": urlunsplit(parts), "user": role, "server_settings": settings}
    return {"dsn": url, "server_settings": settings | {"role": role}}


async def open_engines(config: Config, url: str, engines: tuple[Database, ...] = ENGINES, *, size: int = 8) -> None:
    """Give each engine its pool. Without one Piccolo would silently connect anew for every query."""
    for engine in engines:
        engine.config = address(config, url, engine.role)
        await engine.start_connection_pool(
            min_size=1,
            max_size=size,
            command_timeout=60,
            max_inactive_connection_lifetime=120,
            connection_class=Connection,
            statement_cache_size=STATEMENTS,
        )


async def close_engines() -> None:
    """Give every connection back."""
    for engine in ENGINES:
        if engine.pool:
            with contextlib.suppress(asyncpg.PostgresError, OSError):
                await engine.close_connection_pool()
