"""The stranger's door over a made world, as a server of its own: for journeys and for measuring.

REGISTRY_DATA names its folder, REGISTRY_ORIGIN its address; `granian --interface asgi tests.public_site.served:app`.
`serving` starts one and ends it.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from public_site.app import create_app
from registry.config import read
from registry.house import context_of
from tests.public_site.world import World

GREY, KEY = "grey.localhost", "key.localhost"
"""Hosts of two doors more (browsers take every *.localhost for this machine): one whose copy is too old to confirm
anything, and one that was told two days ago of a key that was dropped."""


class Served:
    """Publishes at start, then is the door; or three of them."""

    def __init__(self) -> None:
        self.ahead = timedelta()
        self.context = context_of(read(os.environ))
        self.door, self.key = create_app(self.context), create_app(self.context)
        self.key.answers.dropped = lambda: datetime.now(UTC) - timedelta(days=2)
        self.grey = create_app(context_of(read(os.environ), clock=lambda: datetime.now(UTC) + self.ahead))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            host = dict(scope["headers"]).get(b"host", b"").decode().partition(":")[0]
            await {GREY: self.grey, KEY: self.key}.get(host, self.door)(scope, receive, send)
            return
        await receive()
        now = datetime.now(UTC)
        world = World(self.context.published, self.context.keys.snapshot, self.context.config.did)
        await world.publish(at=now, seq=int(now.timestamp()))
        async with self.door.lifespan(), self.key.lifespan(), self.grey.litestar.lifespan():
            await self.grey.following.step()
            self.ahead = timedelta(minutes=10)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def serving(folder: Path) -> Iterator[dict[str, str]]:
    """The door over this folder, on a free port: the settings it runs with, REGISTRY_ORIGIN among them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    settings = {"REGISTRY_DATA": str(folder), "REGISTRY_ORIGIN": origin, "REGISTRY_DEMO": "1"}
    server = subprocess.Popen(
        [Path(sys.executable).parent / "granian", "--interface", "asgi", "--port", str(port), "--no-ws",
         "--log-level", "warning", "tests.public_site.served:app"],
        env=os.environ | settings,
    )  # fmt: skip
    try:
        for _ in range(150):
            try:
                httpx.get(f"{origin}/robots.txt")
                break
            except httpx.TransportError:
                time.sleep(0.2)
        yield settings
    finally:
        server.terminate()
        server.wait(10)


app = Served() if "REGISTRY_DATA" in os.environ else None
