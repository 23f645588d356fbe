"""The people of an authority: who may see that something waits, invited and ended by officers of the register.

They are accounts as everybody's (the room accounts keeps them): a letter, a password, a telephone. The role shows
sealed envelopes and takes signed answers; it opens none.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.accounts import queries as people
from registry.accounts import service as accounts
from registry.accounts.schemas import Act, Invite
from registry.authorities import desk, forms, queries
from registry.core.context import Context
from registry.core.errors import NotFound
from registry.core.pages import see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Now = NamedDependency[datetime]
Who = NamedDependency[Actor]
House = NamedDependency[Context]
HERE = desk.HERE + "/{authority_id:uuid}/people"


@post(HERE, status_code=303)
async def invite(
    actor: Who, now: Now, context: House, authority_id: FromPath[UUID], data: Annotated[forms.OfficerForm, Form]
) -> Response[Any]:
    async def act() -> None:
        actor.require(Permission.ACCOUNTS_INVITE)
        asked = Invite(data.email, data.name, Role.AUTHORITY_OFFICER, authority_id, data.language)
        await accounts.invite(actor, now, asked, once=data.once)

    return await desk.done(actor, now, context, authority_id, data, "invited", act)


@post(HERE + "/{role_id:uuid}/end", status_code=303)
async def end_role(
    actor: Who, now: Now, authority_id: FromPath[UUID], role_id: FromPath[UUID], data: Annotated[Act, Form]
) -> Response[Any]:
    office = await _office(actor, now, authority_id)
    if role_id not in {one.id for person in office.people for one in person.roles}:
        raise NotFound("role-not-found")
    await accounts.end_role(actor, now, role_id, once=data.once)
    return see_other(f"/desk/authorities/{authority_id}", done="role-ended")


@post(HERE + "/invited/{offer_id:uuid}/resend", status_code=303)
async def resend(
    actor: Who, now: Now, authority_id: FromPath[UUID], offer_id: FromPath[UUID], data: Annotated[Act, Form]
) -> Response[Any]:
    await _invited(actor, now, authority_id, offer_id)
    await accounts.resend(actor, now, offer_id, once=data.once)
    return see_other(f"/desk/authorities/{authority_id}", done="invited")


@post(HERE + "/invited/{offer_id:uuid}/end", status_code=303)
async def end_invitation(
    actor: Who, now: Now, authority_id: FromPath[UUID], offer_id: FromPath[UUID], data: Annotated[Act, Form]
) -> Response[Any]:
    await _invited(actor, now, authority_id, offer_id)
    await accounts.end_invitation(actor, now, offer_id, once=data.once)
    return see_other(f"/desk/authorities/{authority_id}", done="taken-back")


async def _office(actor: Actor, now: datetime, authority_id: UUID) -> people.Office:
    await queries.dossier(actor, authority_id, now)
    return await people.office(actor, now, Role.AUTHORITY_OFFICER, authority_id)


async def _invited(actor: Actor, now: datetime, authority_id: UUID, offer_id: UUID) -> None:
    if offer_id not in {one.id for one in (await _office(actor, now, authority_id)).invited}:
        raise NotFound("invitation-not-found")


ROUTES = [invite, end_role, resend, end_invitation]
