"""Chaining runs on its own beat, so that no verb waits for the end of the chain."""

import asyncio
import contextlib
import logging

from registry.core.context import Context
from registry.trail import service

log = logging.getLogger(__name__)


async def keep_chained(context: Context, stopping: asyncio.Event, beat: float = 5.0) -> None:
    """Until asked to stop: link what was recorded since the last beat."""
    while not stopping.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), beat)
        try:
            await service.chain()
        except Exception as error:  # what is not linked now is linked at a later beat
            log.warning("the trail's chain waits: %s", type(error).__name__)
