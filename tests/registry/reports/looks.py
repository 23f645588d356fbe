"""What tests of reports ask again and again."""

from datetime import datetime

import msgspec

from registry.core.context import Context
from registry.core.db import REPORTS_DB, fetch
from registry.reports.agent.round import Agent
from tests.registry.reports.world import World


async def only(world: World) -> dict[str, object]:
    rows = await fetch(
        "SELECT * FROM reports.envelope WHERE id NOT IN (SELECT envelope FROM reports.drill)", engine=REPORTS_DB
    )
    assert len(rows) == 1
    return rows[0]


def world_at(world: World, now: datetime) -> Context:
    return msgspec.structs.replace(world.context, clock=lambda: now)


def agent_at(world: World, now: datetime) -> Agent:
    import httpx

    from registry.reports import door
    from tests.registry.reports.world import ORIGIN

    world.http = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=door.create_app(world_at(world, now))), base_url=ORIGIN
    )
    return world.agent(now)
