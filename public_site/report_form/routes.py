"""Addresses: /report (ask, file) and /return (look). A code is only ever in a body, never in an address.

The same two addresses take what a browser sealed, or derived, by itself: as JSON, in script.py.
"""

from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.params import FromQuery

from public_site.report_form import embed, rules, script
from public_site.report_form.arrival import Arrival, Asked, arrival
from public_site.report_form.stock import Stock
from public_site.report_form.view import (
    box_page,
    closed_page,
    form_key,
    form_page,
    receipt_page,
    return_page,
    token,
    where_page,
)
from public_site.verification.following import Following
from registry.access.actor import STRANGER
from registry.authorities import places
from registry.authorities.hotlines import Published
from registry.core import stranger_form as forms
from registry.core.context import Context
from registry.core.errors import Busy, Conflict, Invalid, Refusal, TooLarge
from registry.core.i18n import language
from registry.core.pages import Page
from registry.core.stranger_form import HONEYPOT, Networks
from registry.reports import card as cards
from registry.reports import code as codes
from registry.reports import gate, queries, service
from registry.reports.schemas import Filing
from registry.reports.typed import country
from registry.seals import code as seal_codes
from registry.seals.snapshot import Entry

Asking = Request[Any, Any, Any]


def stock(request: Asking, context: Context) -> Stock:
    """The reserve of codes, one a process, begun when somebody first opens the form."""
    state = request.app.state
    if "codes" not in state:
        state["codes"] = Stock(service.label(context))
        state["budget"] = forms.Budget()
        state["networks"] = Networks()
    found: Stock = state["codes"]
    return found


def network(request: Asking, now: datetime) -> bytes:
    """A name for the reporter's network that cannot be turned back."""
    networks: Networks = request.app.state["networks"]
    return networks.name((request.scope.get("client") or ("", 0))[0], now)


def spent(request: Asking, now: datetime, form: forms.Token) -> bool:
    """Count one more report from this network; Busy when its form is too fresh. Whether it is part of a burst."""
    wait, burst = request.app.state["budget"].spend(network(request, now), now)
    forms.rested(form, now, wait)
    found: bool = burst
    return found


@get("/report")
async def ask(
    request: Asking,
    now: NamedDependency[datetime],
    context: NamedDependency[Context],
    following: NamedDependency[Following],
    place: FromQuery[str] = "",
    premises: FromQuery[str] = "",
    home: FromQuery[str] = "",
    seal: FromQuery[str] = "",
    staff: FromQuery[str] = "",
) -> Page:
    """Where, unless a seal or a card told; then who reads it and the form, or whom to call."""
    asked = Asked(place, premises, home, seal, staff)
    came = arrival(asked, _sealed(following, seal), _card(context, staff))
    if not came.place:
        return where_page(context, came, place)
    opening = await queries.availability(context, came.place, came.premises, now, home=came.home)
    if isinstance(opening, gate.Closed):
        return await closed_page(context, now, came, opening, following.copy.hotlines)
    stock(request, context).prepare()
    return await form_page(context, now, came, opening, token(context, now))


def _sealed(following: Following, code: str) -> Entry | None:
    """The seal somebody comes from, as the published copy has it."""
    try:
        return following.copy.find(seal_codes.check(code)) if code else None
    except Invalid:
        return None


def _card(context: Context, text: str) -> cards.Card | None:
    try:
        return cards.read(cards.key(context), text) if text else None
    except Invalid:
        return None


@post("/report", status_code=200)
async def file(
    request: Asking, now: NamedDependency[datetime], context: NamedDependency[Context],
    following: NamedDependency[Following],
) -> Page | Response[dict[str, Any]]:  # fmt: skip
    """Seal and keep, or give every word back with a sentence that says what to do."""
    body, ready = await read(request), stock(request, context)
    if script.speaks(request):
        return await script.carry(context, now, body, partial(spent, request, now), following.copy.hotlines)
    fields = parsed(body, 120)
    code = places.chosen((fields.get("place") or [""])[0]) or places.ELSEWHERE
    fields["place"] = [code]
    try:
        report = rules.written(fields, language())
        form = forms.read(form_key(context), (fields.get("token") or [""])[0], now)
        if any(fields.get(HONEYPOT, ())):
            raise Invalid("form-hidden-field")
        burst = spent(request, now, form)
        fresh, derived = await ready.take()
        sent = b"\0".join(f"{k}={v}".encode() for k in sorted(fields) if k != "token" for v in fields[k])
        home = country((fields.get("home") or [""])[0])
        filing = Filing(report, fresh, derived, form.nonce, sent, burst, home)
        receipt = await service.file(STRANGER, now, context, filing)
    except Refusal as refusal:
        return await back(context, now, code, fields, refusal, following.copy.hotlines)
    return receipt_page(context, now, code, receipt)


async def back(
    context: Context, now: datetime, code: str, fields: dict[str, list[str]], refusal: Refusal,
    signed: Published | None,
) -> Page:  # fmt: skip
    """The same page with what was typed; the closed page when nobody can receive it any more."""
    premises, home = ((fields.get(name) or [""])[0] for name in ("premises", "home"))
    came = Arrival(code, premises[:40], country(home), business=(fields.get("business") or [""])[0][:40])
    opening = await queries.availability(context, code, came.premises, now, home=came.home)
    if isinstance(opening, gate.Closed):
        return await closed_page(context, now, came, opening, signed, fields, 409)
    keep = isinstance(refusal, Busy) or refusal.code in {"report-needs-words", "report-too-long", "report-holds-code"}
    kept = (fields.get("token") or [""])[0] if keep else ""
    return await form_page(context, now, came, opening, kept or token(context, now), fields, refusal)


@get("/return")
async def come_back(context: NamedDependency[Context]) -> Page:
    """Where the code is typed."""
    return return_page(context)


@post("/return", status_code=200)
async def look(
    request: Asking, now: NamedDependency[datetime], context: NamedDependency[Context]
) -> Page | Response[dict[str, Any]]:
    """What a code opens. One that was mistyped is told so at once, by its check digit and without a look-up."""
    body = await read(request)
    if script.speaks(request):
        return await script.peek(context, now, body)
    fields = parsed(body, 10)
    try:
        typed = codes.check((fields.get("code") or [""])[0])
        derived = await stock(request, context).look(typed)
        box = await service.look(STRANGER, now, context, derived, now.date())
        if box is None:
            raise Conflict("report-code-unknown", fields={"code": "report-code-unknown"})
    except Refusal as refusal:
        return return_page(context, refusal)
    return await box_page(context, now, box, derived.reply_identity)


async def read(request: Asking) -> bytes:
    """A form's body, in memory and bounded; never a file."""
    parts, size = [], 0
    try:
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > rules.BODY:
                raise TooLarge("report-too-large")
    except InternalServerException:  # a line that broke off; nobody is told, also no log that it happened here
        raise Invalid("not-readable") from None
    return b"".join(parts)


def parsed(body: bytes, most: int) -> dict[str, list[str]]:
    """The fields of a form. No page of ours has so many as `most`."""
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=most)
    except ValueError:
        raise Invalid("not-ours") from None


ROUTES = [ask, file, come_back, look, embed.card]
