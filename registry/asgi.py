"""The house as one ASGI application: the only file that knows all three packages.

Strangers at /, the desk at /desk, audits at /audit; `registry serve --only public` opens one door alone, with its own
database role and without the keys it does not need. The worker that tells the outbox runs beside the doors unless it
runs elsewhere.
"""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg

import audit.app
import public_site.app
import registry.app
from registry import config as configuration
from registry import reactions
from registry.accounts.door import Door
from registry.config import Config
from registry.core import db, machine
from registry.core.apart import Apart, placed
from registry.core.assets import Static
from registry.core.context import Context
from registry.core.errors import Conflict
from registry.core.limits import Limits
from registry.core.patience import patient
from registry.core.ports import free
from registry.core.shield import SAFE, Shield
from registry.house import context_of, database, same_address
from registry.outbox import service as outbox
from registry.reports import door as agents

log = logging.getLogger(__name__)

KINDLY = 20
"""Seconds a process has to finish what it is doing before it is ended."""

DOORS: dict[str, tuple[str, Callable[..., Any]]] = {
    "desk": ("/desk", registry.app.create_app),
    "audit": ("/audit", audit.app.create_app),
    "authority": ("/authority-api", agents.create_app),
    "public": ("", public_site.app.create_app),
}
"""Name, path prefix and maker of each door; the first whose prefix fits takes the request."""

SESSIONS = ("desk", "audit")
"""Doors that people sign in at. Agents of authorities sign every request instead."""


class House:
    """The doors of one process, made when the server starts and closed when it stops."""

    def __init__(self, config: Config, only: str | None = None, *, worker: bool = True) -> None:
        self.config, self.only, self.with_worker = config, only, worker
        self.doors: list[tuple[str, Any]] = []
        self.ready = False
        self.strangers: Any = None
        self.apart = Apart(config) if config.report_origin else None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand a request to its door."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["method"] not in SAFE:
            receive = patient(receive)
        path: str = scope["path"]
        if self.apart is not None:
            if (turned := self.apart.turned(scope)) is not None:
                await _plain(send, turned[0], b"", turned[1])
                return
            with placed(*self.apart.bases(scope)):
                await self._pass(path, scope, receive, send)
            return
        await self._pass(path, scope, receive, send)

    async def _pass(self, path: str, scope: Any, receive: Any, send: Any) -> None:
        if self.strangers is not None and path[:3] in ("/S/", "/s/"):  # the one page the whole world opens goes first
            await self.strangers(scope, receive, send)
            return
        for prefix, app in self.doors:
            if not prefix or path == prefix or path.startswith(prefix + "/"):
                if path in ("/healthz", "/readyz"):
                    break
                await app(scope, receive, send)
                return
        await _plain(send, *(await self._health(path)))

    async def _health(self, path: str) -> tuple[int, bytes]:
        if path == "/readyz":
            try:
                await db.fetch("SELECT 1", engine=db.PUBLIC_DB if self.only == "public" else db.DB)
            except (OSError, TimeoutError, asyncpg.PostgresError):
                return 503, b"not ready\n"
            return (200, b"ready\n") if self.ready else (503, b"starting\n")
        return (200, b"ok\n") if path == "/healthz" else (404, b"not found\n")

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Context]:
        """Everything a request needs, open; closed again in the opposite order."""
        outbox.listen(reactions.REACTIONS)
        async with contextlib.AsyncExitStack() as stack:
            engines = (db.PUBLIC_DB,) if self.only == "public" else db.ENGINES
            await stack.enter_async_context(database(self.config, migrated=self.only != "public", engines=engines))
            context = context_of(self.config, signs=self.only != "public")
            await stack.enter_async_context(self.standing(context))
            yield context

    @contextlib.asynccontextmanager
    async def standing(self, context: Context) -> AsyncIterator[None]:
        """The doors over an open house (tests bring their own)."""
        async with contextlib.AsyncExitStack() as stack:
            for name, (prefix, make) in DOORS.items():
                if self.only in (None, name):
                    app = make(context)
                    if hasattr(app, "lifespan"):
                        await stack.enter_async_context(app.lifespan())
                    if name == "public":
                        self.strangers = app
                    self.doors.append((prefix, signed_in(app, context) if name in SESSIONS else app))
            self.doors.insert(0, ("/static", Static(_nowhere)))
            if self.with_worker and self.only != "public":
                await stack.enter_async_context(_working(context))
            self.ready = True
            yield
            self.ready = False

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        try:
            async with self.opened():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            if self.ready:
                raise
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.shutdown.complete"})


def signed_in(app: Any, context: Context) -> Any:
    """A door one needs a key for: language and headers, limits, who is asking, and only then the rooms."""
    rail = registry.app.collected("registry", registry.app.ROOMS, "RAIL")
    rail += registry.app.collected("audit", audit.app.ROOMS, "RAIL")
    return Shield(Limits(Door(app, context, rail), proxies=context.config.proxies), context.config)


async def _nowhere(scope: Any, receive: Any, send: Any) -> None:
    await _plain(send, 404, b"not found\n")


@contextlib.asynccontextmanager
async def _working(context: Context) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(loop(context, stopping)) for loop in reactions.LOOPS]
    yield
    stopping.set()
    await asyncio.gather(*tasks)


async def _plain(send: Any, status: int, body: bytes, more: dict[str, str] | None = None) -> None:
    headers = [
        (b"content-type", b"text/plain"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    headers += [(name.encode(), value.encode()) for name, value in (more or {}).items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def build() -> House:
    """What the server's worker process makes for itself; settings reach it through the environment."""
    machine.undumped()
    if parent := multiprocessing.parent_process():
        end_with(parent.join)
    config = configuration.read(os.environ)
    return House(config, os.environ.get("REGISTRY_ONLY") or None, worker=os.environ.get("REGISTRY_WORKER") != "0")


def end_with(gone: Callable[[], object]) -> None:
    """End this process, kindly first, when `gone` returns. A worker whose server was killed would keep the port and the
    database, and nobody could stop it by stopping the house."""

    def end() -> None:
        gone()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(KINDLY)
        os._exit(1)

    threading.Thread(target=end, daemon=True).start()


def run(config: Config, *, only: str | None, host: str, port: int, worker: bool) -> None:
    """Serve until stopped. No access log: who looked at which seal is nobody's business."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    if not free(host, port):  # the server would share it, and answer every other stranger out of another house
        raise Conflict("port-taken", port=str(port))
    asyncio.run(same_address(config))
    machine.undumped()
    os.environ |= {"REGISTRY_ONLY": only or "", "REGISTRY_WORKER": "1" if worker else "0",
                   "REGISTRY_DATA": str(config.data)}  # fmt: skip
    server = Granian("registry.asgi:build", address=host, port=port, interface=Interfaces.ASGI, factory=True,
                     websockets=False, log_access=False, log_level=LogLevels.warning,
                     workers_kill_timeout=KINDLY)  # fmt: skip
    # Granian starts its worker again when the terminal closes; nobody could stop such a house from there any more.
    unheard = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # under nohup, whoever started it meant it to stay
    vars(server)["signal_handler_reload"] = (lambda *_: None) if unheard else server.signal_handler_interrupt
    server.serve()
