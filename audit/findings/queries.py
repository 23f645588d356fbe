"""Reading findings: which ones an actor may see, what they owe, and their history."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from piccolo.columns.combination import And, Or, Where

from audit.findings import rules
from audit.findings.rules import Act, Due, State
from audit.findings.tables import CorrectiveAction, Finding, FindingProof, FindingVerification
from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Permission, Role
from registry.certification.facts import Grade
from registry.core.calendar import day_of
from registry.core.errors import NotFound

Rows = Where | And | Or
READERS = frozenset({Role.OFFICER, Role.REVIEWER, Role.DECIDER, Role.PANEL, Role.IMPARTIALITY})
"""Who reads the findings of every case, once they were read out to the client."""


class Allowed(msgspec.Struct, frozen=True):
    """Which acts an actor may do to a finding now; pages draw a form for each that is true."""

    answer: bool = False
    verify: bool = False
    accept: bool = False
    reopen: bool = False


def answers_for(actor: Actor) -> frozenset[UUID]:
    """Holders this actor answers findings of: its business, or its association's own office; never a member's."""
    return actor.organisations(Role.REPRESENTATIVE) | actor.organisations(Role.ASSOCIATION_ADMIN)


def visible_to(actor: Actor) -> Rows:
    """The team sees what it raised; the client what was read out to it; the certifier's staff what was read out."""
    if actor.id == SYSTEM.id:
        return Finding.id.is_not_null()
    read_out = Finding.closed_on.is_not_null() & (Finding.state != State.DROPPED)
    rows: Rows = Finding.team.any(actor.id) if Role.AUDITOR in actor.roles else Finding.id.is_null()
    if READERS & actor.roles:
        rows = rows | read_out
    if mine := answers_for(actor):
        rows = rows | (read_out & Finding.holder.is_in(list(mine)))
    return rows


async def find(actor: Actor, finding_id: UUID, *, lock: bool = False) -> Finding:
    """The finding, or NotFound when there is none for this actor: absence and secrecy look alike."""
    query = Finding.objects().where((Finding.id == finding_id) & visible_to(actor)).first()
    found = await (query.lock_rows("UPDATE") if lock else query)
    if found is None:
        raise NotFound("finding-not-found")
    return found


def allowed(actor: Actor, finding: Finding) -> Allowed:
    """What this actor may do to this finding; asks the same rules as the verbs."""
    state = State(finding.state)
    answers = actor.may(Permission.FINDINGS_ANSWER) and finding.holder in answers_for(actor)
    verifies = actor.may(Permission.FINDINGS_VERIFY) and actor.id in finding.team and finding.closed_on is not None
    return Allowed(
        answer=answers
        and finding.closed_on is not None
        and (state, Act.ANSWER) in rules.AFTER
        and Grade(finding.grade) in rules.OWES_AN_ANSWER,
        verify=verifies and (state, Act.VERIFY) in rules.AFTER,
        accept=verifies and (state, Act.ACCEPT) in rules.AFTER,
        reopen=verifies and (state, Act.REOPEN) in rules.AFTER,
    )


def dates(finding: Finding) -> Due:
    return Due(finding.plan_on, finding.close_on)


def late(finding: Finding, today: date) -> bool:
    return rules.late(State(finding.state), Grade(finding.grade), dates(finding), today)


def today(now: datetime, zone: str = "America/Costa_Rica") -> date:
    """The day it is where the holder is."""
    return day_of(now, zone)


async def listed(actor: Actor, *, waiting: bool, limit: int = 200) -> list[Finding]:
    """Findings an actor may see, the most pressing first. `waiting`: only those that wait for this actor."""
    where = visible_to(actor)
    if waiting:
        where = where & waits_for(actor)
    return (
        await Finding.objects()
        .where(where & (Finding.state != State.DROPPED))
        .order_by(Finding.close_on, Finding.raised_at, Finding.question)
        .limit(limit)
    )


def waits_for(actor: Actor) -> Rows:
    """What this actor acts on next: the client what is raised or reopened, the evaluator what was answered."""
    rows: Rows = Finding.id.is_null()
    owed = Finding.closed_on.is_not_null() & (Finding.grade != Grade.OBSERVATION)
    if mine := answers_for(actor):
        states = [*rules.WAITS_FOR_CLIENT, State.PLANNED]
        rows = rows | (owed & Finding.holder.is_in(list(mine)) & Finding.state.is_in(states))
    if Role.AUDITOR in actor.roles:
        rows = rows | (owed & Finding.team.any(actor.id) & (Finding.state == State.ANSWERED))
    return rows


async def waiting(actor: Actor, now: datetime) -> int:
    """How many findings wait for this actor, for the rail."""
    return int(await Finding.count().where(visible_to(actor) & waits_for(actor)))


async def of_visit(visit_id: UUID) -> list[Finding]:
    """Every finding of a visit that was not taken back, by question. For the visit's own rules and pages."""
    return (
        await Finding.objects()
        .where((Finding.visit == visit_id) & (Finding.state != State.DROPPED))
        .order_by(Finding.question, Finding.unit)
    )


async def standing_action(finding_id: UUID) -> CorrectiveAction | None:
    """The answer that was sent last."""
    sent = CorrectiveAction.superseded_at.is_null() & CorrectiveAction.sent_at.is_not_null()
    return await CorrectiveAction.objects().where((CorrectiveAction.finding == finding_id) & sent).first()


async def draft(finding_id: UUID) -> CorrectiveAction | None:
    """The answer being written, if any."""
    unsent = CorrectiveAction.superseded_at.is_null() & CorrectiveAction.sent_at.is_null()
    return await CorrectiveAction.objects().where((CorrectiveAction.finding == finding_id) & unsent).first()


async def history(finding_id: UUID) -> list[dict[str, Any]]:
    """What was answered and what verification said, oldest first: {what, row}."""
    actions = await CorrectiveAction.objects().where(
        (CorrectiveAction.finding == finding_id) & CorrectiveAction.sent_at.is_not_null()
    )
    verifications = await FindingVerification.objects().where(FindingVerification.finding == finding_id)
    lines: list[dict[str, Any]] = [{"what": "answer", "at": row.sent_at, "row": row} for row in actions]
    lines += [{"what": str(row.result), "at": row.at, "row": row} for row in verifications]
    return sorted(lines, key=lambda line: (line["at"], line["row"].id))


async def proofs(finding_id: UUID) -> list[FindingProof]:
    """The files of a finding that were not taken out again."""
    kept = (FindingProof.finding == finding_id) & FindingProof.removed_at.is_null()
    return await FindingProof.objects().where(kept).order_by(FindingProof.at)


async def proof(actor: Actor, proof_id: UUID) -> FindingProof:
    """One file, for whoever may see its finding."""
    found = await FindingProof.objects().get(FindingProof.id == proof_id)
    if found is None:
        raise NotFound("finding-not-found")
    await find(actor, found.finding)
    return found
