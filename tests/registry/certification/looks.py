"""What tests of certification ask again and again."""

from datetime import datetime
from uuid import UUID

from registry.certification import queries
from registry.certification.facts import Grade, Mending
from registry.certification.rules import State
from registry.certification.schemas import FindingSummary
from registry.core.db import fetch
from registry.core.ids import uuid7


async def state(case: UUID, now: datetime) -> State:
    return await queries.standing(case, now)


def major(state: Mending = Mending.OPEN, unit: UUID | None = None) -> FindingSummary:
    return FindingSummary(
        id=uuid7(), question="C1.03", criterion="C1", grade=Grade.MAJOR, state=state, text="Falta", unit=unit
    )


async def events(case: UUID) -> list[str]:
    return [row["event"] for row in await fetch("SELECT event FROM trail_entry WHERE subject = $1 ORDER BY id", case)]
