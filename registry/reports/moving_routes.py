"""/desk/elsewhere: the one page on which a person moves a worry about a child to where it belongs.

All of it is posted: no address, history or log of requests says of which words, or of which place.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.authorities import hotlines, places
from registry.authorities import queries as authorities
from registry.core import ids
from registry.core.context import Context
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.i18n import language
from registry.core.pages import again, page, see_other
from registry.reports import gate, moving, queries

HIDDEN = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


class MoveForm(msgspec.Struct, frozen=True):
    """Whose words; where; and, of the last step, what to do with them."""

    what: str = ""
    id: str = ""
    place: str = ""
    called: str = ""
    act: str = ""


async def _asked(actor: Actor, now: datetime, context: Context, data: MoveForm) -> dict[str, Any]:
    """Where; then who receives it, or whom to call."""
    actor.require(Permission.COMPLAINTS_HANDLE)
    id = ids.read(data.id)
    if data.what not in moving.LISTS or id is None:
        raise NotFound("page-not-found")
    found = await moving.words(actor, data.what, id)
    code = places.found(data.place or found.region) or ""
    opening = await queries.availability(context, code, "", now) if code else None
    lines = hotlines.shown(await authorities.published_lines(context), code or context.config.country, now.date())
    return {
        "found": found, "place": code, "place_name": places.name(code) if code else "",
        "provinces": list(places.PROVINCES.get(context.config.country, {}).items()),
        "open": isinstance(opening, gate.Open), "closed": isinstance(opening, gate.Closed),
        "readers": [one.name(language()) for one in opening.chain] if isinstance(opening, gate.Open) else [],
        "lines": [(one.hotline.name(language()), [hotlines.local(n) for n in one.hotline.numbers]) for one in lines],
    }  # fmt: skip


@post("/desk/elsewhere", status_code=200)
async def move(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    data: Annotated[MoveForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Show where it goes; then seal it, or hear that it was told by telephone, and take the words out."""
    values = await _asked(actor, now, context, data)
    if data.act != "move":
        return page("reports/moving.html", headers=HIDDEN, **values)
    try:
        if not values["place"]:
            raise Invalid("place-missing", fields={"place": "place-missing"})
        if values["open"]:
            await moving.seal(actor, now, context, values["found"], values["place"])
        elif data.called != "yes":
            raise Invalid("call-first", fields={"called": "call-first"})
        await moving.take_out(actor, now, context, values["found"])
    except (Invalid, Conflict) as refusal:
        return again("reports/moving.html", refusal, data, **await _asked(actor, now, context, data))
    return see_other(moving.LISTS[values["found"].what])


ROUTES = [move]
