"""The desks of officer, reviewer, decider and internal inspector, and the file of a case that all of them share."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.certification import (
    assessing,
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
from registry.certification.impartiality import DECLARABLE
from registry.certification.rules import Act, State
from registry.certification.validity import validity
from registry.clients import queries as clients
from registry.core import ids
from registry.core.calendar import day_of
from registry.core.errors import Conflict, Invalid, NotFound, Refusal
from registry.core.i18n import N_
from registry.core.pages import RailEntry, again, page, see_other
from registry.schemes import queries as schemes
from registry.schemes.rules import changes as mapped
from registry.schemes.words import CHANGED

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Now = NamedDependency[datetime]
Who = NamedDependency[Actor]

QUEUES: dict[str, tuple[str, str, frozenset[State], str]] = {
    "applications": (N_("Applications"), Permission.CERTIFICATION_ACCEPT, frozenset({State.APPLIED}),
                     N_("No application waits. New ones appear here by themselves.")),
    "planning": (N_("Planning"), Permission.CERTIFICATION_PLAN, frozenset({State.ACCEPTED}),
                 N_("Nothing waits to be planned. Accepted applications come here.")),
    "reviews": (N_("Reviews"), Permission.CERTIFICATION_REVIEW, frozenset({State.EVALUATED}),
                N_("No evaluation waits for a review. They come here when the audit team has reported.")),
    "decisions": (N_("Decisions"), Permission.CERTIFICATION_DECIDE, frozenset({State.REVIEWED}),
                  N_("No case waits for a decision. Reviewed cases come here.")),
}  # fmt: skip
"""Address, title, who works it, the states that wait there, and what an empty one says."""
VIEWS: tuple[tuple[str, str, frozenset[State]], ...] = (
    ("open", N_("On their way"), rules.UNDECIDED),
    ("in-force", N_("In force"), rules.IN_FORCE),
    ("over", N_("Over"), rules.FINAL),
)
PAGE = 50


@get("/desk/certifications")
async def cases(
    actor: Who, now: Now, view: FromQuery[str] = "open", q: FromQuery[str] = "", start: FromQuery[int] = 0
) -> Response[Any]:
    actor.require(Permission.CERTIFICATION_VIEW)
    states = next((states for name, _, states in VIEWS if name == view), rules.UNDECIDED)
    found = await queries.cases(actor, now, () if q else states, q.strip(), PAGE + 1, max(0, start))
    return page("certification/cases.html", cases=found[:PAGE], more=len(found) > PAGE, start=start, view=view, q=q,
                views=VIEWS, words=words)  # fmt: skip


@get([f"/desk/certifications/{name}" for name in QUEUES])
async def queue(request: Request[Any, Any, Any], actor: Who, now: Now) -> Response[Any]:
    title, permission, states, empty = QUEUES[request.url.path.rsplit("/", 1)[-1]]
    actor.require(Permission(permission))
    found = await queries.cases(actor, now, states, limit=200)
    return page("certification/queue.html", title=title, cases=found, empty_words=empty, words=words, now=now)


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
        "confirm_by": rules.working_days_after(day_of(now, opened.case.zone), rules.CONFIRM_WITHIN),
        "urgent_by": rules.working_days_after(day_of(opened.urgent.decided_at, opened.case.zone),
                                              rules.CONFIRM_WITHIN) if opened.urgent else None,
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


@get("/desk/certifications/apply")
async def apply_page(
    actor: Who, now: Now, client: FromQuery[UUID | None] = None, association: FromQuery[UUID | None] = None,
    renewal: FromQuery[bool] = False,
) -> Response[Any]:  # fmt: skip
    known = await _apply(actor, now, client, association)
    return page("certification/apply.html", **known, renewal="yes" if renewal else "")


async def _apply(actor: Actor, now: datetime, client: UUID | None, association: UUID | None) -> dict[str, Any]:
    actor.require(Permission.CERTIFICATION_APPLY)
    if association:
        holder: Any = await clients.association(actor, association)
        members = await clients.members(association)
        units = await clients.units(client_ids=[member.id for member in members])
    elif client:
        holder = await clients.client(actor, client)
        units = await clients.units(client_ids=[client])
    else:
        raise NotFound("client-not-found")
    version = await schemes.current(queries.SCHEME, now)
    under = await queries.certified_under(client, association)
    changes = mapped((await schemes.version(under)).content, version.content) if under else []
    return {"holder": holder, "units": units, "client": client or "", "association": association or "",
            "version": version, "CHANGED": CHANGED, "changes": changes}  # fmt: skip


@post("/desk/certifications", status_code=303)
async def apply(actor: Who, now: Now, data: Annotated[forms.ApplyForm, Form]) -> Response[Any]:
    version = await schemes.current(queries.SCHEME, now)
    try:
        made = await service.apply(actor, now, forms.apply(data, version.id), once=data.once)
    except Refusal as refusal:
        if isinstance(refusal, NotFound) or not (data.client or data.association):
            raise
        known = await _apply(actor, now, *(ids.read(one) for one in (data.client, data.association)))
        return again("certification/apply.html", refusal, data, **known, renewal=data.renewal)
    return see_other(f"/desk/certifications/{made}")


@post("/desk/certifications/{certification_id:uuid}/application", status_code=303)
async def check_application(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.ApplicationForm, Form]
) -> Response[Any]:
    verbs = {"accept": service.accept_application, "return": service.return_application,
             "decline": service.decline_application}  # fmt: skip

    async def act() -> None:
        if data.act not in verbs:
            raise Invalid("choose-one", fields={"act": "choose-one"})
        await verbs[data.act](actor, now, certification_id, data.reason, once=data.once)

    return await done(actor, now, certification_id, data, act)


@post("/desk/certifications/{certification_id:uuid}/completion", status_code=303)
async def complete(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.Reason, Form]
) -> Response[Any]:
    return await done(actor, now, certification_id, data, lambda: service.complete_application(
        actor, now, certification_id, data.reason, once=data.once))  # fmt: skip


@post("/desk/certifications/{certification_id:uuid}/cancellation", status_code=303)
async def cancel(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.Reason, Form]
) -> Response[Any]:
    return await done(actor, now, certification_id, data, lambda: service.withdraw_application(
        actor, now, certification_id, data.reason, once=data.once))  # fmt: skip


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
    may = seen.association in actor.organisations(Role.INSPECTOR)
    return {"case": seen, "units": await queries.scope(seen.id, now), "may_check": may, "now": now, "mark": mark}


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


@get("/desk/ties")
async def ties_page(actor: Who, now: Now, q: FromQuery[str] = "") -> Response[Any]:
    return page("certification/ties.html", **await _ties(actor, now, q))


async def _ties(actor: Actor, now: datetime, q: str) -> dict[str, Any]:
    actor.require(Permission.CERTIFICATION_DECLARE)
    found = await file.organisations(q.strip()) if len(q.strip()) > 1 else []
    return {"ties": await file.ties_of(actor.id), "found": found, "q": q, "words": words, "bonds": DECLARABLE,
            "today": now.date()}  # fmt: skip


@post("/desk/ties", status_code=303)
async def declare(actor: Who, now: Now, data: Annotated[forms.TieForm, Form], q: FromQuery[str] = "") -> Response[Any]:
    try:
        await service.declare_tie(actor, now, forms.tie(data), once=data.once)
    except Invalid as refusal:
        return again("certification/ties.html", refusal, data, **await _ties(actor, now, q))
    return see_other("/desk/ties")


def _waiting(*states: State) -> Callable[[Actor, datetime], Awaitable[int]]:
    async def count(actor: Actor, now: datetime) -> int:
        return await queries.waiting(actor, states)

    return count


async def _returned(actor: Actor, now: datetime) -> int:
    return await queries.waiting(actor, [State.RETURNED]) if actor.may(Permission.CERTIFICATION_APPLY) else 0


async def _unchecked(actor: Actor, now: datetime) -> int:
    return await dossier.unchecked(actor, now)


@get("/desk/checks")
async def groups(actor: Who, now: Now) -> Response[Any]:
    actor.require(Permission.CERTIFICATION_CHECK)
    return page("certification/groups.html", cases=await dossier.groups(actor, now), words=words)


RAIL = [
    *(RailEntry(permission, title, f"/desk/certifications/{name}", _waiting(*states))
      for name, (title, permission, states, _) in QUEUES.items()),
    RailEntry(Permission.CERTIFICATION_CHECK, N_("Internal checks"), "/desk/checks", _unchecked),
    RailEntry(Permission.CERTIFICATION_VIEW, N_("Certification files"), "/desk/certifications", _returned),
    RailEntry(Permission.CERTIFICATION_DECLARE, N_("My declared ties"), "/desk/ties"),
]  # fmt: skip
ROUTES = [
    *assessing.ROUTES, cases, queue, case, apply_page, apply, check_application, complete, cancel, plan_page, plan,
    checks_page, check, review, decide, change, ties_page, declare, groups,
]  # fmt: skip
