"""Every route is in the who-may table, strangers are shown the way in, and the wrong role finds nothing."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

import audit.app
import public_site.app
import registry.app
from registry.access.permissions import GRANTS, Permission
from registry.asgi import DOORS as DOORS_SERVED
from registry.core.context import Context
from registry.core.ids import uuid7
from registry.reports import door as agents
from tests import people
from tests.house.who_may import ENTRY, OWN, PUBLIC, TABLE

DOORS = (("registry", registry.app.ROOMS), ("audit", audit.app.ROOMS), ("public_site", public_site.app.ROOMS))
BEHIND_THE_DESK = [route for route, who in TABLE.items() if who not in (PUBLIC, ENTRY)]
NEEDING = [route for route, who in TABLE.items() if who not in (PUBLIC, ENTRY, OWN)]


def routes() -> set[str]:
    return {
        f"{method} {path}"
        for package, rooms in DOORS
        for handler in registry.app.collected(package, rooms, "ROUTES")
        for path in getattr(handler, "paths", [])
        for method in getattr(handler, "http_methods", [])
    }


def filled(path: str) -> str:
    """A path with something that does not exist in each of its places."""
    return re.sub(r"\{\w+:(\w+)\}", lambda found: str(uuid7()) if found[1] == "uuid" else "nothing", path)


async def ask(client: httpx.AsyncClient, route: str) -> httpx.Response:
    method, path = route.split()
    return await client.request(method, filled(path), data={} if method == "POST" else None)


def test_the_table_is_every_route() -> None:
    assert set(TABLE) == routes()


def answered(app: Any) -> set[str]:
    """What an application answers, by its own routing: also what nobody put into a room's ROUTES."""
    return {
        f"{method} {route.path}"
        for route in app.routes
        for method in route.methods
        if method not in ("OPTIONS", "HEAD")  # given by the framework to every route
    }


async def test_no_door_answers_anything_else(context: Context) -> None:
    """The applications as they are served. Authorities' agents have a door of their own, where every request is signed:
    whoever signs with no key of an authority finds nothing there."""
    doors = {name: make(context) for name, (_, make) in DOORS_SERVED.items()}
    agents = answered(doors.pop("authority"))
    found = set().union(*(answered(getattr(door, "litestar", door)) for door in doors.values()))
    assert found == set(TABLE), found ^ set(TABLE)
    assert len(agents) > 5 and all(route.split()[1].startswith("/authority-api/v1/") for route in agents)


async def test_an_agents_door_is_shut_to_whoever_signs_nothing(client: httpx.AsyncClient, context: Context) -> None:
    for route in answered(DOORS_SERVED["authority"][1](context)):
        assert (await ask(client, route)).status_code == 404, route


AGENTS = sorted(
    f"{method} {path}" for handler in agents.ROUTES for path in handler.paths for method in handler.http_methods
)


@pytest.mark.parametrize("route", AGENTS)
async def test_the_door_of_agents_is_not_there_for_whoever_signs_no_request(
    client: httpx.AsyncClient, sign_in: Callable[..., Awaitable[httpx.AsyncClient]], route: str
) -> None:
    for asking in (client, await sign_in(people.ERNESTO)):
        assert (await ask(asking, route)).status_code == 404


@pytest.mark.parametrize("route", BEHIND_THE_DESK)
async def test_a_stranger_is_shown_the_way_in_and_nothing_else(client: httpx.AsyncClient, route: str) -> None:
    answer = await ask(client, route)
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/desk/sign-in")
    else:
        assert answer.status_code in (401, 403, 404), answer.text[:300]


@pytest.mark.parametrize("route", NEEDING)
async def test_whoever_lacks_the_permission_finds_nothing(
    sign_in: Callable[..., Awaitable[httpx.AsyncClient]], route: str
) -> None:
    permission = Permission(TABLE[route])
    outsiders = [person for person in people.EVERYBODY if permission not in GRANTS[person.role]]
    assert outsiders, f"everybody may {permission}"
    for person in outsiders[:3]:
        answer = await ask(await sign_in(person), route)
        # An empty form is told so before anybody is asked whether they may: that says nothing about the thing itself.
        refused = (403, 404, 422) if route.startswith("POST") else (403, 404)
        assert answer.status_code in refused, f"{person.name}: {answer.status_code} {answer.text[:200]}"
