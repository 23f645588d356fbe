"""What follows: everybody a decision is about gets a letter. Reasons stay in the file, which only they can open."""

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.access.actor import SYSTEM
from registry.certification import file, letters, queries, scope
from registry.certification.rules import Act, State
from registry.clients import queries as clients
from registry.core.context import Context
from registry.core.db import fetch


async def follow_member(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """A member left: what a group covered of it is covered no more."""
    units = await clients.units([UUID(payload["client"])])
    await scope.uncover(SYSTEM, now, [unit.id for unit in units], groups_only=True)


async def follow_unit(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """A place or a car is no longer its business's, whoever certified it."""
    await scope.uncover(SYSTEM, now, [UUID(payload["unit"])], groups_only=False)


async def hear_answer(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """A holder answered a finding: it is the team's turn."""
    at = datetime.fromisoformat(payload["at"])
    await scope.note_answer(SYSTEM, at, UUID(payload["certification"]), UUID(payload["finding"]))


async def tell_end(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """Everybody a certificate was about hears that its holder ended it."""
    case = await queries.case(SYSTEM, UUID(payload["certification"]), now)
    await letters.tell(context, case, Act.END, now, f"end-{case.id}")


async def tell_decision(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """One letter to each person, in their language; the same decision twice is the same letter."""
    case = await queries.case(SYSTEM, UUID(payload["certification"]), now)
    (decision,) = await fetch("SELECT * FROM decision WHERE id = $1", UUID(payload["decision"]))
    await letters.tell(
        context, case, Act(decision["act"]), decision["decided_at"], f"decision-{decision['id']}", decision
    )


async def tell_applicant(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """An application was sent back to be completed, or declined: whoever applied reads why, and by when to answer."""
    case = await queries.case(SYSTEM, UUID(payload["certification"]), now)
    at = datetime.fromisoformat(payload["at"])
    for step in await file.history(case.id):
        if step.act in (Act.RETURN, Act.DECLINE) and step.taken_at == at:
            await letters.tell_applicant(context, case, step.act, at, step.reason)


async def tell_team(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """A first visit, or that of a renewal, has its team. What is in force is visited without a word beforehand."""
    case = await queries.case(SYSTEM, UUID(payload["certification"]), now)
    team = await file.team(case.id)  # the lead first
    if case.standing is State.PLANNED and team:
        await letters.tell_team(context, case, [one.name for one in team], team[0].assigned_at)


async def tell_objection(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """The holder reads what became of its objection."""
    case = await queries.case(SYSTEM, UUID(payload["certification"]), now)
    said = await file.objection(case.id)
    if said and said.answered_at:
        await letters.tell_objection(context, case, said)
