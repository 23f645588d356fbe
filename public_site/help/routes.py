"""/help?place=CR-G: the hotlines of a place, from the published file."""

from datetime import datetime

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from public_site.help.view import rows
from public_site.verification.following import Following
from registry.authorities import places
from registry.core.context import Context
from registry.core.pages import Page, page


@get("/help")
async def numbers(
    now: NamedDependency[datetime], context: NamedDependency[Context], following: NamedDependency[Following],
    place: FromQuery[str] = "",
) -> Page:  # fmt: skip
    """Every line that answers for a place; the country's when no place is named."""
    code = places.chosen(place) or (place if place == places.ELSEWHERE else context.config.country)
    known = places.known(code)
    return page(
        "help/help.html", headers={"cache-control": "public, max-age=60"}, place=code if known else "",
        abroad=code == places.ELSEWHERE, place_name=places.name(code) if known else "",
        lines=await rows(context, now, code, following.copy.hotlines),
        provinces=list(places.PROVINCES.get(context.config.country, {}).items()), elsewhere=places.ELSEWHERE,
    )  # fmt: skip


ROUTES = [numbers]
