"""Surveillance queue, the page of one certificate's year, the deciders' queue of certificates, an authority's word."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.certification import annulment, forms, scope, suspension
from registry.certification import moves as certifying
from registry.certification import queries as certification
from registry.certification import words as case_words
from registry.certification.case_routes import Now, Who, done
from registry.certification.rules import UnitState
from registry.clients import queries as clients
from registry.core.calendar import day_of
from registry.core.db import fetch
from registry.core.errors import Conflict, Invalid
from registry.core.i18n import N_, _, day
from registry.core.pages import RailEntry, again, page, see_other
from registry.schemes import queries as schemes
from registry.surveillance import desk as deciders
from registry.surveillance import queries, rules, service, waiting, words, yearly
from registry.surveillance.rules import ChangeKind, Figures
from registry.surveillance.schemas import Report, TellChange

Form = Body(media_type=RequestEncodingType.URL_ENCODED)


class KeepForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any of the acts on a certificate's own page; which one stands in its address."""

    once: UUID | None = None
    reason: str = ""
    people: str = ""
    trained: str = ""
    critical: str = ""
    critical_trained: str = ""
    units: str = ""
    kind: str = ""
    happened_on: str = ""
    evaluate: str = ""
    notice: str = ""
    certification: str = ""
    hold: str = ""
    consulted: str = ""
    unit_ids: list[str] | str = ""


@get("/desk/surveillance")
async def queue(actor: Who, now: Now) -> Response[Any]:
    actor.require(Permission.CERTIFICATION_VIEW)
    mine = await waiting.mine(actor, now)
    found = sorted(await queries.watched(actor, now), key=lambda one: one.case.id not in mine)
    return page("surveillance/queue.html", found=found, mine=mine, words=words, case_words=case_words,
                notices=await queries.notices(actor))  # fmt: skip


@get("/desk/surveillance/{certification_id:uuid}")
async def year(actor: Who, now: Now, certification_id: FromPath[UUID]) -> Response[Any]:
    return page("surveillance/year.html", **await _year(actor, now, certification_id))


@get("/desk/surveillance/reports/{report_id:uuid}")
async def receipt(actor: Who, now: Now, report_id: FromPath[UUID], fresh: FromQuery[bool] = False) -> Response[Any]:
    """What was reported of a year, for as long as the file is kept."""
    case, one = await yearly.report(actor, report_id, now)
    (known,) = await queries.years([case.id], now)
    return page("surveillance/receipt.html", case=case, one=one, year=known, fresh=fresh, words=words,
                case_words=case_words, mine=certifying.of_the_holder(actor, case),
                receipt=f"{case.number}-{one.due_on.year}")  # fmt: skip


async def _year(actor: Actor, now: datetime, certification_id: UUID) -> dict[str, Any]:
    case = await certification.case(actor, certification_id, now)
    if case.surveillance_on is None:
        raise Conflict("act-not-possible", state=case.standing, act="surveillance")
    (watched,) = await queries.years([case.id], now)
    units = await certification.scope(case.id, now)
    mine = certifying.of_the_holder(actor, case)
    return {
        "case": case, "one": watched, "words": words, "case_words": case_words, "mine": mine, "units": units,
        "figures": await queries.figures(case, now), "today": day_of(now, case.zone),
        "opens_on": rules.opens_on(watched.year.due_on), "covered": [u for u in units if u.state is UnitState.COVERED],
        "renewable": await certification.renewable(case, now),
        "fresh": await _addable(case, units) if mine else [],
        "notices": await queries.notices(actor, case.id), "reports": await yearly.reports(case.id),
        "may_review": actor.may(Permission.CERTIFICATION_REVIEW), "may_plan": actor.may(Permission.CERTIFICATION_PLAN),
        "asked": await certification.parameters(case.scheme_version), "notice_days": rules.NOTICE_DAYS,
    }  # fmt: skip


async def _addable(case: Any, units: list[Any]) -> list[Any]:
    """Units of the holder that the certificate does not name."""
    owners = [case.client] if case.client else [one.id for one in await clients.members(case.association)]
    known = {unit.unit_id for unit in units}
    return [unit for unit in await clients.units(owners) if unit.id not in known]


async def _kept(
    actor: Actor, now: datetime, certification_id: UUID, typed: Any, act: Callable[[], Awaitable[Any]]
) -> Response[Any]:
    try:
        made = await act()
    except (Invalid, Conflict) as refusal:
        return again("surveillance/year.html", refusal, typed, **await _year(actor, now, certification_id))
    return see_other(made or f"/desk/surveillance/{certification_id}")


@post("/desk/surveillance/{certification_id:uuid}/{act:str}", status_code=303)
async def keep(
    actor: Who, now: Now, certification_id: FromPath[UUID], act: FromPath[str], data: Annotated[KeepForm, Form]
) -> Response[Any]:
    about = (actor, now, certification_id)
    ticked = forms.ids(data.unit_ids, "unit_ids", "units-missing")

    async def reported() -> str:
        made = await service.report_year(*about, _report(data), once=data.once)
        return f"/desk/surveillance/reports/{made}?fresh=true"

    acts: dict[str, Callable[[], Awaitable[Any]]] = {
        "report": reported,
        "completion": lambda: service.complete_year(*about, data.reason, once=data.once),
        "change": lambda: service.tell_change(*about, _told(data), once=data.once),
        "judgement": lambda: service.judge_change(
            actor, now, forms.one(UUID, data.notice, "notice", "choose-one"), data.evaluate == "yes", data.reason,
            once=data.once,
        ),
        "extension": lambda: scope.ask_extension(*about, ticked, data.reason, once=data.once),
        "reduction": lambda: scope.ask_reduction(*about, ticked, data.reason, once=data.once),
        "end": lambda: scope.end(*about, data.reason, once=data.once),
    }  # fmt: skip

    async def run() -> str:
        """Where to go then: a report has a receipt, the others are read on the page itself."""
        if act not in acts:
            raise Invalid("choose-one")
        made = await acts[act]()
        return str(made) if act == "report" else ""

    return await _kept(*about, data, run)


def _report(data: KeepForm) -> Report:
    figures = {}
    for name in Figures.__struct_fields__:
        figures[name] = forms.one(int, getattr(data, name).strip(), name, "figure-missing")
    return Report(figures=Figures(**figures), done=data.reason)


def _told(data: KeepForm) -> TellChange:
    kind = forms.one(ChangeKind, data.kind, "kind", "choose-one")
    happened = forms.one(date.fromisoformat, data.happened_on.strip(), "happened_on", "day-missing")
    return TellChange(kind=kind, happened_on=happened, text=data.reason)


# The deciders' queue of certificates, and what others propose to it.


@get("/desk/certificates")
async def desk(actor: Who, now: Now) -> Response[Any]:
    actor.require(Permission.CERTIFICATION_DECIDE)
    found = await deciders.asked(actor, now)
    late = len((await waiting.overdue(now))[rules.Stage.OVERDUE])
    return page("surveillance/desk.html", desk=found, late=late, grace=await _grace(now), words=words,
                case_words=case_words, say_concern=_say, today=now.date(), me=actor.id)  # fmt: skip


async def _grace(now: datetime) -> int:
    version = await schemes.current(certification.SCHEME, now)
    return (await certification.parameters(version.id)).surveillance_grace_days


def _say(one: deciders.Concern) -> str:
    return _(words.CONCERNS[one.code], day=day(one.since), **one.values)


@post("/desk/certifications/{certification_id:uuid}/proposals", status_code=303)
async def propose(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.ChangeForm, Form]
) -> Response[Any]:
    return await done(actor, now, certification_id, data, lambda: suspension.propose(
        actor, now, certification_id, forms.propose(data), once=data.once))  # fmt: skip


@post("/desk/certifications/{certification_id:uuid}/causes", status_code=303)
async def verify_cause(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.CauseForm, Form]
) -> Response[Any]:
    async def act() -> None:
        units = forms.ids(data.unit_ids, "unit_ids", "unit-not-in-scope")
        await suspension.verify_cause(actor, now, certification_id, data.reason, units, once=data.once)

    return await done(actor, now, certification_id, data, act)


@post("/desk/proposals/{proposal_id:uuid}/repetition", status_code=303)
async def repeat(actor: Who, now: Now, proposal_id: FromPath[UUID], data: Annotated[KeepForm, Form]) -> Response[Any]:
    case = forms.one(UUID, data.certification, "certification", "choose-one")
    return await done(actor, now, case, data, lambda: annulment.repeat(
        actor, now, proposal_id, consulted=bool(data.consulted), once=data.once))  # fmt: skip


@post("/desk/proposals/{proposal_id:uuid}/aside", status_code=303)
async def set_aside(
    actor: Who, now: Now, proposal_id: FromPath[UUID], data: Annotated[KeepForm, Form]
) -> Response[Any]:
    case = forms.one(UUID, data.certification, "certification", "choose-one")
    return await done(actor, now, case, data, lambda: suspension.set_aside(
        actor, now, proposal_id, data.reason, once=data.once))  # fmt: skip


# An authority asks to be consulted, or that nothing shows for now.


@get("/desk/holds")
async def holds(actor: Who, now: Now, q: FromQuery[str] = "") -> Response[Any]:
    return page("surveillance/holds.html", **await _holds(actor, now, q))


async def _holds(actor: Actor, now: datetime, q: str) -> dict[str, Any]:
    """What this person asked, and certificates in force by name, number or plate: no more than their names."""
    actor.require(Permission.CERTIFICATION_HOLD)
    asked = await fetch(
        "SELECT k.id, k.hold, k.until, c.name, c.number FROM consultation k JOIN certification c"
        " ON c.id = k.certification WHERE k.asked_by = $1 AND k.ended_at IS NULL AND k.until > $2 ORDER BY k.asked_at",
        actor.id, now,
    )  # fmt: skip
    found = await fetch(
        "SELECT DISTINCT c.id, c.name, c.number FROM certification c JOIN scope_unit s ON s.certification = c.id"
        " WHERE c.state IN ('granted', 'suspended') AND (c.name ILIKE '%' || $1 || '%' OR c.number = $1"
        "  OR s.label ILIKE '%' || $1 || '%') ORDER BY c.name LIMIT 20",
        q.strip(),
    ) if len(q.strip()) > 2 else []  # fmt: skip
    return {"asked": asked, "found": found, "q": q, "days": suspension.HOLD_DAYS}


@post("/desk/holds", status_code=303)
async def hold(actor: Who, now: Now, data: Annotated[KeepForm, Form]) -> Response[Any]:
    try:
        case = forms.one(UUID, data.certification, "certification", "choose-one")
        await suspension.ask_consultation(actor, now, case, data.hold == "yes", once=data.once)
    except Invalid as refusal:
        return again("surveillance/holds.html", refusal, data, **await _holds(actor, now, ""))
    return see_other("/desk/holds")


@post("/desk/holds/{consultation_id:uuid}/end", status_code=303)
async def end_hold(
    actor: Who, now: Now, consultation_id: FromPath[UUID], data: Annotated[KeepForm, Form]
) -> Response[Any]:
    await suspension.end_consultation(actor, now, consultation_id, once=data.once)
    return see_other("/desk/holds")


RAIL = [
    RailEntry(
        Permission.CERTIFICATION_DECIDE,
        N_("Certificates to decide"),
        "/desk/certificates",
        waiting.to_decide,
        home=frozenset({Role.DECIDER}),
    ),
    RailEntry(Permission.CERTIFICATION_VIEW, N_("Surveillance"), "/desk/surveillance", waiting.waiting),
    RailEntry(Permission.CERTIFICATION_HOLD, N_("Ask to be consulted"), "/desk/holds"),
]
ROUTES = [queue, year, receipt, keep, desk, propose, verify_cause, repeat, set_aside, holds, hold, end_hold]
