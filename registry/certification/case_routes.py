"""The file of a case: one page that all its readers share, and what they do to it from there."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.certification import (
    deadlines,
    dossier,
    file,
    forms,
    guards,
    queries,
    rules,
    scope,
    service,
    suspension,
    words,
)
from registry.certification.facts import Kind
from registry.certification.rules import Act
from registry.certification.validity import validity
from registry.clients import queries as clients
from registry.core import ids
from registry.core.calendar import day_of
from registry.core.errors import Conflict, Invalid
from registry.core.pages import again, page, see_other
from registry.schemes import queries as schemes

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Now = NamedDependency[datetime]
Who = NamedDependency[Actor]


@get("/desk/certifications/{certification_id:uuid}")
async def case(
    actor: Who, now: Now, certification_id: FromPath[UUID], cause: FromQuery[str] = "", reason: FromQuery[str] = "",
    at: FromQuery[str] = "",
) -> Response[Any]:  # fmt: skip
    """`cause` and `reason` are what a queue of dates suggests; `at` asks how it stood at a past day."""
    known = await _case(actor, now, certification_id)
    return page("certification/case.html", **known | {"suggested": (cause, reason[:1000]),
                                                      "past": await dossier.past(known["d"], at)})  # fmt: skip


async def _case(actor: Actor, now: datetime, certification_id: UUID) -> dict[str, Any]:
    opened = await dossier.opened(actor, certification_id, now)
    version = await schemes.version(opened.case.scheme_version)
    asked, holder, rooms = opened.parameters, None, None
    if opened.case.client:
        holder = (await clients.clients([opened.case.client])).get(opened.case.client)
        units = await clients.units(unit_ids=[unit.unit_id for unit in opened.units])
        rooms = sum(unit.rooms or 0 for unit in units) or None
    return {
        "d": opened, "case": opened.case, "words": words, "Act": Act, "now": now, "version": version,
        "criteria": {one.id: one.name for one in version.criteria}, "score": rules.score,
        "holder": holder, "rooms": rooms, "over": opened.case.standing in rules.FINAL,
        "would_be": validity(now, opened.case.zone, asked.validity_months, asked.surveillance_months),
        "met": words.met(opened.facts, asked, opened.missing),
        "ready": sum(rules.ready(unit, opened.facts, asked) for unit in opened.facts.units),
        "may_check": opened.case.association in actor.organisations(Role.INSPECTOR),
        "suggested": ("", ""), "past": None,
        "self_asked": await queries.asked(opened.case) if opened.assessment else [],
        "OF_SUSPENSION": guards.OF_SUSPENSION, "OF_WITHDRAWAL": guards.OF_WITHDRAWAL,
        "confirm_by": deadlines.confirm_by(day_of(now, opened.case.zone), await file.country(opened.case)),
        "urgent_by": opened.urgent.by if opened.urgent else None,
        "answer_by": deadlines.answer_by(day_of(opened.case.moved_at, opened.case.zone), asked.answer_days),
        "today": day_of(now, opened.case.zone), "closes": await dossier.closes(opened.case, asked),
    }  # fmt: skip


async def done(
    actor: Actor, now: datetime, certification_id: UUID, typed: Any, act: Callable[[], Awaitable[Any]]
) -> Response[Any]:
    """Do it and show the file again; or show it with what was typed and what to mend."""
    try:
        await act()
    except (Invalid, Conflict) as refusal:
        return again("certification/case.html", refusal, typed, **await _case(actor, now, certification_id))
    return see_other(f"/desk/certifications/{certification_id}")


@get("/desk/certifications/{certification_id:uuid}/plan")
async def plan_page(actor: Who, now: Now, certification_id: FromPath[UUID]) -> Response[Any]:
    return page("certification/plan.html", **await _plan(actor, now, certification_id))


async def _plan(actor: Actor, now: datetime, certification_id: UUID) -> dict[str, Any]:
    actor.require(Permission.CERTIFICATION_PLAN)
    seen = await queries.case(actor, certification_id, now)
    return {"case": seen, "words": words, "auditors": await dossier.auditors(seen, now),
            "sizes": await dossier.sizes(seen), "group": seen.kind is Kind.GROUP}  # fmt: skip


@post("/desk/certifications/{certification_id:uuid}/plan", status_code=303)
async def plan(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.PlanForm, Form]
) -> Response[Any]:
    try:
        await service.plan(actor, now, certification_id, forms.plan(data), once=data.once)
    except (Invalid, Conflict) as refusal:
        return again("certification/plan.html", refusal, data, **await _plan(actor, now, certification_id))
    return see_other(f"/desk/certifications/{certification_id}")


@get("/desk/certifications/{certification_id:uuid}/checks")
async def checks_page(
    actor: Who, now: Now, certification_id: FromPath[UUID], mark: FromQuery[str] = ""
) -> Response[Any]:
    return page("certification/checks.html", **await _checks(actor, now, certification_id, mark))


async def _checks(actor: Actor, now: datetime, certification_id: UUID, mark: str = "") -> dict[str, Any]:
    seen = await queries.case(actor, certification_id, now)
    may, units = seen.association in actor.organisations(Role.INSPECTOR), await queries.units_seen(actor, seen, now)
    return {"case": seen, "units": units, "may_check": may, "now": now, "mark": mark}


@post("/desk/certifications/{certification_id:uuid}/checks", status_code=303)
async def check(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.ChecksForm, Form]
) -> Response[Any]:
    try:
        await service.check_units(actor, now, certification_id, forms.checks(data), once=data.once)
    except (Invalid, Conflict) as refusal:
        return again("certification/checks.html", refusal, data, **await _checks(actor, now, certification_id))
    return see_other(f"/desk/certifications/{certification_id}/checks")


@post("/desk/certifications/{certification_id:uuid}/reviews", status_code=303)
async def review(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.ReviewForm, Form]
) -> Response[Any]:
    async def act() -> None:
        await service.review(actor, now, certification_id, forms.review(data), once=data.once)

    return await done(actor, now, certification_id, data, act)


@post("/desk/certifications/{certification_id:uuid}/decisions", status_code=303)
async def decide(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.DecideForm, Form]
) -> Response[Any]:
    async def act() -> None:
        await service.decide(actor, now, certification_id, forms.decide(data), once=data.once)

    return await done(actor, now, certification_id, data, act)


@post("/desk/certifications/{certification_id:uuid}/changes", status_code=303)
async def change(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.ChangeForm, Form]
) -> Response[Any]:
    async def act() -> None:
        units = None if data.whole else forms.ids(data.unit_ids, "unit_ids", "units-missing")
        about = (actor, now, certification_id)
        if data.act in ("suspend", "withdraw"):
            verb = service.suspend if data.act == "suspend" else service.withdraw
            await verb(*about, data.reason, units, cause=forms.cause(data), consulted=bool(data.consulted),
                       once=data.once)  # fmt: skip
        elif data.act == "reinstate":
            await service.reinstate(*about, data.reason, units, once=data.once)
        elif data.act in ("extend", "reduce"):
            verb = scope.extend if data.act == "extend" else scope.reduce
            await verb(*about, units or (), data.reason, once=data.once)
        elif data.act in ("confirm", "lift"):
            verb = suspension.confirm if data.act == "confirm" else suspension.lift
            await verb(*about, data.reason, urgent=ids.read(data.urgent) or UUID(int=0), once=data.once)
        else:
            raise Invalid("choose-one", fields={"act": "choose-one"})

    return await done(actor, now, certification_id, data, act)


ROUTES = [case, plan_page, plan, checks_page, check, review, decide, change]
