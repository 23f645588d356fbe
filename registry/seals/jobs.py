"""What follows from decisions, signatures and time. Each job looks at what holds now, so order and repetition do not
matter: a suspension told late, after the reinstatement, suspends nothing. It looks with the end of the log in its hand
(ledger.alone), or another job, told at the same moment, would do the opposite of what was decided last.
"""

import asyncio
import contextlib
import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.access.actor import SYSTEM
from registry.certification.rules import State as CaseState
from registry.core.context import Context
from registry.core.errors import Refusal
from registry.outbox.service import once_a_round
from registry.seals import attestation, ledger, service
from registry.seals.rules import Act as SealAct

log = logging.getLogger(__name__)


async def issue_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    await service.issue(SYSTEM, now, context, UUID(payload["certification"]))


async def suspend_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    async with ledger.alone():
        case, units = await _units(payload, now, CaseState.SUSPENDED)
        await service.suspend(SYSTEM, now, case, units)


async def reinstate_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    async with ledger.alone():
        case, units = await _units(payload, now, CaseState.GRANTED)
        await service.reinstate(SYSTEM, now, case, units)
        # Who was suspended before its seal was issued gets it now.
        await service.issue(SYSTEM, now, context, case)


async def revoke_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    async with ledger.alone():
        case, units = await _units(payload, now, CaseState.WITHDRAWN)
        await service.revoke(SYSTEM, now, case, units)


async def renew_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """A renewal told late, when the new case is already over, renews nothing: what holds now decides."""
    await service.renew(SYSTEM, now, context, UUID(payload["certification"]), UUID(payload["previous"]))


async def end_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """Taken out by name, gone with a member who left, or given back by the holder: no longer covered."""
    async with ledger.alone():
        case, units = await _units(payload, now, CaseState.ENDED)
        await service.revoke(SYSTEM, now, case, units, SealAct.END)


async def refresh_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """A year was closed: the pages say when the next one is due."""
    await service.refresh(SYSTEM, now, UUID(payload["certification"]))


async def retire_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    await service.retire(SYSTEM, now, UUID(payload["unit"]))


async def enlist(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    await service.enlist(SYSTEM, now, [UUID(payload["client"])])


@once_a_round
async def publish(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    await service.publish(SYSTEM, now, context)


async def withdraw_credentials(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """The signed credentials of an erased holder hold its name: they are no longer handed out."""
    for code in payload["codes"]:
        await context.published.delete(f"credentials/{code}.jwt")


async def _units(payload: dict[str, Any], now: datetime, state: CaseState) -> tuple[UUID, list[UUID]]:
    """Units of the case that stand so now."""
    case = UUID(payload["certification"])
    return case, [unit for unit, standing in (await attestation.wanted(case, now)).items() if standing is state]


async def keep_fresh(context: Context, stopping: asyncio.Event, beat: float = 60.0) -> None:
    """Until asked to stop: a copy whose date would soon look old is signed anew, though nothing changed."""
    while not stopping.is_set():
        try:
            await service.publish(SYSTEM, context.clock(), context)
        except Refusal as refusal:
            log.error("nothing is published: %s", refusal)
        except Exception as error:  # whatever it was, a copy nobody signs anew turns every page grey in the end
            log.warning("the publication waits: %s", type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), beat)
