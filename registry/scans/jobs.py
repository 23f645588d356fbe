"""Two beats: the door adds what it counted, the worker forgets what is old. Both go on while the database is away."""

import asyncio
import contextlib
import logging

from registry.core.context import Context
from registry.scans import service
from registry.scans.counter import Counter

log = logging.getLogger(__name__)

ADD_EVERY = 60.0
FORGET_EVERY = 3600.0


async def keep_adding(context: Context, counter: Counter, every: float = ADD_EVERY) -> None:
    """Until cancelled; the last batch is added then, too."""
    try:
        while True:
            await asyncio.sleep(every)
            await _tried(context, counter)
    finally:
        await _tried(context, counter)


async def _tried(context: Context, counter: Counter) -> None:
    try:
        await service.flush(counter, context.clock(), context.config.time_zone)
    except Exception as error:  # the counts wait in memory; no page waits for them
        log.info("counts of look-ups wait: %s", type(error).__name__)


async def keep_forgetting(context: Context, stopping: asyncio.Event, every: float = FORGET_EVERY) -> None:
    """Until asked to stop."""
    while not stopping.is_set():
        try:
            await service.forget(context.clock())
        except Exception as error:  # at the next beat
            log.warning("old counts of look-ups are still there: %s", type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), every)
