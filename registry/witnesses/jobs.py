"""Asking the witnesses, beside the publication and never before it."""

import asyncio
import contextlib
import logging
from datetime import datetime

import httpx

from registry.access.actor import SYSTEM
from registry.core.context import Context
from registry.seals.tiles import Tiles
from registry.witnesses import client, queries, rules, service
from registry.witnesses.rules import Known

logger = logging.getLogger(__name__)
BEAT = 1.0


async def gather(context: Context, now: datetime, http: httpx.AsyncClient | None = None) -> int:
    """Ask every witness that is due about the newest checkpoint. Returns how many cosigned it."""
    asked = [witness for witness in queries.policy_of(context.config).witnesses if witness.url]
    newest = await queries.published(context) if asked else None
    if newest is None:
        return 0
    known = await queries.known()
    places = [(witness, known.get(witness.key.vkey(), Known())) for witness in asked]
    places = [(witness, was) for witness, was in places if rules.due(was, newest.checkpoint.size, now)]
    if not places:
        return 0
    tiles = Tiles(context.published.get, newest.checkpoint.size)
    async with contextlib.AsyncExitStack() as stack:
        through = http if http is not None else await stack.enter_async_context(httpx.AsyncClient())
        answers = await asyncio.gather(
            *(
                client.ask(through, witness, was.size, newest.signed, queries.ours(context), tiles.consistency)
                for witness, was in places
            )
        )
    await service.keep(SYSTEM, now, context, newest.signed, answers)
    return sum(answer.line is not None for answer in answers)


async def keep_witnessed(context: Context, stopping: asyncio.Event, beat: float = BEAT) -> None:
    """Until asked to stop. In a loop of its own: a witness that takes five seconds to answer must not keep a decision
    from being published."""
    if not queries.policy_of(context.config).witnesses:
        return
    async with httpx.AsyncClient() as http:  # connections are kept: a witness is asked at every publication
        while not stopping.is_set():
            asking = asyncio.ensure_future(_gather(context, http, beat))
            ended = asyncio.ensure_future(stopping.wait())
            await asyncio.wait({asking, ended}, return_when=asyncio.FIRST_COMPLETED)
            for task in (asking, ended):  # nobody waits for a slow witness in order to stop
                task.cancel()
            await asyncio.gather(asking, ended, return_exceptions=True)


async def keep_forgetting(context: Context, stopping: asyncio.Event, beat: float = 86_400.0) -> None:
    """Until asked to stop: once a day, evidence that is years old."""
    while not stopping.is_set():
        try:
            await service.forget_evidence(SYSTEM, context.clock(), context)
        except Exception as error:  # the next day will do
            logger.warning("old evidence of witnesses is still there: %s", type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), beat)


async def _gather(context: Context, http: httpx.AsyncClient, beat: float) -> None:
    try:
        await gather(context, context.clock(), http)
    except Exception as error:  # a database or store that is away comes back; this loop must be there then
        logger.warning("the witnesses wait: %s: %s", type(error).__name__, error)
    await asyncio.sleep(beat)
