"""What stood at a past instant, told from the steps and the decisions alone, which nobody can change (I6)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from registry.certification import queries, rules
from registry.certification.rules import Act, State
from registry.core.db import fetch


async def state_at(certification_id: UUID, at: datetime) -> State | None:
    """What a case's state was at any past instant, expiry and lapse included (I6); None before its application."""
    rows = await fetch(
        """
        SELECT s.state, c.scheme_version, greatest(s.taken_at, (SELECT max(a.answered_at) FROM answered_finding a
          WHERE a.certification = c.id AND a.answered_at <= $2)) AS heard_at, EXISTS (SELECT FROM self_assessment a
          WHERE a.certification = c.id AND a.assessed_at <= $2) AS self_assessed, (SELECT d.valid_until FROM decision d
          WHERE d.certification = c.id AND d.act = 'grant' AND d.decided_at <= $2) AS valid_until
        FROM step s JOIN certification c ON c.id = s.certification
        WHERE s.certification = $1 AND s.taken_at <= $2 ORDER BY s."order" DESC LIMIT 1
        """,
        certification_id,
        at,
    )
    if not rows:
        return None
    asked, row = await queries.parameters(rows[0]["scheme_version"]), rows[0]
    return rules.standing(
        State(row["state"]), row["valid_until"], at, row["heard_at"], asked.silence_days,
        self_assessed=row["self_assessed"] or not asked.self_assessment,
    )  # fmt: skip


async def units_at(certification_id: UUID, at: datetime) -> dict[UUID, State]:
    """What each unit of a case stood for at any past instant: its own state times the case's, from the steps alone."""
    state = await state_at(certification_id, at)
    if state is None:
        return {}
    steps = await fetch(
        'SELECT act, units FROM step WHERE certification = $1 AND taken_at <= $2 ORDER BY "order"', certification_id, at
    )
    taken = [(Act(row["act"]), row["units"]) for row in steps]
    rows = await fetch(
        "SELECT unit_id FROM scope_unit WHERE certification = $1 AND (asked_at IS NULL OR asked_at <= $2)",
        certification_id, at,
    )  # fmt: skip
    return {row["unit_id"]: rules.unit_standing(state, rules.unit_at(taken, row["unit_id"])) for row in rows}


async def said(unit_ids: Iterable[UUID], at: datetime) -> dict[UUID, State]:
    """What was decided of these units, as it stood at a past instant: of the newest certificate each had by then.

    For other rooms, which have said who may ask.
    """
    rows = await fetch(
        "SELECT DISTINCT ON (s.unit_id) s.unit_id, s.certification FROM scope_unit s JOIN decision d"
        " ON d.certification = s.certification AND d.act IN ('grant', 'extend') AND s.unit_id = ANY(d.units)"
        " WHERE s.unit_id = ANY($1::uuid[]) AND d.decided_at <= $2 ORDER BY s.unit_id, d.decided_at DESC",
        list(unit_ids), at,
    )  # fmt: skip
    by_case = {case: await units_at(case, at) for case in {row["certification"] for row in rows}}
    return {row["unit_id"]: by_case[row["certification"]][row["unit_id"]] for row in rows}
