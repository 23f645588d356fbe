"""The officer's page of codes of conduct; reading one, in each of its languages."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.core import i18n
from registry.core.errors import Invalid, NotFound
from registry.core.i18n import N_, _
from registry.core.pages import RailEntry, again, page, see_other
from registry.schemes import content, queries, service, words
from registry.schemes.schemas import Publish

HERE = "/desk/schemes"


class PublishForm(msgspec.Struct, frozen=True):
    """Which text of the repository, and from which day."""

    text: str
    once: UUID
    effective_on: str = ""


async def _listed(actor: Actor, now: datetime) -> dict[str, Any]:
    lines = await queries.lines(now)
    known = {line.sha256 for line in lines}
    waiting = [text for text in content.available() if text.sha256 not in known]
    may = actor.may(Permission.SCHEMES_PUBLISH)
    return {"lines": lines, "waiting": waiting, "today": now.date(), "may_publish": may}


@get(HERE)
async def schemes(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], done: FromQuery[str] = ""
) -> Response[Any]:
    actor.require(Permission.SCHEMES_VIEW)
    said = _("The text is published. Nobody can change it any more.") if done == "published" else ""
    return page("schemes/list.html", done=said, **await _listed(actor, now))


@post(HERE, status_code=303)
async def publish(
    actor: NamedDependency[Actor], now: NamedDependency[datetime],
    data: Annotated[PublishForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    try:
        text = next((one for one in content.available() if one.sha256 == data.text), None)
        if text is None:
            raise NotFound("scheme-not-found")
        await service.publish(actor, now, Publish(text.content, _day(data.effective_on)), once=data.once)
    except Invalid as refusal:
        return again("schemes/list.html", refusal, data, **await _listed(actor, now))
    return see_other(HERE, done="published")


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid("scheme-effective-needed", fields={"effective_on": "scheme-effective-needed"}) from None


@get(HERE + "/{version_id:uuid}")
async def version(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], version_id: FromPath[UUID], read: FromQuery[str] = ""
) -> Response[Any]:
    """`read` is the language of the text, apart from the language of the desk."""
    actor.require(Permission.SCHEMES_VIEW)
    found = await queries.version(version_id)
    language = read if read in found.languages else i18n.language()
    line = next(line for line in await queries.lines(now) if line.id == found.id)
    return page(
        "schemes/version.html", version=found, line=line, read=language if language in found.languages else "es",
        names=i18n.NAMES, parameters=words.parameters(found.parameters), TYPES=words.TYPES, KINDS=words.KINDS,
    )  # fmt: skip


async def texts_waiting(actor: Actor, now: datetime) -> int:
    """Texts this repository brings that nobody has published: they wait for whoever may."""
    if not actor.may(Permission.SCHEMES_PUBLISH):
        return 0
    known = {line.sha256 for line in await queries.lines(now)}
    return sum(text.sha256 not in known for text in content.available())


ROUTES = [schemes, publish, version]
RAIL = [RailEntry(Permission.SCHEMES_VIEW, N_("Codes of conduct"), HERE, texts_waiting, place=85)]
