"""/desk/elsewhere: the one page on which a person moves a worry about a child to where it belongs."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.authorities import hotlines, places
from registry.authorities import queries as authorities
from registry.core.context import Context
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.i18n import language
from registry.core.pages import Page, again, page, see_other
from registry.reports import gate, moving, queries

HIDDEN = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


class MoveForm(msgspec.Struct, frozen=True):
    place: str = ""
    called: str = ""


@get("/desk/elsewhere/{what:str}/{id:uuid}")
async def ask(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    what: FromPath[str], id: FromPath[UUID], place: FromQuery[str] = "",
) -> Page:  # fmt: skip
    """Where; then who receives it, or whom to call."""
    return page("reports/moving.html", headers=HIDDEN, **await _asked(actor, now, context, what, id, place))


async def _asked(
    actor: Actor, now: datetime, context: Context, what: str, id: UUID, place: str
) -> dict[str, Any]:  # fmt: skip
    actor.require(Permission.COMPLAINTS_HANDLE)
    if what not in moving.LISTS:
        raise NotFound("page-not-found")
    found = await moving.words(actor, what, id)
    code = places.found(place or found.region) or ""
    opening = await queries.availability(context, code, "", now) if code else None
    lines = hotlines.shown(await authorities.published_lines(context), code or context.config.country, now.date())
    return {
        "found": found, "place": code, "place_name": places.name(code) if code else "",
        "provinces": list(places.PROVINCES.get(context.config.country, {}).items()),
        "open": isinstance(opening, gate.Open), "closed": isinstance(opening, gate.Closed),
        "readers": [one.name(language()) for one in opening.chain] if isinstance(opening, gate.Open) else [],
        "lines": [(one.hotline.name(language()), [hotlines.local(n) for n in one.hotline.numbers]) for one in lines],
    }  # fmt: skip


@post("/desk/elsewhere/{what:str}/{id:uuid}", status_code=303)
async def move(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    what: FromPath[str], id: FromPath[UUID],
    data: Annotated[MoveForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Seal it, or hear that it was told by telephone; then take the words out."""
    values = await _asked(actor, now, context, what, id, data.place)
    try:
        if not values["place"]:
            raise Invalid("place-missing", fields={"place": "place-missing"})
        if values["open"]:
            await moving.seal(actor, now, context, values["found"], values["place"])
        elif data.called != "yes":
            raise Invalid("call-first", fields={"called": "call-first"})
        await moving.take_out(actor, now, context, values["found"])
    except (Invalid, Conflict) as refusal:
        values = await _asked(actor, now, context, what, id, data.place)
        return again("reports/moving.html", refusal, data, **values)
    return see_other(moving.LISTS[what])


ROUTES = [ask, move]
