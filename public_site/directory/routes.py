"""The first page, the search, and the page of a business that has only signed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from public_site.directory.book import Hit
from public_site.directory.search import GROUPS, Found, Wanted, directory_of
from public_site.verification import page as face
from public_site.verification import rules
from public_site.verification.answers import Answers
from public_site.verification.following import Following
from public_site.verification.press import Words
from registry.authorities import places
from registry.core import i18n
from registry.core.context import Context
from registry.core.errors import NotFound
from registry.core.i18n import N_, _, ngettext
from registry.core.pages import Page, page, to
from registry.seals.snapshot import Kind

GROUP_NAMES = {
    "lodging": N_("Lodging"), "taxi": N_("Taxi"), "waterway": N_("Boat"), "freight": N_("Freight"),
    "operator": N_("Tours"), "entertainment": N_("Entertainment"),
}  # fmt: skip
STATE_NAMES = {
    "valid": N_("Valid"), "committed": N_("Committed, not certified"), "suspended": N_("Suspended"),
    "expired": N_("Expired"), "withdrawn": N_("Withdrawn"), "cannot_confirm": N_("We cannot confirm it now"),
}  # fmt: skip
REASON_NAMES = {"replaced": N_("Replaced"), "ended": N_("Ended"), "not_begun": N_("Not valid yet")}
"""Where one state has several names."""


class Line(msgspec.Struct, frozen=True):
    name: str
    about: str
    look: str
    words: str
    small: str
    url: str = ""


@get("/", sync_to_thread=False)
def home() -> Page:
    return page("directory/home.html")


@get("/find")
async def find(
    following: NamedDependency[Following], now: NamedDependency[datetime], context: NamedDependency[Context],
    q: Annotated[str, QueryParameter(max_length=200)] = "",
    t: Annotated[str, QueryParameter(max_length=40)] = "",
    said: Annotated[str, QueryParameter(name="state", max_length=40)] = "",
    region: Annotated[str, QueryParameter(max_length=10)] = "",
    p: Annotated[str, QueryParameter(max_length=6)] = "1",
) -> Page:  # fmt: skip
    wanted = Wanted(q.strip(), t if t in GROUPS else "", said if said in STATE_NAMES else "", region, _page_number(p))
    found = await directory_of(following).search(wanted, now)
    stale = following.age(now) > rules.DOOR[Kind.VEHICLE].green.total_seconds()
    return page(
        "directory/find.html", wanted=wanted, found=found, stale=stale, heading=_heading(found, wanted),
        lines=[_line(hit, found, context.config.time_zone) for hit in found.hits], language_chosen=i18n.chosen(),
        groups=_chips("t", wanted.group, found.by_group, GROUP_NAMES, wanted),
        states=_chips("state", wanted.state, found.by_state, STATE_NAMES, wanted),
        everywhere=_url(wanted, region="") if wanted.region else "", pages=_pages(found, wanted),
        next=_url(wanted, p=wanted.page + 1) if wanted.page < found.pages else "",
    )  # fmt: skip


@get("/find/committed/{listing_id:uuid}")
async def committed(
    listing_id: FromPath[UUID], following: NamedDependency[Following], answers: NamedDependency[Answers],
    now: NamedDependency[datetime], context: NamedDependency[Context],
) -> Page:  # fmt: skip
    listing = following.copy.listing(str(listing_id))
    if listing is None:
        raise NotFound("listing-not-found")
    verdict = rules.listed(following.instant(now), following.as_of)
    drawn = face.of_listing(listing, verdict, now, answers.near(listing.region, now), context.config.time_zone)
    return page("verification/verdict.html", shape=drawn.shape, h=Words(drawn.holes))


def _page_number(typed: str) -> int:
    return min(max(int(typed), 1), 100_000) if typed.isascii() and typed.isdigit() else 1


def _heading(found: Found, wanted: Wanted) -> str:
    count = i18n.number(found.total)
    if wanted.region:
        place = places.name(wanted.region)
        return ngettext(
            "%(count)s business in %(place)s",
            "%(count)s businesses in %(place)s",
            found.total,
            count=count,
            place=place,
        )
    if wanted.text:
        return ngettext(
            "%(count)s result for “%(text)s”",
            "%(count)s results for “%(text)s”",
            found.total,
            count=count,
            text=wanted.text,
        )
    return ngettext("%(count)s business, by name", "%(count)s businesses, by name", found.total, count=count)


def _line(hit: Hit, found: Found, zone: str) -> Line:
    state = str(hit.verdict.state)
    look = "unknown" if state == "cannot_confirm" else state
    words = _(REASON_NAMES.get(hit.verdict.reason) or STATE_NAMES[state])
    if hit.row is None:
        return Line(found.plate, _("Vehicle. Check the code of its own seal."), look, words, _since(hit, zone))
    if listing := hit.row.listing:
        about = _about(listing.kind, listing.canton, listing.province)
        signed = _("Signed on %(date)s", date=i18n.day(listing.signed_on))
        return Line(face.seen(listing.name), about, look, words, signed, to(f"/find/committed/{listing.id}"))
    entry = hit.row.entry
    assert entry is not None
    facts = entry.facts
    about = _about(facts.premises or "lodging", facts.district, facts.canton, facts.province)
    return Line(face.seen(hit.row.name), about, look, words, _since(hit, entry.zone), to(f"/s/{entry.code}"))


def _about(kind: str, *where: str) -> str:
    premises = face.premises(kind)
    parts = (premises, ", ".join(dict.fromkeys(part for part in where if part)))
    return face.seen(" · ".join(part for part in parts if part))


def _since(hit: Hit, zone: str) -> str:
    audited = hit.row.entry.facts.audited_on if hit.row and hit.row.entry else None
    if hit.verdict.state is rules.State.VALID and audited:
        return _("Audited on %(date)s", date=i18n.day(audited))
    return _("Since %(date)s", date=i18n.day(hit.verdict.since, zone)) if hit.verdict.since else ""


def _chips(
    name: str, chosen: str, counts: dict[str, int], names: dict[str, str], wanted: Wanted
) -> list[tuple[str, str, int, bool]]:
    everything = (_("Everything"), _url(wanted, **{name: ""}), sum(counts.values()), not chosen)
    some = [
        (_(words), _url(wanted, **{name: key}), counts.get(key, 0), key == chosen)
        for key, words in names.items()
        if key in counts or key == chosen
    ]
    return [everything, *some]


def _pages(found: Found, wanted: Wanted) -> list[tuple[int, str, bool]]:
    """The first, the last and those around this one."""
    current = min(wanted.page, found.pages)
    shown = sorted({1, found.pages, *range(max(1, current - 1), min(found.pages, current + 2) + 1)})
    return [(number, _url(wanted, p=number), number == current) for number in shown]


def _url(wanted: Wanted, **changed: object) -> str:
    query = {"q": wanted.text, "t": wanted.group, "state": wanted.state, "region": wanted.region, "p": ""} | changed
    return to("/find", **{name: str(value) for name, value in query.items() if value not in ("", 1)})


ROUTES = [home, find, committed]
