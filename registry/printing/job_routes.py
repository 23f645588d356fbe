"""Asking for a print, watching it being made, fetching it."""

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
from registry.core.context import Context
from registry.core.errors import Conflict, Invalid, Refusal
from registry.core.i18n import N_, _
from registry.core.pages import Page, again, page, see_other
from registry.printing import queries, service
from registry.printing.jobs import file_of
from registry.printing.prints import Layout
from registry.printing.rules import State
from registry.seals import queries as seals

WORDS = {
    "set": N_("Window and inside, one page each"),
    "inside": N_("Inside, four on a page"),
    "dashboard": N_("Dashboard, two on a page"),
    "reception": N_("Reception desk, two on a page"),
    "certificate-a4": N_("Certificate for the wall, A4"),
    "certificate-letter": N_("Certificate for the wall, Letter"),
}


class Form(msgspec.Struct, frozen=True):
    layout: str = ""
    association: str = ""
    client: str = ""
    once: UUID | None = None


@get("/desk/prints/new")
async def new(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], association: FromQuery[UUID | None] = None,
    client: FromQuery[UUID | None] = None, layout: FromQuery[str] = "set",
) -> Page:  # fmt: skip
    actor.require(Permission.SEALS_PRINT)
    return page("printing/new.html", **await _asking(actor, now, association, client), chosen=layout)


async def _asking(actor: Actor, now: datetime, association: UUID | None, client: UUID | None) -> dict[str, Any]:
    name, ready, left = await queries.ready(actor, association, client, now)
    kinds = {str(seal.kind) for seal in ready}
    nowhere = {"dashboard"} if kinds == {"establishment"} else {"reception"} if kinds == {"vehicle"} else set()
    options = [(key, _(said)) for key, said in WORDS.items() if key not in nowhere]
    return {"name": name, "ready": len(ready), "left": left, "options": options, "association": association,
            "client": client, "recent": await queries.recent(actor)}  # fmt: skip


@post("/desk/prints", status_code=303)
async def ask(
    actor: NamedDependency[Actor], now: NamedDependency[datetime],
    data: Annotated[Form, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    association, client = _id(data.association), _id(data.client)
    try:
        wanted = service.Ask(layout=_layout(data.layout), association=association, client=client)
        made = await service.ask(actor, now, wanted, once=data.once)
    except (Invalid, Conflict) as refusal:
        return again("printing/new.html", refusal, data, chosen=data.layout,
                     **await _asking(actor, now, association, client))  # fmt: skip
    return see_other(f"/desk/prints/{made}")


def _layout(text: str) -> Layout:
    try:
        layout: Layout = msgspec.convert(text, Layout)
    except msgspec.ValidationError:
        raise Invalid("print-layout-unknown", fields={"layout": "print-layout-unknown"}) from None
    return layout


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


@get("/desk/prints/{print_id:uuid}")
async def watch(actor: NamedDependency[Actor], print_id: FromPath[UUID]) -> Page:
    """How far it is; looks again by itself until it is done."""
    job = await queries.one(actor, print_id)
    return page("printing/one.html", job=job, words=WORDS[job.layout])


@post("/desk/prints/{print_id:uuid}/cancel", status_code=303)
async def cancel(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], print_id: FromPath[UUID],
    data: Annotated[Form, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    try:
        await service.cancel(actor, now, print_id, once=data.once)
    except Refusal as refusal:
        job = await queries.one(actor, print_id)
        return again("printing/one.html", refusal, data, job=job, words=WORDS[job.layout])
    job = await queries.one(actor, print_id)
    place = f"association={job.association}" if job.association else f"client={job.client}"
    return see_other(f"/desk/prints/new?{place}&layout={job.layout}", done=N_("The print was cancelled."))


@get("/desk/prints/{print_id:uuid}/file.pdf")
async def fetch(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    print_id: FromPath[UUID],
) -> Response[bytes]:  # fmt: skip
    """The file, if every seal in it may still be printed."""
    job = await queries.one(actor, print_id)
    if job.state is not State.DONE:
        raise Conflict("print-not-done")
    changed = await seals.unprintable(job.seals, now)
    if changed:
        raise Conflict("print-outdated", count=changed)
    headers = {"cache-control": "private, no-store",
               "content-disposition": f'attachment; filename="resguardo-{job.layout}-{job.total}.pdf"'}  # fmt: skip
    return Response(await context.storage.get(file_of(print_id)), media_type="application/pdf", headers=headers)


ROUTES = [new, ask, watch, cancel, fetch]
