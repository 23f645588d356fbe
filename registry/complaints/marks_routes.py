"""The desk of the mark: what strangers told us, cases of misuse, and what a holder reads and answers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, QueryParameter

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.certification import file
from registry.complaints import marks, misuse, seen, words
from registry.complaints.misuse import Act, Outcome, Shows, State
from registry.complaints.schemas import Evidence, OpenMisuse
from registry.core import ids, picture
from registry.core.calendar import day_of
from registry.core.context import Context
from registry.core.errors import Conflict, Invalid, NotFound, Refusal
from registry.core.i18n import N_, long_day
from registry.core.pages import Page, RailEntry, again, page, see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Now = NamedDependency[datetime]
Who = NamedDependency[Actor]
House = NamedDependency[Context]


class CloseNotice(msgspec.Struct, frozen=True):
    once: UUID | None = None
    outcome: str = ""
    alike: str = ""


class OpenForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    holder: str = ""
    name: str = ""
    code: str = ""
    place: str = ""
    note: str = ""


class WordsForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    words: str = ""
    reason: str = ""
    outcome: str = ""


@get("/desk/notices")
async def notices(
    actor: Who, said: Annotated[str, QueryParameter(name="state", max_length=10)] = misuse.Told.OPEN
) -> Page:
    actor.require(Permission.COMPLAINTS_MARKS)
    shown = misuse.Told.CLOSED if said == misuse.Told.CLOSED else misuse.Told.OPEN
    return page("complaints/notices.html", notices=await seen.notices(actor, shown), shown=shown, words=words)


@get("/desk/notices/{notice_id:uuid}")
async def notice(actor: Who, notice_id: FromPath[UUID], q: FromQuery[str] = "") -> Page:
    actor.require(Permission.COMPLAINTS_MARKS)
    return page("complaints/notice.html", **await _notice(actor, notice_id, q))


async def _notice(actor: Actor, notice_id: UUID, q: str = "") -> dict[str, Any]:
    found = await file.organisations(q.strip()) if len(q.strip()) > 1 else []
    return {"notice": await seen.notice(actor, notice_id), "words": words, "q": q, "organisations": found,
            "beside": await seen.beside(actor, notice_id)}  # fmt: skip


@post("/desk/notices/{notice_id:uuid}")
async def close_notice(
    actor: Who, now: Now, notice_id: FromPath[UUID], data: Annotated[CloseNotice, Form]
) -> Response[Any]:
    try:
        await marks.close_notice(actor, now, notice_id, data.outcome, alike=data.alike == "yes", once=data.once)
    except (Invalid, Conflict) as refusal:
        return again("complaints/notice.html", refusal, data, **await _notice(actor, notice_id))
    return see_other("/desk/notices")


@post("/desk/notices/{notice_id:uuid}/case", status_code=303)
async def open_from(
    actor: Who, now: Now, context: House, notice_id: FromPath[UUID], data: Annotated[OpenForm, Form]
) -> Response[Any]:
    try:
        made = await marks.open_misuse(
            actor, now, _opening(data), notice_id, context.config.time_zone, once=data.once
        )  # fmt: skip
    except (Invalid, Conflict) as refusal:
        return again("complaints/notice.html", refusal, data, **await _notice(actor, notice_id))
    return see_other(f"/desk/misuse/{made}")


def _opening(data: OpenForm) -> OpenMisuse:
    return OpenMisuse(
        holder=ids.read(data.holder), name=data.name, code=data.code, place=data.place, note=data.note
    )  # fmt: skip


@get("/desk/misuse")
async def cases(
    actor: Who, now: Now, context: House, view: FromQuery[str] = "open", q: FromQuery[str] = ""
) -> Page:  # fmt: skip
    actor.require(Permission.COMPLAINTS_MARKS_VIEW)
    return page("complaints/marks.html", **await _cases(actor, now, context, view, q))


async def _cases(actor: Actor, now: datetime, context: Context, view: str = "open", q: str = "") -> dict[str, Any]:
    today = day_of(now, context.config.time_zone)
    found = await seen.cases(actor, {State.CLOSED} if view == "closed" else misuse.OPEN)
    handles = actor.may(Permission.COMPLAINTS_MARKS)
    year_ago = date(today.year - 1, today.month, min(today.day, 28))
    return {
        "cases": found, "view": view, "words": words, "today": today, "q": q, "handles": handles,
        "mine": [one.id for one in found if seen.waits_for(actor, one, today)],
        "notices": len(await seen.notices(actor, misuse.Told.OPEN)),
        "organisations": await file.organisations(q.strip()) if handles and len(q.strip()) > 1 else [],
        "figure": None if actor.may(Permission.COMPLAINTS_REMOVE) and not handles
        else await seen.closed_in_time(year_ago, today),
    }  # fmt: skip


@post("/desk/misuse", status_code=303)
async def open_case(actor: Who, now: Now, context: House, data: Annotated[OpenForm, Form]) -> Response[Any]:
    actor.require(Permission.COMPLAINTS_MARKS)
    try:
        made = await marks.open_misuse(actor, now, _opening(data), None, context.config.time_zone, once=data.once)
    except (Invalid, Conflict) as refusal:
        return again("complaints/marks.html", refusal, data, **await _cases(actor, now, context))
    return see_other(f"/desk/misuse/{made}")


@get("/desk/misuse/{misuse_id:uuid}")
async def case(actor: Who, now: Now, context: House, misuse_id: FromPath[UUID]) -> Page:
    return page("complaints/mark.html", **await _case(actor, now, context, misuse_id))


async def _case(actor: Actor, now: datetime, context: Context, misuse_id: UUID) -> dict[str, Any]:
    one, today = await seen.case(actor, misuse_id), day_of(now, context.config.time_zone)
    handles = actor.may(Permission.COMPLAINTS_MARKS)
    return {
        "one": one, "may": seen.allowed(actor, one), "Act": Act, "words": words, "today": today, "handles": handles,
        "steps": await seen.steps(one.id), "pieces": await seen.pieces(one.id),
        "notices": await seen.of_case(one.id) if handles else [],
        "ends": [end for end in Outcome if end in misuse.ENDS.get(one.state, ())],
    }  # fmt: skip


async def _done(
    actor: Actor, now: datetime, context: Context, misuse_id: UUID, typed: Any, act: Callable[[], Awaitable[Any]]
) -> Response[Any]:
    """Do it and show the case again; or show it with what was typed and what to mend."""
    try:
        await act()
    except NotFound:
        raise
    except Refusal as refusal:
        return again("complaints/mark.html", refusal, typed, **await _case(actor, now, context, misuse_id))
    return see_other(f"/desk/misuse/{misuse_id}")


@post("/desk/misuse/{misuse_id:uuid}/letter", status_code=303)
async def warn(
    actor: Who, now: Now, context: House, misuse_id: FromPath[UUID], data: Annotated[WordsForm, Form]
) -> Response[Any]:
    return await _done(actor, now, context, misuse_id, data, lambda: marks.warn(
        actor, now, misuse_id, data.words, context.config.time_zone, once=data.once))  # fmt: skip


@post("/desk/misuse/{misuse_id:uuid}/evidence", status_code=303)
async def add_evidence(
    actor: Who, now: Now, context: House, misuse_id: FromPath[UUID],
    data: Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Response[Any]:  # fmt: skip
    typed = {name: value for name, value in data.items() if isinstance(value, str)}

    async def act() -> None:
        sent = data.get("file")
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise Invalid("evidence-empty", fields={"file": "evidence-empty"})
        kept = await asyncio.to_thread(picture.keep, await sent.read(picture.MAX_BYTES + 1))
        shows = Shows.USE if typed.get("shows") == Shows.USE else Shows.REMOVED
        found = Evidence(
            shows=shows, taken_on=_day(typed.get("taken_on", "")), note=typed.get("note", ""),
            nobody_in_it=typed.get("nobody_in_it") == "yes",
        )  # fmt: skip
        await marks.add_evidence(
            actor, now, context.storage, misuse_id, found, kept, context.config.time_zone,
            once=ids.read(typed.get("once", "")),
        )  # fmt: skip

    return await _done(actor, now, context, misuse_id, typed, act)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid("day-missing", fields={"taken_on": "day-missing"}) from None


@post("/desk/misuse/{misuse_id:uuid}/publication", status_code=303)
async def publish(
    actor: Who, now: Now, context: House, misuse_id: FromPath[UUID], data: Annotated[WordsForm, Form]
) -> Response[Any]:
    return await _done(actor, now, context, misuse_id, data, lambda: marks.publish(
        actor, now, misuse_id, data.reason, context.config.time_zone, once=data.once))  # fmt: skip


@post("/desk/misuse/{misuse_id:uuid}/end", status_code=303)
async def close(
    actor: Who, now: Now, context: House, misuse_id: FromPath[UUID], data: Annotated[WordsForm, Form]
) -> Response[Any]:
    async def act() -> None:
        if data.outcome not in set(Outcome):
            raise Invalid("choose-one", fields={"outcome": "choose-one"})
        await marks.close(
            actor, now, misuse_id, Outcome(data.outcome), data.reason, context.config.time_zone, once=data.once
        )

    return await _done(actor, now, context, misuse_id, data, act)


@get("/desk/misuse/evidence/{piece_id:uuid}")
async def piece(actor: Who, context: House, piece_id: FromPath[UUID]) -> Response[bytes]:
    """A kept file: pictures are shown, anything else is only handed down, and nothing in it may run."""
    found = await seen.piece(actor, piece_id)
    if found.gone_on:
        raise NotFound("evidence-gone", day=long_day(found.gone_on))
    shown = found.content_type == picture.JPEG
    name = f"{found.sha256[:12]}.{'jpg' if shown else 'pdf'}"
    return Response(await context.storage.get(found.storage_key), media_type=found.content_type, headers={
        "content-disposition": f'{"inline" if shown else "attachment"}; filename="{name}"',
        "content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
    })  # fmt: skip


RAIL = [
    RailEntry(Permission.COMPLAINTS_MARKS, N_("Notices"), "/desk/notices", seen.told),
    RailEntry(Permission.COMPLAINTS_MARKS_VIEW, N_("Misuse of the mark"), "/desk/misuse", seen.waiting),
]
ROUTES = [
    notices, notice, close_notice, open_from, cases, open_case, case, warn, add_evidence, publish, close, piece,
]  # fmt: skip
