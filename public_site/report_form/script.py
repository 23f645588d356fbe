"""What a page says by its script: a report it sealed, or what it derived from a code. Neither text nor code is in it.

It is answered with a page of ours, whose main part it shows, or with a sentence and what it needs to try again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response

from public_site.report_form import checks, work
from public_site.report_form.arrival import Arrival
from public_site.report_form.box import box_page
from public_site.report_form.load import Pressure
from public_site.report_form.view import HIDDEN, channel, closed_page, form_key, receipt_page, token
from registry.access.actor import STRANGER
from registry.authorities.hotlines import Published
from registry.core import crypto
from registry.core.context import Context
from registry.core.errors import Busy, Conflict, Invalid, Refusal
from registry.core.i18n import sentence
from registry.core.pages import Page
from registry.core.problems import status_of
from registry.reports import gate, queries, service
from registry.reports.code import Derived
from registry.reports.schemas import Carried, Peek

T = TypeVar("T")
Taking = Callable[[UUID], AbstractContextManager[Pressure]]
ANSWERED_AFTER = 0.4
"""Seconds: longer than a code takes to be derived and its page to be made."""


def speaks(request: Request[Any, Any, Any]) -> bool:
    """Whether this is a page's script and not the form itself."""
    return request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"


async def carry(
    context: Context, now: datetime, body: bytes, taking: Taking, signed: Published | None,
    attached: tuple[bytes, ...] = (),
) -> Page | Response[dict[str, Any]]:  # fmt: skip
    """Keep what a browser sealed. The office it names is the one whose load counts: what is sealed to other offices
    than those of the place is not kept."""
    data = _decoded(body, Carried)
    try:
        form = checks.form(context, now, data.token, data.website)
        with taking(data.chain[0]) as met, checks.keeping():
            if not work.done(form_key(context), data.pow, form, data.chain[0], met.level):
                asked = work.challenge(form_key(context), form, data.chain[0], met.level)
                return told(Busy("form-more-work"), token=data.token, work=asked)
            receipt = await service.carry(STRANGER, now, context, data, form.nonce, met.burst, attached)
            met.kept = not receipt.again
    except Refusal as refusal:
        opening = await queries.availability(context, data.place, data.premises, now, home=data.home)
        if isinstance(opening, gate.Closed):
            came = Arrival(data.place, data.premises, data.home)
            return await closed_page(context, now, came, opening, signed, status=409, there=True, lost=bool(attached))
        kept = data.token if isinstance(refusal, Busy) else token(context, now)
        return told(refusal, token=kept, channel=channel(context, opening))
    return receipt_page(context, now, data.place, receipt, there=True)


@asynccontextmanager
async def same_time() -> AsyncIterator[None]:
    """Whoever tries codes learns nothing from how long an answer takes: all of them come this long after they were
    asked for, found or not. (The page of one that was found takes longer to make.)"""
    clock = asyncio.get_running_loop().time
    began = clock()
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, began + ANSWERED_AFTER - clock()))


async def peek(context: Context, now: datetime, body: bytes) -> Page | Response[dict[str, Any]]:
    """The state of a report and its sealed replies, which the browser opens: the code stays with it."""
    asked = _decoded(body, Peek)
    async with same_time():
        return await _peeked(context, now, asked)


async def _peeked(context: Context, now: datetime, asked: Peek) -> Page | Response[dict[str, Any]]:
    box = await service.look(STRANGER, now, context, Derived(crypto.unb64url(asked.lookup), ""), now.date())
    if box is None:
        return told(Conflict("report-code-unknown"))
    return await box_page(context, now, box, None)


def told(refusal: Refusal, **more: Any) -> Response[dict[str, Any]]:
    body = {"code": refusal.code, "detail": sentence(refusal.code, **refusal.details), **more}
    return Response(body, status_code=status_of(refusal), media_type="application/json", headers=HIDDEN)


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Invalid("not-ours") from None
