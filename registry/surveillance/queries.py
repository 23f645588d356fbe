"""Reads: what each certificate's year still needs, what stands before a decider, what a holder told of itself.

Whoever may see a case may see its year (certification.queries.visible_to).
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.certification import queries as certification
from registry.certification import requirements
from registry.certification.facts import Kind, Requirement, Who
from registry.certification.rules import UnitState
from registry.certification.schemas import Case
from registry.core.calendar import day_of
from registry.core.db import fetch
from registry.schemes import queries as schemes
from registry.surveillance import rules
from registry.surveillance.rules import Figures, Stage, Year
from registry.training import queries as training

_OURS = (
    "coverage-low", "coverage-critical-low", "roster-empty", "commitment-missing", "units-unchecked", "unit-not-passed",
    "finding-critical-open", "finding-major-open", "findings-answered",
)  # fmt: skip
"""What of a grant's list a year asks again; the rest was settled by the decision."""


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate and its year."""

    case: Case
    year: Year
    stage: Stage
    lacking: list[Requirement]

    @property
    def waits_for(self) -> Who:
        """Who takes the next step."""
        return self.lacking[0].who if self.lacking else Who.REVIEWER


async def watched(actor: Actor, now: datetime, until_days: int = rules.OPENS_DAYS) -> list[Watched]:
    """Certificates in force whose surveillance is open or will be within so many days, the most pressing first."""
    scope = certification.visible_to(actor)
    rows = await fetch(
        f"SELECT c.id FROM certification c WHERE c.state = 'granted' AND c.valid_until > $1"
        f" AND c.surveillance_on < c.last_on AND c.surveillance_on <= $2 AND {scope.where(3)}"
        " ORDER BY c.surveillance_on, c.id LIMIT 500",
        now, (now + timedelta(days=until_days)).date(), *scope.args,
    )  # fmt: skip
    return await years([row["id"] for row in rows], now)


async def years(certification_ids: Collection[UUID], now: datetime) -> list[Watched]:
    """The years of these certificates, in a number of statements that does not grow with single businesses."""
    rows = await fetch(
        "SELECT c.*, r.id IS NOT NULL AS reported, EXISTS (SELECT FROM evaluation e JOIN review v"
        "  ON v.evaluation = e.id AND v.recommendation = 'grant' WHERE e.certification = c.id"
        "  AND e.visited_on >= c.surveillance_on - $2::int)"
        "  AS visited FROM certification c LEFT JOIN annual_report r ON r.certification = c.id"
        "  AND r.due_on = c.surveillance_on WHERE c.id = ANY($1::uuid[]) ORDER BY c.surveillance_on, c.id",
        list(certification_ids), rules.OPENS_DAYS,
    )  # fmt: skip
    cases = [await certification.case_of(row, now) for row in rows]
    clients = [case.client for case in cases if case.kind is Kind.SINGLE and case.client]
    facts = await certification.facts(clients, now) if clients else {}
    found = []
    for row, case in zip(rows, cases, strict=True):
        asked = await certification.parameters(case.scheme_version)
        known = facts.get(case.client) if case.client else None
        if known is None or known.version != case.scheme_version:  # a group, or a renewal under newer criteria
            known = await certification.facts_of(case, now)
        assert case.surveillance_on is not None  # a constraint of the table
        year = Year(
            due_on=case.surveillance_on,
            reported=row["reported"],
            visit=rules.visit_needed(case.kind, case.risk, bytes(row["seed"] or b""), case.surveillance_on, asked),
            visited=row["visited"],
            lacking=tuple(one for one in requirements.missing(known, asked) if one.code in _OURS and one.blocks),
        )
        stage = rules.stage(year.due_on, day_of(now, case.zone), asked)
        found.append(Watched(case=case, year=year, stage=stage, lacking=rules.lacking(year)))
    return found


async def figures(case: Case, now: datetime) -> Figures:
    """A year in numbers, as the registry has them at this moment."""
    units = [unit for unit in await certification.scope(case.id, now) if unit.state is UnitState.COVERED]
    version = await schemes.version(case.scheme_version)
    covered = (await training.coverage({unit.client for unit in units}, now, version)).values()
    return Figures(
        people=sum(one.total for one in covered),
        trained=sum(one.valid for one in covered),
        critical=sum(one.critical_total for one in covered),
        critical_trained=sum(one.critical_valid for one in covered),
        units=len(units),
    )


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A change a holder told of."""

    id: UUID
    certification: UUID
    number: str
    name: str
    kind: rules.ChangeKind
    happened_on: date
    text: str
    told_at: datetime
    evaluate: bool | None
    answer: str


async def notices(actor: Actor, certification_id: UUID | None = None) -> list[Notice]:
    """Changes told: of one case all of them, else those that wait for an answer."""
    scope = certification.visible_to(actor)
    rows = await fetch(
        "SELECT n.*, c.number, c.name FROM change_notice n JOIN certification c ON c.id = n.certification"
        f" WHERE ($1::uuid IS NULL AND n.answered_at IS NULL OR c.id = $1) AND {scope.where(2)} ORDER BY n.told_at",
        certification_id, *scope.args,
    )  # fmt: skip
    return [msgspec.convert({name: row[name] for name in Notice.__struct_fields__}, Notice) for row in rows]
