"""The desk of those who keep the gates: /desk/gate. Which form is open and why not; never a number of reports."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.authorities import places
from registry.authorities.directory import Record
from registry.core import ids
from registry.core.context import Context
from registry.core.db import REPORTS_DB
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.i18n import N_, language
from registry.core.pages import Page, RailEntry, again, page, see_other
from registry.reports import desk, gate, opening, queries, retention
from registry.reports.gate import Reason
from registry.reports.schemas import Lifted

Who = NamedDependency[Actor]
Now = NamedDependency[datetime]
House = NamedDependency[Context]
LONGEST = 24


class Office(msgspec.Struct, frozen=True):
    """An office of the directory: what its gate lacks, and what may be done about it."""

    authority: UUID
    name: str
    places: list[str]
    lacking: tuple[Reason, ...]
    lifted_until: datetime | None
    may_open: bool
    may_ask: bool


class Spot(msgspec.Struct, frozen=True):
    """A place of the form's own list, as strangers find it now."""

    name: str
    open: bool
    readers: list[str]
    reasons: tuple[Reason, ...]


class ActForm(msgspec.Struct, frozen=True):
    authority: str = ""
    reason: str = ""
    hours: str = ""
    save: str = ""


Form = Annotated[ActForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


async def _values(actor: Actor, now: datetime, context: Context) -> dict[str, Any]:
    actor.require(Permission.REPORTS_GATE)
    facts = await queries.facts(context, now, REPORTS_DB)
    records = facts.directory.records if facts.directory else ()
    found = await queries.overrides(now)
    return {
        "offices": [office(record, now, facts) for record in records], "reasons": desk.REASONS, "longest": LONGEST,
        "spots": [spot(code, now, facts) for code in [*places.PROVINCES.get(context.config.country, {}),
                                                      places.ELSEWHERE]],
        "names": {record.authority: record.name(language()) for record in records},
        "asked": [one for one in found if running(one, now)], "over": [one for one in found if not running(one, now)],
        "unanswered": await retention.unanswered(actor, now), "let_go": await retention.decisions(),
        "me": actor.id, "zone": context.config.time_zone, "elsewhere": places.ELSEWHERE,
    }  # fmt: skip


def office(record: Record, now: datetime, facts: gate.Facts) -> Office:
    lacking = gate.lacks(facts.directory.chain(record), now, facts) if facts.directory else [Reason.NO_DIRECTORY]
    override = gate.lifts(record, lacking, now, facts) if lacking else None
    return Office(
        record.authority, record.name(language()), [places.name(p) for p in record.competence.places], tuple(lacking),
        override.ends_at if override else None, lacking == [Reason.SILENT],
        bool(lacking) and not override and not gate.NEVER_LIFTED & set(lacking),
    )  # fmt: skip


def spot(code: str, now: datetime, facts: gate.Facts) -> Spot:
    said = gate.availability(code, "", now, facts)
    readers = [one.name(language()) for one in said.chain] if isinstance(said, gate.Open) else []
    return Spot(places.name(code), bool(readers), readers, said.reasons if isinstance(said, gate.Closed) else ())


def running(one: Lifted, now: datetime) -> bool:
    return one.ended_at is None and now < one.ends_at


@get("/desk/gate")
async def gates(actor: Who, now: Now, context: House) -> Page:
    """Every place and every office."""
    return page("reports/gate.html", **await _values(actor, now, context))


async def _done(
    actor: Actor, now: datetime, context: Context, data: ActForm, act: Callable[[], Awaitable[Any]]
) -> Response[Any]:
    try:
        if data.save:
            raise Invalid("press-the-button")
        await act()
    except (Invalid, Conflict, Forbidden, NotFound) as refusal:
        values = await _values(actor, now, context)  # whoever may not be here is told nothing
        return again("reports/gate.html", refusal, data, **values)
    return see_other("/desk/gate")


@post("/desk/gate/openings", status_code=303)
async def open_gate(actor: Who, now: Now, context: House, data: Form) -> Response[Any]:
    """After a silence: a person says why it may open."""
    which = ids.read(data.authority) or UUID(int=0)
    return await _done(actor, now, context, data, lambda: opening.open_gate(actor, now, context, which, data.reason))


@post("/desk/gate/overrides", status_code=303)
async def ask(actor: Who, now: Now, context: House, data: Form) -> Response[Any]:
    which = ids.read(data.authority) or UUID(int=0)
    hours = int(data.hours) if data.hours.isdecimal() and len(data.hours) < 4 else 0
    return await _done(
        actor, now, context, data, lambda: opening.ask_override(actor, now, context, which, data.reason, hours)
    )


@post("/desk/gate/overrides/{override:uuid}/agreement", status_code=303)
async def agree(actor: Who, now: Now, context: House, override: FromPath[UUID], data: Form) -> Response[Any]:
    return await _done(actor, now, context, data, lambda: opening.agree_override(actor, now, override, data.reason))


@post("/desk/gate/overrides/{override:uuid}/end", status_code=303)
async def end(actor: Who, now: Now, context: House, override: FromPath[UUID], data: Form) -> Response[Any]:
    return await _done(actor, now, context, data, lambda: opening.end_override(actor, now, override))


@post("/desk/gate/unanswered/{which:uuid}/end", status_code=303)
async def let_go(actor: Who, now: Now, context: House, which: FromPath[UUID], data: Form) -> Response[Any]:
    """A person decides that what no office acknowledged in a year is destroyed."""
    return await _done(actor, now, context, data, lambda: retention.let_go(actor, now, context, which, data.reason))


async def waiting(actor: Actor, now: datetime) -> int:
    """Requests that wait for a second person, and this is one who may be it."""
    found = await queries.overrides(now)
    return sum(running(one, now) and one.agreed_at is None and one.asked_by != actor.id for one in found)


ROUTES = [gates, open_gate, ask, agree, end, let_go]
RAIL = [RailEntry(Permission.REPORTS_GATE, N_("The report form's gates"), "/desk/gate", waiting, place=70)]
