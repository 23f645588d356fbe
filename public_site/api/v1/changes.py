"""GET /api/v1/changes: what changed since a place in the public log."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from public_site.api.v1.answers import answered, copy_of
from public_site.api.v1.schemas import Changed
from public_site.directory.search import directory_of
from public_site.open_data.feeds import changed
from public_site.verification.following import Following
from registry.core.context import Context


@get(
    "/api/v1/changes", summary="What changed since", tags=["directory"],
    responses={200: ResponseSpec(Changed, generate_examples=False, description="Oldest first, at most 500")},
)  # fmt: skip
async def changes(
    request: Request[Any, Any, Any], following: NamedDependency[Following], now: NamedDependency[datetime],
    context: NamedDependency[Context],
    since: Annotated[int, QueryParameter(ge=0, le=1 << 53, description="The next of the last answer")] = 0,
) -> Response[Any]:  # fmt: skip
    """Each seal once, with what it says now. A seal that ends by its own date changes no log."""
    found = changed(await directory_of(following).book(now), since, context.config.origin)
    return answered(request, Changed(copy_of(following, now), found.rows, found.next, found.more))
