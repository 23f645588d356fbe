"""GET /api/v1/hotlines: whom to call, by place."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from public_site.api.v1.answers import answered
from public_site.api.v1.schemas import Line, Lines
from public_site.verification.following import Following
from registry.authorities import hotlines as numbers
from registry.core import i18n
from registry.core.context import Context


@get(
    "/api/v1/hotlines", summary="Whom to call, by place", tags=["help"],
    responses={200: ResponseSpec(Lines, generate_examples=False, description="The emergency number first")},
)  # fmt: skip
async def hotlines(
    request: Request[Any, Any, Any], following: NamedDependency[Following], now: NamedDependency[datetime],
    context: NamedDependency[Context],
    place: Annotated[str, QueryParameter(max_length=10, description="ISO 3166-1 or 3166-2")] = "",
) -> Response[Any]:  # fmt: skip
    """Names are in the language of Accept-Language. Show the day of checking beside a number."""
    where = place or context.config.country
    return answered(request, Lines(where, lines_of(following, context, now, where)))


def lines_of(following: Following, context: Context, now: datetime, place: str) -> list[Line]:
    """The published lines of a place, in the language of the request."""
    today = now.astimezone(ZoneInfo(context.config.time_zone)).date()
    published = following.copy.hotlines
    shown = numbers.shown(published.hotlines, place, today) if published else []
    return [
        Line(one.hotline.name(i18n.language()), str(one.hotline.kind), list(one.hotline.numbers),
             list(one.hotline.languages), one.hotline.checked_on, one.stale, one.hotline.fictitious)
        for one in shown
    ]  # fmt: skip
