"""One's own account, and the people one answers for. The way in is entry_routes.py's."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.accounts import entry, entry_routes, queries, rules, service
from registry.accounts.door import cookie_of
from registry.accounts.schemas import Act, Invite, InviteForm, Lock, NewPassword, Preferences
from registry.accounts.tables import Account
from registry.accounts.words import OPENS, ROLES
from registry.core import ids, pages
from registry.core.context import Context
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from registry.core.i18n import N_, _
from registry.core.pages import RailEntry, again, page, see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Asked = Request[Any, Any, Any]


# The first page of the desk: where something waits.


@get("/desk")
async def desk(actor: NamedDependency[Actor]) -> Response[Any]:
    return see_other(pages.landing(await pages.rail(pages.visit.get())))


# My account.


async def _account_values(actor: Actor) -> dict[str, Any]:
    account = await Account.objects().get(Account.id == actor.id)
    if account is None:
        raise NotFound("account-not-found")
    held = [(ROLES[role], where) for role, where in queries.held_by(actor)]
    return {
        "account": account, "held": held, "codes_left": await queries.codes_left(actor.id),
        "names": await queries.names([where for _role, where in held if where]), "least": rules.PASSWORD_LEAST,
    }  # fmt: skip


@get("/desk/account")
async def account_page(actor: NamedDependency[Actor], done: FromQuery[str] = "") -> Response[Any]:
    return page("accounts/account.html", done=_(DONE[done]) if done in DONE else "", **await _account_values(actor))


@post("/desk/account/language", status_code=303)
async def language(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], data: Annotated[Preferences, Form]
) -> Response[Any]:
    await service.choose_language(actor, now, data.language, once=data.once)
    return see_other("/desk/account", done="language")


@post("/desk/account/password", status_code=200)
async def password(
    request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    data: Annotated[NewPassword, Form],
) -> Response[Any]:  # fmt: skip
    token = cookie_of(request.scope, context.config)
    try:
        if not await service.change_password(actor, now, token, data.current, data.password):
            raise Invalid("password-now-wrong", fields={"current": "password-now-wrong"})
    except Refusal as refusal:
        return again("accounts/account.html", refusal, None, **await _account_values(actor))
    return see_other("/desk/account", done="password")


@get("/desk/account/codes")
async def codes_page(actor: NamedDependency[Actor], context: NamedDependency[Context]) -> Response[Any]:
    account = await Account.objects().get(Account.id == actor.id)
    if account is None or account.codes_kept_at is not None or not account.codes_made:
        return see_other("/desk/account")
    return page("accounts/codes.html", codes=entry.recovery_codes(context.keys, actor.id, account.codes_made))


@post("/desk/account/codes", status_code=303)
async def codes_kept(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], data: Annotated[Act, Form]
) -> Response[Any]:
    await service.keep_codes(actor, now, once=data.once)
    return see_other("/desk")


@post("/desk/account/codes/new", status_code=303)
async def new_codes(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    data: Annotated[Act, Form],
) -> Response[Any]:  # fmt: skip
    await service.renew_codes(actor, now, context.keys, once=data.once)
    return see_other("/desk/account/codes")


# People and permissions.


async def _people_values(actor: Actor, now: datetime, q: str = "", after: str = "") -> dict[str, Any]:
    if not actor.may(Permission.ACCOUNTS_INVITE):
        raise NotFound("not-found")
    found, following = await queries.people(actor, q, after)
    waiting = await queries.invitations(actor, now)
    mine = {where for _role, where in queries.held_by(actor) if where}
    shown = {row.organisation for person in found for row in person.roles} | {row.organisation for row in waiting}
    offered = [role for role in rules.giveable(queries.held_by(actor)) if role is not Role.AUTHORITY_AGENT]
    return {
        "people": found, "following": following, "q": q, "waiting": waiting, "mine": mine, "ROLES": ROLES,
        "names": await queries.names([where for where in shown | mine if where]), "offered": offered, "OPENS": OPENS,
        "manages": actor.may(Permission.ACCOUNTS_MANAGE), "me": actor.id, "of_organisation": rules.OF_AN_ORGANISATION,
        "role": "", "organisation": "",
    }  # fmt: skip


@get("/desk/people")
async def people_page(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], q: FromQuery[str] = "", after: FromQuery[str] = "",
    role: FromQuery[str] = "", organisation: FromQuery[str] = "", done: FromQuery[str] = "",
) -> Response[Any]:  # fmt: skip
    values = await _people_values(actor, now, q[:100], after[:200]) | {"role": role, "organisation": organisation}
    if where := ids.read(organisation):
        values["names"] |= await queries.names([where])
    return page("accounts/people.html", done=_(DONE[done]) if done in DONE else "", **values)


@post("/desk/people/invitations", status_code=303)
async def invite(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], data: Annotated[InviteForm, Form]
) -> Response[Any]:
    try:
        await service.invite(actor, now, _invite(actor, data), once=data.once)
    except (Invalid, Conflict, Forbidden) as refusal:
        values = await _people_values(actor, now)
        return again("accounts/people.html", refusal, data, **values)
    return see_other("/desk/people", done="invited")


def _invite(actor: Actor, data: InviteForm) -> Invite:
    if data.role not in set(Role):
        raise Invalid("role-missing", fields={"role": "role-missing"})
    role, where = Role(data.role), ids.read(data.organisation)
    if role not in rules.OF_AN_ORGANISATION:
        where = None
    elif where is None:
        own = list(actor.organisations(Role.ASSOCIATION_ADMIN))
        where = own[0] if len(own) == 1 and role is not Role.REPRESENTATIVE else None
    return Invite(data.email, data.name, role, where, data.language)


@post("/desk/people/invitations/{invitation_id:uuid}/resend", status_code=303)
async def resend(
    invitation_id: FromPath[UUID], actor: NamedDependency[Actor], now: NamedDependency[datetime],
    data: Annotated[Act, Form],
) -> Response[Any]:  # fmt: skip
    await service.resend(actor, now, invitation_id, once=data.once)
    return see_other("/desk/people", done="invited")


@post("/desk/people/invitations/{invitation_id:uuid}/end", status_code=303)
async def end_invitation(
    invitation_id: FromPath[UUID], actor: NamedDependency[Actor], now: NamedDependency[datetime],
    data: Annotated[Act, Form],
) -> Response[Any]:  # fmt: skip
    await service.end_invitation(actor, now, invitation_id, once=data.once)
    return see_other("/desk/people", done="taken-back")


@post("/desk/people/roles/{role_id:uuid}/end", status_code=303)
async def end_role(
    role_id: FromPath[UUID], actor: NamedDependency[Actor], now: NamedDependency[datetime], data: Annotated[Act, Form]
) -> Response[Any]:
    await service.end_role(actor, now, role_id, once=data.once)
    return see_other("/desk/people", done="role-ended")


@post("/desk/people/{account_id:uuid}/lock", status_code=303)
async def lock(
    account_id: FromPath[UUID], actor: NamedDependency[Actor], now: NamedDependency[datetime],
    data: Annotated[Lock, Form],
) -> Response[Any]:  # fmt: skip
    await service.lock(actor, now, account_id, data.reason, once=data.once)
    return see_other("/desk/people", done="locked")


@post("/desk/people/{account_id:uuid}/unlock", status_code=303)
async def unlock(
    account_id: FromPath[UUID], actor: NamedDependency[Actor], now: NamedDependency[datetime],
    data: Annotated[Lock, Form],
) -> Response[Any]:  # fmt: skip
    await service.unlock(actor, now, account_id, data.reason, once=data.once)
    return see_other("/desk/people", done="unlocked")


@post("/desk/people/{account_id:uuid}/renew", status_code=303)
async def renew_entry(
    account_id: FromPath[UUID], actor: NamedDependency[Actor], now: NamedDependency[datetime],
    data: Annotated[Act, Form],
) -> Response[Any]:  # fmt: skip
    await service.renew_entry(actor, now, account_id, once=data.once)
    return see_other("/desk/people", done="renewed")


DONE = {
    "invited": N_("The letter is on its way. Its link works once, for fourteen days."),
    "renewed": N_("A letter to begin again is on its way. Its link works once, for a day."),
    "taken-back": N_("The invitation was taken back. Its link no longer works."),
    "role-ended": N_("The role has ended. It stopped working at once."),
    "language": N_("From now on the desk speaks this language to you."),
    "password": N_("Your password is changed. Every other browser was signed out."),
    "locked": N_("The account is closed, in every browser."),
    "unlocked": N_("The account is open again."),
}
ROUTES = [
    *entry_routes.ROUTES, desk, account_page, language, password, codes_page, codes_kept, new_codes, people_page,
    invite, resend, end_invitation, end_role, lock, unlock, renew_entry,
]  # fmt: skip
RAIL = [
    RailEntry(
        Permission.ACCOUNTS_INVITE,
        N_("People and permissions"),
        "/desk/people",
        queries.waiting,
        place=90,
        home=frozenset({Role.ADMINISTRATOR}),
    )
]
