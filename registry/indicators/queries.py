"""Reads over the other rooms, in a number of statements that does not grow with the members."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import msgspec

from registry.access.actor import STRANGER, SYSTEM, Actor
from registry.access.permissions import Permission, Role
from registry.accounts import queries as accounts
from registry.certification import applications, file
from registry.certification import past as history
from registry.certification import queries as certification
from registry.certification import rules as certifying
from registry.certification.facts import Facts, Parameters, Requirement
from registry.certification.rules import Act, State
from registry.certification.schemas import Case, EvaluationView, StepView
from registry.clients import places
from registry.clients import queries as clients
from registry.clients.cells import fold
from registry.clients.schemas import ClientView, Unit
from registry.commitments import queries as commitments
from registry.core.calendar import day_of
from registry.core.db import fetch
from registry.core.errors import Conflict, NotFound
from registry.core.i18n import DEFAULT_ZONE, N_
from registry.indicators import rules
from registry.indicators.rules import Row, Seal
from registry.indicators.words import EVENTS, page_of
from registry.schemes import queries as schemes
from registry.seals import queries as seals
from registry.seals.queries import SealView
from registry.trail import queries as entries
from registry.training import queries as training
from registry.training.rules import Coverage

READ_AT_ONCE = 600
"""Entries of the trail that one page of lines is folded from."""
LINES = 50
MANY = 5000
"""Members that are looked at in one page; with more, a search or an association narrows them first."""
DECISIONS = {*certifying.DECISIONS, Act.SURVEY, Act.WATCH, Act.SUPERSEDE, Act.UNCOVER, Act.END}


class Members(msgspec.Struct):
    rows: list[Row]
    more: bool
    """There are more than MANY: only the first by name are here."""


async def members(actor: Actor, now: datetime, association: UUID | None = None, words: str = "") -> Members:
    """Active members the actor may see, with what each still lacks."""
    scope = clients.visible_to(actor)
    found = await fetch(
        "SELECT c.id, c.name, c.canton, c.province, c.association, c.zone FROM client c WHERE c.state = 'active'"
        " AND ($1::uuid IS NULL OR c.association = $1) AND ($2 = '' OR c.folded LIKE '%' || $2 || '%')"
        f" AND {scope.where(4)} ORDER BY lower(c.name), c.id LIMIT $3",
        association,
        fold(words) if words.strip() else "",
        MANY + 1,
        *scope.args,
    )
    rows = found[:MANY]
    ids = [row["id"] for row in rows]
    shown = await facts(ids, now)
    units = await clients.units(ids)
    held = await _seals(units, now)
    counted: dict[UUID, int] = defaultdict(int)
    for unit in units:
        counted[unit.client_id] += 1
    return Members(
        [_row(row, *shown[row["id"]], held[row["id"]], counted[row["id"]]) for row in rows], len(found) > MANY
    )


async def facts(ids: list[UUID], now: datetime) -> dict[UUID, tuple[Facts, list[Requirement]]]:
    if not ids:
        return {}
    found = await certification.facts(ids, now)
    asked: dict[UUID, Parameters] = {}
    for version in {one.version for one in found.values()}:
        asked[version] = await certification.parameters(version)
    return {client: (one, certifying.missing(one, asked[one.version])) for client, one in found.items()}


async def _seals(units: list[Unit], now: datetime) -> dict[UUID, list[Seal]]:
    held: dict[UUID, list[Seal]] = defaultdict(list)
    for view in (await seals.of_units([unit.id for unit in units], now)).values():
        held[view.client].append(Seal(view.state, view.expired, _last_day(view)))
    return held


def _last_day(view: SealView) -> date:
    """A seal holds until the end of a day; its instant is the midnight after, which is already the next."""
    return day_of(view.valid_until - timedelta(seconds=1), view.zone)


def _row(client: dict[str, Any], found: Facts, lacking: list[Requirement], held: list[Seal], units: int) -> Row:
    member = found.member
    standing, until, valid = rules.standing(held, bool(member and member.signed))
    place = ", ".join(p for p in (client["canton"], places.province_name(client["province"] or "")) if p)
    return Row(
        id=client["id"],
        name=client["name"],
        place=place,
        province=client["province"],
        association=client["association"],
        standing=standing,
        until=until,
        units=units,
        seals=valid,
        total=member.roster if member else 0,
        valid=member.trained if member else 0,
        critical_total=member.critical if member else 0,
        critical_valid=member.critical_trained if member else 0,
        lacking=tuple(lacking),
    )


class File(msgspec.Struct, kw_only=True):
    """All of one member that its page shows."""

    client: ClientView
    row: Row
    units: list[Unit]
    facts: Facts
    parameters: Parameters
    now: list[Requirement]
    later: list[Requirement]
    commitments: list[dict[str, Any]]
    coverage: Coverage
    floors: Any
    small: int
    cases: list[Case]
    evaluations: dict[UUID, EvaluationView]
    decisions: list[tuple[Case, StepView]]
    seals: list[SealView]
    contacts: list[dict[str, Any]]
    own: bool
    """Whether the reader represents this business."""
    renews: Case | None
    """The certificate whose renewal may be asked for now."""
    held: Case | None
    """Its own certificate, while it is in force."""

    @property
    def case(self) -> Case | None:
        """The newest case."""
        return self.cases[0] if self.cases else None


async def member(actor: Actor, now: datetime, client_id: UUID) -> File:
    """A member's file, or NotFound when it is not for this actor."""
    client = await clients.client(actor, client_id)
    found, lacking = (await facts([client_id], now))[client_id]
    units = await clients.units([client_id])
    version = await schemes.version(found.version)
    cases = await _cases(actor, client_id, now)
    renewable = [one for one in cases if one.client and await certification.renewable(one, now)]
    first, later = rules.now_and_later(lacking)
    raw = msgspec.structs.asdict(client)
    return File(
        client=client,
        row=_row(raw, found, lacking, (await _seals(units, now))[client_id], len(units)),
        units=units,
        facts=found,
        parameters=await certification.parameters(found.version),
        now=first,
        later=later,
        commitments=await commitments.of_client(client_id),
        coverage=(await training.coverage([client_id], now, version)).get(client_id, Coverage()),
        floors=version.parameters,
        small=version.parameters.training.small_group,
        cases=cases,
        evaluations=await file.evaluations([case.id for case in cases]),
        decisions=await _decisions(cases),
        seals=await seals.of_client(actor, client_id, now),
        contacts=await _contacts(client_id),
        own=client_id in actor.organisations(Role.REPRESENTATIVE),
        renews=renewable[0] if renewable else None,
        held=next((one for one in cases if one.client and one.standing in certifying.IN_FORCE), None),
    )


async def _cases(actor: Actor, client_id: UUID, now: datetime) -> list[Case]:
    """Its cases, the newest first; a handful at most."""
    scope = certification.visible_to(actor)
    rows = await fetch(
        "SELECT DISTINCT c.id, c.applied_at FROM certification c LEFT JOIN scope_unit u ON u.certification = c.id"
        f" WHERE (c.client = $1 OR u.client = $1) AND {scope.where(2)} ORDER BY c.applied_at DESC, c.id LIMIT 12",
        client_id,
        *scope.args,
    )
    return [await certification.case(actor, row["id"], now) for row in rows]


async def _decisions(cases: list[Case]) -> list[tuple[Case, StepView]]:
    found = [(case, step) for case in cases for step in await file.history(case.id) if step.act in DECISIONS]
    return sorted(found, key=lambda pair: pair[1].taken_at, reverse=True)


async def _contacts(client_id: UUID) -> list[dict[str, Any]]:
    """Who speaks for the business at this desk."""
    return await fetch(
        "SELECT a.name, r.given_at, (SELECT max(s.last_seen_at) FROM desk_session s WHERE s.account = a.id) AS seen_at"
        " FROM role_held r JOIN account a ON a.id = r.account WHERE r.organisation = $1 AND r.role = 'representative'"
        " AND r.ended_at IS NULL ORDER BY a.name",
        client_id,
    )


async def own_steps(actor: Actor, now: datetime) -> int:
    """What the actor's businesses can do at once; for the rail. Not what they have to wait for."""
    found, count = await facts(list(actor.organisations(Role.REPRESENTATIVE)), now), 0
    for client, (known, lacking) in found.items():
        steps, _ = rules.now_and_later(lacking)
        if any(one.url_hint == "apply" for one in steps):
            units, asked = await clients.units([client]), await certification.parameters(known.version)
            count -= await again_on([unit.id for unit in units], DEFAULT_ZONE, asked, now) is not None
        count += len(steps)
    return count


async def again_on(unit_ids: list[UUID], zone: str, asked: Parameters, now: datetime) -> date | None:
    """From when a business may apply again that lost its certificate; None where nothing keeps it waiting."""
    try:
        await applications.waited(unit_ids, certification.SCHEME, day_of(now, zone), zone, asked)
    except Conflict as refusal:
        return cast(date, refusal.details["day"])
    return None


class Said(msgspec.Struct, frozen=True):
    """What a seal's code stood for at a past instant: what its page said, and what had been decided of its unit."""

    view: SealView
    event: str
    """The last line of the public log about it by then, `expired` past its date, empty before its first."""
    decided: State | None
    """None before any grant."""


async def said(actor: Actor, code: str, at: datetime, now: datetime) -> Said | None:
    """The seal behind a code as it stood then; None for a code that the actor may not see."""
    rows = await fetch("SELECT id, unit FROM seal WHERE code = $1", code)
    if not rows:
        return None
    try:
        view = await seals.view(actor, rows[0]["id"], now)
    except NotFound:
        return None
    logged = await fetch(
        "SELECT event FROM log_entry WHERE seal = $1 AND at <= $2 ORDER BY number DESC LIMIT 1", view.id, at
    )
    decided = (await history.said([view.unit], at)).get(view.unit)
    event = logged[0]["event"] if logged else ""
    if decided is State.EXPIRED and event not in ("", "seal.revoked", "seal.suspended"):
        event = "expired"  # no line of the log says so: its date had passed
    return Said(view, event, decided)


async def uninvited(ids: list[UUID]) -> int:
    """Members for whom nobody has an account or an open invitation: nobody there can sign."""
    rows = await fetch(
        "SELECT count(*)::int AS n FROM unnest($1::uuid[]) AS m(id) WHERE NOT EXISTS (SELECT FROM role_held r"
        " WHERE r.organisation = m.id AND r.ended_at IS NULL) AND NOT EXISTS (SELECT FROM invitation i"
        " WHERE i.organisation = m.id AND i.ended_at IS NULL)",
        ids,
    )
    return int(rows[0]["n"])


class Line(msgspec.Struct, frozen=True):
    """Entries of one act, as the trail's page shows them."""

    at: datetime
    who: str
    """A name, or a sentence to translate for those who have none."""
    what: str
    """A sentence to translate."""
    times: int
    about: str
    """Whose account it was done to, when it was another's."""
    why: str
    """The code of a refusal."""
    url: str
    subject: UUID | None


FOR_DECIDERS = frozenset({"certification.consultation_asked", "certification.consultation_ended"})
"""That an authority asked anything at all is nobody else's to read (I10)."""


async def trail(actor: Actor, before: int | None, subject: UUID | None) -> tuple[list[Line], int | None]:
    """A page of the trail, the newest first, and the id before which the next begins."""
    actor.require(Permission.TRAIL_VIEW)
    found = await entries.latest(READ_AT_ONCE, before, subject)
    may = actor.may(Permission.CERTIFICATION_DECIDE)
    acts = rules.acts([one for one in found if may or one.event not in FOR_DECIDERS])
    shown = acts[:LINES]
    names = await accounts.called({id for act in shown for id in (act.entry.actor, act.entry.subject) if id})
    more = len(acts) > LINES or len(found) == READ_AT_ONCE
    return [_line(actor, act, names) for act in shown], shown[-1].last if shown and more else None


NAMELESS = {SYSTEM.id: N_("The system"), STRANGER.id: N_("A stranger")}


def _line(actor: Actor, act: rules.TrailAct, names: dict[UUID, str]) -> Line:
    entry = act.entry
    where = page_of(entry.event)
    return Line(
        at=entry.at,
        who=names.get(entry.actor) or NAMELESS.get(entry.actor, str(entry.actor)),
        what=EVENTS[entry.event],
        times=act.times,
        about=names.get(entry.subject, "") if entry.subject and entry.subject != entry.actor else "",
        why=entry.details.get("code", "") if entry.event == "access.refused" else "",
        url=where[1].format(entry.subject)
        if where and act.times == 1 and entry.subject and actor.may(where[0])
        else "",
        subject=entry.subject if act.times == 1 else None,
    )
