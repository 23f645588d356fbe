"""What every answer of the desk and the audit carries, and what every request of theirs is checked for first.

Shield (language, headers) -> Limits (limits.py) -> Door (accounts/door.py: who is asking, forms) -> Litestar
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from registry.config import Config
from registry.core import i18n

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def guard(config: Config, referrer: bytes) -> list[tuple[bytes, bytes]]:
    """Headers of every page of ours. No inline script or style anywhere, so no exception is needed."""
    headers = [
        (b"content-security-policy", POLICY.encode()),
        (b"referrer-policy", referrer),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    ]
    if config.secure:
        headers.append((b"strict-transport-security", b"max-age=63072000; includeSubDomains"))
    return headers


def desk_guard(config: Config) -> list[tuple[bytes, bytes]]:
    """Headers of every signed-in page: as above, and nothing of it is kept or shown elsewhere."""
    # same-origin and not no-referrer: with the latter browsers send `Origin: null` with our own forms.
    return [
        *guard(config, b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cache-control", b"no-store"),
    ]


def guarded(send: Send, headers: list[tuple[bytes, bytes]]) -> Send:
    """Sends these headers too; one a handler set itself stays."""

    async def with_headers(message: Any) -> None:
        if message["type"] == "http.response.start":
            named = {name.lower() for name, _ in message["headers"]}
            more = [pair for pair in headers if pair[0] not in named]
            message = message | {"headers": [*message["headers"], *more]}
        await send(message)

    return with_headers


class Shield:
    """Sets the language of the request and the headers of its answer."""

    def __init__(self, app: App, config: Config) -> None:
        self._app, self._guard = app, desk_guard(config)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        spoken, chosen = language_of(scope)
        with i18n.speaking(spoken, chosen):
            await self._app(scope, receive, guarded(send, self._guard))


def language_of(scope: Scope) -> tuple[str, bool]:
    """The language to answer in, and whether ?lang= asked for it."""
    wanted = parse_qs(scope["query_string"][:2000].decode("latin-1")).get("lang", [""])[0]
    spoken = i18n.negotiate(wanted, header(scope, b"accept-language"))
    return spoken, wanted[:2].lower() == spoken


def header(scope: Mapping[str, Any], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def from_elsewhere(scope: Scope, *, null_is_ours: bool = True) -> bool:
    """Whether another site's page sent this form.

    Sec-Fetch-Site says it plainly; older browsers send Origin. Programs send neither and are let in: they could lie
    anyway. `Origin: null` is what browsers send with our own forms from pages under no-referrer, so it says nothing;
    where it matters, the form's token does.
    """
    site = header(scope, b"sec-fetch-site")
    if site:
        return site not in {"same-origin", "none"}
    origin = header(scope, b"origin")
    if not origin or (origin == "null" and null_is_ours):
        return False
    return urlsplit(origin).netloc.lower() != header(scope, b"host").lower()
