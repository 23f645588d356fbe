"""What the desk shows of one authority, and how its forms answer. Shared by the files of its routes."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.accounts import queries as people
from registry.authorities import forms, places, queries, rules, words
from registry.authorities.ceremony import is_secret
from registry.authorities.directory import aloud
from registry.authorities.schemas import Register
from registry.core.context import Context
from registry.core.errors import Invalid, NotFound, Refusal
from registry.core.pages import again, see_other
from registry.core.telephone import spaced

HERE = "/desk/authorities"


def offices(found: list[rules.Dossier], but: UUID | None = None) -> list[tuple[UUID, str]]:
    return [(one.id, one.name("es")) for one in found if one.id != but]


async def shown(actor: Actor, now: datetime, context: Context, authority_id: UUID) -> dict[str, Any]:
    one = await queries.dossier(actor, authority_id, now)
    last = await queries.loaded()
    served = last[0].record(one.id) if last and last[0] else None
    record = Register(
        one.names, one.kind, one.country, (one.competence,), one.languages, one.always_open, one.then, one.offences,
        one.abroad, one.hours, one.timezone or context.config.time_zone,
    )  # fmt: skip
    found, contacts = await queries.dossiers(actor, now), await queries.contacts(actor, one.id)
    unheard = [(c.id, f"{c.post} · {spaced(c.phone)}") for c in contacts if c.phone and not c.number_confirmed_at]
    return {
        "one": one, "lacking": rules.lacks(one, now.date()), "served": served, "words": words, "places": places,
        # Whoever listens to a key's holder must not be able to read the digits along: they are shown afterwards.
        "keys": [(key, aloud(key.public) if key.read_back_at else "") for key in one.keys],
        "contacts": contacts, "unheard": unheard,
        "drills": await queries.drills(actor, one.id, now), "form": forms.typed(record),
        "zone": context.config.time_zone, "offices": offices(found, one.id), "names": dict(offices(found)),
        "office": await people.office(actor, now, Role.AUTHORITY_OFFICER, one.id),
        "invites": actor.may(Permission.ACCOUNTS_INVITE), "me": actor.id,
        "root": queries.root(context.config), "origin": context.config.origin,
    }  # fmt: skip


async def done(
    actor: Actor, now: datetime, context: Context, authority_id: UUID, typed: Any, done: str,
    act: Callable[[], Awaitable[Any]],
) -> Response[Any]:  # fmt: skip
    """Do it and show the authority again; or show it with what was typed and what to mend."""
    await queries.dossier(actor, authority_id, now)
    try:
        await act()
    except NotFound:
        raise
    except Refusal as refusal:
        return again("authorities/authority.html", refusal, typed, **await shown(actor, now, context, authority_id))
    return see_other(f"{HERE}/{authority_id}", done=done)


def no_secret(form: msgspec.Struct) -> None:
    """Refuse what was typed when a private key is in it. It has left its machine: that it was us changes nothing."""
    for name in form.__struct_fields__:
        if _secret(getattr(form, name)):
            raise Invalid("key-is-secret", fields={name: "key-is-secret"})


def without_secrets(form: Any) -> Any:
    """What is given back to a page: never a private key."""
    if not isinstance(form, msgspec.Struct):
        return form
    emptied = {name: "" for name in form.__struct_fields__ if _secret(getattr(form, name))}
    return msgspec.structs.replace(form, **emptied)


def _secret(typed: object) -> bool:
    return isinstance(typed, str) and is_secret(typed)
