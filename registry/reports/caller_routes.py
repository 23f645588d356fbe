"""/desk/caller: the operator of a hotline types what somebody tells on the telephone, and dictates the code back.

The place first, by the same gate as everybody's. It is sealed here, in memory, and the operator's page says so; nothing
of it is kept, nor who typed it. All of it is posted: no address or history names a place. The same page twice (a second
press, a reload) gives the same code and files nothing more.
"""

import asyncio
import secrets
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.authorities import hotlines, places
from registry.authorities import queries as authorities
from registry.core import stranger_form as forms
from registry.core.context import Context
from registry.core.db import REPORTS_DB
from registry.core.errors import Conflict, Forbidden, Invalid
from registry.core.i18n import N_, country, language
from registry.core.pages import Page, RailEntry, again, page
from registry.reports import gate, queries, service, typed
from registry.reports.code import derive, grouped, new_code
from registry.reports.envelope import Place, Report, When
from registry.reports.schemas import Filing

HIDDEN = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
Who = NamedDependency[Actor]
Now = NamedDependency[datetime]
House = NamedDependency[Context]


class Call(msgspec.Struct, frozen=True):
    """`act` is `place` (see who receives it) or `send`."""

    act: str = ""
    place: str = ""
    home: str = ""
    spot: str = ""
    when: str = ""
    text: str = ""
    contact: str = ""
    ticket: str = ""
    save: str = ""


Form = Annotated[Call, Body(media_type=RequestEncodingType.URL_ENCODED)]


def ticket_key(context: Context) -> bytes:
    return context.keys.derived("operator form token")


async def _values(context: Context, now: datetime, data: Call) -> dict[str, Any]:
    """The place; and once there is one, who receives it or whom the caller may call instead."""
    code = placed(data)
    said = await queries.availability(context, code, "", now, REPORTS_DB, typed.country(data.home)) if code else None
    lines = hotlines.shown(await authorities.published_lines(context), code or context.config.country, now.date())
    return {
        "place": code, "place_name": places.name(code) if code and code != places.ELSEWHERE else "", "home": data.home,
        "provinces": [*places.PROVINCES.get(context.config.country, {}).items()], "elsewhere": places.ELSEWHERE,
        "homes": [(one, country(one)) for one in await queries.homes(context, now)],
        "open": isinstance(said, gate.Open), "closed": isinstance(said, gate.Closed),
        "readers": [one.name(language()) for one in said.chain] if isinstance(said, gate.Open) else [],
        "lines": [(one.hotline.name(language()), [hotlines.local(n) for n in one.hotline.numbers]) for one in lines],
        "known": any(one.hotline.kind is not hotlines.Kind.EMERGENCY for one in lines), "code": [],
        "ticket": data.ticket or forms.issue(ticket_key(context), now, secrets.token_bytes(32)),
    }  # fmt: skip


def placed(data: Call) -> str:
    return places.chosen(data.place) or (places.ELSEWHERE if data.place == places.ELSEWHERE else "")


def written(data: Call, code: str) -> Report:
    """What the caller told, held against what a report may be."""
    text = typed.clean(data.text, typed.NARRATIVE + 1)
    if not text:
        raise Invalid("report-needs-words", fields={"text": "report-needs-words"})
    if len(text) > typed.NARRATIVE:
        raise Invalid("report-too-long", fields={"text": "report-too-long"})
    for name, words in (("text", text), ("spot", data.spot), ("contact", data.contact)):
        if typed.holds_code(words):
            raise Invalid("report-holds-code", fields={name: "report-holds-code"})
    when = When(data.when) if data.when in set(When) else When.UNKNOWN
    place = Place(code, typed.line(data.spot))
    return Report(place, text, when, (), typed.line(data.contact), language())


@get("/desk/caller")
async def begin(actor: Who, now: Now, context: House) -> Page:
    """Where does it happen? Nothing else is asked before somebody can receive it."""
    actor.require(Permission.REPORTS_ENTER)
    return page("reports/caller.html", headers=HIDDEN, **await _values(context, now, Call()))


@post("/desk/caller", status_code=200)
async def tell(actor: Who, now: Now, context: House, data: Form) -> Response[Any]:
    """The place; then the words, sealed, and the code to be dictated."""
    actor.require(Permission.REPORTS_ENTER)
    code = placed(data)
    try:
        if not code:
            raise Invalid("place-missing", fields={"place": "place-missing"})
        if data.act != "send" or data.save:
            return page("reports/caller.html", headers=HIDDEN, **await _values(context, now, data))
        report = written(data, code)
        ticket = forms.read(ticket_key(context), data.ticket, now)
        fresh = new_code(secrets.randbelow)
        derived = await asyncio.to_thread(derive, fresh, service.label(context))
        sent = msgspec.json.encode(msgspec.structs.replace(data, ticket="", save=""))
        filing = Filing(report, fresh, derived, ticket.nonce, sent, home=typed.country(data.home))
        receipt = await service.enter(actor, now, context, filing)
    except Forbidden:
        raise
    except (Invalid, Conflict) as refusal:
        kept = data if refusal.code not in ("form-old", "form-not-ours", "report-form-used") else _fresh(data)
        shown = again("reports/caller.html", refusal, kept, **await _values(context, now, kept))
        shown.headers.update(HIDDEN)
        return shown
    values = await _values(context, now, Call()) | {
        "code": grouped(receipt.code) if receipt.code else [], "sent": True, "again": receipt.again,
        "offices": [(one.name(language()), at) for one, at in zip(receipt.chain, receipt.due, strict=True)],
        "zone": context.config.time_zone, "origin": context.config.form_base.partition("://")[2],
    }  # fmt: skip
    return page("reports/caller.html", headers=HIDDEN, **values)


def _fresh(data: Call) -> Call:
    return msgspec.structs.replace(data, ticket="")


ROUTES = [begin, tell]
RAIL = [RailEntry(Permission.REPORTS_ENTER, N_("A call"), "/desk/caller", home=frozenset({Role.HOTLINE_OPERATOR}))]
