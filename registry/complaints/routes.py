"""The desk of complaints: a list by deadline, and a file with its clock and acts. Marks have pages of their own."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.certification import file
from registry.complaints import handling, marks_routes, queries, rules, words
from registry.complaints.rules import Act, Aside, Outcome, State
from registry.complaints.schemas import Assign, Conclude
from registry.core import ids
from registry.core.calendar import day_of
from registry.core.context import Context
from registry.core.errors import Conflict, Invalid
from registry.core.i18n import N_
from registry.core.pages import Page, RailEntry, again, page, see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Now = NamedDependency[datetime]
Who = NamedDependency[Actor]
House = NamedDependency[Context]


class Once(msgspec.Struct, frozen=True):
    once: UUID | None = None


class AssignForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    investigator: str = ""
    organisation: str = ""
    person: str = ""
    note: str = ""


class AsideForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    why: str = ""


class ConcludeForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    outcome: str = ""
    answer: str = ""
    note: str = ""
    visit: str = ""


@get("/desk/complaints")
async def complaints(
    actor: Who, now: Now, context: House, view: FromQuery[str] = "open", on: FromQuery[str] = ""
) -> Page:  # fmt: skip
    actor.require(Permission.COMPLAINTS_VIEW)
    shown = view if view in ("closed", "burst") else "open"
    bursts = await queries.bursts(actor)
    day = next((one.on for one in bursts if str(one.on) == on), None)
    found = (
        await queries.of_burst(actor, day) if shown == "burst" and day
        else await queries.some(actor, {State.CLOSED} if shown == "closed" else rules.OPEN)
    )  # fmt: skip
    wanted = [(one, await queries.case_of(one.organisation)) for one in await queries.visits(actor)]
    return page(
        "complaints/list.html", complaints=found, view=shown, words=words, visits=wanted, bursts=bursts,
        day=day,
        today=day_of(now, context.config.time_zone), mine=[one.id for one in found if queries.waits_for(actor, one)],
    )  # fmt: skip


@get("/desk/complaints/{complaint_id:uuid}")
async def complaint(
    actor: Who, now: Now, context: House, complaint_id: FromPath[UUID], q: FromQuery[str] = "",
    organisation: FromQuery[UUID | None] = None, person: FromQuery[UUID | None] = None,
) -> Page:  # fmt: skip
    """`q` finds whom it is about; `organisation` and `person` choose them, and show who is uninvolved."""
    return page("complaints/complaint.html", **await _one(actor, now, context, complaint_id, q, organisation, person))


async def _one(
    actor: Actor, now: datetime, context: Context, complaint_id: UUID, q: str = "", organisation: UUID | None = None,
    person: UUID | None = None,
) -> dict[str, Any]:  # fmt: skip
    seen = await queries.one(actor, complaint_id)
    may = queries.allowed(actor, seen)
    organisation, person = organisation or seen.organisation, person or seen.person
    giving = bool(may & {Act.ASSIGN, Act.REASSIGN})
    return {
        "one": seen, "may": may, "Act": Act, "words": words, "steps": await queries.steps(seen.id),
        "today": day_of(now, context.config.time_zone), "found": rules.FOUND, "q": q,
        "organisations": await file.organisations(q.strip()) if giving and len(q.strip()) > 1 else [],
        "people": await queries.people() if giving else [], "organisation": organisation, "person": person,
        "named": await queries.named(organisation, person) if giving else ("", ""),
        "investigators": await queries.investigators(actor, seen, organisation, person, now) if giving else [],
        "case": await queries.case_of(seen.organisation),
    }  # fmt: skip


async def _done(
    actor: Actor, now: datetime, context: Context, complaint_id: UUID, typed: Any, act: Callable[[], Awaitable[Any]]
) -> Response[Any]:
    """Do it and show the file again; or show it with what was typed and what to mend."""
    try:
        await act()
    except (Invalid, Conflict) as refusal:
        chosen = (ids.read(getattr(typed, name, "")) for name in ("organisation", "person"))
        values = await _one(actor, now, context, complaint_id, "", *chosen)
        return again("complaints/complaint.html", refusal, typed, **values)
    return see_other(f"/desk/complaints/{complaint_id}")


@post("/desk/complaints/{complaint_id:uuid}/acknowledgement", status_code=303)
async def acknowledge(
    actor: Who, now: Now, context: House, complaint_id: FromPath[UUID], data: Annotated[Once, Form]
) -> Response[Any]:
    return await _done(actor, now, context, complaint_id, data, lambda: handling.acknowledge(
        actor, now, complaint_id, context.config.time_zone, once=data.once))  # fmt: skip


@post("/desk/complaints/{complaint_id:uuid}/investigation", status_code=303)
async def assign(
    actor: Who, now: Now, context: House, complaint_id: FromPath[UUID], data: Annotated[AssignForm, Form]
) -> Response[Any]:
    async def act() -> None:
        who = ids.read(data.investigator)
        if who is None:
            raise Invalid("investigator-unknown", fields={"investigator": "investigator-unknown"})
        given = Assign(
            investigator=who, organisation=ids.read(data.organisation), person=ids.read(data.person), note=data.note
        )
        await handling.assign(actor, now, complaint_id, given, once=data.once)

    return await _done(actor, now, context, complaint_id, data, act)


@post("/desk/complaints/{complaint_id:uuid}/conclusion", status_code=303)
async def conclude(
    actor: Who, now: Now, context: House, complaint_id: FromPath[UUID], data: Annotated[ConcludeForm, Form]
) -> Response[Any]:
    async def act() -> None:
        if data.outcome not in rules.FOUND:
            raise Invalid("choose-one", fields={"outcome": "choose-one"})
        found = Conclude(
            outcome=Outcome(data.outcome), answer=data.answer, note=data.note, visit=data.visit == "yes"
        )  # fmt: skip
        await handling.conclude(actor, now, complaint_id, found, context.config.time_zone, once=data.once)

    return await _done(actor, now, context, complaint_id, data, act)


@post("/desk/complaints/{complaint_id:uuid}/aside", status_code=303)
async def set_aside(
    actor: Who, now: Now, context: House, complaint_id: FromPath[UUID], data: Annotated[AsideForm, Form]
) -> Response[Any]:
    async def act() -> None:
        if data.why not in set(Aside):
            raise Invalid("choose-one", fields={"why": "choose-one"})
        await handling.set_aside(
            actor, now, complaint_id, Aside(data.why), context.config.time_zone, once=data.once
        )  # fmt: skip

    return await _done(actor, now, context, complaint_id, data, act)


class BurstForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    on: str = ""


@post("/desk/complaints/burst", status_code=303)
async def set_burst_aside(actor: Who, now: Now, context: House, data: Annotated[BurstForm, Form]) -> Response[Any]:
    actor.require(Permission.COMPLAINTS_HANDLE)
    try:
        day = date.fromisoformat(data.on)
    except ValueError:
        raise Invalid("not-ours") from None
    await handling.set_burst_aside(actor, now, day, context.config.time_zone, once=data.once)
    return see_other("/desk/complaints")


@post("/desk/complaints/{complaint_id:uuid}/visit", status_code=303)
async def visit_planned(
    actor: Who, now: Now, context: House, complaint_id: FromPath[UUID], data: Annotated[Once, Form]
) -> Response[Any]:
    return await _done(actor, now, context, complaint_id, data, lambda: handling.visit_planned(
        actor, now, complaint_id, once=data.once))  # fmt: skip


RAIL = [
    RailEntry(Permission.COMPLAINTS_VIEW, N_("Complaints"), "/desk/complaints", queries.waiting),
    *marks_routes.RAIL,
]
ROUTES = [
    complaints, complaint, acknowledge, assign, conclude, set_aside, set_burst_aside, visit_planned,
    *marks_routes.ROUTES,
]  # fmt: skip
