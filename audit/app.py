"""The evaluators' door: visits, checklists and findings, under /audit."""

from typing import Any

from litestar import Litestar

from registry.app import OPTIONS, collected, dependencies
from registry.core.context import Context

ROOMS = ("checklists", "visits", "findings")


def create_app(context: Context, **options: Any) -> Litestar:
    """The audit's application. Options are Litestar's own, given by asgi.py to every door alike."""
    return Litestar(collected("audit", ROOMS, "ROUTES"), dependencies=dependencies(context), **(OPTIONS | options))
