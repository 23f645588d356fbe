"""What every request of a stranger passes: the language, the emergency numbers, and the headers that keep a page to
itself.

It sets no cookie and reads none, keeps no address, and takes a form only from our own pages (Sec-Fetch-Site, or Origin
where a browser does not say it).
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from public_site.verification.answers import Answers, Headers
from registry.config import Config
from registry.core import i18n, pages, problems
from registry.core.clock import Clock
from registry.core.errors import Forbidden

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def guard(config: Config) -> Headers:
    """The headers of every page of this door."""
    headers = [
        (b"content-security-policy", POLICY.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), interest-cohort=()"),
    ]
    if config.secure:
        headers.append((b"strict-transport-security", b"max-age=63072000; includeSubDomains"))
    return headers


class Threshold:
    """An ASGI layer around the framework; the lane in front of it keeps the same rules by itself."""

    def __init__(self, app: App, answers: Answers, config: Config, clock: Clock) -> None:
        self._app, self._answers, self._clock = app, answers, clock
        self._country, self._guard = config.country, guard(config)
        self._taken = frozenset({name for name, _ in self._guard})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        wanted = parse_qs(scope["query_string"][:1000].decode("latin-1")).get("lang", [""])[0]
        spoken = i18n.negotiate(wanted, headers.get(b"accept-language", b"").decode("latin-1"))
        with i18n.speaking(spoken, chosen=wanted[:2].lower() == spoken):
            bar = self._answers.near(self._country, self._clock()).bar
            with pages.emergency_lines(bar):
                if scope["method"] not in ("GET", "HEAD", "OPTIONS") and _from_elsewhere(headers):
                    await problems.send_told(
                        problems.told(scope, Forbidden("form-from-elsewhere")), scope, self._guarded(send)
                    )
                    return
                await self._app(scope, receive, self._guarded(send))

    def _guarded(self, send: Send) -> Send:
        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                named = {name.lower() for name, _ in message["headers"]}
                more = [pair for pair in self._guard if pair[0] not in named]
                message = message | {"headers": [*message["headers"], *more]}
            await send(message)

        return guarded


def _from_elsewhere(headers: dict[bytes, bytes]) -> bool:
    """Whether another site's page sent this form. Programs send neither header and are let in: they could lie
    anyway."""
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in (b"same-origin", b"none")
    origin = headers.get(b"origin")
    return origin is not None and urlsplit(origin.decode("latin-1")).netloc.encode() != headers.get(b"host", b"")
