"""What of the years waits for one reader: its report for a holder, a visit for an officer, the close for a reviewer.

The rail asks on every page, so that dates and rows decide first; what is dearer is asked of what is left.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.certification import queries as certification
from registry.certification import signing
from registry.certification.facts import Kind
from registry.certification.rules import IN_FORCE
from registry.certification.sampling import Risk
from registry.core.calendar import day_of
from registry.core.db import fetch
from registry.surveillance import desk, queries, rules
from registry.surveillance.rules import Stage


async def waiting(actor: Actor, now: datetime) -> int:
    """For the rail: years and told changes whose next step is this actor's."""
    told = await queries.notices(actor) if actor.may(Permission.CERTIFICATION_PLAN) else []
    return len(await mine(actor, now)) + len(told)


async def mine(actor: Actor, now: datetime) -> set[UUID]:
    """The certificates whose year waits for this actor. Whoever only reads them has none."""
    found: set[UUID] = set()
    if actor.may(Permission.CERTIFICATION_APPLY):
        speaks_for = actor.organisations(Role.REPRESENTATIVE) | actor.organisations(Role.ASSOCIATION_ADMIN)
        found |= {row["id"] for row in await _open(actor, now) if row["holder"] in speaks_for and not row["reported"]}
    if actor.may(Permission.CERTIFICATION_PLAN):
        found |= {row["id"] for row in await _open(actor, now) if await _to_plan(row)}
    if actor.may(Permission.CERTIFICATION_REVIEW):
        told = [row["id"] for row in await _open(actor, now) if row["reported"] and row["state"] == "granted"]
        found |= {one.case.id for one in await queries.years(told, now) if not one.lacking}
    return found


async def _to_plan(row: dict[str, Any]) -> bool:
    """Whether a visit belongs to this year, and none was made or planned since it opened."""
    if row["visited"] or (row["visit_on"] and row["visit_on"] >= rules.opens_on(row["surveillance_on"])):
        return False
    asked = await certification.parameters(row["scheme_version"])
    return rules.visit_needed(
        Kind(row["kind"]), Risk(row["risk"]), bytes(row["seed"] or b""), row["surveillance_on"], asked
    )


async def _open(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """The rows of certificates in force whose year is open or overdue."""
    scope = certification.visible_to(actor)
    return await fetch(
        "SELECT c.id, c.kind, c.state, c.risk, c.seed, c.surveillance_on, c.visit_on, c.scheme_version,"
        " coalesce(CASE c.kind WHEN 'group' THEN c.association END, c.client) AS holder,"
        " EXISTS (SELECT FROM annual_report r WHERE r.certification = c.id AND r.due_on = c.surveillance_on)"
        "  AS reported, EXISTS (SELECT FROM evaluation e JOIN review v ON v.evaluation = e.id"
        "  AND v.recommendation = 'grant' WHERE e.certification = c.id"
        "  AND e.visited_on >= c.surveillance_on - $3::int) AS visited"
        " FROM certification c WHERE c.state = ANY($4) AND c.valid_until > $1 AND c.surveillance_on < c.last_on"
        f" AND c.surveillance_on <= $2 AND {scope.where(5)} ORDER BY c.surveillance_on, c.id LIMIT 500",
        now, (now + timedelta(days=rules.OPENS_DAYS)).date(), rules.OPENS_DAYS,
        [str(state) for state in IN_FORCE], *scope.args,
    )  # fmt: skip


async def overdue(now: datetime) -> dict[Stage, set[UUID]]:
    """Years past their day, for deciders, who see every certificate: within their days of grace, or failed."""
    found: dict[Stage, set[UUID]] = {Stage.OVERDUE: set(), Stage.FAILED: set()}
    for row in await fetch(
        "SELECT id, surveillance_on, zone, scheme_version FROM certification WHERE state = 'granted'"
        " AND valid_until > $1 AND surveillance_on < last_on AND surveillance_on < $2",
        now, now.date(),
    ):  # fmt: skip
        asked = await certification.parameters(row["scheme_version"])
        stage = rules.stage(row["surveillance_on"], day_of(now, row["zone"]), asked)
        if stage in found:
            found[stage].add(row["id"])
    return found


async def to_decide(actor: Actor, now: datetime) -> int:
    """For the rail: what others signed or proposed, and what dates put before a decider. Without coverage looked back
    at, which costs more than a page may.
    """
    urgent = {id for id, one in (await signing.all_to_confirm()).items() if one.decided_by != actor.id}
    standing = await signing.waiting(now)
    proposed = {one.certification for one in standing}
    dates = (await overdue(now))[Stage.FAILED] | {one.case.id for one in await desk.by_dates(actor, now, proposed)}
    others = {one.certification for one in standing if one.proposed_by != actor.id}
    return len(urgent | others | (dates - proposed))
