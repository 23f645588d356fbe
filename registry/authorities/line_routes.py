"""The desk of hotlines: each with the day somebody last rang it, oldest first, and a form to write down a call."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.authorities import forms, hotlines, lines, places, queries, words
from registry.core.calendar import day_of
from registry.core.context import Context
from registry.core.errors import Invalid, NotFound, Refusal
from registry.core.i18n import _, language
from registry.core.pages import Page, again, page, see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Now = NamedDependency[datetime]
Who = NamedDependency[Actor]
House = NamedDependency[Context]
HERE = "/desk/hotlines"


@get(HERE)
async def all_lines(actor: Who, now: Now, context: House, done: FromQuery[str] = "") -> Page:
    actor.require(Permission.AUTHORITIES_MANAGE)
    return page("authorities/hotlines.html", done=_(words.DONE.get(done, "")), **await _all(now, context))


async def _all(now: datetime, context: Context) -> dict[str, Any]:
    today = day_of(now, context.config.time_zone)
    kept = sorted(await queries.kept_lines(), key=lambda one: (one.line.checked_on, str(one.line.id)))
    return {
        "kept": kept, "today": today, "words": words, "places": places, "hotlines": hotlines,
        "speaks": language(), "zone": context.config.time_zone,
    }  # fmt: skip


@post(HERE, status_code=303)
async def add(actor: Who, now: Now, context: House, data: Annotated[forms.LineForm, Form]) -> Response[Any]:
    actor.require(Permission.AUTHORITIES_MANAGE)
    try:
        today = day_of(now, context.config.time_zone)
        await lines.add_hotline(actor, now, forms.line(data, context.config.country, today), once=data.once)
    except Refusal as refusal:
        return again("authorities/hotlines.html", refusal, data, **await _all(now, context))
    return see_other(HERE, done="added")


@get(HERE + "/{line_id:uuid}")
async def one_line(actor: Who, now: Now, context: House, line_id: FromPath[UUID]) -> Page:
    actor.require(Permission.AUTHORITIES_MANAGE)
    return page("authorities/hotline.html", **await _one(now, context, line_id))


async def _one(now: datetime, context: Context, line_id: UUID) -> dict[str, Any]:
    every = await _all(now, context)
    found = next((one for one in every["kept"] if one.line.id == line_id), None)
    if found is None:
        raise NotFound("hotline-not-found")
    return every | {"one": found}


@post(HERE + "/{line_id:uuid}/rung", status_code=303)
async def rung(
    actor: Who, now: Now, context: House, line_id: FromPath[UUID], data: Annotated[forms.RungForm, Form]
) -> Response[Any]:
    """Somebody rang the line today. Only a line that answered is good for another half year."""
    actor.require(Permission.AUTHORITIES_MANAGE)
    try:
        if not data.answered:
            raise Invalid("hotline-not-answered", fields={"answered": "hotline-not-answered"})
        await lines.check_hotline(actor, now, line_id, forms.post_of(data), once=data.once)
    except NotFound:
        raise
    except Refusal as refusal:
        return again("authorities/hotline.html", refusal, data, **await _one(now, context, line_id))
    return see_other(HERE, done="rung")


@post(HERE + "/{line_id:uuid}/retired", status_code=303)
async def retire(
    actor: Who, now: Now, context: House, line_id: FromPath[UUID], data: Annotated[forms.ReasonForm, Form]
) -> Response[Any]:
    actor.require(Permission.AUTHORITIES_MANAGE)
    try:
        await lines.retire_hotline(actor, now, line_id, forms.reason(data), once=data.once)
    except NotFound:
        raise
    except Refusal as refusal:
        return again("authorities/hotline.html", refusal, data, **await _one(now, context, line_id))
    return see_other(HERE, done="retired")


ROUTES = [all_lines, add, one_line, rung, retire]
