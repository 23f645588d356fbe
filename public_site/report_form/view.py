"""What the templates of filing show, put together: names, dates in the place's own time, what was typed."""

import secrets
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup

from public_site.help.view import rows
from public_site.report_form.arrival import Arrival
from public_site.report_form.names import names_child
from registry.authorities import places
from registry.authorities import queries as authorities
from registry.authorities.hotlines import Published
from registry.core.assets import bundle
from registry.core.context import Context
from registry.core.errors import NotFound, Refusal
from registry.core.i18n import LANGUAGES, _, country, language, speaking
from registry.core.pages import Page, again, page, render
from registry.core.shield import POLICY
from registry.core.stranger_form import issue
from registry.reports import asked, files, gate, kinds, queries
from registry.reports import code as codes
from registry.reports.figures import HOURS
from registry.reports.gate import ENOUGH_TO_JUDGE, SHARE, Standing
from registry.reports.schemas import Receipt
from registry.reports.service import label

HIDDEN = {
    "cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex",
    "content-security-policy": f"{POLICY}; worker-src 'self'", "cross-origin-resource-policy": "same-origin",
}  # fmt: skip
"""Headers of every page of the form. Its script may derive a code in a worker of our own."""


def form_key(context: Context) -> bytes:
    """What this instance signs its forms' tokens with."""
    return context.keys.derived("report form token")


def token(context: Context, now: datetime) -> str:
    """For a form that is about to be shown."""
    return issue(form_key(context), now, secrets.token_bytes(32))


def channel(context: Context, opening: gate.Open | None = None) -> dict[str, Any]:
    """What the page's script needs to seal or to open by itself. The custodians come from the configuration: neither
    the database nor the published files can put other keys in their place."""
    found = {
        "label": label(context), "root": authorities.root(context.config), "file": f"/log/{authorities.DIRECTORY_KEY}",
        "ed25519": bundle("ed25519.js"), "worker": bundle("derive.js"),
    }  # fmt: skip
    if opening:
        found |= {"chain": [str(r.authority) for r in opening.chain], "directory": opening.directory}
    return found


def scripted(
    name: str, context: Context, opening: gate.Open | None = None, work: dict[str, Any] | None = None
) -> dict[str, Any]:  # fmt: skip
    """Values of a page with a script: no script where the set-up built none; the page works without."""
    given = channel(context, opening) | ({"work": work} if work else {})
    return {"script": bundle(name), "channel": msgspec.json.encode(given).decode()}


def provinces(country: str) -> list[tuple[str, str]]:
    return list(places.PROVINCES.get(country, {}).items())


def choosing(context: Context, came: Arrival) -> dict[str, Any]:
    """Values of the list of places: those of the country, the cantons of the province chosen, the kinds of premises."""
    return {
        "provinces": provinces(context.config.country), "elsewhere": places.ELSEWHERE, "kinds": kinds.KINDS,
        "cantons": list(places.cantons(came.place.partition("/")[0]).items()), "came": came, "place": came.place,
        "place_name": places.name(came.place) if came.place not in ("", places.ELSEWHERE) else "",
    }  # fmt: skip


def where_page(context: Context, came: Arrival, asked: str = "") -> Page:
    """Which place: nothing else is asked before we know whether somebody can read it."""
    return page("report_form/where.html", headers=HIDDEN, asked=asked, **choosing(context, came))


async def form_page(
    context: Context,
    now: datetime,
    came: Arrival,
    opening: gate.Open,
    token: str,
    fields: dict[str, list[str]] | None = None,
    refusal: Refusal | None = None,
    work: dict[str, Any] | None = None,
    *,
    lost: bool = False,
) -> Page:
    """Who reads it and how fast, and the form; with what is known already, or what was typed when it comes back (but
    for the files that were `lost` on the way: it says so)."""
    standing = await queries.standing(context, now, opening.chain[0].authority)
    known = fields if fields is not None else {name: [value] for name, value in came.filled.items()}
    values: dict[str, Any] = {
        "offices": [r.name(language()) for r in opening.chain], "terms": opening.chain[0].terms,
        "standing": told(standing), "token": token, "zone": context.config.time_zone, "asked": asked.ASKED,
        "ticked": asked.ticked(known), "more": asked.opened(known),
        "named": names_child((fields or {}).get("text", [""])[0]), "lost": lost,
        "takes_files": files.allowed(opening.chain),
    } | choosing(context, came) | scripted("report.js", context, opening, work)  # fmt: skip
    shown = page("report_form/form.html", headers=HIDDEN, **values)
    shown.typed = asked.answers(known)
    if refusal is not None:
        shown = again("report_form/form.html", refusal, asked.answers(known), **values)
        shown.headers.update(HIDDEN)
        if isinstance(refusal, NotFound):
            shown.status_code = 404
    return shown


def told(standing: Standing) -> Standing:
    """How an office answered lately, in steps so wide that nobody who asks every minute sees one report arrive or be
    answered: nine in ten in time, or nothing; half of them within an hour, four hours, a day. Under five reports there
    is nothing at all: it would point at people."""
    if standing.due < ENOUGH_TO_JUDGE or standing.on_time < SHARE * standing.due:
        return msgspec.structs.replace(standing, due=0, on_time=0, median_minutes=None)
    steps = [hours * 60 for hours in HOURS]
    half = next((step for step in steps if (standing.median_minutes or 0) <= step), None)
    return msgspec.structs.replace(
        standing, due=ENOUGH_TO_JUDGE, on_time=ENOUGH_TO_JUDGE, overdue=0, silent_at=None,
        median_minutes=None if standing.median_minutes is None else half,
    )  # fmt: skip


async def closed_page(
    context: Context,
    now: datetime,
    came: Arrival,
    closed: gate.Closed,
    signed: Published | None,
    fields: dict[str, list[str]] | None = None,
    status: int = 200,
    *,
    there: bool = False,
    lost: bool = False,
) -> Page:
    """Nobody can receive it here: whom to call (of the list `signed` for, where known), and every word given back,
    `there` by the script that holds them. `lost`: files came with it."""
    return page(
        "report_form/closed.html", status, headers=HIDDEN, given=asked.given_back(fields or {}), there=there, lost=lost,
        pause=closed.paused, lines=await rows(context, now, came.place, signed),
        homes=[(one, country(one)) for one in await queries.homes(context, now)]
        if came.place == places.ELSEWHERE else [], **choosing(context, came),
    )  # fmt: skip


def receipt_page(context: Context, now: datetime, code: str, receipt: Receipt, *, there: bool = False) -> Page:
    """The code, once, and what happens next. `there`: the browser made the code, and its script writes it in; then the
    other languages come along, because another page could not show the code again."""
    groups = codes.grouped(receipt.code) if receipt.code else [""] * (codes.DIGITS // 4 if there else 0)
    values: dict[str, Any] = {
        "code": groups, "today": today(context, now), "outcome_due": receipt.outcome_due,
        "zone": context.config.time_zone, "origin": context.config.form_base.partition("://")[2],
    }  # fmt: skip
    tongues = [_received(speaks, values, receipt) for speaks in LANGUAGES] if there else []
    shown = page("report_form/receipt.html", headers=HIDDEN, tongues=tongues, **values | _told_to(receipt))
    # On a shared origin the cookies are those of people who sign in at the desk: not ours to clear.
    shown.headers["clear-site-data"] = '"cache", "cookies", "storage"' if context.config.report_origin else '"cache"'
    return shown


def _received(speaks: str, values: dict[str, Any], receipt: Receipt) -> tuple[str, str, Markup]:
    """The receipt's title and main part in one language."""
    with speaking(speaks, chosen=True):
        main = render("report_form/received.html", **values | _told_to(receipt))
        return speaks, _("Your code"), Markup(main)  # noqa: S704  a template of ours wrote it and escaped what is in it


def _told_to(receipt: Receipt) -> dict[str, Any]:
    """Each office by its name in the reader's language, and when it must have opened it."""
    return {"offices": [(r.name(language()), at) for r, at in zip(receipt.chain, receipt.due, strict=True)]}


def today(context: Context, now: datetime) -> date:
    return now.astimezone(ZoneInfo(context.config.time_zone)).date()
