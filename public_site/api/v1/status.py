"""GET /api/v1/status: the copy this door answers from."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from public_site.api.v1.answers import answered, copy_of
from public_site.api.v1.schemas import Copy
from public_site.verification.following import Following


@get(
    "/api/v1/status", summary="The copy that answers, and whether it is fresh", tags=["status"],
    responses={200: ResponseSpec(Copy, generate_examples=False, description="Of the signed copy in memory")},
)  # fmt: skip
async def status(
    request: Request[Any, Any, Any], following: NamedDependency[Following], now: NamedDependency[datetime]
) -> Response[Any]:
    return answered(request, copy_of(following, now))
