"""/embed/report?place=CR-G: a card for partners' own pages, in a frame: open or closed by the same gate, with numbers.

No program, no form, no cookie: it leads to the form on a page of ours, never inside somebody else's. It is the one page
of ours that may stand in a frame.
"""

from datetime import datetime

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from public_site.help.view import rows
from public_site.report_form.view import HIDDEN
from public_site.verification.following import Following
from registry.authorities import places
from registry.core.context import Context
from registry.core.i18n import language
from registry.core.pages import Page, page
from registry.reports import gate, queries
from registry.reports.typed import country

FRAMED = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none';"
        " frame-ancestors *"
    ),
    "cross-origin-resource-policy": "cross-origin",
}
LINES = 4


@get("/embed/report")
async def card(
    now: NamedDependency[datetime], context: NamedDependency[Context], following: NamedDependency[Following],
    place: FromQuery[str] = "", premises: FromQuery[str] = "", home: FromQuery[str] = "",
) -> Page:  # fmt: skip
    """Without a place it asks for one, on our own page."""
    code, home = places.chosen(place) or (places.ELSEWHERE if place else ""), country(home)
    said = await queries.availability(context, code, premises, now, home=home) if code else None
    lines = await rows(context, now, code or context.config.country, following.copy.hotlines)
    return page(
        "report_form/embed.html", headers=HIDDEN | FRAMED, place=code, asked={"premises": premises, "home": home},
        place_name=places.name(code) if code and code != places.ELSEWHERE else "", said=code != "",
        open=isinstance(said, gate.Open), pause=isinstance(said, gate.Closed) and said.paused,
        readers=[one.name(language()) for one in said.chain] if isinstance(said, gate.Open) else [],
        lines=[line for line in lines if not line["emergency"]][:LINES],
    )  # fmt: skip
