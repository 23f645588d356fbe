"""The stranger's door over a made world, as a server of its own: for journeys and for measuring.

REGISTRY_DATA names its folder, REGISTRY_ORIGIN its address; `granian --interface asgi tests.public_site.served:app`.
"""

import os
from datetime import UTC, datetime
from typing import Any

from public_site.app import create_app
from registry.config import read
from registry.house import context_of
from tests.public_site.world import World


class Served:
    """Publishes at start, then is the door."""

    def __init__(self) -> None:
        self.context = context_of(read(os.environ))
        self.door = create_app(self.context)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self.door(scope, receive, send)
            return
        await receive()
        now = datetime.now(UTC)
        world = World(self.context.published, self.context.keys.snapshot, self.context.config.did)
        await world.publish(at=now, seq=int(now.timestamp()))
        async with self.door.lifespan():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


app = Served()
