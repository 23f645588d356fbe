"""The door of authorities' agents: /authority-api/v1. Machines only, signed requests only, no session and no cookie.

It is a door of its own beside the desk: the public door's database role may not read an envelope, and the desk's
sessions and form tokens are for browsers. Whoever is not an authority with a key in the signed directory gets 404, here
as everywhere in this room.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from registry.access.actor import Actor
from registry.access.permissions import Role
from registry.app import dependencies
from registry.authorities import queries as authorities
from registry.core.context import Context
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Invalid, NotFound, Refusal, TooLarge
from registry.reports import answers, notary, queries
from registry.reports.rules import State
from registry.reports.schemas import (
    Acknowledge,
    Conclude,
    Fetched,
    Imported,
    NewReply,
    Opened,
    Progressed,
    Stopped,
    Unreadable,
)

LARGEST = 256 * 1024
T = TypeVar("T")


async def agent(
    request: Request[Any, Any, Any], now: NamedDependency[datetime], context: NamedDependency[Context]
) -> Actor:
    """The authority whose key signed this request, once; NotFound for everybody else."""
    try:
        return await _agent(request, now, context)
    except Invalid:
        raise NotFound("page-not-found") from None


async def _agent(request: Request[Any, Any, Any], now: datetime, context: Context) -> Actor:
    path = request.scope["path"]
    seen = notary.Request(request.method, request.headers.get("host", ""), path, await _body(request))
    claim = notary.claim(seen, request.headers)
    record = await queries.record(context, now, claim.authority)
    notary.holds(claim, record.signing, now)
    if not await fetch(
        "INSERT INTO reports.agent_nonce (id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id",
        f"{claim.authority}:{claim.nonce}",
        now,
        engine=REPORTS_DB,
    ):
        raise Invalid("agent-request-repeated")
    held = frozenset({Role.AUTHORITY_AGENT})
    return Actor(claim.authority, record.name("es"), held, frozenset({(Role.AUTHORITY_AGENT, claim.authority)}))


async def _body(request: Request[Any, Any, Any]) -> bytes:
    parts, size = [], 0
    if "body" not in request.scope["state"]:
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > LARGEST:
                raise TooLarge("body-too-large")
        request.scope["state"]["body"] = b"".join(parts)
    found: bytes = request.scope["state"]["body"]
    return found


def _read(request: Request[Any, Any, Any], kind: type[T]) -> T:
    try:
        return msgspec.json.decode(request.scope["state"]["body"], type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("not-ours") from error


@get("/authority-api/v1/directory")
async def directory(asking: NamedDependency[Actor], context: NamedDependency[Context]) -> Response[bytes]:
    """The signed directory as it is served to everybody: the agent looks whether its own keys stand there."""
    return Response(await context.published.get(authorities.DIRECTORY_KEY), media_type="application/json")


@get("/authority-api/v1/envelopes")
async def waiting(asking: NamedDependency[Actor]) -> Response[bytes]:
    """What was delivered to this office and is not acknowledged."""
    open_states = frozenset({State.SEALED, State.NOTIFIED, State.FETCHED, State.OPENED})
    return _json(await queries.held(asking, open_states))


@get("/authority-api/v1/envelopes/{which:uuid}")
async def contents(
    asking: NamedDependency[Actor],
    now: NamedDependency[datetime],
    context: NamedDependency[Context],
    which: FromPath[UUID],
) -> Response[bytes]:
    """The age file; what its opener must compare is in the header Envelope, as JSON."""
    outer, body = await answers.contents(asking, now, context, which)
    headers = {"envelope": msgspec.json.encode(outer).decode(), "cache-control": "no-store"}
    return Response(body, media_type="application/octet-stream", headers=headers)


@get("/authority-api/v1/envelopes/{which:uuid}/files/{number:int}")
async def file(
    asking: NamedDependency[Actor],
    context: NamedDependency[Context],
    which: FromPath[UUID],
    number: FromPath[int],
) -> Response[bytes]:
    """The age file of one of its files."""
    body = await answers.file(asking, context, which, min(number, 99))
    return Response(body, media_type="application/octet-stream", headers={"cache-control": "no-store"})


@get("/authority-api/v1/envelopes/{which:uuid}/standing")
async def standing(asking: NamedDependency[Actor], which: FromPath[UUID]) -> Response[bytes]:
    """How it stands, for whoever is about to answer: state, hash, how many replies were sent."""
    return _json(await answers.followed(asking, which))


def _act(path: str, kind: type[T], act: Callable[[Actor, datetime, Context, UUID, T], Awaitable[None]]) -> Any:
    """One POST that says one thing about one envelope."""

    @post(f"/authority-api/v1/envelopes/{{which:uuid}}/{path}", name=path, status_code=200)
    async def handler(
        request: Request[Any, Any, Any],
        asking: NamedDependency[Actor],
        now: NamedDependency[datetime],
        context: NamedDependency[Context],
        which: FromPath[UUID],
    ) -> Response[bytes]:
        await act(asking, now, context, which, _read(request, kind))
        return _json({"done": path})

    return handler


async def _fetched(actor: Actor, now: datetime, context: Context, which: UUID, data: Fetched) -> None:
    await answers.fetched(actor, now, which, data)


async def _opened(actor: Actor, now: datetime, context: Context, which: UUID, data: Opened) -> None:
    await answers.opened(actor, now, which, data)


async def _blocked(actor: Actor, now: datetime, _context: Context, which: UUID, data: Stopped) -> None:
    await answers.blocked(actor, now, which, data)


ROUTES = [
    directory,
    waiting,
    contents,
    file,
    standing,
    _act("fetched", Fetched, _fetched),
    _act("opened", Opened, _opened),
    _act("acknowledged", Acknowledge, answers.acknowledge),
    _act("imported", Imported, answers.imported),
    _act("unreadable", Unreadable, answers.unreadable),
    _act("progress", Progressed, answers.progress),
    _act("blocked", Stopped, _blocked),
    _act("outcome", Conclude, answers.conclude),
    _act("replies", NewReply, answers.reply),
]


def _json(value: Any) -> Response[bytes]:
    return Response(msgspec.json.encode(value), media_type="application/json", headers={"cache-control": "no-store"})


def _refused(_request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    """Absence and lack of right look the same; a mistake of a known agent is told by its code."""
    from registry.core.problems import status_of

    response = _json({"code": refusal.code})
    response.status_code = status_of(refusal)
    return response


def create_app(context: Context, **_options: Any) -> Litestar:
    """The agents' application."""
    return Litestar(
        ROUTES,
        dependencies=dependencies(context) | {"asking": Provide(agent)},
        exception_handlers={Refusal: _refused},
        openapi_config=None,
        request_max_body_size=LARGEST,
    )
