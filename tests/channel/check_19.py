"""Tenant walls: everybody but the office itself gets 404 on every route of reports, and no count of theirs changes."""

import re
from typing import Any
from uuid import uuid4

import httpx
from litestar import Litestar
from litestar.di import Provide

from registry.access.actor import STRANGER, Actor
from registry.access.permissions import Role
from registry.app import dependencies
from registry.core import problems
from registry.core.db import fetch
from registry.reports import routes, service
from tests.channel.result import Result
from tests.registry.reports.looks import only
from tests.registry.reports.world import World, filing

OFFICE = frozenset({Role.AUTHORITY_OFFICER, Role.AUTHORITY_AGENT})
MINE = "/desk/authority"


async def run(world: World) -> Result:
    before = await _counts()
    await service.file(STRANGER, world.now, world.context, filing(nonce=b"19" * 16, narrative="canario-19"))
    which = str((await only(world))["id"])
    unchanged = before == await _counts()
    asked = shut = 0
    for role in set(Role) - OFFICE:
        actor = Actor(uuid4(), "x", frozenset({role}), frozenset({(role, world.authority)}))
        for said in await _asked(world, actor, which):
            asked, shut = asked + 1, shut + (said.status_code == 404)
    other = Actor(uuid4(), "x", frozenset({Role.AUTHORITY_OFFICER}), frozenset({(Role.AUTHORITY_OFFICER, uuid4())}))
    for said in await _asked(world, other, which):
        # An officer of another office has a desk of their own, and it is empty.
        empty = not any(
            one in said.text for one in (which, which[:8].upper(), f"{which[:4]}-{which[4:8]}".upper(), "canario")
        )
        mine = str(said.request.url.path) in (MINE, f"{MINE}/opener") or said.status_code == 422
        asked, shut = asked + 1, shut + (empty and (said.status_code == 404 or mine))
    sealed = (await only(world))["state"] == "sealed"
    return Result(
        unchanged and sealed and asked == shut,
        f"{shut} of {asked} requests found nothing; {len(before)} tables the desk reads count the same as before",
    )


async def _counts() -> dict[str, int]:
    """How many rows the desk's own role sees in each table it may read, before and after: no page can show more."""
    tables = await fetch(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN"
        " ('pg_catalog', 'information_schema') AND has_schema_privilege(schemaname, 'USAGE')"
        " AND has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT')"
    )
    found = {}
    for row in tables:
        (count,) = await fetch(f"SELECT count(*) FROM {row['name']}")
        found[row["name"]] = count["count"]
    return found


async def _asked(world: World, actor: Actor, which: str) -> list[httpx.Response]:
    """Every route of the room, by the handlers themselves, with this envelope in each place for one."""

    async def who() -> Actor:
        return actor

    app = Litestar(routes.ROUTES, dependencies=dependencies(world.context) | {"actor": Provide(who)},
                   exception_handlers=problems.HANDLERS, openapi_config=None)  # fmt: skip
    form: dict[str, Any] = {"envelope": which, "proof": "0" * 26, "outcome": "false_report", "answer": "{}"}
    found = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://desk.test") as http:
        for handler in routes.ROUTES:
            for path in getattr(handler, "paths", ()):
                if MINE not in path:
                    continue
                for method in getattr(handler, "http_methods", ()):
                    address = re.sub(r"\{\w+:\w+\}", which, path)
                    found.append(await http.request(method, address, data=form if method == "POST" else None))
    return found
