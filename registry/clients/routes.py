"""The desk's pages of lists: receive, answer what we ask, look, take in, take back. Other pages: desk.py."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.clients import batches, columns, desk, encodings, lists, queries, returned, rules, service, spreadsheet
from registry.clients.batches import BatchView
from registry.clients.rules import BatchState
from registry.clients.words import FIELDS, RESULTS
from registry.core import ids
from registry.core.context import Context
from registry.core.errors import Invalid, Refusal
from registry.core.i18n import N_, _
from registry.core.pages import RailEntry, again, page, see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Parts = Body(media_type=RequestEncodingType.MULTI_PART)
ROOM = spreadsheet.FILE_LIMIT + 200_000
"""Bytes of an upload with its wrapping: more is refused while it arrives."""


class Act(msgspec.Struct, frozen=True):
    once: UUID | None = None


class Commit(msgspec.Struct, frozen=True):
    once: UUID | None = None
    mode: str = "good"


class Encoding(msgspec.Struct, frozen=True):
    once: UUID | None = None
    encoding: str = ""


class Mend(msgspec.Struct, frozen=True):
    mend: str = ""  # row|field|place of the suggestion
    once: UUID | None = None


async def _home(actor: Actor) -> dict[str, Any]:
    return {"associations": await queries.associations(actor), "batches": await batches.batches(actor)}


@get("/desk/imports")
async def imports(actor: NamedDependency[Actor], association: FromQuery[UUID | None] = None) -> Response[Any]:
    actor.require(Permission.CLIENTS_IMPORT)
    return page("clients/imports.html", chosen=association, limit=spreadsheet.FILE_LIMIT // 2**20, **await _home(actor))


@post("/desk/imports", status_code=303, request_max_body_size=ROOM)
async def receive(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    context: NamedDependency[Context],
    data: Annotated[dict[str, Any], Parts],
) -> Response[Any]:
    upload, association = data.get("list"), str(data.get("association") or "")
    try:
        if not isinstance(upload, UploadFile) or not upload.filename:
            raise Invalid("file-none", fields={"list": "file-none"})
        batch = await service.receive_list(
            actor, now, context, desk.identity(association), upload.filename, await upload.read(),
            once=ids.read(data.get("once")),
        )  # fmt: skip
    except Refusal as refusal:
        if "fields" not in refusal.details:
            refusal.details["fields"] = {"list": refusal.code}
        shown = {"association": association}
        values = {"chosen": None, "limit": spreadsheet.FILE_LIMIT // 2**20, **await _home(actor)}
        return again("clients/imports.html", refusal, shown, **values)
    return see_other(f"/desk/imports/{batch}")


@get("/desk/imports/template")
async def template(actor: NamedDependency[Actor]) -> Response[bytes]:
    actor.require(Permission.CLIENTS_IMPORT)
    heads = [_(FIELDS[field]) for field in columns.MEMBERS if field not in ("district", "place_kind", "reference")]
    body = ("﻿" + ";".join(heads) + "\r\n").encode()
    return desk.download(body, "resguardo.csv", "text/csv; charset=utf-8")


@get("/desk/imports/{batch_id:uuid}")
async def preview(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], batch_id: FromPath[UUID],
    show: FromQuery[str] = "", after: FromQuery[int] = 0, done: FromQuery[str] = "",
) -> Response[Any]:  # fmt: skip
    view = await batches.batch(actor, batch_id)
    template, values = await _values(view, now, show, after)
    return page(template, done=_(DONE[done]) if done in DONE else "", **values)


DONE = {
    "committed": N_("The good rows are in. No letter was sent and no seal changed."),
    "undone": N_("The import was taken back. Everything is as it was before."),
    "discarded": N_("The list was put aside. Nothing changed."),
    "mended": N_("The row was read again with the value you chose."),
    "left": N_("The members you marked have left. Their seals will say so."),
}


async def _values(view: BatchView, now: datetime, show: str, after: int) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {"batch": view, "FIELDS": FIELDS, "RESULTS": RESULTS, "now": now}
    if view.state == BatchState.ENCODING:
        return "clients/encoding.html", values | {"choices": encodings.CHOICES}
    if view.state == BatchState.COLUMNS:
        return "clients/columns.html", values | {"offered": _offered(view)}
    first = "error" if view.counts.error else "new" if view.counts.new else "all"
    show = show if show in ("error", "new", "changed", "same", "all") else first
    rows = await batches.lines(view, show, max(0, min(after, 2**31 - 1)))
    missing, absent = await batches.absent(view) if view.state in (BatchState.READY, BatchState.COMMITTED) else (0, [])
    return "clients/preview.html", values | {
        "show": show, "lines": rows, "following": rows[-1].row if len(rows) == batches.PAGE else 0,
        "heads": batches.shown(view.kind, view.mapping), "absent": absent, "absent_count": missing,
        "members": await batches.members_now(view.association),
        "undoable": view.state == BatchState.COMMITTED and view.undo_before and now <= view.undo_before,
    }  # fmt: skip


def _offered(view: BatchView) -> list[str]:
    cars = {"plate", "licence_no", "make", "model", "colour", "year"}
    places = {"rooms", "place_kind"}
    return [field for field in columns.MEMBERS if field not in (cars if view.kind == "hotels" else places)]


async def _refused(actor: Actor, now: datetime, batch_id: UUID, refusal: Refusal, typed: Any = None) -> Response[Any]:
    template, values = await _values(await batches.batch(actor, batch_id), now, "", 0)
    return again(template, refusal, typed, **values)


@post("/desk/imports/{batch_id:uuid}/encoding", status_code=303)
async def encoding(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    batch_id: FromPath[UUID], data: Annotated[Encoding, Form],
) -> Response[Any]:  # fmt: skip
    try:
        await service.choose_encoding(actor, now, context, batch_id, data.encoding, once=data.once)
    except Refusal as refusal:
        return await _refused(actor, now, batch_id, refusal, data)
    return see_other(f"/desk/imports/{batch_id}")


@get("/desk/imports/{batch_id:uuid}/columns")
async def columns_page(actor: NamedDependency[Actor], batch_id: FromPath[UUID]) -> Response[Any]:
    view = await batches.batch(actor, batch_id)
    rules.readable(view.state)
    return page("clients/columns.html", batch=view, FIELDS=FIELDS, offered=_offered(view))


@post("/desk/imports/{batch_id:uuid}/columns", status_code=303)
async def choose_columns(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    batch_id: FromPath[UUID], data: Annotated[dict[str, str], Form],
) -> Response[Any]:  # fmt: skip
    picked = {f: int(c) for f, c in data.items() if f in FIELDS and c.isdecimal() and len(c) < 5}
    try:
        await service.choose_columns(actor, now, context, batch_id, picked, once=ids.read(data.get("once")))
    except Refusal as refusal:
        view = await batches.batch(actor, batch_id)
        return again("clients/columns.html", refusal, data, batch=view, FIELDS=FIELDS, offered=_offered(view))
    return see_other(f"/desk/imports/{batch_id}")


@post("/desk/imports/{batch_id:uuid}/mend", status_code=303)
async def mend(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    batch_id: FromPath[UUID], data: Annotated[Mend, Form],
) -> Response[Any]:  # fmt: skip
    row, _bar, rest = data.mend.partition("|")
    field, _bar, place = rest.partition("|")
    try:
        value = await lists.suggestion(batch_id, int(row) if row.isdecimal() and len(row) < 10 else 0, field, place)
        await service.mend_cell(actor, now, context, batch_id, int(row), field, value, once=data.once)
    except Refusal as refusal:
        return await _refused(actor, now, batch_id, refusal)
    return see_other(f"/desk/imports/{batch_id}", show="error", done="mended")


@post("/desk/imports/{batch_id:uuid}/commit", status_code=303)
async def commit(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], batch_id: FromPath[UUID],
    data: Annotated[Commit, Form],
) -> Response[Any]:  # fmt: skip
    try:
        await service.commit_list(actor, now, batch_id, data.mode == "all", once=data.once)
    except Refusal as refusal:
        return await _refused(actor, now, batch_id, refusal, data)
    return see_other(f"/desk/imports/{batch_id}", done="committed")


@post("/desk/imports/{batch_id:uuid}/undo", status_code=303)
async def undo(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], batch_id: FromPath[UUID], data: Annotated[Act, Form]
) -> Response[Any]:
    try:
        await service.undo_list(actor, now, batch_id, once=data.once)
    except Refusal as refusal:
        return await _refused(actor, now, batch_id, refusal)
    return see_other(f"/desk/imports/{batch_id}", done="undone")


@post("/desk/imports/{batch_id:uuid}/discard", status_code=303)
async def discard(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], batch_id: FromPath[UUID], data: Annotated[Act, Form]
) -> Response[Any]:
    await service.discard_list(actor, now, batch_id, once=data.once)
    return see_other(f"/desk/imports/{batch_id}", done="discarded")


@post("/desk/imports/{batch_id:uuid}/absent", status_code=303)
async def absent(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], batch_id: FromPath[UUID],
    data: Annotated[dict[str, Any], Form],
) -> Response[Any]:  # fmt: skip
    marked = data.get("left") or []
    chosen = [desk.identity(value) for value in (marked if isinstance(marked, list) else [marked])]
    try:
        left_on = desk.day(str(data.get("left_on") or ""), "left_on", now.date())
        await service.leave_many(
            actor, now, batch_id, chosen, left_on, str(data.get("reason") or ""), once=ids.read(data.get("once"))
        )
    except Refusal as refusal:
        return await _refused(actor, now, batch_id, refusal, data)
    return see_other(f"/desk/imports/{batch_id}", done="left")


@get("/desk/imports/{batch_id:uuid}/file")
async def file(
    actor: NamedDependency[Actor], context: NamedDependency[Context], batch_id: FromPath[UUID],
    rows: FromQuery[str] = "all",
) -> Response[bytes]:  # fmt: skip
    """Their file with a column that says what to mend."""
    view = await batches.batch(actor, batch_id)
    if view.shape is None:
        raise Invalid("file-encoding")
    body, ending = returned.returned(
        await context.storage.get(view.stored), view.shape, view.header_row, await batches.reasons(view.id),
        _("What to mend"), only_bad=rows == "error",
    )  # fmt: skip
    name = view.filename.removesuffix(".gz").rsplit(".", 1)[0]
    return desk.download(body, f"{name}.{ending}", desk.MEDIA[ending])


ROUTES = [
    imports, receive, template, preview, encoding, columns_page, choose_columns, mend, commit, undo, discard, absent,
    file, *desk.ROUTES,
]  # fmt: skip
RAIL = [
    RailEntry(Permission.CLIENTS_IMPORT, N_("Imports"), "/desk/imports", batches.waiting),
    *desk.RAIL,
]
