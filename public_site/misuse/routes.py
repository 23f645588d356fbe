"""/misuse: the list as a page; /data/misuse.json: the same for programs."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from public_site.verification.trust import Trust
from registry.complaints import listed
from registry.complaints.listed import Mark, Published
from registry.core.context import Context
from registry.core.i18n import N_
from registry.core.pages import Page, page
from registry.seals.code import grouped
from registry.seals.jose import Untrusted

MARKS = {
    Mark.FALSE: N_("A false seal: the register never gave one to whoever shows it."),
    Mark.OVER: N_("A seal that ended and is still on show. It is not valid any more."),
    Mark.ELSEWHERE: N_("A seal on show where it does not belong. It says nothing of what stands there."),
}


@get("/misuse")
async def misuse(
    context: NamedDependency[Context], trust: NamedDependency[Trust], now: NamedDependency[datetime]
) -> Page:
    """What was published after its five days, in words."""
    try:
        told = await _told(context, trust)
    except Untrusted:
        return page("misuse/misuse.html", status=503, told=None, stale=True, MARKS=MARKS, grouped=grouped)
    stale = told is not None and now - told.issued_at > listed.STALE
    return page("misuse/misuse.html", told=told, stale=stale, MARKS=MARKS, grouped=grouped)


@get("/data/misuse.json")
async def as_json(context: NamedDependency[Context], trust: NamedDependency[Trust]) -> Response[bytes]:
    """The list, opened. As it was signed it stands at /log/misuse.jws."""
    try:
        told = await _told(context, trust)
    except Untrusted:
        unread = b'{"status":503,"title":"The list could not be read just now. Please ask again in a few minutes."}'
        return Response(unread, status_code=503, media_type="application/problem+json", headers={"retry-after": "300"})
    body = msgspec.json.encode(told) if told else b'{"format":"resguardo-misuse/1","issued_at":null,"misuse":[]}'
    headers = {"access-control-allow-origin": "*", "cache-control": "public, max-age=300"}
    return Response(body, media_type="application/json", headers=headers)


async def _told(context: Context, trust: Trust) -> Published | None:
    """The list, or None before the first. Raises Untrusted."""
    try:
        return listed.read(await context.published.get(listed.KEY), trust)
    except KeyError:
        return None


ROUTES: list[Any] = [misuse, as_json]
