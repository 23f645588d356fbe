"""Every endpoint of the public API, its description (OpenAPI 3.1), and that description as a page."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import License, Server

from public_site.api.v1.availability import availability
from public_site.api.v1.changes import changes
from public_site.api.v1.directory import listed
from public_site.api.v1.hotlines import hotlines
from public_site.api.v1.seals import seal
from public_site.api.v1.search import search
from public_site.api.v1.status import status
from public_site.open_data.rows import LICENCE
from registry.core import crypto
from registry.core.context import Context
from registry.core.pages import Page, page

ENDPOINTS = [seal, search, listed, changes, availability, hotlines, status]


@get("/api/v1/openapi.json", include_in_schema=False, sync_to_thread=False)
def openapi(request: Request[Any, Any, Any], context: NamedDependency[Context]) -> Response[bytes]:
    body = msgspec.json.encode(described(context.config.origin, context.config.operator))
    headers = {"etag": f'"{crypto.sha256(body).hex()[:20]}"', "cache-control": "public, max-age=300",
               "access-control-allow-origin": "*"}  # fmt: skip
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type="application/vnd.oai.openapi+json", headers=headers)


@get("/api", include_in_schema=False, sync_to_thread=False)
def readable(context: NamedDependency[Context]) -> Page:
    """The same for people, drawn from the description itself."""
    told = described(context.config.origin, context.config.operator)
    paths = [(path, item["get"]) for path, item in sorted(told["paths"].items())]
    return page("api/api.html", paths=paths, schemas=told["components"]["schemas"], origin=context.config.origin)


@lru_cache(4)
def described(origin: str, operator: str) -> dict[str, Any]:
    """Made by Litestar from the endpoints themselves, as an application of their own."""
    names = ("answers", "following", "context", "now")
    config = OpenAPIConfig(
        title=f"{operator}: seals", version="1", use_handler_docstrings=True,
        description="Public, free, without a key. Ask kindly: once a minute for a seal, once a day for all of it.",
        license=License("CC BY 4.0", url=LICENCE), servers=[Server(origin)],
    )  # fmt: skip
    app = Litestar(ENDPOINTS, dependencies={name: Provide(_nothing()) for name in names}, openapi_config=config,
                   logging_config=None)  # fmt: skip
    schema: dict[str, Any] = app.openapi_schema.to_schema()
    return schema


def _nothing() -> Callable[[], Awaitable[None]]:
    """A provider for an application that describes and never answers."""

    async def nothing() -> None:
        return None

    return nothing


ROUTES = [*ENDPOINTS, openapi, readable]
