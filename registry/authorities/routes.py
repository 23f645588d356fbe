"""The desk of whoever keeps authorities: what each lacks, its keys and their ceremony, agreement, contacts, drills."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.authorities import (
    ceremony,
    desk,
    forms,
    line_routes,
    people_routes,
    places,
    queries,
    rules,
    service,
    words,
)
from registry.authorities.schemas import Proof
from registry.core.calendar import day_of
from registry.core.context import Context
from registry.core.errors import NotFound, Refusal
from registry.core.i18n import N_, _
from registry.core.pages import Page, RailEntry, again, page, see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Now = NamedDependency[datetime]
Who = NamedDependency[Actor]
House = NamedDependency[Context]
HERE = desk.HERE


@get(HERE)
async def authorities(actor: Who, now: Now, context: House, done: FromQuery[str] = "") -> Page:
    actor.require(Permission.AUTHORITIES_MANAGE)
    return page("authorities/authorities.html", done=_(words.DONE.get(done, "")), **await _all(actor, now, context))


async def _all(actor: Actor, now: datetime, context: Context) -> dict[str, Any]:
    found, today = await queries.dossiers(actor, now), day_of(now, context.config.time_zone)
    last = await queries.loaded()
    served = last[0] if last else None
    return {
        "found": [(one, rules.lacks(one, now.date()), bool(served and served.record(one.id))) for one in found],
        "directory": served,
        "endings": [e for e in await queries.endings(now) if rules.stage(e.ends_on, today) is not None],
        "today": today, "offices": desk.offices(found), "form": forms.AuthorityForm(timezone=context.config.time_zone),
        "words": words, "places": places,
    }  # fmt: skip


@post(HERE, status_code=303)
async def register(actor: Who, now: Now, context: House, data: Annotated[forms.AuthorityForm, Form]) -> Response[Any]:
    actor.require(Permission.AUTHORITIES_MANAGE)
    try:
        made = await service.register(actor, now, forms.authority(data, context.config.country), once=data.once)
    except Refusal as refusal:
        return again("authorities/authorities.html", refusal, data, **await _all(actor, now, context))
    return see_other(f"{HERE}/{made}", done="registered")


@get(HERE + "/{authority_id:uuid}")
async def authority(
    actor: Who, now: Now, context: House, authority_id: FromPath[UUID], done: FromQuery[str] = ""
) -> Page:
    return page(
        "authorities/authority.html",
        done=_(words.DONE.get(done, "")),
        **await desk.shown(actor, now, context, authority_id),
    )


@post(HERE + "/{authority_id:uuid}", status_code=303)
async def amend(
    actor: Who, now: Now, context: House, authority_id: FromPath[UUID], data: Annotated[forms.AuthorityForm, Form]
) -> Response[Any]:
    async def act() -> None:
        changed = forms.authority(data, context.config.country)
        await service.amend(actor, now, authority_id, changed, once=data.once)

    return await desk.done(actor, now, context, authority_id, data, "amended", act)


@post(HERE + "/{authority_id:uuid}/keys", status_code=303)
async def record_key(
    actor: Who, now: Now, context: House, authority_id: FromPath[UUID], data: Annotated[forms.KeyForm, Form]
) -> Response[Any]:
    async def act() -> None:
        desk.no_secret(data)
        await ceremony.record_key(actor, now, authority_id, forms.key(data))

    return await desk.done(actor, now, context, authority_id, desk.without_secrets(data), "key", act)


@post(HERE + "/{authority_id:uuid}/agreements", status_code=303)
async def sign_agreement(
    actor: Who, now: Now, context: House, authority_id: FromPath[UUID], data: Annotated[forms.AgreementForm, Form]
) -> Response[Any]:
    async def act() -> None:
        await service.sign_agreement(actor, now, authority_id, forms.agreement(data), once=data.once)

    return await desk.done(actor, now, context, authority_id, data, "agreement", act)


@post(HERE + "/{authority_id:uuid}/contacts", status_code=303)
async def add_contact(
    actor: Who, now: Now, context: House, authority_id: FromPath[UUID], data: Annotated[forms.ContactForm, Form]
) -> Response[Any]:
    async def act() -> None:
        kept = forms.contact(data, (await queries.dossier(actor, authority_id, now)).country)
        await service.add_contact(actor, now, authority_id, kept, once=data.once)

    return await desk.done(actor, now, context, authority_id, data, "contact", act)


@post(HERE + "/{authority_id:uuid}/contacts/{contact_id:uuid}/confirmed", status_code=303)
async def confirm_contact(
    actor: Who, now: Now, authority_id: FromPath[UUID], contact_id: FromPath[UUID]
) -> Response[Any]:
    await _theirs(actor, authority_id, contact_id)
    await service.confirm_contact(actor, now, contact_id)
    return see_other(f"{HERE}/{authority_id}", done="confirmed")


@post(HERE + "/{authority_id:uuid}/numbers", status_code=303)
async def confirm_number(
    actor: Who, now: Now, context: House, authority_id: FromPath[UUID], data: Annotated[forms.NumberForm, Form]
) -> Response[Any]:
    async def act() -> None:
        await _theirs(actor, authority_id, data.contact)
        await service.confirm_number(actor, now, cast("UUID", data.contact), data.number)

    return await desk.done(actor, now, context, authority_id, data, "number", act)


@post(HERE + "/{authority_id:uuid}/contacts/{contact_id:uuid}/ended", status_code=303)
async def end_contact(actor: Who, now: Now, authority_id: FromPath[UUID], contact_id: FromPath[UUID]) -> Response[Any]:
    await _theirs(actor, authority_id, contact_id)
    await service.end_contact(actor, now, contact_id)
    return see_other(f"{HERE}/{authority_id}", done="ended")


async def _theirs(actor: Actor, authority_id: UUID, contact_id: UUID | None) -> None:
    if contact_id not in {one.id for one in await queries.contacts(actor, authority_id)}:
        raise NotFound("contact-not-found")


@get(HERE + "/{authority_id:uuid}/keys/{key_id:uuid}")
async def key(
    actor: Who, now: Now, authority_id: FromPath[UUID], key_id: FromPath[UUID], done: FromQuery[str] = ""
) -> Page:
    """One key in its ceremony: its fingerprint to be read back, its test to be opened, and its end."""
    return page("authorities/key.html", done=_(words.DONE.get(done, "")), **await _of(actor, now, authority_id, key_id))


async def _of(actor: Actor, now: datetime, authority_id: UUID, key_id: UUID) -> dict[str, Any]:
    one = await queries.dossier(actor, authority_id, now)
    found = next((k for k in one.keys if k.id == key_id), None)
    if found is None:
        raise NotFound("key-not-found")
    return {"one": one, "key": found, "words": words}


async def _key_done(
    actor: Actor, now: datetime, authority_id: UUID, key_id: UUID, typed: Any, done: str,
    act: Callable[[], Awaitable[Any]],
) -> Response[Any]:  # fmt: skip
    shown = await _of(actor, now, authority_id, key_id)
    try:
        await act()
    except NotFound:
        raise
    except Refusal as refusal:
        return again("authorities/key.html", refusal, desk.without_secrets(typed), **shown)
    return see_other(f"{HERE}/{authority_id}/keys/{key_id}", done=done)


@post(HERE + "/{authority_id:uuid}/keys/{key_id:uuid}/fingerprint", status_code=303)
async def read_back(
    actor: Who, now: Now, authority_id: FromPath[UUID], key_id: FromPath[UUID],
    data: Annotated[forms.ReadBackForm, Form],
) -> Response[Any]:  # fmt: skip
    async def act() -> None:
        await ceremony.read_back(actor, now, forms.reading(key_id, data))

    return await _key_done(actor, now, authority_id, key_id, data, "read", act)


@post(HERE + "/{authority_id:uuid}/keys/{key_id:uuid}/answer", status_code=303)
async def prove(
    actor: Who, now: Now, authority_id: FromPath[UUID], key_id: FromPath[UUID],
    data: Annotated[forms.AnswerForm, Form],
) -> Response[Any]:  # fmt: skip
    async def act() -> None:
        desk.no_secret(data)
        await ceremony.prove_key(actor, now, Proof(key_id, data.answer[:200]))

    return await _key_done(actor, now, authority_id, key_id, data, "proven", act)


@post(HERE + "/{authority_id:uuid}/keys/{key_id:uuid}/test", status_code=303)
async def ask_again(actor: Who, now: Now, authority_id: FromPath[UUID], key_id: FromPath[UUID]) -> Response[Any]:
    async def act() -> None:
        await ceremony.ask_again(actor, now, key_id)

    return await _key_done(actor, now, authority_id, key_id, None, "asked", act)


@post(HERE + "/{authority_id:uuid}/keys/{key_id:uuid}/end", status_code=303)
async def revoke(
    actor: Who, now: Now, authority_id: FromPath[UUID], key_id: FromPath[UUID],
    data: Annotated[forms.ReasonForm, Form],
) -> Response[Any]:  # fmt: skip
    async def act() -> None:
        await ceremony.revoke_key(actor, now, key_id, forms.reason(data), once=data.once)

    return await _key_done(actor, now, authority_id, key_id, data, "revoked", act)


@get("/desk/one-minute")
async def one_minute(actor: Who) -> Page:
    """For trained reporters, and for whoever enrols them: the route of one minute. Nothing here counts reports."""
    actor.require(Permission.AUTHORITIES_GUIDE)
    return page("authorities/one_minute.html", enrols=actor.may(Permission.ACCOUNTS_INVITE))


RAIL = [
    RailEntry(Permission.AUTHORITIES_MANAGE, N_("Authorities"), HERE, place=70),
    RailEntry(Permission.AUTHORITIES_MANAGE, N_("Hotlines"), "/desk/hotlines", queries.to_ring, place=71),
    RailEntry(
        Permission.AUTHORITIES_GUIDE,
        N_("Report in one minute"),
        "/desk/one-minute",
        place=85,
        home=frozenset({Role.TRAINED_REPORTER}),
    ),
]
ROUTES = [
    authorities, register, authority, amend, record_key, sign_agreement, add_contact, confirm_contact,
    confirm_number, end_contact, key, read_back, prove, ask_again, revoke, one_minute, *line_routes.ROUTES,
    *people_routes.ROUTES,
]  # fmt: skip
