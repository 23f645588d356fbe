"""Primero: run twice, one incident (409 is as good as yes); 422 is told to us as "delivery blocked" without content."""

import json

import httpx

from registry.access.actor import STRANGER
from registry.core.db import REPORTS_DB, fetch
from registry.reports import service
from registry.reports.agent import deliver, keys, primero
from registry.reports.agent.caller import Register, at_once
from registry.reports.agent.round import Agent
from tests.channel.result import Result
from tests.registry.reports.agent.primero_server import MAPPING, Primero
from tests.registry.reports.looks import only
from tests.registry.reports.world import ORIGIN, World, filing

CANARY = "canario-24-índigo"


async def run(world: World) -> Result:
    with Primero() as server:
        await service.file(STRANGER, world.now, world.context, filing(nonce=b"24" * 16, narrative=CANARY))
        server.refuse = 422
        await _agent(world, server.url).once()
        row = await only(world)
        blocked = row["blocked"] == "unknown_lookup" and row["acknowledged_at"] is None
        dump = ""
        for table in ("envelope", "event", "delivery"):
            dump += str([dict(one) for one in await fetch(f"SELECT * FROM reports.{table}", engine=REPORTS_DB)])
        server.refuse = 0
        # The first one dies between the incident and its word to the register; the second finds 409.
        died = await _agent(world, server.url, dies=True).once()
        done = await _agent(world, server.url).once()
        once = len(server.incidents) == 1 and (died.failed, done.opened) == (1, 1)
        taken = (await only(world))["state"] == "acknowledged"
    posts = server.asked.count(("POST", "/incidents"))
    return Result(
        blocked and once and taken and CANARY not in dump,
        f"{posts} posts, {len(server.incidents)} incident; 422 came back as {row['blocked']}, no word of it with us",
    )


def _agent(world: World, url: str, *, dies: bool = False) -> Agent:
    (world.folder / "map.json").write_text(json.dumps(MAPPING))
    clock, signer = at_once(world.now), keys.signer(world.folder)
    to = deliver.Primero(url, "resguardo", "p.txt", "map.json")
    system = primero.Door(httpx.AsyncClient(), to, "p", primero.mapping(world.folder / "map.json"), clock)
    line = (_Dies if dies else Register)(world.http, ORIGIN, world.authority, signer, clock)
    held = keys.identities(world.folder)
    return Agent(line, keys.settings(world.folder), held, signer, world.folder / "cases", clock, system=system)


class _Dies(Register):
    async def tell(self, which, what, said):  # type: ignore[no-untyped-def]
        if what == "acknowledged":
            raise ConnectionError
        await super().tell(which, what, said)
