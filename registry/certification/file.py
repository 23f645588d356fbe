"""What is in the file of a case. Whether somebody may open it is said in queries.py; nothing here asks who reads."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import msgspec

from registry.certification.facts import Kind, Mending
from registry.certification.impartiality import Bond, Objection, Tie
from registry.certification.sampling import Drawn
from registry.certification.schemas import (
    Case,
    DrawView,
    EvaluationView,
    ReviewView,
    SelfAssessmentView,
    StepView,
    TeamMember,
    TieView,
)
from registry.core.db import fetch
from registry.core.errors import NotFound


async def scope_rows(where: str, *args: Any) -> list[dict[str, Any]]:
    """Rows of scope units `s` with their newest internal check."""
    return await fetch(
        "SELECT s.*, k.checked_on, coalesce(k.passed, false) AS passed, coalesce(k.notes, '') AS notes"
        " FROM scope_unit s LEFT JOIN LATERAL (SELECT k.checked_on, k.passed, k.notes FROM internal_check k"
        "  WHERE k.certification = s.certification AND k.unit_id = s.unit_id ORDER BY k.recorded_at DESC LIMIT 1) k"
        f" ON true WHERE {where} ORDER BY s.label, s.unit_id",
        *args,
    )


async def team(certification_id: UUID) -> list[TeamMember]:
    """Who is assigned to evaluate a case, the lead first."""
    rows = await fetch(
        "SELECT person, name, lead, declared_at, assigned_at FROM assignment WHERE certification = $1"
        " AND ended_at IS NULL ORDER BY lead DESC, name",
        certification_id,
    )
    return [msgspec.convert(row, TeamMember) for row in rows]


async def screened(certification_id: UUID) -> dict[str, Any] | None:
    """How an officer found an application before it was accepted."""
    rows = await fetch("SELECT * FROM application_review WHERE certification = $1", certification_id)
    return rows[0] if rows else None


async def objection(certification_id: UUID) -> Objection | None:
    """What the holder of a case said against its team."""
    rows = await fetch("SELECT * FROM team_objection WHERE certification = $1", certification_id)
    return msgspec.convert({name: rows[0][name] for name in Objection.__struct_fields__}, Objection) if rows else None


async def objected_to(certification_id: UUID) -> frozenset[UUID]:
    """Whom an officer agreed to keep away from a case."""
    said = await objection(certification_id)
    return frozenset(said.persons if said and said.upheld else ())


async def self_assessment(certification_id: UUID) -> SelfAssessmentView | None:
    """What the holder of a case said of itself last."""
    rows = await fetch(
        "SELECT version, answers, name, assessed_at AS at FROM self_assessment WHERE certification = $1"
        " ORDER BY version DESC LIMIT 1",
        certification_id,
    )
    if not rows:
        return None
    return msgspec.convert(rows[0] | {"answers": msgspec.json.decode(rows[0]["answers"])}, SelfAssessmentView)


async def evaluations(certification_ids: Collection[UUID]) -> dict[UUID, EvaluationView]:
    """The newest evaluation of each case that has one."""
    rows = await fetch(
        "SELECT DISTINCT ON (e.certification) e.*, d.drawn, d.reserve, coalesce(d.size, 0) AS sample_size, ARRAY(SELECT"
        " a.finding FROM answered_finding a WHERE a.certification = e.certification AND a.answered_at > e.recorded_at)"
        " AS answered, EXISTS"
        " (SELECT FROM review r WHERE r.evaluation = e.id AND r.recommendation <> 'return') AS reviewed"
        " FROM evaluation e LEFT JOIN LATERAL (SELECT * FROM draw d WHERE d.certification = e.certification"
        "  ORDER BY d.drawn_at DESC LIMIT 1) d ON true"
        " WHERE e.certification = ANY($1::uuid[]) ORDER BY e.certification, e.visited_on DESC, e.version DESC",
        list(certification_ids),
    )
    return {row["certification"]: _evaluation(row) for row in rows}


def _evaluation(row: dict[str, Any]) -> EvaluationView:
    drawn = {UUID(place["id"]) for place in msgspec.json.decode(row["drawn"] or "[]")} | set(row["reserve"] or ())
    values = {name: row[name] for name in EvaluationView.__struct_fields__ if name != "drawn"}
    values |= {name: msgspec.json.decode(row[name]) for name in ("criteria", "findings")}
    found = msgspec.convert(values, EvaluationView)
    findings = tuple(
        msgspec.structs.replace(one, state=Mending.ANSWERED)
        if one.id in row["answered"] and one.state is not Mending.CLOSED else one
        for one in found.findings
    )  # fmt: skip
    return msgspec.structs.replace(found, drawn=frozenset(drawn), findings=findings)


async def review(evaluation_id: UUID) -> ReviewView | None:
    """The newest review of an evaluation."""
    rows = await fetch(
        "SELECT * FROM review WHERE evaluation = $1 ORDER BY reviewed_at DESC, id DESC LIMIT 1", evaluation_id
    )
    return msgspec.convert({name: rows[0][name] for name in ReviewView.__struct_fields__}, ReviewView) if rows else None


async def history(certification_id: UUID) -> list[StepView]:
    """Every step of a case, in order. Reasons are for whoever may see the case's file, not for its association."""
    rows = await fetch('SELECT * FROM step WHERE certification = $1 ORDER BY "order"', certification_id)
    return [msgspec.convert({name: row[name] for name in StepView.__struct_fields__}, StepView) for row in rows]


async def drawn(certification_id: UUID) -> DrawView | None:
    """The newest draw of a group's case."""
    rows = await fetch(
        "SELECT * FROM draw WHERE certification = $1 ORDER BY drawn_at DESC, id DESC LIMIT 1", certification_id
    )
    if not rows:
        return None
    places = msgspec.json.decode(rows[0]["drawn"], type=list[Drawn])
    values = {name: rows[0][name] for name in DrawView.__struct_fields__ if name not in ("drawn", "reasons")}
    return DrawView(
        **values, drawn=tuple(place.id for place in places), reasons={place.id: place.reason for place in places}
    )


async def told(case: Case) -> list[dict[str, Any]]:
    """Who gets a letter about a decision: whoever speaks for the holder or its association, the team, the committee.

    `holder`: it is their own case, so that they read the reason.
    """
    return await fetch(
        "SELECT a.id, a.name, a.email, a.language, EXISTS (SELECT FROM role_held h WHERE h.account = a.id"
        "   AND h.ended_at IS NULL AND h.role = $4 AND h.organisation = $3) AS holder"
        " FROM account a WHERE a.state = 'active' AND (EXISTS"
        " (SELECT FROM role_held h WHERE h.account = a.id AND h.ended_at IS NULL AND (h.role = 'impartiality'"
        "   OR h.role IN ('representative', 'association_admin') AND h.organisation = ANY($2::uuid[])))"
        " OR EXISTS (SELECT FROM assignment t WHERE t.person = a.id AND t.certification = $1 AND t.ended_at IS NULL))"
        " ORDER BY a.name, a.id",
        case.id,
        await _organisations(case),
        case.holder,
        "association_admin" if case.kind is Kind.GROUP else "representative",
    )


async def speaking_for(holder: UUID) -> list[dict[str, Any]]:
    """Whoever speaks for a business, or for the association of a group."""
    return await fetch(
        "SELECT DISTINCT a.id, a.name, a.email, a.language FROM account a JOIN role_held h"
        " ON h.account = a.id AND h.ended_at IS NULL AND h.role IN ('representative', 'association_admin')"
        " WHERE a.state = 'active' AND h.organisation = $1 ORDER BY a.name",
        holder,
    )


async def applicant(certification_id: UUID) -> list[dict[str, Any]]:
    """Whoever applied, while that account is in use: an association may for its member."""
    return await fetch(
        "SELECT a.id, a.name, a.email, a.language FROM account a JOIN certification c ON c.applied_by = a.id"
        " WHERE c.id = $1 AND a.state = 'active'",
        certification_id,
    )


async def country(case: Case) -> str:
    """Where the holder is (ISO 3166-1): its working days are those a promise to it is counted in."""
    (row,) = await fetch(
        "SELECT country FROM client WHERE id = $1 UNION ALL SELECT country FROM association WHERE id = $1", case.holder
    )
    return str(row["country"])


async def _organisations(case: Case) -> list[UUID]:
    """Everybody a case is about: the businesses in its scope, and their association."""
    rows = await fetch("SELECT DISTINCT client FROM scope_unit WHERE certification = $1", case.id)
    return [row["client"] for row in rows] + ([case.association] if case.association else [])


async def ties_of(person: UUID) -> list[TieView]:
    """What somebody declared, the newest word about each tie first."""
    rows = await fetch(
        "SELECT * FROM (SELECT DISTINCT ON (organisation, bond) * FROM tie WHERE person = $1"
        " ORDER BY organisation, bond, recorded_at DESC) t ORDER BY recorded_at DESC",
        person,
    )
    return [msgspec.convert({name: row[name] for name in TieView.__struct_fields__}, TieView) for row in rows]


async def organisations(text: str, limit: int = 20) -> list[tuple[UUID, str]]:
    """Businesses and associations whose name holds these words."""
    rows = await fetch(
        "SELECT id, name FROM association WHERE name ILIKE '%' || $1 || '%' UNION ALL"
        " SELECT id, name FROM client WHERE name ILIKE '%' || $1 || '%' ORDER BY name, id LIMIT $2",
        text,
        limit,
    )
    return [(row["id"], row["name"]) for row in rows]


async def evaluators(certification_id: UUID) -> frozenset[UUID]:
    """Everybody who took part in evaluating a case, in any version of it, and whoever is on its team."""
    rows = await fetch(
        "SELECT unnest(evaluators) AS person FROM evaluation WHERE certification = $1"
        " UNION SELECT person FROM assignment WHERE certification = $1"
        "  AND (ended_at IS NULL OR declared_at IS NOT NULL)",
        certification_id,
    )
    return frozenset(row["person"] for row in rows)


async def judges(certification_id: UUID) -> frozenset[UUID]:
    """Everybody who reviewed a case or decided about it, whenever that was."""
    rows = await fetch(
        "SELECT reviewed_by AS person FROM review WHERE certification = $1"
        " UNION SELECT decided_by FROM decision WHERE certification = $1",
        certification_id,
    )
    return frozenset(row["person"] for row in rows)


async def led_before(case: Case, person: UUID) -> int:
    """How many of the holder's last cycles, without a break, this person led."""
    rows = await fetch(
        "SELECT (SELECT a.person FROM assignment a WHERE a.certification = c.id AND a.lead AND a.ended_at IS NULL)"
        " AS lead FROM certification c WHERE c.scheme = $2 AND c.id <> $3 AND c.valid_from IS NOT NULL"
        " AND CASE c.kind WHEN 'group' THEN c.association ELSE c.client END = $1 AND c.kind = $4"
        " ORDER BY c.valid_from DESC",
        case.holder, case.scheme, case.id, case.kind,
    )  # fmt: skip
    return next((n for n, row in enumerate(rows) if row["lead"] != person), len(rows))


async def auditors() -> list[tuple[UUID, str]]:
    """Everybody who holds the role of an auditor now."""
    rows = await fetch(
        "SELECT DISTINCT a.id, a.name FROM account a JOIN role_held h ON h.account = a.id"
        " WHERE h.role = 'auditor' AND h.ended_at IS NULL AND a.state = 'active' ORDER BY a.name, a.id"
    )
    return [(row["id"], row["name"]) for row in rows]


async def organisation_name(organisation: UUID) -> str:
    """The name of a business or an association, or NotFound."""
    rows = await fetch(
        "SELECT name FROM client WHERE id = $1 UNION ALL SELECT name FROM association WHERE id = $1", organisation
    )
    if not rows:
        raise NotFound("organisation-not-found")
    return str(rows[0]["name"])


async def lasting_from(person: UUID, organisation: UUID, bond: Bond) -> date | None:
    """The day a tie was last entered as still lasting, if it was."""
    (row,) = await fetch(
        "SELECT max(recorded_at)::date AS day FROM tie WHERE person = $1 AND organisation = $2 AND bond = $3"
        " AND until IS NULL",
        person,
        organisation,
        bond,
    )
    return cast(date | None, row["day"])


_TIES = """
SELECT t.person, t.bond, t.organisation, t.since, t.until FROM (
  SELECT DISTINCT ON (person, organisation, bond) * FROM tie WHERE person = ANY($1) AND organisation = ANY($2)
  ORDER BY person, organisation, bond, recorded_at DESC) t
UNION ALL
SELECT p, 'evaluated', coalesce(c.client, c.association), e.visited_on, e.visited_on
  FROM evaluation e JOIN certification c ON c.id = e.certification, unnest(e.evaluators) p
  WHERE p = ANY($1) AND c.id <> $3 AND coalesce(c.client, c.association) = ANY($2)
UNION ALL
SELECT k.checked_by, 'inspected', c.association, min(k.checked_on), max(k.checked_on)
  FROM internal_check k JOIN certification c ON c.id = k.certification
  WHERE k.checked_by = ANY($1) AND c.association = ANY($2) GROUP BY 1, 3
UNION ALL
SELECT t.facilitator, 'trained', business, min(t.started_at)::date, max(t.started_at)::date
  FROM training_session t, unnest(t.clients) business
  WHERE t.facilitator = ANY($1) AND t.clients && $2 AND business = ANY($2) AND t.state <> 'cancelled' GROUP BY 1, 3
UNION ALL
SELECT h.account, CASE h.role WHEN 'association_admin' THEN 'association' WHEN 'inspector' THEN 'inspected'
    ELSE 'employed' END, h.organisation, h.given_at::date, h.ended_at::date
  FROM role_held h WHERE h.account = ANY($1) AND h.organisation = ANY($2)
  AND h.role IN ('association_admin', 'inspector', 'representative')
"""


LIFTED: list[Callable[[UUID, UUID, datetime], Awaitable[bool]]] = []
"""Who knows whether two deciders broke the glass for a person in a case (impartiality/queries.py)."""
ELSEWHERE: list[Callable[[Collection[UUID], Case], Awaitable[list[tuple[UUID, Tie]]]]] = []
"""Rooms above this one that know of ties as well: who sat on an appeals panel (appeals/queries.py)."""


async def ties(people: Collection[UUID], case: Case) -> dict[UUID, list[Tie]]:
    """Every tie of these people to the holder of a case, its association or any business in its scope.

    Declared ones stand in the register, where the newest word about a tie counts; the others we know from what people
    did here: whom they evaluated, inspected, represented or trained.
    """
    known = await fetch(_TIES, list(people), await _organisations(case), case.id)
    found = defaultdict(list)
    for row in known:
        found[row["person"]].append(Tie(Bond(row["bond"]), row["organisation"], row["since"], row["until"]))
    for more in ELSEWHERE:
        for person, tie in await more(people, case):
            found[person].append(tie)
    return found
