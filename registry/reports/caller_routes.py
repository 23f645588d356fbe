"""/desk/caller: the operator of a hotline types what somebody tells on the telephone, and dictates the code back.

The place first, by the same gate as everybody's; then what the public form asks, in its words. It is sealed here, in
memory, and the operator's page says so; nothing of it is kept, nor who typed it. All of it is posted: no address or
history names a place. The same page twice (a second press, a reload) gives the same code and files nothing more.
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
from registry.core import emergency
from registry.core import stranger_form as forms
from registry.core.context import Context
from registry.core.db import REPORTS_DB
from registry.core.errors import Conflict, Invalid
from registry.core.i18n import N_, _, country, language
from registry.core.pages import Page, RailEntry, again, page
from registry.reports import asked, gate, kinds, queries, service, told, typed
from registry.reports.asked import Fields
from registry.reports.code import derive, grouped, new_code
from registry.reports.schemas import Filing, Receipt

HIDDEN = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
Who = NamedDependency[Actor]
Now = NamedDependency[datetime]
House = NamedDependency[Context]


class Call(msgspec.Struct, frozen=True):
    """`act` is `place` (see who receives it) or `send`. `seen`: the place whose readers the page named. `fields`: what
    was told, by the names of the public form."""

    act: str = ""
    home: str = ""
    ticket: str = ""
    save: str = ""
    seen: str = ""
    fields: Fields = {}


Form = Annotated[dict[str, str | list[str]], Body(media_type=RequestEncodingType.URL_ENCODED)]
ASKED_HERE = frozenset({"place", "premises", *asked.LABELS, *asked.TICKS, *asked.QUESTIONS})


def read(data: dict[str, str | list[str]]) -> Call:
    """A posted page. What we do not ask is nobody's."""
    many = {name: value if isinstance(value, list) else [value] for name, value in data.items()}
    own = {name: (many.get(name) or [""])[0] for name in ("act", "home", "ticket", "save", "seen")}
    return msgspec.convert(own | {"fields": {name: many[name] for name in many if name in ASKED_HERE}}, Call)


def ticket_key(context: Context) -> bytes:
    return context.keys.derived("operator form token")


async def _values(context: Context, now: datetime, data: Call) -> dict[str, Any]:
    """The place; and once there is one, who receives it or whom the caller may call instead."""
    code, premises = placed(data), premises_of(data)
    home = typed.country(data.home)
    said = await queries.availability(context, code, premises, now, REPORTS_DB, home) if code else None
    lines = hotlines.shown(await authorities.published_lines(context), code or context.config.country, now.date())
    return {
        "place": code, "place_name": places.name(code) if code and code != places.ELSEWHERE else "", "home": data.home,
        "provinces": [*places.PROVINCES.get(context.config.country, {}).items()], "elsewhere": places.ELSEWHERE,
        "kinds_said": [(kind, _(words)) for kind, words in kinds.KINDS.items()],
        "premises": premises, "seen": chosen(data), "asked": asked.ASKED, "ticked": asked.ticked(data.fields),
        "more": asked.opened(data.fields), "given": asked.given_back(data.fields),
        "homes": [(one, country(one)) for one in await queries.homes(context, now)],
        "open": isinstance(said, gate.Open), "closed": isinstance(said, gate.Closed),
        "readers": [one.name(language()) for one in said.chain] if isinstance(said, gate.Open) else [],
        "lines": [(one.hotline.name(language()), [hotlines.local(n) for n in one.hotline.numbers]) for one in lines],
        "known": [one for one in lines if one.hotline.kind is not hotlines.Kind.EMERGENCY],
        "danger": [one for one in lines if one.hotline.kind is hotlines.Kind.EMERGENCY],
        "saves": emergency.EVERYWHERE if code == places.ELSEWHERE else emergency.number(context.config.country),
        "ticket": data.ticket or forms.issue(ticket_key(context), now, secrets.token_bytes(32)),
    }  # fmt: skip


def placed(data: Call) -> str:
    place = (data.fields.get("place") or [""])[0]
    return places.chosen(place) or (places.ELSEWHERE if place == places.ELSEWHERE else "")


def chosen(data: Call) -> str:
    """All that the gate is asked about: what was said of the readers of another place does not hold."""
    return " ".join((placed(data), premises_of(data), data.home))


def premises_of(data: Call) -> str:
    return (data.fields.get("premises") or [""])[0][:40]


@get("/desk/caller")
async def begin(actor: Who, now: Now, context: House) -> Page:
    """Where does it happen? Nothing else is asked before somebody can receive it."""
    actor.require(Permission.REPORTS_ENTER)
    return page("reports/caller.html", headers=HIDDEN, **await _values(context, now, Call()))


@post("/desk/caller", status_code=200)
async def tell(actor: Who, now: Now, context: House, data: Form) -> Response[Any]:
    """The place; then the words, sealed, and the code to be dictated."""
    actor.require(Permission.REPORTS_ENTER)
    call = read(data)
    try:
        if not placed(call):
            raise Invalid("place-missing", fields={"place": "place-missing"})
        if call.act != "send" or call.save or call.seen not in ("", chosen(call)):
            return await _shown(context, now, call)
        receipt = await _filed(actor, now, context, call)
    except (Invalid, Conflict) as refusal:
        kept = call if refusal.code not in ("form-old", "form-not-ours", "report-form-used") else _fresh(call)
        shown = again("reports/caller.html", refusal, asked.answers(kept.fields), **await _values(context, now, kept))
        shown.headers.update(HIDDEN)
        return shown
    values = await _values(context, now, Call()) | {
        "code": grouped(receipt.code) if receipt.code else [], "sent": True, "again": receipt.again,
        "offices": [(one.name(language()), at) for one, at in zip(receipt.chain, receipt.due, strict=True)],
        "zone": context.config.time_zone, "origin": context.config.form_base.partition("://")[2],
    }  # fmt: skip
    return page("reports/caller.html", headers=HIDDEN, **values)


async def _shown(context: Context, now: datetime, call: Call) -> Page:
    """The page again, with everything that was typed: after the place was chosen, or by Enter in a field."""
    shown = page("reports/caller.html", headers=HIDDEN, **await _values(context, now, call))
    shown.typed = asked.answers(call.fields)
    return shown


async def _filed(actor: Actor, now: datetime, context: Context, call: Call) -> Receipt:
    report = told.written(call.fields | {"place": [placed(call)]}, language())
    ticket = forms.read(ticket_key(context), call.ticket, now)
    fresh = new_code(secrets.randbelow)
    derived = await asyncio.to_thread(derive, fresh, service.label(context))
    sent = msgspec.json.encode(msgspec.structs.replace(call, ticket="", save="", seen=""), order="deterministic")
    return await service.enter(
        actor, now, context, Filing(report, fresh, derived, ticket.nonce, sent, home=typed.country(call.home))
    )


def _fresh(call: Call) -> Call:
    return msgspec.structs.replace(call, ticket="")


ROUTES = [begin, tell]
RAIL = [RailEntry(Permission.REPORTS_ENTER, N_("A call"), "/desk/caller", home=frozenset({Role.HOTLINE_OPERATOR}))]
