"""Pages on which an application is made, checked, completed and taken back."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.certification import forms, intake, queries
from registry.certification.case_routes import Now, Who, done
from registry.clients import queries as clients
from registry.core import ids
from registry.core.errors import Invalid, NotFound, Refusal
from registry.core.pages import again, page, see_other
from registry.schemes import queries as schemes
from registry.schemes.rules import changes as mapped
from registry.schemes.words import CHANGED

Form = Body(media_type=RequestEncodingType.URL_ENCODED)


@get("/desk/certifications/apply")
async def apply_page(
    actor: Who, now: Now, client: FromQuery[UUID | None] = None, association: FromQuery[UUID | None] = None,
    renewal: FromQuery[bool] = False,
) -> Response[Any]:  # fmt: skip
    known = await _apply(actor, now, client, association)
    return page("certification/apply.html", **known, renewal="yes" if renewal else "")


async def _apply(actor: Actor, now: datetime, client: UUID | None, association: UUID | None) -> dict[str, Any]:
    actor.require(Permission.CERTIFICATION_APPLY)
    if association:
        holder: Any = await clients.whole_association(actor, association)
        members = await clients.members(association)
        units = await clients.units(client_ids=[member.id for member in members])
    elif client:
        holder = await clients.client(actor, client)
        units = await clients.units(client_ids=[client])
    else:
        raise NotFound("client-not-found")
    version = await schemes.current(queries.SCHEME, now)
    under = await queries.certified_under(client, association)
    changes = mapped((await schemes.version(under)).content, version.content) if under else []
    return {"holder": holder, "units": units, "client": client or "", "association": association or "",
            "version": version, "CHANGED": CHANGED, "changes": changes}  # fmt: skip


@post("/desk/certifications", status_code=303)
async def apply(actor: Who, now: Now, data: Annotated[forms.ApplyForm, Form]) -> Response[Any]:
    version = await schemes.current(queries.SCHEME, now)
    try:
        made = await intake.apply(actor, now, forms.apply(data, version.id), once=data.once)
    except Refusal as refusal:
        if isinstance(refusal, NotFound) or not (data.client or data.association):
            raise
        known = await _apply(actor, now, *(ids.read(one) for one in (data.client, data.association)))
        return again("certification/apply.html", refusal, data, **known, renewal=data.renewal)
    return see_other(f"/desk/certifications/{made}")


@post("/desk/certifications/{certification_id:uuid}/application", status_code=303)
async def check_application(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.ApplicationForm, Form]
) -> Response[Any]:
    verbs = {"return": intake.return_application, "decline": intake.decline_application}

    async def act() -> None:
        if data.act == "accept":
            await intake.accept_application(actor, now, certification_id, forms.screening(data), once=data.once)
        elif data.act in verbs:
            await verbs[data.act](actor, now, certification_id, data.reason, once=data.once)
        else:
            raise Invalid("choose-one", fields={"act": "choose-one"})

    return await done(actor, now, certification_id, data, act)


@post("/desk/certifications/{certification_id:uuid}/completion", status_code=303)
async def complete(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.Reason, Form]
) -> Response[Any]:
    return await done(actor, now, certification_id, data, lambda: intake.complete_application(
        actor, now, certification_id, data.reason, once=data.once))  # fmt: skip


@post("/desk/certifications/{certification_id:uuid}/cancellation", status_code=303)
async def cancel(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.Reason, Form]
) -> Response[Any]:
    return await done(actor, now, certification_id, data, lambda: intake.withdraw_application(
        actor, now, certification_id, data.reason, once=data.once))  # fmt: skip


ROUTES = [apply_page, apply, check_application, complete, cancel]
