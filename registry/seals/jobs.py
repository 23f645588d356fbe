"""What follows from decisions, signatures and time. Each job looks at what holds now, so order and repetition do not
matter: a suspension told late, after the reinstatement, suspends nothing.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.access.actor import SYSTEM
from registry.certification.rules import State as CaseState
from registry.core.context import Context
from registry.seals import attestation, service


async def issue_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    await service.issue(SYSTEM, now, context, UUID(payload["certification"]))


async def suspend_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    case, units = await _units(payload, now, CaseState.SUSPENDED)
    await service.suspend(SYSTEM, now, case, units)


async def reinstate_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    case, units = await _units(payload, now, CaseState.GRANTED)
    await service.reinstate(SYSTEM, now, case, units)


async def revoke_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    case, units = await _units(payload, now, CaseState.WITHDRAWN)
    await service.revoke(SYSTEM, now, case, units)


async def retire_seals(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    await service.retire(SYSTEM, now, UUID(payload["unit"]))


async def enlist(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    await service.enlist(SYSTEM, now, [UUID(payload["client"])])


async def publish(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    await service.publish(SYSTEM, now, context)


async def _units(payload: dict[str, Any], now: datetime, state: CaseState) -> tuple[UUID, list[UUID]]:
    """Units of the case that stand so now."""
    case = UUID(payload["certification"])
    return case, [unit for unit, standing in (await attestation.wanted(case, now)).items() if standing is state]


async def freshen(context: Context) -> None:
    """On a beat of its own: a copy whose date would soon look old is signed anew."""
    await service.publish(SYSTEM, context.clock(), context)
