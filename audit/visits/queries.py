"""Reading visits: which ones an actor may see, what they ask, what was answered, what they come to."""

from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from piccolo.columns.combination import And, Or, Where

from audit.checklists import queries as checklists
from audit.checklists.rules import Checklist
from audit.findings import queries as findings
from audit.findings import rules as finding_rules
from audit.findings.rules import Terms
from audit.findings.tables import Finding
from audit.visits import rules
from audit.visits.rules import Act, Draft, Item, Reason, Reply, State
from audit.visits.schemas import Place, Planned, ShownFinding, Standing
from audit.visits.tables import Visit, VisitEvidence, VisitSample, VisitSignature
from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Permission, Role
from registry.certification import file as case_file
from registry.certification import queries as certification
from registry.certification.facts import Grade
from registry.certification.rules import IN_FORCE
from registry.clients import queries as clients
from registry.core.calendar import day_of
from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.schemes import queries as schemes
from registry.training import queries as training

Rows = Where | And | Or
READERS = frozenset({Role.OFFICER, Role.REVIEWER, Role.DECIDER, Role.PANEL, Role.IMPARTIALITY})


class Allowed(msgspec.Struct, frozen=True):
    """Which acts an actor may do to a visit now."""

    open: bool = False
    answer: bool = False
    close: bool = False
    report: bool = False


def visible_to(actor: Actor) -> Rows:
    """Its own team at any time; the certifier's staff every visit. Another auditor's visit is not there."""
    if actor.id == SYSTEM.id or READERS & actor.roles:
        return Visit.id.is_not_null()
    return Visit.team.any(actor.id) if Role.AUDITOR in actor.roles else Visit.id.is_null()


async def find(actor: Actor, visit_id: UUID, *, lock: bool = False) -> Visit:
    """The visit, or NotFound when there is none for this actor."""
    query = Visit.objects().where((Visit.id == visit_id) & visible_to(actor)).first()
    found = await (query.lock_rows("UPDATE") if lock else query)
    if found is None:
        raise NotFound("visit-not-found")
    return found


def allowed(actor: Actor, visit: Visit) -> Allowed:
    """What this actor may do to this visit; pages draw the buttons from it, verbs ask the same rules."""
    mine = actor.may(Permission.VISITS_CONDUCT) and actor.id in visit.team
    state = State(visit.state)
    return Allowed(**{act.value: mine and (state, act) in rules.AFTER for act in Act})


def checklist(visit: Visit) -> Checklist:
    return msgspec.json.decode(visit.checklist, type=Checklist)


def today(visit: Visit, now: datetime) -> date:
    """The day it is where the visit is."""
    return day_of(now, visit.zone)


async def planned(certification_id: UUID, now: datetime) -> Planned:
    """What certification planned: holder, team, day and the draw of a group."""
    case = await certification.case(SYSTEM, certification_id, now)
    team = await case_file.team(certification_id)
    scope = {unit.unit_id: unit.client for unit in await certification.scope(certification_id)}
    draw = await case_file.drawn(certification_id)
    places: list[Place] = []
    if draw is not None:
        places = [Place(unit=unit, client=scope[unit], drawn_for=draw.reasons[unit]) for unit in draw.drawn]
        places += [Place(unit=unit, client=scope[unit], drawn_for="reserve", reserve=True) for unit in draw.reserve]
    occasion = "surveillance" if case.standing in IN_FORCE else str(case.occasion)
    some = next(iter(scope.values())) if case.client is None else case.client
    return Planned(
        certification=case.id, number=case.number, name=case.name, client=case.client, association=case.association,
        business_kind=str((await clients.clients([some]))[some].kind), team=tuple(member.person for member in team),
        lead=next(member.person for member in team if member.lead), visit_on=case.visit_on,
        method=str(case.method), occasion=occasion, zone=case.zone, scheme_version=case.scheme_version,
        sample=tuple(places),
    )  # fmt: skip


async def visits_of(certification_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The newest visit of each of these cases. For other rooms and commands, which have said who may see them."""
    rows = await fetch(
        "SELECT DISTINCT ON (certification) certification, id FROM visit WHERE certification = ANY($1)"
        " ORDER BY certification, created_at DESC",
        list(certification_ids),
    )
    return {row["certification"]: row["id"] for row in rows}


async def mine(actor: Actor, finished: int) -> list[Visit]:
    """The visits of an auditor: open ones first, then planned by day, then the latest finished."""
    order = {State.OPENED: 0, State.CLOSED: 1, State.PLANNED: 2}
    done = Visit.state == State.REPORTED
    rows = await Visit.objects().where(visible_to(actor) & (Visit.state != State.REPORTED)).order_by(Visit.planned_on)
    latest = Visit.objects().where(visible_to(actor) & done).order_by(Visit.reported_at, ascending=False)
    return sorted(rows, key=lambda row: order[State(row.state)]) + await latest.limit(finished)


async def waiting(actor: Actor, now: datetime) -> int:
    """How many visits wait for this actor: planned, open or to be reported."""
    return int(await Visit.count().where(Visit.team.any(actor.id) & (Visit.state != State.REPORTED)))


async def sample(visit_id: UUID) -> list[VisitSample]:
    """The units asked in this visit: the draw, with reserves where one took another's place."""
    rows = await VisitSample.objects().where(VisitSample.visit == visit_id).order_by(VisitSample.position)
    replaced = {row.replaces for row in rows if row.replaces is not None}
    return [row for row in rows if row.unit not in replaced and (not row.reserve or row.replaces is not None)]


def items(visit: Visit, units: Iterable[VisitSample]) -> list[Item]:
    """Everything this visit asks, in order: at the place, then in each sampled unit."""
    asked = checklist(visit)
    return [Item(question) for question in asked.place] + [
        Item(question, unit.unit) for unit in units for question in asked.unit
    ]


async def standing(visit_id: UUID) -> dict[Item, Standing]:
    """The answer that stands for each item that has one."""
    rows = await fetch(
        "SELECT id, question, unit, reply, grade, reason, note, figure, by, at FROM visit_answer"
        " WHERE visit = $1 AND superseded_at IS NULL",
        visit_id,
    )
    return {Item(row["question"], row["unit"]): _standing(row) for row in rows}


def _standing(row: dict[str, Any]) -> Standing:
    return Standing(
        id=row["id"],
        question=row["question"],
        unit=row["unit"],
        by=row["by"],
        at=row["at"],
        draft=Draft(
            Reply(row["reply"]),
            Grade(row["grade"]) if row["grade"] else None,
            Reason(row["reason"]) if row["reason"] else None,
            row["note"],
            row["figure"],
        ),
    )


async def drafts(answer_ids: list[UUID]) -> dict[UUID, Draft]:
    """Answers by their ids, also superseded ones."""
    if not answer_ids:
        return {}
    rows = await fetch(
        "SELECT id, question, unit, reply, grade, reason, note, figure, by, at FROM visit_answer WHERE id = ANY($1)",
        answer_ids,
    )
    return {row["id"]: _standing(row).draft for row in rows}


async def answered_counts(visit_ids: list[UUID]) -> dict[UUID, int]:
    """How many items of each visit have an answer that stands."""
    rows = await fetch(
        "SELECT visit, count(*) AS seen FROM visit_answer WHERE visit = ANY($1) AND superseded_at IS NULL"
        " GROUP BY visit",
        visit_ids,
    )
    return {row["visit"]: row["seen"] for row in rows}


async def sample_sizes(visit_ids: list[UUID]) -> dict[UUID, int]:
    """How many units each visit looks at; a reserve takes a place and adds none."""
    rows = await fetch(
        "SELECT visit, count(*) AS units FROM visit_sample WHERE visit = ANY($1) AND NOT reserve GROUP BY visit",
        visit_ids,
    )
    return {row["visit"]: row["units"] for row in rows}


async def figures(visit: Visit, now: datetime) -> dict[str, float]:
    """What the registry knows for the questions that carry a figure, to be confirmed by the auditor: per cent, down.

    Of a group, everybody on the rosters of all its members together: a share of people, not of businesses.
    """
    asked = await checklists.questions(visit.scheme_version)
    wanted = {id: asked[id].figure for id in checklist(visit).place if asked[id].figure}
    if not wanted:
        return {}
    version = await schemes.version(visit.scheme_version)
    covered = (await training.coverage(await _members(visit), now, version)).values()
    shares = {
        "coverage": (sum(one.valid for one in covered), sum(one.total for one in covered)),
        "critical_coverage": (sum(one.critical_valid for one in covered), sum(one.critical_total for one in covered)),
    }
    return {id: 100 * done // of for id, name in wanted.items() for done, of in [shares[name]] if of}


async def _members(visit: Visit) -> list[UUID]:
    if visit.client is not None:
        return [visit.client]
    rows = await fetch("SELECT DISTINCT client FROM scope_unit WHERE certification = $1", visit.certification)
    return [row["client"] for row in rows]


async def evidence(visit_id: UUID) -> list[VisitEvidence]:
    return await VisitEvidence.objects().where(VisitEvidence.visit == visit_id).order_by(VisitEvidence.at)


async def piece(actor: Actor, evidence_id: UUID) -> VisitEvidence:
    """One piece of evidence, for whoever may see its visit."""
    found = await VisitEvidence.objects().get(VisitEvidence.id == evidence_id)
    if found is None:
        raise NotFound("visit-not-found")
    await find(actor, found.visit)
    return found


def record(meeting: str | None) -> dict[str, Any] | None:
    """The record of a meeting, for pages."""
    return msgspec.json.decode(meeting) if meeting else None


async def signature(visit_id: UUID) -> VisitSignature | None:
    return await VisitSignature.objects().get(VisitSignature.visit == visit_id)


def shown(found: Iterable[Finding], closed_on: date, terms: dict[Grade, Terms]) -> tuple[str, str]:
    """The findings exactly as the closing meeting shows them, as canonical JSON, and the SHA-256 of that.

    Only what was recorded, never words of the catalogues: a wording mended later leaves the hash true.
    """
    lines = []
    for one in found:
        due = finding_rules.due(Grade(one.grade), closed_on, terms)
        lines.append(
            ShownFinding(
                question=one.question,
                unit=one.unit,
                grade=Grade(one.grade),
                text=one.text,
                plan_on=due.plan_on,
                close_on=due.close_on,
            )
        )
    lines.sort(key=lambda line: (line.question, str(line.unit or "")))
    text = msgspec.json.encode(lines, order="sorted").decode()
    return text, sha256(text.encode()).hexdigest()


async def found(visit_id: UUID) -> list[Finding]:
    """The findings of a visit that stand."""
    return await findings.of_visit(visit_id)
