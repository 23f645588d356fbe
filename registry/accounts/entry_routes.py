"""The way in, page by page: sign-in in two steps, the phone, the invitation. Part of routes.py."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import STRANGER, Actor
from registry.accounts import entry, picture, queries, rules, service
from registry.accounts.door import cookie_of, set_cookie
from registry.accounts.schemas import Act, Code, Join, Password
from registry.accounts.tables import Account
from registry.accounts.words import OPENS, ROLES
from registry.core import crypto
from registry.core.context import Context
from registry.core.errors import Conflict, Invalid, NotFound, Refusal
from registry.core.pages import again, page, see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Asked = Request[Any, Any, Any]


LOOPBACK = {"127.0.0.1", "localhost", "::1"}

# Signing in.


@get("/desk/sign-in")
async def sign_in_page(actor: NamedDependency[Actor], next: FromQuery[str] = "") -> Response[Any]:
    if actor is not STRANGER:
        return see_other(rules.way_back(next))
    return page("accounts/sign_in.html", next=next)


@post("/desk/sign-in", status_code=200)
async def sign_in(
    request: Asked, now: NamedDependency[datetime], context: NamedDependency[Context], data: Annotated[Password, Form]
) -> Response[Any]:
    try:
        token = await service.sign_in(STRANGER, now, data.email, data.password)
        if token is None:
            raise Invalid("sign-in-refused", fields={"password": "sign-in-refused"})
    except Refusal as refusal:
        return again("accounts/sign_in.html", refusal, {"email": data.email}, next=data.next)
    return await _half_in(token, data.next, now, context)


async def _half_in(token: str, wanted: str, now: datetime, context: Context) -> Response[Any]:
    account = await entry.half_signed_in(token, now)
    step = "/desk/sign-in/code" if account.totp_sealed else "/desk/sign-in/phone"
    return _with_session(see_other(step, **({"next": wanted} if wanted else {})), context, token)


def _with_session(response: Response[Any], context: Context, token: str) -> Response[Any]:
    response.headers["set-cookie"] = set_cookie(context.config, token)
    return response


@get("/desk/sign-in/code")
async def code_page(
    request: Asked, now: NamedDependency[datetime], context: NamedDependency[Context], next: FromQuery[str] = ""
) -> Response[Any]:
    account = await entry.half_signed_in(cookie_of(request.scope, context.config), now)
    return page("accounts/code.html", next=next, invented=_invented_code(account, context, now))


def _invented_code(account: Account, context: Context, now: datetime) -> str:
    """The people of the demo have no phone: there, and only on this machine, the page shows what it would show."""
    if not (context.config.demo and context.config.host in LOOPBACK and account.totp_sealed):
        return ""
    secret = crypto.unseal(context.keys.derived("totp"), account.totp_sealed, account.id.bytes)
    return rules.totp(secret, max(rules.step_at(now), account.totp_last_step + 1))


@post("/desk/sign-in/code", status_code=200)
async def code(
    request: Asked, now: NamedDependency[datetime], context: NamedDependency[Context], data: Annotated[Code, Form]
) -> Response[Any]:
    token = cookie_of(request.scope, context.config)
    try:
        let_in = await service.confirm_code(STRANGER, now, context.keys, token, data.code)
        if let_in is None:
            raise Invalid("code-not-right", fields={"code": "code-not-right"})
    except Refusal as refusal:
        if refusal.code == "sign-in-over":
            raise
        account = await entry.half_signed_in(token, now)
        return again(
            "accounts/code.html", refusal, None, next=data.next, invented=_invented_code(account, context, now)
        )
    return _with_session(see_other(rules.way_back(data.next)), context, let_in)


async def _phone_values(token: str, now: datetime, context: Context) -> dict[str, Any]:
    account = await entry.half_signed_in(token, now)
    if account.totp_sealed is not None:
        raise Conflict("phone-already-enrolled")
    secret = entry.proposed_secret(context.keys, account.id, token)
    side, drawn = picture.path(rules.otpauth(secret, account.email, context.config.operator))
    return {"side": side, "drawn": drawn, "secret": rules.secret_text(secret), "name": account.name}


@get("/desk/sign-in/phone")
async def phone_page(
    request: Asked, now: NamedDependency[datetime], context: NamedDependency[Context], next: FromQuery[str] = ""
) -> Response[Any]:
    token = cookie_of(request.scope, context.config)
    return page("accounts/phone.html", next=next, **await _phone_values(token, now, context))


@post("/desk/sign-in/phone", status_code=200)
async def phone(
    request: Asked, now: NamedDependency[datetime], context: NamedDependency[Context], data: Annotated[Code, Form]
) -> Response[Any]:
    token = cookie_of(request.scope, context.config)
    let_in = await service.enrol_totp(STRANGER, now, context.keys, token, data.code)
    if let_in is None:
        refusal = Invalid("code-not-right", fields={"code": "code-not-right"})
        return again("accounts/phone.html", refusal, None, next=data.next, **await _phone_values(token, now, context))
    return _with_session(see_other("/desk/account/codes"), context, let_in)


@get("/desk/sign-out")
async def sign_out_page() -> Response[Any]:
    return page("accounts/sign_out.html")


@post("/desk/sign-out", status_code=303)
async def sign_out(
    request: Asked, actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    data: Annotated[Act, Form],
) -> Response[Any]:  # fmt: skip
    await service.sign_out(actor, now, cookie_of(request.scope, context.config))
    return _with_session(see_other("/desk/sign-in"), context, "")


# Invitations, from the invited person's side.


async def _invited(token: str, actor: Actor, now: datetime) -> dict[str, Any]:
    invitation = await queries.invitation_by_token(token)
    if invitation is None:
        raise NotFound("invitation-not-found")
    rules.open_invitation(invitation.expires_at, invitation.accepted_at is not None, bool(invitation.ended_at), now)
    where = invitation.organisation
    return {
        "invitation": invitation, "role": ROLES[invitation.role], "opens": OPENS[invitation.role], "token_text": token,
        "organisation": (await queries.names([where])).get(where, "") if where else "",
        "known": not invitation.renews and await Account.exists().where(Account.email == invitation.email),
        "mine": actor is not STRANGER,
        "least": rules.PASSWORD_LEAST,
    }  # fmt: skip


@get("/desk/invitation/{token:str}")
async def invitation_page(
    token: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    return page("accounts/invitation.html", **await _invited(token, actor, now))


@post("/desk/invitation/{token:str}", status_code=200)
async def join(
    token: FromPath[str], actor: NamedDependency[Actor], now: NamedDependency[datetime],
    context: NamedDependency[Context], data: Annotated[Join, Form],
) -> Response[Any]:  # fmt: skip
    if actor is not STRANGER:
        await service.accept_role(actor, now, token)
        return see_other("/desk")
    values = await _invited(token, actor, now)
    try:
        await service.accept_invitation(STRANGER, now, token, data.password, data.name)
    except (Invalid, Conflict) as refusal:
        return again("accounts/invitation.html", refusal, {"name": data.name}, **values)
    half = await service.sign_in(STRANGER, now, values["invitation"].email, data.password)
    return await _half_in(half or "", "", now, context)


ROUTES = [
    sign_in_page, sign_in, code_page, code, phone_page, phone, sign_out_page, sign_out, invitation_page, join,
]  # fmt: skip
