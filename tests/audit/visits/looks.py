"""What tests of visits ask again and again."""

from datetime import datetime
from uuid import UUID

from audit.visits import queries
from audit.visits.rules import Item
from registry.access.actor import SYSTEM
from registry.certification import queries as certification
from registry.certification.rules import State as CaseState
from registry.core.db import fetch

SEAL = Item("C4.01")


async def state(visit_id: UUID) -> str:
    return str((await queries.find(SYSTEM, visit_id)).state)


async def case_state(visit_id: UUID, now: datetime) -> CaseState:
    return await certification.standing((await queries.find(SYSTEM, visit_id)).certification, now)


async def history(visit_id: UUID, question: str) -> list[tuple[str, bool]]:
    rows = await fetch(
        "SELECT reply, superseded_at IS NULL AS stands FROM visit_answer WHERE visit = $1 AND question = $2"
        " ORDER BY superseded_at NULLS LAST",
        visit_id,
        question,
    )
    return [(row["reply"], row["stands"]) for row in rows]
