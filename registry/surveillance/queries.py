"""Reads: what each certificate's year still needs, what stands before a decider, what a holder told of itself.

Whoever may see a case may see its year (certification.queries.visible_to).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.certification import file, requirements, signing
from registry.certification import queries as certification
from registry.certification import rules as certifying
from registry.certification.facts import Kind, Parameters, Requirement, Who
from registry.certification.guards import Cause
from registry.certification.rules import State, UnitState
from registry.certification.schemas import Case, Proposed, Urgent
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
WEEKS = 7
"""Days between two looks back at coverage: below the floor at each of them is below it for that long."""


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


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """What dates and figures put before a decider, with the words of a reason. Nothing is suspended by it."""

    case: Case
    cause: Cause
    since: date
    code: str
    values: dict[str, Any]


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


async def waiting(actor: Actor, now: datetime) -> int:
    """How many certificates are past the day of their surveillance; for the rail."""
    scope = certification.visible_to(actor)
    (row,) = await fetch(
        "SELECT count(*)::int AS n FROM certification c WHERE c.state = 'granted' AND c.valid_until > $1"
        f" AND c.surveillance_on < c.last_on AND c.surveillance_on < $2 AND {scope.where(3)}",
        now, now.date(), *scope.args,
    )  # fmt: skip
    return int(row["n"])


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


# What stands before a decider.


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Certificates about which a decider is asked something."""

    urgent: list[tuple[Case, Urgent, date]]
    """Signed by one person alone, and the day by which a second answers."""
    proposed: list[tuple[Case, Proposed]]
    concerns: list[Concern]


async def desk(actor: Actor, now: datetime) -> Desk:
    """Everything that waits for a decider besides reviewed cases."""
    urgent = await signing.all_to_confirm()
    rows = await fetch("SELECT DISTINCT certification FROM proposal WHERE ended_at IS NULL")
    proposals = await signing.proposals([row["certification"] for row in rows])
    cases = {id: await certification.case(actor, id, now) for id in {*urgent, *proposals}}
    return Desk(
        urgent=[
            (cases[id], one, certifying.working_days_after(day_of(one.decided_at, cases[id].zone),
                                                           certifying.CONFIRM_WITHIN))
            for id, one in sorted(urgent.items(), key=lambda pair: pair[1].decided_at)
        ],
        proposed=[
            (cases[id], one) for id, some in proposals.items() for one in some
            if cases[id].standing in certifying.IN_FORCE
        ],
        concerns=await concerns(actor, now, set(proposals)),
    )  # fmt: skip


async def to_decide(actor: Actor, now: datetime) -> int:
    """How many of these wait; for the rail, and so without the dearer looks at coverage."""
    urgent = await signing.all_to_confirm()
    (row,) = await fetch(
        "SELECT (SELECT count(DISTINCT certification) FROM proposal WHERE ended_at IS NULL AND proposed_by <> $1)::int"
        " AS n",
        actor.id,
    )
    return int(row["n"]) + sum(one.decided_by != actor.id for one in urgent.values())


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
    found += [one for one in await _corrections_overdue(actor, now) if one.case.id not in known]
    return found + await _too_long_suspended(actor, now, but)


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
        ends = certifying.suspension_ends(since, asked.suspension_max_months)
        if case.standing is State.SUSPENDED and day_of(now, case.zone) >= ends and case.id not in but:
            found.append(Concern(case=case, cause=Cause.UNRESOLVED, since=since, code="suspension-too-long",
                                 values={"months": asked.suspension_max_months}))  # fmt: skip
    return found


# What ends soon.


class Soon(msgspec.Struct, frozen=True, kw_only=True):
    """Something of a holder that ends, and the warning that is due."""

    client: UUID | None
    certification: UUID | None
    organisation: UUID
    name: str
    ending: rules.Ending
    ends_on: date
    days: int


async def ending(now: datetime) -> list[Soon]:
    """Every warning that is due today and was not sent: of certificates, of surveillance, of training."""
    rows = await fetch(
        "SELECT c.id, c.name, coalesce(CASE c.kind WHEN 'group' THEN c.association END, c.client) AS holder,"
        " c.last_on, c.surveillance_on, c.zone, c.scheme_version FROM certification c WHERE c.state = 'granted'"
        " AND c.valid_until > $1 AND least(c.last_on, c.surveillance_on) <= ($1 + interval '62 days')::date",
        now,
    )
    found = []
    for row in rows:
        days = (await schemes.version(row["scheme_version"])).parameters.training.warn_days
        today = day_of(now, row["zone"])
        for kind, ends_on in ((rules.Ending.VALIDITY, row["last_on"]),
                              (rules.Ending.SURVEILLANCE, row["surveillance_on"])):  # fmt: skip
            same = kind is rules.Ending.SURVEILLANCE and ends_on == row["last_on"]
            if not same and (due := rules.warning(ends_on, today, days)):
                found.append(Soon(client=None, certification=row["id"], organisation=row["holder"], name=row["name"],
                                  ending=kind, ends_on=ends_on, days=due))  # fmt: skip
    return await _unsent([*found, *await _training_ends(now)])


async def _training_ends(now: datetime) -> list[Soon]:
    """Businesses with a certificate some of whose people's training ends within the warning's days."""
    rows = await fetch(
        "SELECT r.client, k.name, k.zone, c.scheme_version, min(r.expires_on) AS ends_on FROM training_record r"
        " JOIN worker w ON w.id = r.worker AND w.left_on IS NULL JOIN client k ON k.id = r.client"
        " JOIN scope_unit s ON s.client = r.client AND s.state = 'covered'"
        " JOIN certification c ON c.id = s.certification AND c.state = 'granted' AND c.valid_until > $1"
        " WHERE r.expires_on BETWEEN $1::date AND ($1 + interval '62 days')::date AND NOT EXISTS (SELECT"
        "  FROM training_record n WHERE n.worker = r.worker AND n.module = r.module AND n.expires_on > r.expires_on)"
        " GROUP BY r.client, k.name, k.zone, c.scheme_version",
        now,
    )
    found = []
    for row in rows:
        days = (await schemes.version(row["scheme_version"])).parameters.training.warn_days
        if due := rules.warning(row["ends_on"], day_of(now, row["zone"]), days):
            found.append(Soon(client=row["client"], certification=None, organisation=row["client"], name=row["name"],
                              ending=rules.Ending.TRAINING, ends_on=row["ends_on"], days=due))  # fmt: skip
    return found


async def _unsent(found: Iterable[Soon]) -> list[Soon]:
    wanted = list(found)
    rows = await fetch(
        "SELECT coalesce(certification, client) AS about, ending, ends_on, days FROM warned WHERE ends_on >= $1",
        min((one.ends_on for one in wanted), default=date.max),
    )
    sent = {(row["about"], row["ending"], row["ends_on"], row["days"]) for row in rows}
    return [one for one in wanted if (one.certification or one.client, one.ending, one.ends_on, one.days) not in sent]
