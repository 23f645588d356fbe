"""The stranger's door: no cookie, no staff session, no signing key, no question to the database for a verdict."""

from typing import Any

from litestar import Litestar

from registry.app import collected, dependencies
from registry.core.context import Context

ROOMS = ("verification", "directory", "scanner", "report_form", "help", "api")


def create_app(context: Context, **options: Any) -> Litestar:
    """The public application."""
    return Litestar(collected("public_site", ROOMS, "ROUTES"), dependencies=dependencies(context), **options)
