"""GET /api/v1/search: by name, place or whole plate."""

from datetime import datetime
from typing import Annotated, Any, cast

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from public_site.api.v1.answers import answered, copy_of
from public_site.api.v1.schemas import PlateFound, SearchFound, State
from public_site.directory.search import Wanted, directory_of
from public_site.open_data.rows import public
from public_site.verification.following import Following
from registry.core.context import Context
from registry.core.errors import Invalid


@get(
    "/api/v1/search", summary="By name, place or whole plate", tags=["directory"],
    responses={200: ResponseSpec(SearchFound, generate_examples=False, description="The nearest first")},
)  # fmt: skip
async def search(
    request: Request[Any, Any, Any], following: NamedDependency[Following], now: NamedDependency[datetime],
    context: NamedDependency[Context],
    q: Annotated[str, QueryParameter(max_length=200, description="Accents, capitals and slips are forgiven")] = "",
    region: Annotated[str, QueryParameter(max_length=10)] = "",
) -> Response[Any]:  # fmt: skip
    """The twenty nearest. A whole plate answers for itself alone: its state, and neither code nor facts."""
    if not q.strip():
        raise Invalid("search-needs-words", fields={"q": "search-needs-words"})
    found = await directory_of(following).search(Wanted(q.strip(), region=region), now)
    named = [public(hit, context.config.origin) for hit in found.hits if hit.row]
    vehicle = next((hit for hit in found.hits if hit.row is None), None)
    plate = None
    if vehicle:
        plate = PlateFound(found.plate, cast("State", str(vehicle.verdict.state)), vehicle.verdict.since)
    return answered(request, SearchFound(copy_of(following, now), found.total, named, plate))
