"""What happens here when a case is planned elsewhere."""

from datetime import datetime
from typing import Any
from uuid import UUID

from audit.visits import queries, service
from registry.access.actor import SYSTEM
from registry.certification import file
from registry.core.context import Context


async def schedule_visit(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """certification.planned: the visit is on its team's list. The same event twice is one visit; none is of a case that
    went back to planning meanwhile.
    """
    case = UUID(payload["certification"])
    if await file.team(case):
        await service.schedule(SYSTEM, now, await queries.planned(case, now))
