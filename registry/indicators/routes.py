"""The association's board, its members, one member's file, a business's own steps; and the trail."""

import contextlib
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.certification import words as certifying
from registry.certification.facts import Requirement
from registry.clients import batches, places
from registry.clients import queries as clients
from registry.clients.words import POSTS
from registry.complaints import seen as marks
from registry.core.calendar import day_of
from registry.core.errors import Invalid, NotFound
from registry.core.i18n import DEFAULT_ZONE, N_, _, day
from registry.core.pages import RailEntry, page, see_other, to
from registry.indicators import queries, rules
from registry.indicators.queries import File
from registry.indicators.rules import ORDERS, Filter, Standing
from registry.indicators.words import SAID
from registry.printing import rules as printing
from registry.scans import queries as scans
from registry.scans.routes import words as hint_words
from registry.seals import code as seal_codes

PAGE = 50
STANDINGS = {
    Standing.VALID: N_("Valid"),
    Standing.SUSPENDED: N_("Suspended"),
    Standing.EXPIRED: N_("Expired"),
    Standing.WITHDRAWN: N_("Withdrawn"),
    Standing.COMMITTED: N_("Committed (not certified)"),
    Standing.ENROLLED: N_("Enrolled, not signed"),
}


@get("/desk/board")
async def board(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], association: FromQuery[UUID | None] = None
) -> Response[Any]:
    actor.require(Permission.CLIENTS_IMPORT)
    homes = await clients.associations(actor)
    home = next((one for one in homes if one.id == association), homes[0] if homes else None)
    if home is None:
        return see_other("/desk/associations" if actor.may(Permission.CLIENTS_ENROL) else "/desk/account")
    if not home.members:
        return page("indicators/start.html", home=home, homes=homes, name=actor.name.split()[0])
    found = await queries.members(actor, now, home.id)
    today = day_of(now, DEFAULT_ZONE)
    certified = [row for row in found.rows if row.standing is Standing.VALID]
    return page(
        "indicators/board.html", home=home, homes=homes, rows=found.rows, certified=certified, today=today, now=now,
        steps=rules.first_steps(found.rows), REQUIREMENTS=certifying.REQUIREMENTS, WHO=certifying.WHO,
        expiring=rules.expiring(found.rows, today), dropping=rules.dropping(found.rows),
        uninvited=await queries.uninvited([row.id for row in found.rows if row.standing is Standing.ENROLLED]),
        lists=[one for one in await batches.batches(actor) if one.association == home.id and one.state in batches.OPEN],
        step_words=step_words, unsigned=[row for row in found.rows if row.standing is Standing.ENROLLED],
    )  # fmt: skip


def step_words(code: str) -> str:
    """A step without its figures, for counting members by it."""
    return SHORT.get(code, certifying.REQUIREMENTS.get(code, code))


SHORT = {
    "coverage-low": N_("Reach the minimum of training"),
    "coverage-critical-low": N_("Train everybody in critical posts"),
    "unit-not-passed": N_("Pass the association's internal check"),
    "questions-unanswered": N_("Finish the evaluation"),
    "not-applicable-without-reason": N_("Finish the evaluation"),
    "criterion-not-assessed": N_("Finish the evaluation"),
    "finding-critical-open": N_("Close critical nonconformities"),
    "finding-major-open": N_("Close major nonconformities"),
    "finding-minor-unplanned": N_("Plan how to close minor nonconformities"),
    "criterion-below-floor": N_("Bring every area to its minimum"),
    "sample-short": N_("Finish the evaluation"),
    "units-unchecked": N_("Do the internal checks of the year"),
    "members-not-ready": N_("Bring in the members that stay outside for now"),
    "findings-answered": N_("Wait for the audit team to look at the answers"),
}


@get("/desk/members")
async def members(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], association: FromQuery[UUID | None] = None,
    q: FromQuery[str] = "", standing: FromQuery[str] = "", step: FromQuery[str] = "", province: FromQuery[str] = "",
    soon: FromQuery[bool] = False, low: FromQuery[bool] = False, order: FromQuery[str] = "name",
    number: FromQuery[int] = 1,
) -> Response[Any]:  # fmt: skip
    actor.require(Permission.CLIENTS_VIEW)
    if actor.roles == {Role.REPRESENTATIVE}:
        return see_other("/desk/steps")
    found = await queries.members(actor, now, association, q[:100])
    today = day_of(now, DEFAULT_ZONE)
    asked = Filter(standing, step, province, soon, low)
    kept = rules.ordered([row for row in found.rows if asked.keeps(row, today)], order)
    number = max(1, min(number, -(-len(kept) // PAGE) or 1))
    query = {
        "association": str(association) if association else None, "q": q or None, "standing": standing or None,
        "step": step or None, "province": province or None, "soon": "true" if soon else None,
        "low": "true" if low else None, "order": order if order in ORDERS and order != "name" else None,
    }  # fmt: skip
    return page(
        "indicators/members.html", rows=kept[(number - 1) * PAGE : number * PAGE], total=len(kept), every=found.rows,
        more=found.more, asked=asked, q=q, order=order, number=number, pages=-(-len(kept) // PAGE) or 1, size=PAGE,
        url=_urls(query), STANDINGS=STANDINGS, step_words=step_words, homes=await clients.associations(actor),
        association=association, provinces=_provinces(found.rows), lack=certifying.requirement, WHO=certifying.WHO,
        counts=_counts(found.rows), steps=rules.first_steps(found.rows), today=today,
        expiring=len(rules.expiring(found.rows, today)), dropping=len(rules.dropping(found.rows)),
        may_import=actor.may(Permission.CLIENTS_IMPORT),
    )  # fmt: skip


def _urls(query: dict[str, str | None]) -> Any:
    """The same list with something changed: filters are the URL, so that it can be sent to somebody."""

    def url(**changed: str | None) -> str:
        asked = {name: value for name, value in (query | changed).items() if value}
        return to("/desk/members?" + urlencode(asked)) if asked else to("/desk/members")

    return url


def _counts(rows: list[rules.Row]) -> dict[str, int]:
    return {name: sum(row.standing is name for row in rows) for name in Standing}


def _provinces(rows: list[rules.Row]) -> list[tuple[str, str]]:
    found = {row.province for row in rows if row.province}
    return sorted(((code, places.province_name(code)) for code in found), key=lambda pair: pair[1])


@get("/desk/members/{client_id:uuid}")
async def member(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], client_id: FromPath[UUID]
) -> Response[Any]:
    found = await queries.member(actor, now, client_id)
    hints = await scans.hints_of(actor, [seal.code for seal in found.seals], now)
    told = [(code, [hint_words(one) for one in some]) for code, some in hints.items()]
    units = [unit.id for unit in found.units]
    shown = _file(actor, now, found, await queries.again_on(units, found.client.zone, found.parameters, now))
    return page("indicators/member.html", hints=told, **shown, **await _down(actor, now, found))


async def _down(actor: Actor, now: datetime, found: File) -> dict[str, Any]:
    """What has to come down from the door, told to whoever speaks for it, and where its photograph goes."""
    may = found.own or found.client.association in actor.organisations(Role.ASSOCIATION_ADMIN)
    down = printing.down(found.seals) if may else []
    asked = await marks.removal(actor, found.client.id) if down else None
    if asked and asked.removed_on:  # shown by a photograph already
        down = [one for one in down if one.keep or one.state == "expired"]
    photograph = f"/desk/misuse/{asked.id}" if asked and not asked.removed_on and not asked.closed_on else ""
    prints = actor.may(Permission.SEALS_PRINT) and any(seal.printable for seal in found.seals)
    return {"down": down, "photograph": photograph, "prints": prints}


def _file(actor: Actor, now: datetime, found: File, again_on: date | None = None) -> dict[str, Any]:
    waits = [one for one in found.now if again_on and one.url_hint == "apply"]
    later = [_task(actor, found, one) for one in found.later]
    if waits and again_on:
        words = _("Apply for certification again: possible from %(day)s", day=day(again_on))
        later.insert(0, {"words": words, "url": "", "who": certifying.WHO[waits[0].who]})
    return {
        "file": found, "client": found.client, "row": found.row, "now": now, "STANDINGS": STANDINGS, "POSTS": POSTS,
        "now_steps": [_task(actor, found, one) for one in found.now if one not in waits], "later_steps": later,
        "done_steps": certifying.met(found.facts, found.parameters, [*found.now, *found.later]),
        "today": day_of(now, found.client.zone), "STATES": certifying.STATES, "ACTS": certifying.ACTS,
        "may_apply": actor.may(Permission.CERTIFICATION_APPLY), "place": found.row.place, "tenths": _cycle(found, now),
        "may_import": actor.may(Permission.CLIENTS_IMPORT),
        "may_invite": actor.may(Permission.ACCOUNTS_INVITE), "may_erase": actor.may(Permission.SEALS_ERASE),
    }  # fmt: skip


def _cycle(found: File, now: datetime) -> float | None:
    """How much of the certificate's time has gone, 0 to 1."""
    case = next((one for one in found.cases if one.valid_from and one.valid_until), None)
    if case is None or case.valid_from is None or case.valid_until is None:
        return None
    return min(1.0, max(0.0, (now - case.valid_from) / (case.valid_until - case.valid_from)))


def _task(actor: Actor, found: File, one: Requirement) -> dict[str, Any]:
    who = certifying.WHO[one.who]
    return {"words": certifying.requirement(one), "url": _url(actor, found, one), "who": who}


def _url(actor: Actor, found: File, one: Requirement) -> str:
    """Where the step is taken, for whoever may take it or read about it."""
    client, case = found.client.id, found.case
    if one.url_hint == "apply":
        return f"/desk/certifications/apply?client={client}" if actor.may(Permission.CERTIFICATION_APPLY) else ""
    if one.url_hint == "sign":
        return f"/desk/commitments/of/{client}"
    if one.url_hint == "roster":
        return f"/desk/roster/{client}" if found.own else ""
    if one.url_hint == "training":
        return f"/desk/training/of/{client}"
    if one.url_hint == "findings" and found.own:
        return "/audit/findings"
    if one.url_hint == "assessment":
        return f"/desk/certifications/{case.id}/assessment" if case and found.own else ""
    if one.url_hint == "checks":
        return "/desk/checks" if actor.may(Permission.CERTIFICATION_CHECK) else ""
    return f"/desk/certifications/{case.id}" if case else ""


@get("/desk/past")
async def past(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], code: FromQuery[str] = "", at: FromQuery[str] = "",
    hour: FromQuery[str] = "",
) -> Response[Any]:  # fmt: skip
    """What did this code say on 3 March? From the public log and the register of decisions."""
    actor.require(Permission.CERTIFICATION_VIEW)
    found, when, typed = None, None, ""
    with contextlib.suppress(ValueError, Invalid):
        typed = seal_codes.check(code) if code else ""
        local = datetime.combine(date.fromisoformat(at), time.fromisoformat(hour or "12:00"), ZoneInfo(DEFAULT_ZONE))
        when = min(local, now)
        found = await queries.said(actor, typed, when, now) if typed else None
    return page("indicators/past.html", code=code, at=at, hour=hour or "12:00", found=found, when=when, SAID=SAID,
                STATES=certifying.STATES, tried=bool(code and at))  # fmt: skip


@get("/desk/steps")
async def steps(actor: NamedDependency[Actor], now: NamedDependency[datetime]) -> Response[Any]:
    """A business's own way to the seal; with several businesses, which of them."""
    actor.require(Permission.COMMITMENTS_SIGN)
    own = await clients.clients(actor.organisations(Role.REPRESENTATIVE))
    if not own:
        raise NotFound("client-not-found")
    if len(own) == 1:
        return see_other(f"/desk/members/{next(iter(own))}")
    found = await queries.members(actor, now)
    return page("indicators/steps.html", rows=[row for row in found.rows if row.id in own], STANDINGS=STANDINGS,
                lack=certifying.requirement)  # fmt: skip


@get("/desk/trail")
async def trail(
    actor: NamedDependency[Actor], before: FromQuery[int | None] = None, subject: FromQuery[UUID | None] = None
) -> Response[Any]:
    lines, older = await queries.trail(actor, before, subject)
    return page("indicators/trail.html", lines=lines, older=older, before=before, subject=subject)


ROUTES = [board, members, member, past, steps, trail]
RAIL = [
    RailEntry(
        Permission.COMMITMENTS_SIGN,
        N_("Steps to the seal"),
        "/desk/steps",
        queries.own_steps,
        home=frozenset({Role.REPRESENTATIVE}),
    ),
    RailEntry(Permission.CLIENTS_IMPORT, N_("Board"), "/desk/board", home=frozenset({Role.ASSOCIATION_ADMIN})),
    RailEntry(Permission.CLIENTS_IMPORT, N_("Members"), "/desk/members", search=N_("Search a member, tax id or plate")),
    RailEntry(Permission.CERTIFICATION_VIEW, N_("What a code said"), "/desk/past", place=90),
    RailEntry(Permission.TRAIL_VIEW, N_("Trail"), "/desk/trail", place=95),
]
