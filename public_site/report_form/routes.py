"""Addresses: /report (ask, file) and /return (look). A code is only ever in a body, never in an address.

The same two addresses take what a browser sealed, or derived, by itself: as JSON, in script.py.
"""

import asyncio
from datetime import datetime
from functools import partial
from typing import Any, cast
from urllib.parse import parse_qs

from litestar import HttpMethod, Request, Response, get, post, route
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.params import FromQuery

from public_site.report_form import checks, embed, rules, script, upload, work
from public_site.report_form.arrival import Arrival, Asked, arrival
from public_site.report_form.box import box_page, return_page
from public_site.report_form.load import Load, Networks
from public_site.report_form.stock import Stock
from public_site.report_form.view import (
    closed_page,
    form_key,
    form_page,
    receipt_page,
    token,
    where_page,
)
from public_site.verification.following import Following
from registry.access.actor import STRANGER
from registry.authorities import places
from registry.authorities.hotlines import Published
from registry.core.context import Context
from registry.core.errors import Busy, Conflict, Forbidden, Invalid, NotFound, Refusal, TooLarge
from registry.core.i18n import language
from registry.core.limits import address_of
from registry.core.pages import Page
from registry.core.stranger_form import HONEYPOT
from registry.reports import card as cards
from registry.reports import code as codes
from registry.reports import files as attachments
from registry.reports import gate, queries, service, told
from registry.reports.schemas import Filing, Receipt
from registry.reports.typed import country
from registry.seals import code as seal_codes
from registry.seals.snapshot import Entry

Asking = Request[Any, Any, Any]


def stock(request: Asking, context: Context) -> Stock:
    """The reserve of codes, one a process, begun when somebody first opens the form."""
    state = request.app.state
    if "codes" not in state:
        state["codes"] = Stock(service.label(context))
        state["load"], state["networks"], state["room"] = Load(), Networks(), upload.Room()
    found: Stock = state["codes"]
    return found


def load(request: Asking, context: Context) -> Load:
    """What came lately to this process."""
    stock(request, context)
    found: Load = request.app.state["load"]
    return found


def network(request: Asking, context: Context, now: datetime) -> bytes:
    """A name for the reporter's network that cannot be turned back."""
    networks: Networks = request.app.state["networks"]
    return networks.name(address_of(cast("Any", request.scope), context.config.proxies), now)


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
    fresh, office = token(context, now), opening.chain[0].authority
    met = load(request, context).look(office, network(request, context, now), now)
    begun = work.begun(form_key(context), fresh, now, office, met.level)
    return await form_page(context, now, came, opening, fresh, work=begun)


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
    coming = load(request, context)
    body, whole = await read(request)
    if script.speaks(request) and elsewhere(request):
        return script.told(Forbidden("form-from-elsewhere"))
    if script.speaks(request) and whole:
        taking = partial(coming.taking, network=network(request, context, now), now=now)
        return await script.carry(context, now, body, taking, following.copy.hotlines)
    return await keep(request, now, context, following, upload.Sent(parsed(body, 120), whole=whole))


@post("/report/attachments", status_code=200, request_max_body_size=None)
async def file_with(
    request: Asking, now: NamedDependency[datetime], context: NamedDependency[Context],
    following: NamedDependency[Following],
) -> Page | Response[dict[str, Any]]:  # fmt: skip
    """The same with files. Where no office may receive any, there is no such address: a form of ours that is sent here
    all the same, since it was opened before, gets its words back."""
    stock(request, context)
    with request.app.state["room"].place() as place:
        there = await queries.takes_files(context, now)
        try:
            sent = await upload.read(request, place if there else None)
        except Refusal:
            raise NotFound("page-not-found") from None
        if sent.script and sent.whole and there:
            trouble = Forbidden("form-from-elsewhere") if elsewhere(request) else sent.trouble
            if trouble:
                return script.told(trouble)
            taking = partial(load(request, context).taking, network=network(request, context, now), now=now)
            signed = following.copy.hotlines
            return await script.carry(context, now, sent.script, taking, signed, tuple(sent.files))
        try:
            checks.form(context, now, (sent.fields.get("token") or [""])[0], "")
        except Refusal:
            if not there:
                raise NotFound("page-not-found") from None
        return await keep(request, now, context, following, sent, with_files=True)


@route("/report/attachments", http_method=[HttpMethod.GET, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE])
async def nothing_here() -> None:
    """Nobody learns by another method that there is such an address."""
    raise NotFound("page-not-found")


async def keep(
    request: Asking, now: datetime, context: Context, following: Following, sent: upload.Sent, *,
    with_files: bool = False,
) -> Page:  # fmt: skip
    """What was typed, and the files that came with it, sealed by us in memory."""
    ready, coming, fields = stock(request, context), load(request, context), sent.fields
    code = places.chosen((fields.get("place") or [""])[0]) or places.ELSEWHERE
    fields["place"] = [code]
    try:
        if elsewhere(request):
            raise Forbidden("form-from-elsewhere")
        if not sent.whole:
            raise TooLarge("report-too-large")
        form = checks.form(context, now, (fields.get("token") or [""])[0], "".join(fields.get(HONEYPOT, ())))
        report, home = told.written(fields, language()), country((fields.get("home") or [""])[0])
        opening = await queries.availability(context, code, report.place.premises, now, home=home)
        if isinstance(opening, gate.Closed):
            came, signed = named(code, fields), following.copy.hotlines
            return await closed_page(context, now, came, opening, signed, fields, 409, lost=sent.had)
        if with_files and not attachments.allowed(opening.chain):
            raise NotFound("report-files-off")
        if sent.trouble:
            raise sent.trouble
        attached: tuple[attachments.Ready, ...] = ()
        if sent.files:
            taken = bool((fields.get("keep_taken") or [""])[0])
            attached = await asyncio.to_thread(attachments.ready, sent.files, keep_taken=taken)
        words = b"\0".join(f"{k}={v}".encode() for k in sorted(fields) if k != "token" for v in fields[k])
        office = opening.chain[0].authority
        with coming.taking(office, network(request, context, now), now, plain=True) as met, checks.keeping():
            fresh, derived = await ready.take(late=met.late)
            filing = Filing(report, fresh, derived, form.nonce, words, met.burst, home, attached)
            receipt = await filed(ready, context, now, filing)
            met.kept = not receipt.again
    except Refusal as refusal:
        return await back(context, now, code, fields, refusal, following.copy.hotlines, lost=sent.had)
    return receipt_page(context, now, code, receipt)


def elsewhere(request: Asking) -> bool:
    """Whether the browser says that it came from a page that is not ours (threshold.py)."""
    return bool(request.scope["state"].get("elsewhere"))


async def filed(ready: Stock, context: Context, now: datetime, filing: Filing) -> Receipt:
    """Kept. Where nothing was, the code goes back: a form that is sent again and again uses up none."""
    try:
        receipt = await service.file(STRANGER, now, context, filing)
    except Conflict:
        ready.give_back(filing.code, filing.derived)
        raise
    if receipt.again:
        ready.give_back(filing.code, filing.derived)
    return receipt


def named(code: str, fields: dict[str, list[str]]) -> Arrival:
    """The place, and what of the premises, the home and the business the form said."""
    premises, home, business = ((fields.get(name) or [""])[0] for name in ("premises", "home", "business"))
    return Arrival(code, premises[:40], country(home), business=business[:40])


async def back(
    context: Context, now: datetime, code: str, fields: dict[str, list[str]], refusal: Refusal,
    signed: Published | None, *, lost: bool = False,
) -> Page:  # fmt: skip
    """The same page with what was typed; the closed page when nobody can receive it any more. `lost`: files came with
    it, and no page can put those back."""
    came = named(code, fields)
    opening = await queries.availability(context, code, came.premises, now, home=came.home)
    if isinstance(opening, gate.Closed):
        return await closed_page(context, now, came, opening, signed, fields, 409, lost=lost)
    mended = {"report-needs-words", "report-too-long", "report-holds-code"}
    keep = isinstance(refusal, Busy) or refusal.code in mended or refusal.code.startswith("report-file")
    kept = (fields.get("token") or [""])[0] if keep else ""
    return await form_page(context, now, came, opening, kept or token(context, now), fields, refusal, lost=lost)


@get("/return")
async def come_back(context: NamedDependency[Context]) -> Page:
    """Where the code is typed."""
    return return_page(context)


@post("/return", status_code=200)
async def look(
    request: Asking, now: NamedDependency[datetime], context: NamedDependency[Context]
) -> Page | Response[dict[str, Any]]:
    """What a code opens. One that was mistyped is told so at once, by its check digit and without a look-up."""
    body, whole = await read(request)
    if not whole:
        raise TooLarge("report-too-large")
    if script.speaks(request):
        return await script.peek(context, now, body)
    async with script.same_time():
        return await looked(request, now, context, parsed(body, 10))


async def looked(request: Asking, now: datetime, context: Context, fields: dict[str, list[str]]) -> Page:
    """By a code that was typed into the page without its script."""
    try:
        typed = codes.check((fields.get("code") or [""])[0])
        derived = await stock(request, context).look(typed)
        box = await service.look(STRANGER, now, context, derived, now.date())
        if box is None:
            raise Conflict("report-code-unknown", fields={"code": "report-code-unknown"})
    except Refusal as refusal:
        return return_page(context, refusal)
    return await box_page(context, now, box, derived.reply_identity)


async def read(request: Asking) -> tuple[bytes, bool]:
    """A form's body, in memory and bounded; never a file. Whether it is no longer than a report may be: what is longer
    is given back, up to a size that nobody types."""
    parts, size = [], 0
    try:
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > rules.GIVEN_BACK:
                raise TooLarge("report-too-large")
    except InternalServerException:  # a line that broke off; nobody is told, also no log that it happened here
        raise Invalid("not-readable") from None
    return b"".join(parts), size <= rules.BODY


def parsed(body: bytes, most: int) -> dict[str, list[str]]:
    """The fields of a form. No page of ours has so many as `most`."""
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=most)
    except ValueError:
        raise Invalid("not-ours") from None


ROUTES = [ask, file, file_with, nothing_here, come_back, look, embed.card]
