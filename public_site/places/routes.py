"""/places: the map and its table; /places/CR-G: one province."""

from datetime import datetime
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from public_site.directory.book import VEHICLES, Filter, Hit
from public_site.directory.search import Directory, directory_of, summed
from public_site.places import outline
from public_site.verification.following import Following
from registry.authorities import places
from registry.core.context import Context
from registry.core.errors import NotFound
from registry.core.i18n import N_, _
from registry.core.pages import Page, page, see_other

GROUPS = {
    "lodging": N_("Lodging"), "waterway": N_("Boats with a seal"), "operator": N_("Tours"),
    "entertainment": N_("Entertainment"),
    "taxi": N_("Taxis"), "freight": N_("Freight"), VEHICLES: N_("Vehicles with a seal of their own"),
}  # fmt: skip
STATES = {
    "valid": N_("Valid"), "committed": N_("Committed, not certified"), "suspended": N_("Suspended"),
    "expired": N_("Expired"), "withdrawn": N_("Withdrawn"), "cannot_confirm": N_("We cannot confirm it now"),
}  # fmt: skip


@get("/places")
async def everywhere(
    following: NamedDependency[Following], now: NamedDependency[datetime], context: NamedDependency[Context]
) -> Page:
    counts = (await directory_of(following).book(now)).counts
    found = outline.counted(counts, context.config.country)
    return page(
        "places/places.html", places=found, tiles=outline.tiles(found, context.config.country), wide=outline.WIDE,
        high=outline.HIGH, most=max((one.valid + one.vehicles for one in found), default=0),
    )  # fmt: skip


@get("/places/{place:str}")
async def province(
    place: FromPath[str], following: NamedDependency[Following], now: NamedDependency[datetime]
) -> Response[Any]:
    """A province by its code; one that is called by its name is led there."""
    code = places.found(place)
    if code is None:
        raise NotFound("place-unknown")
    if code != place:
        return see_other(f"/places/{code}")
    directory: Directory = directory_of(following)
    book = await directory.book(now)
    named = summed(book.named(), 2, Filter(region=code))
    groups = summed(book.counts, 1, Filter(code, "", "valid"))
    return page(
        "places/place.html", place=outline.place_of(book.counts, code), GROUPS=GROUPS,
        groups=[(key, groups[key]) for key in GROUPS if key in groups],
        states=[(key, _(words), named[key]) for key, words in STATES.items() if key in named],
        cantons=_cantons(book.listed(100_000, Filter(code, "", "valid"))),
    )  # fmt: skip


def _cantons(hits: list[Hit]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for hit in hits:
        canton = hit.row.canton if hit.row and hit.row.brief else ""
        if canton:
            counts[canton] = counts.get(canton, 0) + 1
    return sorted(counts.items())


ROUTES = [everywhere, province]
