"""GET /api/v1/directory: everything public, by name, page by page."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from public_site.api.v1.answers import answered, copy_of
from public_site.api.v1.schemas import Listed
from public_site.directory.search import LAST_PAGE, PER_PAGE, Wanted, directory_of
from public_site.open_data.rows import public
from public_site.verification.following import Following
from registry.core.context import Context


@get(
    "/api/v1/directory", summary="Establishments and those who only signed, by name", tags=["directory"],
    responses={200: ResponseSpec(Listed, generate_examples=False, description="A page of 20")},
)  # fmt: skip
async def listed(
    request: Request[Any, Any, Any], following: NamedDependency[Following], now: NamedDependency[datetime],
    context: NamedDependency[Context],
    region: Annotated[str, QueryParameter(max_length=10, description="ISO 3166-2, such as CR-G")] = "",
    group: Annotated[str, QueryParameter(max_length=40, description="lodging, operator, waterway …")] = "",
    said: Annotated[str, QueryParameter(name="state", max_length=40)] = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=LAST_PAGE)] = 1,
) -> Response[Any]:  # fmt: skip
    """Vehicles are not listed. For all of it in one file, see /data."""
    found = await directory_of(following).search(Wanted("", group, said, region, number), now)
    following_page = None
    if number * PER_PAGE < found.total and number < LAST_PAGE:
        asked = {"region": region, "group": group, "state": said, "page": number + 1}
        query = urlencode({name: value for name, value in asked.items() if value})
        following_page = f"{context.config.origin}/api/v1/directory?{query}"
    rows = [public(hit, context.config.origin) for hit in found.hits] if number <= found.pages else []
    return answered(request, Listed(copy_of(following, now), found.total, rows, following_page))
