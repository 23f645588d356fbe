"""Pages: one Jinja environment over every room's templates, and the few ways a handler may answer with one.

    return page("training/session.html", session=session)           a page
    return see_other(f"/desk/training/{id}", done=N_("…"))          after every accepted form (303)
    return again("training/session.html", refusal, data, …)         the same form, with what was typed and what to mend

A page is rendered when it is sent, because the desk's rail counts what waits by asking the database.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

import jinja2
import msgspec
from litestar import Request, Response
from litestar.response.base import ASGIResponse

from registry.core import apart, i18n
from registry.core.assets import bundle, folders, static
from registry.core.emergency import EVERYWHERE
from registry.core.errors import Busy, Conflict, Forbidden, Invalid, NotFound, Refusal
from registry.core.i18n import sentence
from registry.core.ids import uuid7

HTML = "text/html; charset=utf-8"


class Visitor(Protocol):
    """What a page needs to know of an actor; registry.access.actor.Actor is one."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def roles(self) -> frozenset[Any]: ...
    def may(self, permission: Any, /) -> bool: ...


class RailEntry(msgspec.Struct, frozen=True):
    """One room in the desk's rail: who sees it, where it leads, how many things wait there for this actor.

    `search` is the label of the head's search box; the first entry of an actor's rail that has one gets `?q=`.
    `place` orders the rail: a board 0, daily work 50, settings 90. `home` names the roles whose own work this room is:
    whoever signs in as one of them begins here (`landing`).
    """

    permission: str
    title: str
    url: str
    count: Callable[[Any, datetime], Awaitable[int]] | None = None
    search: str = ""
    place: int = 50
    home: frozenset[str] = frozenset()


class RailLink(msgspec.Struct, frozen=True):
    title: str
    url: str
    waiting: int
    current: bool
    home: bool = False
    board: bool = False
    """It gathers what waits in other rooms, and so has no count of its own."""


class Visit(msgspec.Struct, frozen=True):
    """Who is looking at the page that is being drawn, and where. Set once a request, by accounts.door."""

    actor: Visitor
    now: datetime
    path: str
    form_token: str = ""
    house: str = ""
    rail: tuple[RailEntry, ...] = ()

    def search(self) -> RailEntry | None:
        """The room whose list the head's search box searches."""
        return next((e for e in self.rail if e.search and self.actor.may(e.permission)), None)


class Line(msgspec.Struct, frozen=True):
    """A number to call: `label` is a sentence (already in the reader's language), `number` as people write it."""

    label: str
    number: str

    @property
    def tel(self) -> str:
        return "tel:" + "".join(c for c in self.number if c in "+0123456789")


visit: ContextVar[Visit | None] = ContextVar("visit", default=None)
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_typed: ContextVar[Mapping[str, Any]] = ContextVar("typed", default=_NOTHING)
_wrong: ContextVar[Mapping[str, str]] = ContextVar("wrong", default=_NOTHING)
_query: ContextVar[str] = ContextVar("query", default="")
_emergency: ContextVar[tuple[Line, ...]] = ContextVar("emergency", default=())
_foot: ContextVar[str] = ContextVar("foot", default="")
_site: ContextVar[str] = ContextVar("site", default="")


@contextmanager
def emergency_lines(lines: tuple[Line, ...]) -> Iterator[None]:
    """The published numbers for the pages drawn inside."""
    token = _emergency.set(lines)
    try:
        yield
    finally:
        _emergency.reset(token)


@contextmanager
def foot_line(words: str, site: str = "") -> Iterator[None]:
    """What the foot of the pages drawn inside says of where they come from, and the address of this site."""
    tokens = _foot.set(words), _site.set(site)
    try:
        yield
    finally:
        _foot.reset(tokens[0])
        _site.reset(tokens[1])


# Drawing.


@cache
def environment() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in folders("templates")]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        lambda message: i18n.translations(i18n.language()).gettext(message) if message else "",
        lambda one, many, n: i18n.translations(i18n.language()).ngettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, message: i18n.translations(i18n.language()).pgettext(context, message),
    )
    env.policies["ext.i18n.trimmed"] = True
    env.globals |= {
        "static": static, "bundle": bundle, "to": to, "typed": typed, "wrong": wrong, "new_id": uuid7,
        "visit": visit.get,
        "language": i18n.language, "languages": i18n.NAMES, "other_language": other_language, "emergency": emergency,
        "foot": _foot.get, "site": _site.get,
        "problem": sentence, "zone_name": i18n.zone_name, "product": "Resguardo",
    }  # fmt: skip
    env.filters |= {
        "day": i18n.day, "short_day": i18n.short_day, "long_day": i18n.long_day, "clock": i18n.clock,
        "moment": i18n.moment, "number": i18n.number, "percent": i18n.percent, "listed": i18n.listed,
        "say": i18n._,
    }  # fmt: skip
    return env


def render(template: str, **values: Any) -> str:
    """The page as text, in the current language; for whatever is prepared ahead of any request."""
    return environment().get_template(template).render(values)


def to(url: str, **query: Any) -> str:
    """An address of ours, with the language kept when the reader chose it by ?lang= (strangers get no cookie)."""
    url = apart.based(url)
    if i18n.chosen():
        query = {"lang": i18n.language()} | query
    if not query:
        return url
    parts = urlsplit(url)
    merged = dict(parse_qsl(parts.query, keep_blank_values=True)) | {k: v for k, v in query.items() if v is not None}
    return urlunsplit(parts._replace(query=urlencode(merged)))


def other_language(code: str) -> str:
    """This same page in another language, as a relative address."""
    return "?" + urlencode(dict(parse_qsl(_query.get())) | {"lang": code})


def emergency() -> tuple[Line, ...]:
    """First the number for anyone in danger now, then other lines, as published for this place."""
    return _emergency.get() or (danger(),)


def danger(number: str = EVERYWHERE) -> Line:
    """Whom to call when somebody is in danger now."""
    return Line(i18n._("Is someone in danger now?"), number)


def typed(name: str, default: Any = "") -> Any:
    """What the person had typed in this field, when a form is shown again."""
    value = _typed.get().get(name, default)
    return default if value is None or value is msgspec.UNSET else value


def wrong(name: str) -> str:
    """What to mend in this field, as a sentence; empty when nothing."""
    return _wrong.get().get(name, "")


# Answering.


class Page(Response[None]):
    """Rendered late, inside the request's own task and transaction."""

    def __init__(self, template: str, values: dict[str, Any], status: int, headers: Mapping[str, str] | None) -> None:
        super().__init__(None, status_code=status, media_type=HTML, headers=headers)
        self.template, self.values = template, values
        self.typed: Mapping[str, Any] = {}
        self.wrong: Mapping[str, str] = {}

    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **options: Any) -> ASGIResponse:
        return _Late(self, bool(options.get("is_head_response")))  # type: ignore[return-value]  # it is one to call

    def text(self, rail: list[RailLink]) -> str:
        before = _typed.set(self.typed), _wrong.set(self.wrong)
        try:
            return render(self.template, **{"rail": rail, "refusal": None, "done": "", **self.values})
        finally:
            _typed.reset(before[0])
            _wrong.reset(before[1])


class _Late:
    """The ASGI side of a Page."""

    def __init__(self, page: Page, head: bool) -> None:
        self.page, self.head = page, head

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        _query.set(scope["query_string"].decode("latin-1"))
        body = self.page.text(await rail(visit.get())).encode()
        headers = {
            "content-type": HTML,
            "content-language": i18n.language(),
            "vary": "accept-language, accept",
            "cache-control": "no-store",
            "content-length": str(len(body)),
            **{name.lower(): value for name, value in self.page.headers.items()},
        }
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        encoded += [(b"set-cookie", cookie.to_header(header="").encode()) for cookie in self.page.cookies]
        await send({"type": "http.response.start", "status": self.page.status_code, "headers": encoded})
        await send({"type": "http.response.body", "body": b"" if self.head else body})


async def rail(here: Visit | None) -> list[RailLink]:
    """The rooms this actor may enter, with what waits in each."""
    links = rooms(here)
    if here is None:
        return links
    counts = {entry.url: entry.count for entry in here.rail if entry.count}
    return [msgspec.structs.replace(link, waiting=await _waiting(counts.get(link.url), here)) for link in links]


async def _waiting(count: Callable[[Any, datetime], Awaitable[int]] | None, here: Visit) -> int:
    """What waits in a room. A room that refuses to say (no organisation yet) keeps nobody from every other page."""
    try:
        return await count(here.actor, here.now) if count else 0
    except Refusal:
        return 0


def rooms(here: Visit | None) -> list[RailLink]:
    """The same without counts. The one we are in is the longest address that begins the path."""
    if here is None:
        return []
    mine = [entry for entry in here.rail if here.actor.may(entry.permission)]
    path = here.path.partition("?")[0]
    inside = [e.url for e in mine if path == e.url or path.startswith(e.url.rstrip("/") + "/")]
    current = max(inside, key=len, default=None)
    return [
        RailLink(i18n._(e.title), e.url, 0, e.url == current, bool(e.home & here.actor.roles), e.count is None)
        for e in mine
    ]


def landing(links: list[RailLink]) -> str:
    """Where somebody begins: their board; else where something waits for them, their own rooms first; else at home."""
    own = [link for link in links if link.home]
    board = [link for link in own if link.board]
    busy = [link for link in [*own, *links] if link.waiting]
    first = next(iter([*board, *busy, *own, *links]), None)
    return first.url if first else "/desk/account"


def page(template: str, status: int = 200, *, headers: Mapping[str, str] | None = None, **values: Any) -> Page:
    """A page in the reader's language."""
    return Page(template, values, status, headers)


def see_other(url: str, **query: Any) -> Response[str]:
    """After a form was accepted: 303, so that reloading asks nothing twice. The language chosen is kept."""
    headers = {"location": to(url, **query), "cache-control": "no-store"}
    return Response("", status_code=303, media_type="text/plain", headers=headers)


STATUS_AGAIN = {NotFound: 404, Forbidden: 403, Conflict: 409, Invalid: 422, Busy: 429}


def again(template: str, refusal: Refusal, typed: Any = None, **values: Any) -> Page:
    """The same page with what was typed, the sentence at each field, and what is wrong written on top.

    `typed` is the form's struct or a mapping. A refusal names its fields by `fields={"plate": "plate-length"}`.
    """
    shown = Page(template, {**values, "refusal": refusal}, STATUS_AGAIN.get(type(refusal), 422), None)
    shown.typed = _as_mapping(typed)
    fields = refusal.details.get("fields") or {}
    shown.wrong = {name: sentence(code, **refusal.details) for name, code in fields.items()}
    return shown


def _as_mapping(typed: Any) -> Mapping[str, Any]:
    if typed is None:
        return {}
    if isinstance(typed, Mapping):
        return typed
    return {name: getattr(typed, name) for name in typed.__struct_fields__}


def templates() -> Iterable[Path]:
    """Every template there is (the house tests read them all)."""
    return (path for folder in folders("templates") for path in sorted(folder.rglob("*.*")) if path.is_file())
