"""The pages on which people of the registry declare their ties, and an officer writes what auditors know."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.certification import file, forms, planning, words
from registry.certification import ties as register
from registry.certification.case_routes import Now, Who
from registry.certification.impartiality import DECLARABLE
from registry.core import i18n
from registry.core.errors import Invalid
from registry.core.pages import again, page, see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)


@get("/desk/ties")
async def ties_page(actor: Who, now: Now, q: FromQuery[str] = "") -> Response[Any]:
    return page("certification/ties.html", **await _ties(actor, now, q))


async def _ties(actor: Actor, now: datetime, q: str) -> dict[str, Any]:
    actor.require(Permission.CERTIFICATION_DECLARE)
    found = await file.organisations(q.strip()) if len(q.strip()) > 1 else []
    return {"ties": await file.ties_of(actor.id), "found": found, "q": q, "words": words, "bonds": DECLARABLE,
            "today": now.date()}  # fmt: skip


@post("/desk/ties", status_code=303)
async def declare(actor: Who, now: Now, data: Annotated[forms.TieForm, Form], q: FromQuery[str] = "") -> Response[Any]:
    try:
        await register.declare_tie(actor, now, forms.tie(data), once=data.once)
    except Invalid as refusal:
        return again("certification/ties.html", refusal, data, **await _ties(actor, now, q))
    return see_other("/desk/ties")


@get("/desk/auditors")
async def auditors_page(actor: Who, now: Now) -> Response[Any]:
    return page("certification/auditors.html", **await _auditors(actor))


async def _auditors(actor: Actor) -> dict[str, Any]:
    actor.require(Permission.CERTIFICATION_PLAN)
    people = await file.auditors()
    return {"people": people, "known": await planning.competences([person for person, _ in people]), "words": words,
            "names": i18n.NAMES}  # fmt: skip


@post("/desk/auditors", status_code=303)
async def record(actor: Who, now: Now, data: Annotated[forms.CompetenceForm, Form]) -> Response[Any]:
    try:
        await register.record_competence(actor, now, forms.competence(data), once=data.once)
    except Invalid as refusal:
        return again("certification/auditors.html", refusal, data, **await _auditors(actor))
    return see_other("/desk/auditors")


ROUTES = [ties_page, declare, auditors_page, record]
