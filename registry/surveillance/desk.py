"""What stands before a decider besides reviewed cases: signatures of one person, proposals, dates and figures.

Whoever may see a case may see what is asked about it (certification.queries.visible_to).
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.certification import deadlines, file, signing
from registry.certification import queries as certification
from registry.certification.facts import Parameters
from registry.certification.guards import Cause
from registry.certification.rules import State
from registry.certification.schemas import Case, Proposed, Urgent
from registry.core.calendar import day_of
from registry.core.db import fetch
from registry.schemes import queries as schemes
from registry.surveillance import rules
from registry.surveillance.queries import watched
from registry.surveillance.rules import Stage
from registry.training import queries as training

WEEKS = 7
"""Days between two looks back at coverage: below the floor at each of them is below it for that long."""


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """What dates and figures put before a decider, with the words of a reason. Nothing is suspended by it."""

    case: Case
    cause: Cause
    since: date
    code: str
    values: dict[str, Any]


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Certificates about which a decider is asked something."""

    urgent: list[tuple[Case, Urgent]]
    """Signed by one person alone: a second answers."""
    proposed: list[tuple[Case, Proposed]]
    concerns: list[Concern]


async def asked(actor: Actor, now: datetime) -> Desk:
    """Everything that waits for a decider besides reviewed cases."""
    urgent = await signing.all_to_confirm()
    proposals = await signing.waiting(now)
    about = {one.certification for one in proposals}
    cases = {id: await certification.case(actor, id, now) for id in {*urgent, *about}}
    return Desk(
        urgent=[
            (cases[id], one) for id, one in sorted(urgent.items(), key=lambda pair: pair[1].decided_at)
        ],
        proposed=[(cases[one.certification], one) for one in proposals],
        concerns=await concerns(actor, now, about),
    )  # fmt: skip


async def concerns(actor: Actor, now: datetime, but: Collection[UUID] = ()) -> list[Concern]:
    """Surveillance failed, coverage below its floor for too long, suspensions at their limit: by dates alone."""
    found = []
    for one in await watched(actor, now, 0):
        if one.stage is Stage.FAILED and one.case.id not in but:
            found.append(Concern(case=one.case, cause=Cause.SURVEILLANCE_FAILED, since=one.year.due_on,
                                 code="surveillance-failed", values={"count": len(one.lacking)}))  # fmt: skip
    known = {one.case.id for one in found} | set(but)
    found += [one for one in await _below_the_floor(actor, now) if one.case.id not in known]
    known |= {one.case.id for one in found}
    return found + [one for one in await by_dates(actor, now, but) if one.case.id not in known]


async def by_dates(actor: Actor, now: datetime, but: Collection[UUID]) -> list[Concern]:
    """Those that a day alone makes: corrections not there, a suspension at its limit."""
    late = [one for one in await _corrections_overdue(actor, now) if one.case.id not in but]
    return late + await _too_long_suspended(actor, now, but)


async def _corrections_overdue(actor: Actor, now: datetime) -> list[Concern]:
    """Findings past the day of their verified closing that wait for the holder. What it answered waits for the team."""
    scope = certification.visible_to(actor)
    rows = await fetch(
        "SELECT c.* FROM certification c JOIN LATERAL (SELECT findings FROM evaluation e WHERE e.certification = c.id"
        " ORDER BY e.visited_on DESC, e.version DESC LIMIT 1) e ON EXISTS (SELECT FROM jsonb_array_elements(e.findings)"
        " f WHERE f ->> 'due_on' < $2 AND f ->> 'state' <> 'closed') WHERE c.state = 'granted' AND c.valid_until > $1"
        f" AND {scope.where(3)} ORDER BY c.id LIMIT 500",
        now, now.date().isoformat(), *scope.args,
    )  # fmt: skip
    evaluated = await file.evaluations([row["id"] for row in rows])
    found = []
    for row in rows:
        case = await certification.case_of(row, now)
        late = rules.overdue(evaluated[case.id].findings, day_of(now, case.zone))
        if late:
            found.append(Concern(case=case, cause=Cause.CORRECTIONS_OVERDUE, since=min(late),
                                 code="corrections-overdue", values={"count": len(late)}))  # fmt: skip
    return found


async def _below_the_floor(actor: Actor, now: datetime) -> list[Concern]:
    scope = certification.visible_to(actor)
    rows = await fetch(
        "SELECT c.* FROM certification c WHERE c.state = 'granted' AND c.kind = 'single' AND c.valid_until > $1"
        f" AND c.valid_from < $1 - interval '60 days' AND {scope.where(2)} LIMIT 1000",
        now, *scope.args,
    )  # fmt: skip
    by_version: dict[UUID, list[Case]] = defaultdict(list)
    for row in rows:
        case = await certification.case_of(row, now)
        by_version[case.scheme_version].append(case)
    found = []
    for version_id, cases in by_version.items():
        asked, version = await certification.parameters(version_id), await schemes.version(version_id)
        low = {case.client: case for case in cases if case.client}
        for back in range(0, asked.coverage_grace_days + 1, WEEKS):
            covered = await training.coverage(low, now - timedelta(days=back), version) if low else {}
            low = {client: low[client] for client, one in covered.items() if _below(one, asked)}
        found += [
            Concern(case=case, cause=Cause.COVERAGE_LOW, since=(now - timedelta(days=asked.coverage_grace_days)).date(),
                    code="coverage-below", values={"days": asked.coverage_grace_days})
            for case in low.values()
        ]  # fmt: skip
    return found


def _below(covered: Any, asked: Parameters) -> bool:
    total = bool(covered.valid * 100 < covered.total * asked.coverage_total)
    return total or bool(covered.critical_valid * 100 < covered.critical_total * asked.coverage_critical)


async def _too_long_suspended(actor: Actor, now: datetime, but: Collection[UUID]) -> list[Concern]:
    scope = certification.visible_to(actor)
    rows = await fetch(
        f"SELECT c.* FROM certification c WHERE c.state = 'suspended' AND {scope.where(1)} ORDER BY c.moved_at",
        *scope.args,
    )
    found = []
    for row in rows:
        case = await certification.case_of(row, now)
        asked = await certification.parameters(case.scheme_version)
        since = day_of(case.moved_at, case.zone)
        ends = deadlines.suspension_ends(since, asked.suspension_max_months)
        if case.standing is State.SUSPENDED and day_of(now, case.zone) >= ends and case.id not in but:
            found.append(Concern(case=case, cause=Cause.UNRESOLVED, since=since, code="suspension-too-long",
                                 values={"months": asked.suspension_max_months}))  # fmt: skip
    return found
