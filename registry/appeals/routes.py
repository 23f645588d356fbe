"""The desk of appeals: holder, officer, panel and committee read one page, each with its own acts."""

from collections.abc import Awaitable, Callable
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
from registry.appeals import queries, rules, service, words
from registry.appeals.rules import Act, Outcome, State
from registry.appeals.schemas import Lodge, Propose, Seat
from registry.core import ids
from registry.core.calendar import day_of
from registry.core.context import Context
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.i18n import N_
from registry.core.pages import Page, RailEntry, again, page, see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Now = NamedDependency[datetime]
Who = NamedDependency[Actor]
House = NamedDependency[Context]


class LodgeForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    decision: str = ""
    grounds: str = ""
    wanted: str = ""


class ReasonForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    reason: str = ""


class SeatForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    panel: list[str] | str = ""
    chair: str = ""
    reason: str = ""


class DeclareForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    declares: str = ""


class RulingForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    outcome: str = ""
    reasons: str = ""
    asked: str = ""


class CarryOutForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    how: str = ""
    reason: str = ""


class VoteForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    agrees: str = ""
    note: str = ""


@get("/desk/appeals")
async def appeals(actor: Who, now: Now, context: House, view: FromQuery[str] = "open") -> Page:
    actor.require(Permission.APPEALS_VIEW)
    shown = "closed" if view == "closed" else "open"
    found = await queries.cases(actor, rules.OPEN if shown == "open" else {State.CLOSED})
    return page(
        "appeals/list.html", cases=found, view=shown, words=words, today=day_of(now, context.config.time_zone),
        mine=[one.id for one in found if await queries.waits_for(actor, one)],
        appealable=await queries.appealable(actor, now) if actor.may(Permission.APPEALS_LODGE) else [],
    )  # fmt: skip


@get("/desk/appeals/new")
async def new(
    actor: Who, now: Now, decision: FromQuery[UUID | None] = None, certification: FromQuery[UUID | None] = None
) -> Page:
    """Against one decision; a letter names only its case, whose newest one is meant."""
    actor.require(Permission.APPEALS_LODGE)
    if decision is None:
        found = (one.id for one in await queries.appealable(actor, now) if one.certification == certification)
        decision = next(found, None)
    return page("appeals/new.html", **await _new(actor, now, decision))


async def _new(actor: Actor, now: datetime, decision: UUID | None) -> dict[str, Any]:
    found = await queries.appealable(actor, now)
    chosen = next((one for one in found if one.id == decision), None)
    if chosen is None:
        raise NotFound("decision-not-found")
    return {"against": chosen, "words": words, "terms": await queries.terms(chosen.certification)}


@post("/desk/appeals", status_code=303)
async def lodge(actor: Who, now: Now, context: House, data: Annotated[LodgeForm, Form]) -> Response[Any]:
    actor.require(Permission.APPEALS_LODGE)
    decision = ids.read(data.decision)
    if decision is None:
        raise NotFound("decision-not-found")
    lodging = Lodge(decision=decision, grounds=data.grounds, wanted=data.wanted)
    try:
        made = await service.lodge(actor, now, lodging, once=data.once)
    except Invalid as refusal:
        return again("appeals/new.html", refusal, data, **await _new(actor, now, decision))
    return see_other(f"/desk/appeals/{made}")


@get("/desk/appeals/{appeal_id:uuid}")
async def appeal(actor: Who, now: Now, context: House, appeal_id: FromPath[UUID]) -> Page:
    return page("appeals/appeal.html", **await _appeal(actor, now, context, appeal_id))


async def _appeal(actor: Actor, now: datetime, context: Context, appeal_id: UUID) -> dict[str, Any]:
    opened = await queries.dossier(actor, appeal_id, now)
    return {
        "d": opened, "case": opened.case, "words": words, "Act": Act, "now": now, "rulings": rules.RULINGS,
        "terms": await queries.terms(opened.case.certification),
        "today": day_of(now, context.config.time_zone),
    }  # fmt: skip


async def _done(
    actor: Actor, now: datetime, context: Context, appeal_id: UUID, typed: Any, act: Callable[[], Awaitable[Any]]
) -> Response[Any]:
    """Do it and show the file again; or show it with what was typed and what to mend."""
    try:
        await act()
    except (Invalid, Conflict) as refusal:
        return again("appeals/appeal.html", refusal, typed, **await _appeal(actor, now, context, appeal_id))
    return see_other(f"/desk/appeals/{appeal_id}")


@post("/desk/appeals/{appeal_id:uuid}/acknowledgement", status_code=303)
async def acknowledge(
    actor: Who, now: Now, context: House, appeal_id: FromPath[UUID], data: Annotated[ReasonForm, Form]
) -> Response[Any]:
    return await _done(actor, now, context, appeal_id, data, lambda: service.acknowledge(
        actor, now, appeal_id, once=data.once))  # fmt: skip


@post("/desk/appeals/{appeal_id:uuid}/panel", status_code=303)
async def seat(
    actor: Who, now: Now, context: House, appeal_id: FromPath[UUID], data: Annotated[SeatForm, Form]
) -> Response[Any]:
    async def act() -> None:
        ticked = [data.panel] if isinstance(data.panel, str) else data.panel
        panel, chair = [ids.read(one) for one in ticked if one], ids.read(data.chair)
        if None in panel or not panel:
            raise Invalid("panel-size", fields={"panel": "panel-size"}, size=rules.Terms().appeal_panel)
        if chair is None:
            raise Invalid("chair-not-on-panel", fields={"chair": "chair-not-on-panel"})
        chosen = Seat(panel=tuple(one for one in panel if one), chair=chair, reason=data.reason)
        await service.seat(actor, now, appeal_id, chosen, once=data.once)

    return await _done(actor, now, context, appeal_id, data, act)


@post("/desk/appeals/{appeal_id:uuid}/declaration", status_code=303)
async def declare(
    actor: Who, now: Now, context: House, appeal_id: FromPath[UUID], data: Annotated[DeclareForm, Form]
) -> Response[Any]:
    return await _done(actor, now, context, appeal_id, data, lambda: service.declare(
        actor, now, appeal_id, data.declares == "yes", once=data.once))  # fmt: skip


@post("/desk/appeals/{appeal_id:uuid}/stay", status_code=303)
async def stay(
    actor: Who, now: Now, context: House, appeal_id: FromPath[UUID], data: Annotated[ReasonForm, Form]
) -> Response[Any]:
    return await _done(actor, now, context, appeal_id, data, lambda: service.stay(
        actor, now, appeal_id, data.reason, once=data.once))  # fmt: skip


@post("/desk/appeals/{appeal_id:uuid}/stay/end", status_code=303)
async def lift(
    actor: Who, now: Now, context: House, appeal_id: FromPath[UUID], data: Annotated[ReasonForm, Form]
) -> Response[Any]:
    return await _done(actor, now, context, appeal_id, data, lambda: service.lift(
        actor, now, appeal_id, data.reason, once=data.once))  # fmt: skip


@post("/desk/appeals/{appeal_id:uuid}/ruling", status_code=303)
async def propose(
    actor: Who, now: Now, context: House, appeal_id: FromPath[UUID], data: Annotated[RulingForm, Form]
) -> Response[Any]:
    async def act() -> None:
        if data.outcome not in rules.RULINGS:
            raise Invalid("choose-one", fields={"outcome": "choose-one"})
        ruling = Propose(outcome=Outcome(data.outcome), reasons=data.reasons, asked=data.asked)
        await service.propose(actor, now, appeal_id, ruling, once=data.once)

    return await _done(actor, now, context, appeal_id, data, act)


@post("/desk/appeals/{appeal_id:uuid}/votes", status_code=303)
async def vote(
    actor: Who, now: Now, context: House, appeal_id: FromPath[UUID], data: Annotated[VoteForm, Form]
) -> Response[Any]:
    async def act() -> None:
        if data.agrees not in ("yes", "no"):
            raise Invalid("choose-one", fields={"agrees": "choose-one"})
        await service.vote(actor, now, appeal_id, data.agrees == "yes", data.note, once=data.once)

    return await _done(actor, now, context, appeal_id, data, act)


@post("/desk/appeals/{appeal_id:uuid}/withdrawal", status_code=303)
async def withdraw(
    actor: Who, now: Now, context: House, appeal_id: FromPath[UUID], data: Annotated[ReasonForm, Form]
) -> Response[Any]:
    return await _done(actor, now, context, appeal_id, data, lambda: service.withdraw(
        actor, now, appeal_id, data.reason, once=data.once))  # fmt: skip


@post("/desk/appeals/{appeal_id:uuid}/carrying-out", status_code=303)
async def carry_out(
    actor: Who, now: Now, context: House, appeal_id: FromPath[UUID], data: Annotated[CarryOutForm, Form]
) -> Response[Any]:
    return await _done(actor, now, context, appeal_id, data, lambda: service.carry_out(
        actor, now, appeal_id, data.reason, data.how != "otherwise", once=data.once))  # fmt: skip


RAIL = [
    RailEntry(Permission.APPEALS_VIEW, N_("Appeals"), "/desk/appeals", queries.waiting, home=frozenset({Role.PANEL}))
]
ROUTES = [
    appeals, new, lodge, appeal, acknowledge, seat, declare, stay, lift, propose, vote, withdraw, carry_out,
]  # fmt: skip
