"""The desk's page of erasing what seals say of a person (erasure.py). What is printed is printing's."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.clients import queries as clients
from registry.core.context import Context
from registry.core.errors import Invalid, Refusal
from registry.core.i18n import N_, _
from registry.core.pages import Page, again, page, see_other
from registry.seals import erasure, queries

REASONS = {
    erasure.Reason.REQUEST: N_("The person asked for it"),
    erasure.Reason.RETENTION: N_("The time for keeping it is over"),
    erasure.Reason.ORDER: N_("An authority ordered it"),
}


class Erase(msgspec.Struct, frozen=True):
    reason: str = ""
    once: UUID | None = None


@get("/desk/seals/business/{client_id:uuid}/erase")
async def ask_erasure(actor: NamedDependency[Actor], now: NamedDependency[datetime], client_id: FromPath[UUID]) -> Page:
    actor.require(Permission.SEALS_ERASE)
    return page("seals/erase.html", **await _erasure(actor, client_id, now))


@post("/desk/seals/business/{client_id:uuid}/erase", status_code=303)
async def erase(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    client_id: FromPath[UUID], data: Annotated[Erase, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    actor.require(Permission.SEALS_ERASE)
    values = await _erasure(actor, client_id, now)
    try:
        if data.reason not in set(erasure.Reason):
            raise Invalid("choose-one", fields={"reason": "choose-one"})
        await erasure.erase(actor, now, context, client_id, erasure.Reason(data.reason), once=data.once)
    except Refusal as refusal:
        return again("seals/erase.html", refusal, data, **values)
    return see_other(f"/desk/members/{client_id}", done=N_("What seals said of this business is erased."))


async def _erasure(actor: Actor, client_id: UUID, now: datetime) -> dict[str, Any]:
    seals = await queries.of_client(actor, client_id, now)
    return {"name": (await clients.client(actor, client_id)).name, "client_id": client_id,
            "count": sum(bool(seal.facts.name or seal.facts.holder) for seal in seals),
            "reasons": [(str(key), _(said)) for key, said in REASONS.items()]}  # fmt: skip


ROUTES = [ask_erasure, erase]
