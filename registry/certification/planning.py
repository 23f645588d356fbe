"""What whoever plans looks at: the cases that wait for a plan, and the units a draw sees. Reads only."""

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.certification import file, queries, rules
from registry.certification.competence import Competence
from registry.certification.facts import Mending
from registry.certification.sampling import Candidate
from registry.certification.schemas import Case, EvaluationView
from registry.clients import queries as clients
from registry.clients.rules import ClientKind, Shift
from registry.core.calendar import day_of
from registry.core.db import fetch

_TO_PLAN = """
SELECT c.* FROM certification c JOIN scheme_version v ON v.id = c.scheme_version
WHERE (c.state = 'accepted'
  OR c.state = 'planned' AND EXISTS (SELECT FROM team_objection o
    WHERE o.certification = c.id AND o.answered_at IS NULL)
  OR c.state IN ('corrections_open', 'evaluated', 'reviewed') AND (SELECT max(e.visited_on) FROM evaluation e
    WHERE e.certification = c.id) + coalesce((v.content::jsonb -> 'parameters' ->> 'evaluation_max_age_days')::int,
    180) < ($1 AT TIME ZONE c.zone)::date)
"""


async def to_plan(actor: Actor, now: datetime) -> list[Case]:
    """Cases whose next step is a plan, the longest waiting first: accepted, objected to, or evaluated too long ago."""
    scope = queries.visible_to(actor)
    rows = await fetch(f"{_TO_PLAN} AND {scope.where(2)} ORDER BY c.moved_at, c.id LIMIT 200", now, *scope.args)
    found = [await queries.case_of(row, now) for row in rows]
    return [case for case in found if case.standing in rules.UNDECIDED]


async def competences(people: Collection[UUID]) -> dict[UUID, Competence]:
    """What is known of these auditors, by the newest line about each."""
    rows = await fetch(
        "SELECT DISTINCT ON (person) person, kinds, languages, basis FROM auditor_competence WHERE person = ANY($1)"
        " ORDER BY person, recorded_at DESC, id DESC",
        list(people),
    )
    return {row["person"]: msgspec.convert(row, Competence) for row in rows}


async def asked_of_team(case: Case) -> tuple[frozenset[ClientKind], str]:
    """The kinds of business in a case, and the language its holder reads; of a group, that of most of its members."""
    (row,) = await fetch(
        "SELECT array_agg(DISTINCT k.kind) AS kinds, mode() WITHIN GROUP (ORDER BY k.language) AS language"
        " FROM scope_unit s JOIN client k ON k.id = s.client WHERE s.certification = $1 AND s.state <> 'ended'",
        case.id,
    )
    return frozenset(ClientKind(kind) for kind in row["kinds"] or ()), str(row["language"] or "es")


async def waiting(actor: Actor, now: datetime) -> int:
    """For the rail: how many they are."""
    return len(await to_plan(actor, now))


async def planned_anew(case: Case, visited_on: date) -> bool:
    """Whether a visit of this day is one that the case was planned anew after."""
    (row,) = await fetch(
        "SELECT max(taken_at) AS at FROM step WHERE certification = $1 AND act = 'plan_anew'", case.id
    )  # fmt: skip
    return row["at"] is not None and visited_on < day_of(row["at"], case.zone)


async def population(case: Case, now: datetime) -> list[Candidate]:
    """The units of a group as a draw sees them: where, day or night, one car or a fleet, new or seen last time."""
    rows = await file.scope_rows("s.certification = $1 AND s.state NOT IN ('ended', 'withdrawn')", case.id)
    owners = await clients.clients({row["client"] for row in rows})
    nights = {one.client for one in await clients.workers(owners, day_of(now, case.zone)) if one.shift is not Shift.DAY}
    fleets = Counter(row["client"] for row in rows)
    last = await _last_visit(case)
    answer = []
    for row in rows:
        owner = owners[row["client"]]
        strata = {"night" if owner.id in nights else "day", "fleet" if fleets[owner.id] > 1 else "owner"}
        if owner.canton:
            strata.add(f"place:{owner.canton}")
        joined = last is not None and owner.joined_on is not None and owner.joined_on > last.visited_on
        mending = last is not None and any(
            finding.unit == row["unit_id"] and finding.state is not Mending.CLOSED for finding in last.findings
        )
        seen = last is not None and row["unit_id"] in last.sample
        answer.append(Candidate(row["unit_id"], frozenset(strata), joined, mending, seen))
    return answer


async def _last_visit(case: Case) -> EvaluationView | None:
    """The newest evaluation of the same group, in this case or one before."""
    rows = await fetch(
        "SELECT e.certification FROM evaluation e JOIN certification c ON c.id = e.certification"
        " WHERE c.association = $1 AND c.kind = 'group' AND c.scheme = $2 ORDER BY e.recorded_at DESC LIMIT 1",
        case.association,
        case.scheme,
    )
    return (await file.evaluations([rows[0]["certification"]]))[rows[0]["certification"]] if rows else None
