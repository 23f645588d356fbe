"""The desk: every signed-in person's door. `create_app(context)` gathers each room's routes."""

import importlib
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from litestar import Litestar, Request
from litestar.di import Provide

from registry.access.actor import STRANGER, Actor
from registry.core import problems
from registry.core.context import Context

ROOMS = (
    "indicators",  # first in the rail: what waits for you, before the rooms it waits in
    "accounts",
    "clients",
    "schemes",
    "commitments",
    "training",
    "certification",
    "surveillance",
    "appeals",
    "impartiality",
    "printing",
    "seals",
    "complaints",
    "scans",
    "authorities",
    "reports",
)


async def actor(request: Request[Any, Any, Any]) -> Actor:
    """Whoever the session says is asking (accounts/door.py), or a stranger."""
    asking: Actor = request.scope.get("actor", STRANGER)  # type: ignore[assignment]  # a key of ours in ASGI's scope
    return asking


def dependencies(context: Context) -> dict[str, Provide]:
    """What every handler of every door may ask for by name."""

    async def now() -> datetime:
        return context.clock()

    async def the_context() -> Context:
        return context

    return {"actor": Provide(actor), "now": Provide(now), "context": Provide(the_context)}


def collected(package: str, rooms: tuple[str, ...], name: str) -> list[Any]:
    """One list out of every room's routes.py: its ROUTES, or its RAIL."""
    found: list[Any] = []
    for room in rooms:
        if find_spec(f"{package}.{room}") and find_spec(f"{package}.{room}.routes"):
            found += getattr(importlib.import_module(f"{package}.{room}.routes"), name, [])
    return found


OPTIONS: dict[str, Any] = {"exception_handlers": problems.HANDLERS, "openapi_config": None, "logging_config": None}
"""What every door tells Litestar."""


def create_app(context: Context, **options: Any) -> Litestar:
    """The desk's application. Options are Litestar's own, given by asgi.py to every door alike."""
    return Litestar(
        collected("registry", ROOMS, "ROUTES"),
        dependencies=dependencies(context),
        **(OPTIONS | options),
    )
