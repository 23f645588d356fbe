"""The trainer's desk: my sessions, hold one, its printed sheet. Coverage by post: coverage_routes.py."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.clients import cells
from registry.core import i18n
from registry.core.errors import Conflict, Invalid
from registry.core.i18n import N_, _
from registry.core.pages import RailEntry, again, page, see_other
from registry.schemes import queries as schemes
from registry.training import checks, forms, outlook, overview, queries, service, words
from registry.training.coverage_routes import COVERAGE
from registry.training.rules import SessionState
from registry.training.schemas import SessionView

HERE = "/desk/training"
SESSIONS = HERE + "/sessions"
Asked = Request[Any, Any, Any]
DONE = {
    "opened": N_("The session is open. Tick who is there, enter the check, and close it at the end."),
    "saved": N_("Saved. You can go on, or close the session when its time is over."),
    "closed": N_("The session is closed. Whoever passed has a record from today; nobody can change it."),
    "cancelled": N_("The session is cancelled. No record comes of it."),
}


@get(SESSIONS)
async def sessions(actor: NamedDependency[Actor], done: FromQuery[str] = "") -> Response[Any]:
    actor.require(Permission.TRAINING_HOLD)
    mine = await queries.sessions(actor)
    names = await overview.client_names({client for one in mine for client in one.clients})
    return page("training/sessions.html", sessions=mine, names=names, done=_(DONE.get(done, "")),
                STATES=words.STATES)  # fmt: skip


@get(SESSIONS + "/new")
async def new_session(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], q: FromQuery[str] = "",
    clients: FromQuery[list[str] | None] = None,
) -> Response[Any]:  # fmt: skip
    actor.require(Permission.TRAINING_HOLD)
    return page("training/new.html", **await _choosing(actor, now, q, clients or []))


async def _choosing(actor: Actor, now: datetime, q: str, chosen: list[str]) -> dict[str, Any]:
    version = await schemes.current(queries.SCHEME, now)
    picked = await overview.chosen(actor, forms.ids(chosen))
    found = await queries.search(actor, cells.fold(q)) if q or not picked else []
    return {
        "modules": [module for module in version.modules if module.items],
        "languages_of_text": [(code, i18n.NAMES[code]) for code in version.languages],
        "picked": picked, "q": q,
        "found": [row for row in found if row["id"] not in {one["id"] for one in picked}],
        "here": now.astimezone(ZoneInfo(i18n.DEFAULT_ZONE)), "late_days": version.parameters.training.late_entry_days,
    }  # fmt: skip


@post(SESSIONS, status_code=200)
async def open_session(request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    typed = forms.opening(await request.form())
    if typed.search:  # the search button stands in the same form, so that nothing typed is lost
        kept = page("training/new.html", **await _choosing(actor, now, typed.q, typed.clients))
        kept.typed = forms.as_typed(typed)
        return kept
    try:
        id = await service.open_session(actor, now, forms.opened(typed, i18n.DEFAULT_ZONE), once=typed.once)
    except (Invalid, Conflict) as refusal:
        return again("training/new.html", refusal, forms.as_typed(typed),
                     **await _choosing(actor, now, typed.q, typed.clients))  # fmt: skip
    return see_other(f"{SESSIONS}/{id}", done="opened")


@get(SESSIONS + "/{session_id:uuid}")
async def session(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], session_id: FromPath[UUID], done: FromQuery[str] = ""
) -> Response[Any]:
    found = await queries.session(actor, session_id)
    template = "training/session.html" if _hers(actor, found) else "training/closed.html"
    return page(template, done=_(DONE.get(done, "")), **await _holding(actor, now, found))


def _hers(actor: Actor, session: SessionView) -> bool:
    return session.state == SessionState.OPEN and session.facilitator == actor.id


async def _holding(actor: Actor, now: datetime, session: SessionView) -> dict[str, Any]:
    version = await schemes.version(session.scheme_version)
    ends_at = session.started_at + timedelta(minutes=session.minutes)
    zone = await overview.zone_of(session)
    read = i18n.language() if i18n.language() in version.languages else version.languages[0]
    values: dict[str, Any] = {
        "session": session, "modules": [version.module(id) for id in session.modules], "read": read, "zone": zone,
        "names": await overview.client_names(set(session.clients)), "languages_named": i18n.NAMES,
        "asked": len(session.items), "version": version, "ends_at": ends_at,
        "to_pass": checks.needed_to_pass(len(session.items), version.parameters.training.pass_percent),
        "minutes_left": max(0, -(-int((ends_at - now).total_seconds()) // 60)),
        "POSTS": words.POSTS, "SHIFTS": words.SHIFTS, "SIGNALS": words.SIGNALS, "STATES": words.STATES,
    }  # fmt: skip
    if _hers(actor, session):
        values["people"] = await queries.roster(session, session.started_at)
        values["outlook"] = await outlook.if_closed(session, now)
    else:
        values["people"] = await overview.attended(session)
    return values


@post(SESSIONS + "/{session_id:uuid}", status_code=200)
async def write_down(
    request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime], session_id: FromPath[UUID]
) -> Response[Any]:
    """One form: who is there, the scores, and the two buttons. Enter alone saves."""
    typed = await request.form()
    once = forms.once(typed)
    try:
        found = await queries.session(actor, session_id)
        shown, people = forms.attendance(typed, len(found.items))
        await service.record_attendance(actor, now, session_id, people, once=once)
        there = {one.worker_id for one in people}
        gone = [one for one in shown if one not in there]
        await service.remove_attendance(actor, now, session_id, gone, once=uuid5(once, "remove"))
        if typed.get("act", "") == "close":
            await service.close_session(actor, now, session_id, once=uuid5(once, "close"))
    except (Invalid, Conflict) as refusal:
        found = await queries.session(actor, session_id)
        if not _hers(actor, found):
            raise
        return again("training/session.html", refusal, forms.roster_typed(typed), **await _holding(actor, now, found))
    return see_other(f"{SESSIONS}/{session_id}", done="closed" if typed.get("act", "") == "close" else "saved")


@post(SESSIONS + "/{session_id:uuid}/cancel", status_code=303)
async def cancel(
    request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime], session_id: FromPath[UUID]
) -> Response[Any]:
    await service.cancel_session(actor, now, session_id, once=forms.once(await request.form()))
    return see_other(SESSIONS, done="cancelled")


@get(SESSIONS + "/{session_id:uuid}/sheet")
async def sheet(actor: NamedDependency[Actor], session_id: FromPath[UUID]) -> Response[Any]:
    """To print: who attends, with room to sign; the check; and on a page apart the answers, for the facilitator."""
    found = await queries.session(actor, session_id)
    version = await schemes.version(found.scheme_version)
    by_id = {item.id: item for module in version.modules for item in module.items}
    questions = [(by_id[id], getattr(by_id[id], found.language)) for id in found.items if id in by_id]
    return page(
        "training/sheet.html", session=found, modules=[version.module(id) for id in found.modules],
        people=await queries.roster(found, found.started_at), names=await overview.client_names(set(found.clients)),
        questions=questions, zone=await overview.zone_of(found), POSTS=words.POSTS, SHIFTS=words.SHIFTS,
        to_pass=checks.needed_to_pass(len(questions), version.parameters.training.pass_percent),
    )  # fmt: skip


HOLDING = [sessions, new_session, open_session, session, write_down, cancel, sheet]


async def waits(actor: Actor, now: datetime) -> int:
    """For whoever trains, sessions to close; for a business, people whose training is missing in critical posts."""
    if actor.may(Permission.TRAINING_HOLD):
        return await queries.open_count(actor, now)
    return await overview.below_floor(actor, now)


ROUTES = [*HOLDING, *COVERAGE]
RAIL = [RailEntry(Permission.TRAINING_VIEW, N_("Training"), HERE, waits, home=frozenset({Role.TRAINER}))]
