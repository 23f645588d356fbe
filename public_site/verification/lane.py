"""The small layer in front of the framework: the only page the whole world opens is answered from prepared bytes.

Prepared for each (address, language, form, encoding) and thrown away all together when the copy changes; each also says
until when it may be given. What is not GET or HEAD of one seal goes on to Litestar. No cookie is read or set, no
address kept.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

from public_site.verification import media
from public_site.verification.answers import Answer, Answers, Asked
from registry.core.i18n import negotiate
from registry.scans.counter import Counter

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PROOF = ".tlog-proof"
_NOTHING: dict[str, Any] = {"type": "http.response.body", "body": b""}
_NOT_IN_304 = frozenset({b"content-type", b"content-length", b"content-encoding", b"content-language"})
KEPT_BYTES = 96 << 20
"""Of what is asked for often. What nobody asked for while half of it was filled anew is let go."""
_BESIDE = 4000
"""Bytes that stand beside a page: its headers, and what it was made of."""
LONGEST_QUERY = 200


class Prepared:
    __slots__ = ("body", "drawn", "seen", "start", "tag", "unchanged", "until")

    def __init__(self, answer: Answer) -> None:
        self.start: dict[str, Any] = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        headers = [pair for pair in answer.headers if pair[0] not in _NOT_IN_304]
        self.unchanged: dict[str, Any] = {"type": "http.response.start", "status": 304, "headers": headers}
        self.body: dict[str, Any] = {"type": "http.response.body", "body": answer.body}
        self.until, self.tag, self.seen, self.drawn = answer.until, answer.tag, answer.seen, answer.drawn


class Lane:
    """An ASGI application around another. `now` is the clock; `answers` makes what is not prepared yet."""

    def __init__(self, app: App, answers: Answers, now: Callable[[], datetime]) -> None:
        self._app, self._answers, self._now = app, answers, now
        self._kept: dict[tuple[Any, ...], Prepared] = {}
        self._before: dict[tuple[Any, ...], Prepared] = {}
        self._size = 0
        self.counter = Counter()

    def forget(self) -> None:
        """The copy changed: nothing prepared before may be given again."""
        self._kept, self._before, self._size = {}, {}, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"][:3] not in ("/s/", "/S/"):
            await self._app(scope, receive, send)
            return
        accept = encoding = language = match = b""
        for name, value in scope["headers"]:
            if name == b"accept":
                accept = value
            elif name == b"accept-encoding":
                encoding = value
            elif name == b"accept-language":
                language = value
            elif name == b"if-none-match":
                match = value
        key = (scope["path"], scope["query_string"], accept, encoding, language)
        prepared = self._kept.get(key)
        if prepared is None or self._now() >= prepared.until or scope["method"] != "GET" or match:
            await self._carefully(key, match, scope, receive, send)
            return
        if prepared.seen:
            self.counter.count(prepared.seen, scope)
        await send(prepared.start)
        await send(prepared.body)

    async def _carefully(self, key: tuple[Any, ...], match: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """Everything that is not a plain repetition."""
        method, kept = scope["method"], self._kept
        prepared = (kept.get(key) or self._older(key)) if method in ("GET", "HEAD") else None
        if prepared is None or self._now() >= prepared.until:
            answer = self._answers.again(prepared.drawn) if prepared and prepared.drawn else None
            if answer is None:
                asked = self._asked(*key)
                if asked is None or method not in ("GET", "HEAD"):
                    await self._app(scope, receive, send)
                    return
                answer = await self._answers.of(asked)
            prepared = Prepared(answer)
            self._keep(kept, key, prepared)
        if prepared.seen and method == "GET":
            self.counter.count(prepared.seen, scope)
        if match and prepared.start["status"] == 200 and _same(match, prepared.tag):
            await send(prepared.unchanged)
            await send(_NOTHING)
            return
        await send(prepared.start)
        await send(prepared.body if method == "GET" else _NOTHING)

    def _keep(self, kept: dict[tuple[Any, ...], Prepared], key: tuple[Any, ...], prepared: Prepared) -> None:
        if kept is not self._kept:
            return  # the copy changed while this was being made
        if key not in kept:
            # The key is written by whoever asks, and may be longer than the answer.
            self._size += len(prepared.body["body"]) + sum(map(len, key)) + _BESIDE
        kept[key] = prepared
        if self._size > KEPT_BYTES // 2:
            self._kept, self._before, self._size = {}, kept, 0

    def _older(self, key: tuple[Any, ...]) -> Prepared | None:
        """What was asked for before, and is again: it stays."""
        if (prepared := self._before.pop(key, None)) is not None:
            self._keep(self._kept, key, prepared)
        return prepared

    def _asked(self, path: str, query: bytes, accept: bytes, encoding: bytes, language: bytes) -> Asked | None:
        """What a request asks for, or None when it is not about one seal."""
        typed, form = path[3:].rstrip("/"), _best(accept) if len(accept) < _SHORT else media.best(_text(accept))
        if not typed or "/" in typed:
            return None
        if typed.lower().endswith(PROOF):
            return None  # read from the log's tiles, not from the copy
        for suffix, kind in media.SUFFIXES.items():
            if typed.lower().endswith(suffix):
                typed, form = typed[: -len(suffix)], kind
        wanted = ""
        if query:
            wanted = parse_qs(query[:LONGEST_QUERY].decode("latin-1")).get("lang", [""])[0]
        short = len(language) < _SHORT
        spoken = _spoken(wanted, language) if short else negotiate(wanted, _text(language))
        return Asked(
            typed,
            form,
            spoken,
            bool(wanted) and wanted[:2].lower() == spoken,
            media.takes_gzip(_text(encoding)),
        )


_SHORT = 200
"""Browsers say the same few things of themselves; what is longer is nobody's habit, and is not remembered."""


def _text(header: bytes) -> str:
    return header.decode("latin-1")


@lru_cache(500)
def _best(accept: bytes) -> str | None:
    return media.best(_text(accept))


@lru_cache(500)
def _spoken(wanted: str, language: bytes) -> str:
    return negotiate(wanted, _text(language))


def _same(match: bytes, tag: bytes) -> bool:
    return any(part.strip().removeprefix(b"W/") in (tag, b"*") for part in match.split(b","))
