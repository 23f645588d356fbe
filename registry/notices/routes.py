"""The officer's list of what strangers told us about seals."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, QueryParameter

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.core.errors import Invalid
from registry.core.i18n import N_
from registry.core.pages import Page, RailEntry, again, page, see_other
from registry.notices import queries, service
from registry.notices.rules import State


class Close(msgspec.Struct, frozen=True):
    outcome: str = ""
    once: UUID | None = None


@get("/desk/notices")
async def notices(
    actor: NamedDependency[Actor], said: Annotated[str, QueryParameter(name="state", max_length=10)] = State.OPEN
) -> Page:
    actor.require(Permission.NOTICES_ANSWER)
    shown = State.CLOSED if said == State.CLOSED else State.OPEN
    return page("notices/list.html", notices=await queries.visible_to(actor, shown), shown=shown)


@get("/desk/notices/{notice_id:uuid}")
async def notice(actor: NamedDependency[Actor], notice_id: FromPath[UUID]) -> Page:
    actor.require(Permission.NOTICES_ANSWER)
    return page("notices/one.html", notice=await queries.one(actor, notice_id))


@post("/desk/notices/{notice_id:uuid}")
async def close(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], notice_id: FromPath[UUID],
    data: Annotated[Close, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    try:
        await service.close(actor, now, notice_id, data.outcome, once=data.once)
    except Invalid as refusal:
        return again("notices/one.html", refusal, data, notice=await queries.one(actor, notice_id))
    return see_other("/desk/notices", done=N_("The notice is closed."))


RAIL = [RailEntry(Permission.NOTICES_ANSWER, N_("Notices"), "/desk/notices", queries.waiting)]
ROUTES = [notices, notice, close]
