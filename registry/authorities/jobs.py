"""What runs later."""

from datetime import datetime
from typing import Any

from registry.authorities import service
from registry.core.context import Context
from registry.outbox.service import once_a_round


@once_a_round
async def publish(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """Publish the directory and the hotlines as they are now."""
    await service.publish(context, now)
