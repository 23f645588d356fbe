"""Reading the term in full, signing it, and the signed document. A business's own page; others read."""

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
from registry.clients import queries as clients
from registry.commitments import canonical, queries, rules, service, words
from registry.commitments.schemas import Sign
from registry.core import i18n
from registry.core.calendar import day_of
from registry.core.context import Context
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.i18n import N_, _
from registry.core.pages import Page, RailEntry, again, page, see_other
from registry.schemes import queries as schemes

HERE = "/desk/commitments"
SCHEME = "sectt-code"
Form = Body(media_type=RequestEncodingType.URL_ENCODED)


class SignForm(msgspec.Struct, frozen=True):
    """What the page sends. `save` is the hidden first button: Enter alone comes here and signs nothing."""

    once: UUID
    scheme_version: UUID
    language: str
    fingerprint: str = ""
    signatory_name: str = ""
    signatory_position: str = ""
    power: str = ""
    power_to_bind: str = ""
    save: str = ""


class EndForm(msgspec.Struct, frozen=True):
    """Why a business takes its word back."""

    once: UUID
    reason: str = ""
    save: str = ""


@get(HERE)
async def commitments(actor: NamedDependency[Actor], now: NamedDependency[datetime], q: FromQuery[str] = "",
                      show: FromQuery[str] = "") -> Response[Any]:  # fmt: skip
    """Who signed and who did not. A business with one file goes straight to it."""
    actor.require(Permission.COMMITMENTS_VIEW)
    mine = actor.organisations(Role.REPRESENTATIVE)
    if len(mine) == 1 and actor.roles == {Role.REPRESENTATIVE}:
        return see_other(f"{HERE}/of/{next(iter(mine))}")
    found = await queries.listed(actor, now, q, show == "unsigned")
    return page("commitments/list.html", rows=found.rows, total=found.total, signed=found.signed, q=q, show=show)


@get(HERE + "/of/{client_id:uuid}")
async def of_client(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], client_id: FromPath[UUID], read: FromQuery[str] = "",
    done: FromQuery[str] = "",
) -> Response[Any]:  # fmt: skip
    values = await _values(actor, now, client_id, read)
    said = _("The commitment has ended. The page below is what it was.") if done == "ended" else ""
    return page("commitments/sign.html", done=said, **values)


async def _values(actor: Actor, now: datetime, client_id: UUID, read: str) -> dict[str, Any]:
    actor.require(Permission.COMMITMENTS_VIEW)
    client = await clients.client(actor, client_id)
    version = await schemes.current(SCHEME, now)
    language = read if read in version.languages else i18n.language()
    before = (await queries.current([client_id], now)).get(client_id)
    mine = client_id in actor.organisations(Role.REPRESENTATIVE)
    reading = await service.reading(msgspec.structs.asdict(client), version, language, now)
    return {
        "client": client, "version": version, "read": language, "names": i18n.NAMES, "term": reading.term,
        "fingerprint": canonical.fingerprint(reading), "grouped": canonical.grouped(canonical.fingerprint(reading)),
        "current": before, "history": await queries.of_client(client_id), "mine": mine,
        "may_sign": mine and client.state == "active" and _renewable(before, version.id, now, client.zone),
        "POWERS": words.POWERS, "METHODS": words.METHODS, "signer": actor.name,
        "last_on": rules.last_day(now, client.zone, version.parameters.commitment_months),
    }  # fmt: skip


def _renewable(before: Any, version_id: UUID, now: datetime, zone: str) -> bool:
    standing = rules.Standing(before.signed_at, before.last_on, None, before.replaced_on) if before else None
    try:
        rules.signable(standing, bool(before and before.scheme_version == version_id), day_of(now, zone))
    except Conflict:
        return False
    return True


@post(HERE + "/of/{client_id:uuid}/sign", status_code=200)
async def sign(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], context: NamedDependency[Context],
    client_id: FromPath[UUID], data: Annotated[SignForm, Form],
) -> Response[Any]:  # fmt: skip
    if data.save:
        kept: Page = page("commitments/sign.html", **await _values(actor, now, client_id, data.language))
        kept.typed = {name: getattr(data, name) for name in data.__struct_fields__}
        return kept
    try:
        form = Sign(
            data.scheme_version, data.language, data.signatory_name, data.signatory_position,
            power_to_bind=data.power_to_bind == "yes", power=_power(data.power), fingerprint=data.fingerprint,
        )  # fmt: skip
        id = await service.sign(actor, now, client_id, form, context.storage, once=data.once)
    except (Invalid, Conflict) as refusal:
        return again("commitments/sign.html", refusal, data, **await _values(actor, now, client_id, data.language))
    return see_other(f"{HERE}/{id}", done="signed")


def _power(typed: str) -> rules.Power:
    if typed not in set(rules.Power):
        raise Invalid("commitment-power-kind", fields={"power": "commitment-power-kind"})
    return rules.Power(typed)


@post(HERE + "/of/{client_id:uuid}/end", status_code=200)
async def end(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], client_id: FromPath[UUID],
    data: Annotated[EndForm, Form],
) -> Response[Any]:  # fmt: skip
    if data.save:
        kept: Page = page("commitments/sign.html", **await _values(actor, now, client_id, ""))
        kept.typed = {"reason": data.reason}
        return kept
    try:
        await service.end(actor, now, client_id, data.reason, once=data.once)
    except (Invalid, Conflict) as refusal:
        return again("commitments/sign.html", refusal, data, **await _values(actor, now, client_id, ""))
    return see_other(f"{HERE}/of/{client_id}", done="ended")


@get(HERE + "/{commitment_id:uuid}")
async def document(
    actor: NamedDependency[Actor], context: NamedDependency[Context], commitment_id: FromPath[UUID],
    done: FromQuery[str] = "",
) -> Response[Any]:  # fmt: skip
    """The signed document, from the very bytes that were signed; printable."""
    actor.require(Permission.COMMITMENTS_VIEW)
    row = await queries.one(commitment_id)
    if row is None:
        raise NotFound("commitment-not-found")
    client = await clients.client(actor, row["client"])
    signed = await service.document(row, context.storage)
    said = _("Signed. This is your copy: print it or keep this page.") if done == "signed" else ""
    return page(
        "commitments/document.html", row=row, client=client, document=signed, done=said, POWERS=words.POWERS,
        METHODS=words.METHODS, grouped=canonical.grouped, names=i18n.NAMES,
    )  # fmt: skip


async def unsigned_of_mine(actor: Actor, now: datetime) -> int:
    """Businesses this person represents whose word is missing."""
    mine = actor.organisations(Role.REPRESENTATIVE)
    return len(mine) - len(await queries.current(mine, now)) if mine else 0


ROUTES = [commitments, of_client, sign, end, document]
RAIL = [RailEntry(Permission.COMMITMENTS_VIEW, N_("Commitment"), HERE, unsigned_of_mine)]
