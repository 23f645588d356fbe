"""Who is asking. An ASGI layer around the desk and the audit: it reads the session, gives the request its actor, turns
strangers away, and lets a form in only with its session's token.

The session is ours and not the framework's: a new token at each step of signing in (a planted one opens nothing), only
its hash in the database, no cookie for anybody who has not signed in, one write a minute.
"""

import re
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from registry.access.actor import STRANGER
from registry.accounts import queries
from registry.config import Config
from registry.core import crypto, emergency, i18n, pages, problems
from registry.core.context import Context
from registry.core.errors import Forbidden, Refusal
from registry.core.limits import LARGEST_FORM, is_plain_form, whole_body
from registry.core.shield import SAFE, App, Receive, Scope, Send, from_elsewhere, header, language_of

OPEN = ("/desk/sign-in", "/desk/invitation")
"""Where one may knock without a session."""
TOKEN_FIELD = "form_token"  # noqa: S105  the field's name, not a token
_PEEK = 65_536


class Door:
    """In front of Litestar, inside Shield and Limits."""

    def __init__(self, app: App, context: Context, rail: list[pages.RailEntry]) -> None:
        self._app, self._context, self._rail = app, context, tuple(sorted(rail, key=lambda entry: entry.place))
        self._emergency = emergency.number(context.config.country)
        self._form_key = context.keys.derived("form-token")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Nobody types a NUL, no keyboard has one, and PostgreSQL stores none.
        scope["query_string"] = scope["query_string"].replace(b"%00", b"")
        now = self._context.clock()
        token = cookie_of(scope, self._context.config)
        known = await queries.visitor(token, now) if token else None
        scope["actor"] = known.actor if known else STRANGER
        visit = None
        if known:
            visit = pages.Visit(
                known.actor, now, scope["path"], form_token=form_token(self._form_key, known.token_sha256),
                house=await queries.house(known.actor), rail=self._rail,
            )  # fmt: skip
        spoken, chosen = language_of(scope)
        speaks = spoken if chosen or not known else known.actor.language
        before = pages.visit.set(visit)
        try:
            with i18n.speaking(speaks, chosen), pages.emergency_lines((pages.danger(self._emergency),)):
                await self._ask(scope, receive, send, visit)
        finally:
            pages.visit.reset(before)

    async def _ask(self, scope: Scope, receive: Receive, send: Send, visit: pages.Visit | None) -> None:
        try:
            writes = scope["method"] not in SAFE
            if writes and from_elsewhere(scope, null_is_ours=visit is not None):
                raise Forbidden("form-from-elsewhere")
            if writes and is_plain_form(scope):
                receive = await self._plain_form(scope, receive)
            if visit is None and not is_open(scope["path"]):
                await self._turn_away(scope, send)
                return
            if writes and visit is not None:
                receive = await self._with_token(scope, receive, visit)
        except Refusal as refusal:
            await problems.send_told(problems.told(scope, refusal), scope, send)
            return
        await self._app(scope, receive, send)

    async def _turn_away(self, scope: Scope, send: Send) -> None:
        reads = scope["method"] in SAFE
        here = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
        address = pages.to("/desk/sign-in", next=here if reads else "/desk")
        if reads and problems.for_people(header(scope, b"accept")):
            headers = [(b"location", address.encode()), (b"cache-control", b"no-store"), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 303, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        answer = problems.told(scope, Refusal("sign-in-first"), 401, sign_in=address)
        await problems.send_told(answer, scope, send)

    async def _plain_form(self, scope: Scope, receive: Receive) -> Receive:
        """Read it, keep what was typed for a page that may have to give it back, and hand it on without our token."""
        body = (await whole_body(receive, LARGEST_FORM)).replace(b"%00", b"")
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        scope[problems.TYPED] = body
        scope["form_token"] = next((value for name, value in pairs if name == TOKEN_FIELD), "")
        if scope["form_token"]:
            body = urlencode([(name, value) for name, value in pairs if name != TOKEN_FIELD]).encode()
        return _said_again(scope, [{"type": "http.request", "body": body, "more_body": False}], receive, len(body))

    async def _with_token(self, scope: Scope, receive: Receive, visit: pages.Visit) -> Receive:
        given = header(scope, b"x-form-token") or scope.get("form_token", "")
        kind = header(scope, b"content-type").partition(";")[0].strip().lower()
        if kind == "multipart/form-data" and not given:
            given, receive = await _from_parts(scope, receive)
        # JSON cannot be sent by another site's form: it needs a preflight that we never grant.
        if kind == "application/json" and not given:
            return receive
        if not crypto.same(given.encode(), visit.form_token.encode()):
            raise Forbidden("form-token-stale")
        return receive


async def _from_parts(scope: Scope, receive: Receive) -> tuple[str, Receive]:
    """The token of a form with files, which is its first field; the files themselves go by unread."""
    messages: list[Any] = []
    body, ended = b"", False
    while not ended and len(body) < _PEEK:
        message = await receive()
        if message["type"] != "http.request":
            messages.append(message)
            break
        body += message.get("body", b"")
        ended = not message.get("more_body", False)
        if _PART.search(body):
            break
    found = _PART.search(body)
    token = found["token"].decode("latin-1") if found else ""
    length = None
    if found:
        length = -(found.end() - found.start())
        body = body[: found.start()] + body[found.end() :]
    replayed = [{"type": "http.request", "body": body, "more_body": not ended}, *messages]
    return token, _said_again(scope, replayed, receive, None, length)


_PART = re.compile(
    rb'--[^\r\n]{1,120}\r\nContent-Disposition: form-data; name="form_token"\r\n(?:[^\r\n]+\r\n)*\r\n'
    rb"(?P<token>[\w-]{1,100})\r\n(?=--)",
    re.IGNORECASE,
)


def _said_again(
    scope: Scope, messages: list[Any], receive: Receive, length: int | None, change: int | None = None
) -> Receive:
    """The body as it goes on, with its Content-Length corrected."""
    headers = []
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            value = str(length if length is not None else int(value) + (change or 0)).encode()
        headers.append((name, value))
    scope["headers"] = headers
    waiting = list(messages)

    async def again() -> Any:
        return waiting.pop(0) if waiting else await receive()

    return again


def is_open(path: str) -> bool:
    return any(path == place or path.startswith(place + "/") for place in OPEN)


def cookie_name(config: Config) -> str:
    """`__Host-` binds the cookie to this host and TLS; it needs both, so plain http gets a plain name."""
    return "__Host-resguardo" if config.secure else "resguardo"


def cookie_of(scope: Mapping[str, Any], config: Config) -> str:
    """The session's token in this request; empty when there is none, or nonsense."""
    text = header(scope, b"cookie")
    if cookie_name(config) not in text:
        return ""
    try:
        morsel = SimpleCookie(text).get(cookie_name(config))
    except CookieError:
        return ""
    return morsel.value if morsel and re.fullmatch(r"[\w-]{20,100}", morsel.value, re.ASCII) else ""


def set_cookie(config: Config, token: str) -> str:
    """The header that gives a browser its session; an empty token takes it back."""
    parts = [f"{cookie_name(config)}={quote(token)}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if config.secure:
        parts.append("Secure")
    if not token:
        parts.append("Max-Age=0")
    return "; ".join(parts)


def form_token(key: bytes, token_sha256: bytes) -> str:
    """What each form of this session carries."""
    return crypto.b64url(crypto.hmac_sha256(key, token_sha256))
