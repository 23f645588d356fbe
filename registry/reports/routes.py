"""The authority officer's desk: /desk/authority. For everybody else there is nothing at these addresses."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.core import crypto, ids
from registry.core.context import Context
from registry.core.errors import Conflict, Invalid
from registry.core.i18n import N_, _
from registry.core.pages import Page, RailEntry, again, page, see_other
from registry.reports import (
    answers,
    caller_routes,
    card_routes,
    desk,
    figure_routes,
    gate_routes,
    handed,
    moving_routes,
    opener,
    queries,
)
from registry.reports.rules import Outcome
from registry.reports.schemas import Acknowledge, Conclude, Fetched

DONE = {
    "acknowledged": N_("Acknowledged. Who reported sees that a person of the authority took charge, and nothing more."),
    "answered": N_("The signed answer is kept."),
    "outcome": N_("The outcome is kept. Who reported sees its sentence, and nothing more."),
}


class AcknowledgeForm(msgspec.Struct, frozen=True):
    proof: str = ""
    reference: str = ""
    envelope: str = ""
    save: str = ""


class OutcomeForm(msgspec.Struct, frozen=True):
    envelope: str = ""
    outcome: str = ""
    save: str = ""


class AnswerForm(msgspec.Struct, frozen=True):
    answer: str = ""
    save: str = ""


AnswerBody = Annotated[AnswerForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
AckBody = Annotated[AcknowledgeForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
OutcomeBody = Annotated[OutcomeForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


@get("/desk/authority")
async def waiting(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    context: NamedDependency[Context],
    done: FromQuery[str] = "",
    envelope: FromQuery[str] = "",
) -> Page:
    """What waits for this office, by its clocks."""
    return page(
        "reports/authority.html",
        done=_(DONE.get(done, "")),
        chosen=ids.read(envelope),
        **await desk.desk(actor, now, context),
    )


@post("/desk/authority/envelopes/{which:uuid}/file", status_code=200)
async def take(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    context: NamedDependency[Context],
    which: FromPath[UUID],
) -> Response[bytes]:
    """The age file, to be opened on the office's own machine; noted as downloaded."""
    _, body = await answers.contents(actor, now, context, which)
    await answers.fetched(actor, now, which, Fetched(crypto.sha256(body).hex()))
    headers = {"content-disposition": f'attachment; filename="{desk.number(which)}.age"', "cache-control": "no-store"}
    return Response(body, media_type="application/octet-stream", headers=headers)


@post("/desk/authority/envelopes/{which:uuid}/files/{turn:int}", status_code=200)
async def take_file(
    actor: NamedDependency[Actor], context: NamedDependency[Context], which: FromPath[UUID], turn: FromPath[int]
) -> Response[bytes]:
    """One of its files, sealed as it came, to lie beside the envelope where that is opened."""
    body = await answers.file(actor, context, which, min(turn, 99))
    called = f'attachment; filename="{desk.number(which)}.file-{turn}.age"'
    headers = {"content-disposition": called, "cache-control": "no-store"}
    return Response(body, media_type="application/octet-stream", headers=headers)


@post("/desk/authority/acknowledged", status_code=200)
async def acknowledge(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context], data: AckBody
) -> Response[Any]:
    """Acknowledge with the proof that stands inside."""
    queries.office(actor)
    which = ids.read(data.envelope)
    try:
        if data.save or which is None or not data.proof.strip():
            raise Invalid("proof-missing", fields={"proof": "proof-missing"})
        if len(data.proof) > 60 or len(data.reference) > 80:
            raise Invalid("proof-does-not-match", fields={"proof": "proof-does-not-match"})
        await answers.acknowledge(actor, now, context, which, Acknowledge(data.reference.strip(), "", data.proof))
    except (Invalid, Conflict) as refusal:
        return again("reports/authority.html", refusal, data, chosen=which, **await desk.desk(actor, now, context))
    return see_other("/desk/authority", done="acknowledged")


@post("/desk/authority/outcome", status_code=200)
async def conclude(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context], data: OutcomeBody
) -> Response[Any]:
    """What came of it."""
    queries.office(actor)
    which = ids.read(data.envelope)
    try:
        if data.save or which is None or data.outcome not in set(Outcome):
            raise Invalid("outcome-missing", fields={"outcome": "outcome-missing"})
        await answers.conclude(actor, now, context, which, Conclude(Outcome(data.outcome)))
    except (Invalid, Conflict) as refusal:
        return again("reports/authority.html", refusal, data, chosen=which, **await desk.desk(actor, now, context))
    return see_other("/desk/authority", done="outcome")


@post("/desk/authority/answers", status_code=200)
async def hand_in(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context], data: AnswerBody
) -> Response[Any]:
    """An answer that was signed on the office's own machine."""
    queries.office(actor)
    try:
        await handed.take(actor, now, context, "" if data.save else data.answer)
    except (Invalid, Conflict) as refusal:
        return again("reports/authority.html", refusal, data, chosen=None, **await desk.desk(actor, now, context))
    return see_other("/desk/authority", done="answered")


@get("/desk/authority/opener")
async def give_opener(actor: NamedDependency[Actor]) -> Response[bytes]:
    """The page that opens envelopes without a line."""
    body = opener.page(queries.office(actor)).encode()
    headers = {"content-disposition": 'attachment; filename="resguardo.html"', "cache-control": "no-store"}
    return Response(body, media_type="application/octet-stream", headers=headers)


async def count(actor: Actor, _now: datetime) -> int:
    """How many envelopes wait for this office."""
    return await queries.count(actor, desk.WAITING)


ROUTES = [
    waiting,
    take,
    take_file,
    acknowledge,
    conclude,
    hand_in,
    give_opener,
    *moving_routes.ROUTES,
    *gate_routes.ROUTES,
    *figure_routes.ROUTES,
    *caller_routes.ROUTES,
    *card_routes.ROUTES,
]
RAIL = [
    RailEntry(
        Permission.REPORTS_COLLECT, N_("Envelopes"), "/desk/authority", count, home=frozenset({Role.AUTHORITY_OFFICER})
    ),
    *gate_routes.RAIL,
    *figure_routes.RAIL,
    *caller_routes.RAIL,
]
