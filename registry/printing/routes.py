"""The desk's pages of seals: what a business or an association can print today, and what it cannot, by name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.clients import queries as clients
from registry.core.calendar import day_of
from registry.core.context import Context
from registry.core.errors import Conflict, NotFound, Refusal
from registry.core.i18n import DEFAULT_ZONE, N_, _
from registry.core.pages import RailEntry, again, page, see_other
from registry.printing import job_routes, picture, prints, qr, rules
from registry.printing.artwork import Shape
from registry.seals import queries, service
from registry.seals.code import grouped
from registry.seals.queries import SealView

DONE = {"reissued": N_("The new sticker is ready to print. The old code is no longer valid.")}
SHAPES: dict[str, Shape] = {
    "window.svg": "window", "inside.svg": "inside", "dashboard.svg": "dashboard", "reception.svg": "reception",
}  # fmt: skip
PAPERS: dict[str, prints.Layout] = {
    "sheet.pdf": "set", "dashboard.pdf": "dashboard", "reception.pdf": "reception",
    "certificate.pdf": "certificate-a4", "certificate-letter.pdf": "certificate-letter",
}  # fmt: skip
PICTURES = (*SHAPES, *PAPERS, "inside.png", "qr.svg", "qr.png")


class Reissue(msgspec.Struct, frozen=True):
    once: UUID | None = None


@get("/desk/seals")
async def home(actor: NamedDependency[Actor]) -> Response[Any]:
    """One thing to print leads straight to it."""
    actor.require(Permission.SEALS_PRINT)
    associations = [await clients.association(actor, id) for id in actor.organisations(Role.ASSOCIATION_ADMIN)]
    businesses = [await clients.client(actor, id) for id in actor.organisations(Role.REPRESENTATIVE)]
    places = [(f"/desk/seals/association/{one.id}", one.name) for one in associations]
    places += [(f"/desk/seals/business/{one.id}", one.name) for one in businesses]
    return see_other(places[0][0]) if len(places) == 1 else page("printing/home.html", places=sorted(places))


@get("/desk/seals/business/{client_id:uuid}")
async def of_business(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], client_id: FromPath[UUID], done: FromQuery[str] = ""
) -> Response[Any]:
    actor.require(Permission.SEALS_PRINT)
    values = await _business(actor, client_id, now)
    return page("printing/print.html", done=_(DONE[done]) if done in DONE else "", **values)


@get("/desk/seals/association/{association_id:uuid}")
async def of_association(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], association_id: FromPath[UUID]
) -> Response[Any]:
    actor.require(Permission.SEALS_PRINT)
    name = (await clients.whole_association(actor, association_id)).name
    seals = await queries.of_association(actor, association_id, now)
    return page("printing/print.html", **_values(f"association={association_id}", name, seals, now))


async def _business(actor: Actor, client_id: UUID, now: datetime) -> dict[str, Any]:
    name = (await clients.client(actor, client_id)).name
    return _values(f"client={client_id}", name, await queries.of_client(actor, client_id, now), now)


def _values(whose: str, name: str, seals: Sequence[SealView], now: datetime) -> dict[str, Any]:
    # Stickers that were replaced are history, not something that is missing from a sheet.
    seals = [seal for seal in seals if seal.state != "replaced"]
    ready = [seal for seal in seals if seal.printable]
    return {"whose": whose, "name": name, "ready": ready, "left": [seal for seal in seals if not seal.printable],
            "grouped": grouped, "down": rules.down(seals), "today": day_of(now, DEFAULT_ZONE),
            "association": whose.startswith("association")}  # fmt: skip


@get("/desk/seals/{seal_id:uuid}/{name:str}")
async def drawn(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    seal_id: FromPath[UUID], name: FromPath[str],
) -> Response[bytes]:  # fmt: skip
    """One picture, or one on paper. What is not valid today has none."""
    actor.require(Permission.SEALS_PRINT)
    seal = await queries.view(actor, seal_id, now)
    if name not in PICTURES:
        raise NotFound("not-found")
    if not seal.printable:
        raise Conflict("seal-not-printable", state=str(seal.state))
    if name in PAPERS:
        title = _("Seals of %(name)s", name=seal.mark)
        paper = await prints.made(context, [seal], title, PAPERS[name], 0, 1)
        return _file(paper, "application/pdf", f"resguardo-{seal.code}-{name}")
    shown = await prints.sticker(context.config, seal)
    if name in SHAPES:
        return _file(picture.svg(shown, SHAPES[name]).encode(), "image/svg+xml")
    match name:
        case "inside.png":
            return _file(picture.png(shown, "inside", 12), "image/png")
        case "qr.svg":
            return _file(qr.svg(shown.address, grouped(seal.code)).encode(), "image/svg+xml")
    return _file(qr.png(shown.address, 16), "image/png")


@post("/desk/seals/{seal_id:uuid}/reissue", status_code=303)
async def reissue(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    seal_id: FromPath[UUID], data: Annotated[Reissue, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    seal = await queries.view(actor, seal_id, now)
    try:
        await service.reissue(actor, now, context, seal_id, once=data.once)
    except Refusal as refusal:
        return again("printing/print.html", refusal, data, **await _business(actor, seal.client, now))
    return see_other(f"/desk/seals/business/{seal.client}", done="reissued")


def _file(data: bytes, media_type: str, name: str = "") -> Response[bytes]:
    headers = {"cache-control": "private, no-store"}
    if name:
        plain = name.encode("ascii", "ignore").decode() or "resguardo.pdf"
        headers["content-disposition"] = f'attachment; filename="{plain}"'
    return Response(data, media_type=media_type, headers=headers)


ROUTES = [home, of_business, of_association, drawn, reissue, *job_routes.ROUTES]
RAIL = [RailEntry(Permission.SEALS_PRINT, title=N_("Seals"), url="/desk/seals")]
