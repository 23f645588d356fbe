"""What every request of a stranger passes: the language, the emergency numbers, and the headers that keep a page to
itself.

It sets no cookie and reads none, keeps no address, and takes a form only from our own pages (Sec-Fetch-Site, or Origin
where a browser does not say it).
"""

import gzip
from typing import Any

from public_site.verification.answers import Answers, Headers
from public_site.verification.media import takes_gzip
from registry.config import Config
from registry.core import i18n, pages, problems, shield
from registry.core.clock import Clock
from registry.core.errors import Forbidden
from registry.core.limits import Group
from registry.core.shield import SAFE, App, Receive, Scope, Send, from_elsewhere, guarded, header, language_of

GROUPS = (
    # A notice is rare; a whole hotel's guests may sit behind one address, so these stop machines and not people.
    Group("notice", ("/notice", "/complaint"), burst=10, every=30.0),
    Group("code", ("/scan",), burst=60, every=0.5),
    # A search may hash a plate, which is slow on purpose.
    Group("search", ("/find", "/api/v1/search"), burst=60, every=0.25, writes_only=False),
    # The whole register at once; a mirror takes it once a day.
    Group("data", ("/data",), burst=30, every=5.0, writes_only=False),
)

GIVES_BACK = frozenset({"/report", "/report/attachments"})
"""Where a form that seems to come from elsewhere is refused by its own room, which gives back what was typed: a browser
may say it of our own page too, and nobody writes a report twice."""


def guard(config: Config) -> Headers:
    """The headers of every page of this door. Ours say nothing to anyone about where a visitor came from."""
    return shield.guard(config, b"no-referrer")


class Threshold:
    """An ASGI layer around the framework; the lane in front of it keeps the same rules by itself."""

    def __init__(self, app: App, answers: Answers, config: Config, clock: Clock) -> None:
        self._app, self._answers, self._clock = app, answers, clock
        self._country, self._guard, self._origin = config.country, guard(config), config.origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        spoken, chosen = language_of(scope)
        with i18n.speaking(spoken, chosen):
            near = self._answers.near(self._country, self._clock())
            with pages.emergency_lines(near.bar), pages.foot_line(near.copy, self._origin):
                await self._pass(scope, receive, guarded(send, self._guard))

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Our pages send no referrer, so older browsers say `Origin: null` with our own forms: that is let in.
        if scope["method"] not in SAFE and from_elsewhere(scope) and scope["path"] in GIVES_BACK:
            scope.setdefault("state", {})["elsewhere"] = True
        elif scope["method"] not in SAFE and from_elsewhere(scope):
            await problems.send_told(problems.told(scope, Forbidden("form-from-elsewhere")), scope, send)
            return
        # Only what was asked for by GET: an answer to a form holds what somebody typed, sometimes beside a code, and
        # the length of both packed together tells of both (BREACH).
        if scope["method"] == "GET" and takes_gzip(header(scope, b"accept-encoding")):
            send = packed(send)
        await self._app(scope, receive, send)


def packed(send: Send) -> Send:
    """Sends a page compressed; anything else, and what comes in pieces, as it is."""
    held: list[Any] = []

    async def with_less(message: Any) -> None:
        if message["type"] == "http.response.start" and _is_page(message["headers"]):
            held.append(message)
            return
        if held:
            start, body = held.pop(), message.get("body", b"")
            if body and not message.get("more_body"):
                body = gzip.compress(body, 6, mtime=0)
                vary = [value for name, value in start["headers"] if name.lower() == b"vary"]
                kept = [pair for pair in start["headers"] if pair[0].lower() not in (b"content-length", b"vary")]
                kept += [
                    (b"content-encoding", b"gzip"), (b"content-length", str(len(body)).encode()),
                    (b"vary", b", ".join([b"accept-encoding", *vary])),
                ]  # fmt: skip
                start, message = start | {"headers": kept}, message | {"body": body}
            await send(start)
        await send(message)

    return with_less


def _is_page(headers: Headers) -> bool:
    given = {name.lower(): value for name, value in headers}
    return given.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in given
