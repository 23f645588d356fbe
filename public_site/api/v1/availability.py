"""GET /api/v1/availability: whether a report can be filed for a place now, and whom to call."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from public_site.api.v1.answers import answered
from public_site.api.v1.hotlines import lines_of
from public_site.api.v1.schemas import Availability, Office
from public_site.verification.following import Following
from registry.authorities import places
from registry.core import i18n
from registry.core.context import Context
from registry.core.pages import emergency
from registry.reports import gate, queries
from registry.reports.typed import country


@get(
    "/api/v1/availability", summary="Whether a report can be filed for a place now", tags=["help"],
    responses={200: ResponseSpec(Availability, generate_examples=False, description="Open or closed, with numbers")},
)  # fmt: skip
async def availability(
    request: Request[Any, Any, Any], following: NamedDependency[Following], now: NamedDependency[datetime],
    context: NamedDependency[Context],
    place: Annotated[str, QueryParameter(min_length=2, max_length=60, description="ISO 3166-2, such as CR-G")],
    premises: Annotated[str, QueryParameter(max_length=40, description="lodging, taxi …, where it is known")] = "",
    home: Annotated[str, QueryParameter(max_length=2, description="Where the reporter lives, ISO 3166-1")] = "",
) -> Response[Any]:  # fmt: skip
    """The same answer as the form gives. Ask at the moment you show it: it closes by itself, and never queues."""
    code, home = places.chosen(place) or place, country(home)
    said = await queries.availability(context, code, premises, now, home=home)
    opened = said if isinstance(said, gate.Open) else None
    query = urlencode(
        {name: value for name, value in (("place", code), ("premises", premises), ("home", home)) if value}
    )
    offices = [
        Office(one.name(i18n.language()), one.terms.acknowledge_hours, one.terms.urgent_hours)
        for one in (opened.chain if opened else ())
    ]
    return answered(request, Availability(
        code, opened is not None, "" if isinstance(said, gate.Open) else "paused" if said.paused else "nobody", offices,
        f"{context.config.form_base}/report?{query}" if opened else None, emergency()[0].number,
        lines_of(following, context, now, code), gate.VERSION, now.replace(second=0, microsecond=0),
    ))  # fmt: skip
