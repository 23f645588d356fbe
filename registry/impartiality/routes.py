"""The committee's desk: the register of ties and the broken glasses."""

from collections.abc import Awaitable, Callable
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
from registry.certification import file, forms, ties
from registry.certification.impartiality import DECLARABLE, Bond
from registry.certification.words import BONDS
from registry.core import ids
from registry.core.errors import Conflict, Invalid
from registry.core.i18n import N_
from registry.core.pages import Page, RailEntry, again, page, see_other
from registry.impartiality import queries, service
from registry.impartiality.rules import Treatment

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Now = NamedDependency[datetime]
Who = NamedDependency[Actor]
TREATMENTS: dict[str, str] = {
    Treatment.KEPT_AWAY: N_("kept away from its cases"),
    Treatment.ENDED: N_("over, and its months too"),
    Treatment.WATCHED: N_("kept away, and watched elsewhere"),
}


class ReviewForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    person: str = ""
    organisation: str = ""
    bond: str = ""
    treatment: str = ""
    note: str = ""


class TieForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    person: str = ""
    organisation: str = ""
    bond: str = ""
    since: str = ""
    until: str = ""
    source: str = ""


class ReasonForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    certification: str = ""
    reason: str = ""


async def _values(actor: Actor, now: datetime, q: str = "") -> dict[str, Any]:
    records = actor.may(Permission.CERTIFICATION_DISCOVER)
    return {
        "q": q, "records": records, "bonds": DECLARABLE, "people": await queries.people() if records else [],
        "organisations": await file.organisations(q.strip()) if records and len(q.strip()) > 1 else [],
        "register": await queries.register(actor, now), "glasses": await queries.glasses(actor), "now": now,
        "BONDS": BONDS, "TREATMENTS": TREATMENTS, "reviews": actor.may(Permission.IMPARTIALITY_REVIEW),
        "decides": actor.may(Permission.CERTIFICATION_DECIDE), "me": actor.id,
    }  # fmt: skip


@get("/desk/impartiality")
async def register(actor: Who, now: Now, q: FromQuery[str] = "") -> Page:
    actor.require(Permission.IMPARTIALITY_VIEW)
    return page("impartiality/register.html", **await _values(actor, now, q))


async def _done(actor: Actor, now: datetime, typed: Any, act: Callable[[], Awaitable[Any]]) -> Response[Any]:
    try:
        await act()
    except (Invalid, Conflict) as refusal:
        return again("impartiality/register.html", refusal, typed, **await _values(actor, now))
    return see_other("/desk/impartiality")


@post("/desk/impartiality/reviews", status_code=303)
async def review(actor: Who, now: Now, data: Annotated[ReviewForm, Form]) -> Response[Any]:
    actor.require(Permission.IMPARTIALITY_REVIEW)

    async def act() -> None:
        person, organisation = ids.read(data.person), ids.read(data.organisation)
        if person is None or organisation is None or data.bond not in set(Bond) or data.treatment not in TREATMENTS:
            raise Invalid("choose-one", fields={"treatment": "choose-one"})
        await service.review_tie(
            actor, now, person, organisation, Bond(data.bond), Treatment(data.treatment), data.note, once=data.once
        )

    return await _done(actor, now, data, act)


@post("/desk/impartiality/ties", status_code=303)
async def discover(actor: Who, now: Now, data: Annotated[TieForm, Form]) -> Response[Any]:
    actor.require(Permission.CERTIFICATION_DISCOVER)

    async def act() -> None:
        person = ids.read(data.person)
        if person is None:
            raise Invalid("choose-one", fields={"person": "choose-one"})
        await ties.discover_tie(actor, now, person, forms.tie(data), once=data.once)  # type: ignore[arg-type]  # same fields

    return await _done(actor, now, data, act)


@post("/desk/impartiality/glass", status_code=303)
async def break_glass(actor: Who, now: Now, data: Annotated[ReasonForm, Form]) -> Response[Any]:
    actor.require(Permission.CERTIFICATION_DECIDE)

    async def act() -> None:
        case = ids.read(data.certification.rpartition("/")[2])
        if case is None:
            raise Invalid("glass-which-case", fields={"certification": "glass-which-case"})
        await service.break_glass(actor, now, case, data.reason, once=data.once)

    return await _done(actor, now, data, act)


@post("/desk/impartiality/glass/{glass_id:uuid}/agreement", status_code=303)
async def agree(actor: Who, now: Now, glass_id: FromPath[UUID], data: Annotated[ReasonForm, Form]) -> Response[Any]:
    return await _done(actor, now, data, lambda: service.agree_to_glass(
        actor, now, glass_id, data.reason, once=data.once))  # fmt: skip


@post("/desk/impartiality/glass/{glass_id:uuid}/seen", status_code=303)
async def see(actor: Who, now: Now, glass_id: FromPath[UUID], data: Annotated[ReasonForm, Form]) -> Response[Any]:
    return await _done(actor, now, data, lambda: service.see_glass(actor, now, glass_id, once=data.once))


RAIL = [
    RailEntry(
        Permission.IMPARTIALITY_VIEW,
        N_("Impartiality"),
        "/desk/impartiality",
        queries.waiting,
        home=frozenset({Role.IMPARTIALITY}),
    )
]
ROUTES = [register, review, discover, break_glass, agree, see]
