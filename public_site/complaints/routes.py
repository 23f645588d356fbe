"""/complaint: the form, its code, and what the code opens."""

import secrets
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from registry.access.actor import STRANGER
from registry.complaints import rules, service
from registry.complaints.rules import Outcome, State
from registry.complaints.schemas import Lodge
from registry.core import i18n, stranger_form
from registry.core.calendar import day_of
from registry.core.context import Context
from registry.core.errors import Busy, Conflict, Invalid, Refusal
from registry.core.i18n import N_
from registry.core.pages import Page, again, page

ABOUT = (
    ("holder", N_("A business that has, or had, a seal")),
    ("auditor", N_("A person who audited or trained there")),
    ("registry", N_("Us, the register")),
)
STATES = {
    State.RECEIVED: N_("We have it. A person will read it and tell you so."),
    State.ACKNOWLEDGED: N_("A person has read it and is looking at whether it is ours to answer."),
    State.IN_INVESTIGATION: N_("Somebody who had no part in the matter is finding out."),
    State.CLOSED: N_("It is closed."),
}
OUTCOMES = {
    Outcome.FOUNDED: N_("You were right."),
    Outcome.PARTLY: N_("You were right in part."),
    Outcome.UNFOUNDED: N_("We found nothing that confirms it."),
    Outcome.ELSEWHERE: N_("It belongs with somebody else."),
}


class Written(msgspec.Struct, frozen=True):
    """The form as it came; lengths are the verb's to refuse, so that nothing typed is lost."""

    about: str = ""
    code_or_name: str = ""
    text: str = ""
    contact: str = ""
    token: str = ""
    website: str = ""  # nobody sees it (stranger_form.HONEYPOT)


@get("/complaint", sync_to_thread=False)
def ask(now: NamedDependency[datetime], context: NamedDependency[Context]) -> Page:
    return page("complaints/form.html", **_values(Written(), _fresh(context, now)))


@get("/complaint/about/{code:str}", sync_to_thread=False)
def ask_about(code: FromPath[str], now: NamedDependency[datetime], context: NamedDependency[Context]) -> Page:
    """From a seal's page: its code is written already."""
    values = _values(Written(about="holder", code_or_name=code[:60]), _fresh(context, now))
    return page("complaints/form.html", **values)


@post("/complaint", status_code=200)
async def lodge(
    data: Annotated[Written, Body(media_type=RequestEncodingType.URL_ENCODED)], now: NamedDependency[datetime],
    context: NamedDependency[Context],
) -> Response[Any]:  # fmt: skip
    """The code, once; or the same form with every word given back."""
    config, fresh = context.config, _fresh(context, now)
    try:
        form = stranger_form.read(_key(context), data.token, now)
        if data.website:
            raise Invalid("form-hidden-field")
        given = _read(data, form)
        stranger_form.rested(form, now)
        code = await service.lodge(STRANGER, now, given, country=config.country, zone=config.time_zone)
    except Refusal as refusal:
        # Whoever has only to mend or to wait goes on with the same form, so that a second press stays one complaint.
        used = isinstance(refusal, Conflict) or (refusal.code.startswith("form-") and not isinstance(refusal, Busy))
        shown = msgspec.structs.replace(data, website="")
        return again("complaints/form.html", refusal, shown, **_values(data, fresh if used else data.token))
    except (OSError, TimeoutError, AttributeError):  # the database is away; nothing the stranger did
        return again("complaints/form.html", Refusal("notice-not-kept"), data, **_values(data, data.token))
    clock = rules.clock(day_of(now, config.time_zone), config.country)
    return page(
        "complaints/receipt.html",
        code=code,
        clock=clock,
        origin=config.origin.partition("://")[2],
        kept=bool(data.contact.strip()),
    )


@get("/complaint/answer", sync_to_thread=False)
def come_back() -> Page:
    return page("complaints/answer.html", told=None)


class Typed(msgspec.Struct, frozen=True):
    code: str = ""


@post("/complaint/answer", status_code=200)
async def look(
    data: Annotated[Typed, Body(media_type=RequestEncodingType.URL_ENCODED)], now: NamedDependency[datetime]
) -> Response[Any]:
    """POST, so that the code never stands in an address."""
    try:
        told = await service.look(STRANGER, now, data.code[:60])
    except Refusal as refusal:
        shown = refusal if refusal.details.get("fields") else Invalid(refusal.code, fields={"code": refusal.code})
        return again("complaints/answer.html", shown, {}, told=None)
    outcome = OUTCOMES[told.outcome] if told.outcome else ""
    return page("complaints/answer.html", told=told, state=STATES[told.state], outcome=outcome)


def _key(context: Context) -> bytes:
    return context.keys.derived("complaint form token")


def _fresh(context: Context, now: datetime) -> str:
    return stranger_form.issue(_key(context), now, secrets.token_bytes(32))


def _read(data: Written, form: stranger_form.Token) -> Lodge:
    if data.about not in dict(ABOUT):
        raise Invalid("complaint-about-whom", fields={"about": "complaint-about-whom"})
    try:
        return msgspec.convert(
            {"about": data.about, "text": data.text, "code_or_name": data.code_or_name, "contact": data.contact.strip(),
             "language": i18n.language(), "form": UUID(bytes=form.nonce[:16])}, Lodge,
        )  # fmt: skip
    except msgspec.ValidationError as error:
        code = "complaint-too-long"  # only lengths are left to be wrong
        raise Invalid(code, most=rules.LONGEST_TEXT, fields={"text": code}) from error


def _values(data: Written, token: str) -> dict[str, Any]:
    return {"about": ABOUT, "told": data, "token": token, "most": rules.LONGEST_TEXT}


ROUTES = [ask, ask_about, lodge, come_back, look]
