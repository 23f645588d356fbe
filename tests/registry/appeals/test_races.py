"""Two at once: what a decider takes again while the panel, the appellant or another decider acts."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from registry.appeals import service
from registry.certification import annulment, moves
from registry.certification import queries as cases
from registry.certification import service as certification
from registry.certification.guards import Cause
from registry.certification.rules import Act, UnitState
from registry.certification.rules import State as CaseState
from registry.core.db import fetch
from registry.core.errors import Conflict
from tests.registry.appeals.scene import PAULA
from tests.registry.appeals.test_stays import Later, appealed, dismissed, lifted, stayed, waits
from tests.registry.certification import scene
from tests.registry.certification.looks import state
from tests.registry.certification.scene import DIEGO, DORA, REASON
from tests.registry.seals.test_races import Pause, over_or_waiting

Paused = Callable[[str], Pause]


@pytest.fixture
def later(now: datetime) -> Later:
    return lambda hours: now + timedelta(hours=hours)


async def both(address: str, held: Pause, first: Awaitable[Any], second: Awaitable[Any]) -> list[Any]:
    """The first stops where it is held; the second runs until it is over or waits for the first, which then goes on."""
    one = asyncio.ensure_future(first)
    await held.reached.wait()
    other = asyncio.ensure_future(second)
    await over_or_waiting(other, address)
    held.go.set()
    return list(await asyncio.gather(one, other, return_exceptions=True))


async def standing_again(now: datetime, later: Later) -> tuple[UUID, UUID, UUID]:
    """A lifted stay: the appeal, its case, and the proposal that a decider take it again."""
    here = await scene.hotel(now, await scene.opened(now))
    appeal, case = await stayed(later, here)
    await lifted(later(3), appeal)
    return appeal, case, await waits(later(4))


async def test_a_stay_while_a_decider_takes_it_again_is_a_stay_of_what_was_taken(
    committed: str, now: datetime, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal, case, proposal = await standing_again(now, later)
    held = Pause(moves.situation)
    monkeypatch.setattr(moves, "situation", held)
    taken, stay = await both(
        committed, held, annulment.repeat(DORA, later(5), proposal), service.stay(PAULA, later(5), appeal, REASON)
    )
    assert (taken, stay) == (None, None)
    assert await state(case, later(6)) is CaseState.SUSPENDED
    await service.carry_out(DIEGO, later(6), appeal, REASON)  # the stay holds against it
    assert await state(case, later(6)) is CaseState.GRANTED


async def test_a_decider_does_not_take_again_what_the_panel_stays_at_that_moment(
    committed: str, now: datetime, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal, case, proposal = await standing_again(now, later)
    held = Pause(annulment.stayed)
    monkeypatch.setattr(annulment, "stayed", held)
    stay, taken = await both(
        committed, held, service.stay(PAULA, later(5), appeal, REASON), annulment.repeat(DORA, later(5), proposal)
    )
    assert stay is None and isinstance(taken, Conflict) and taken.code == "proposal-ended"
    assert await state(case, later(6)) is CaseState.GRANTED


async def test_an_appeal_taken_back_while_a_decider_takes_it_again_proposes_nothing_twice(
    committed: str, now: datetime, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await scene.hotel(now, await scene.opened(now))
    appeal, case = await stayed(later, here)
    await lifted(later(3), appeal)
    proposal = await waits(later(4))
    held = Pause(moves.situation)
    monkeypatch.setattr(moves, "situation", held)
    said = await both(
        committed, held, annulment.repeat(DORA, later(5), proposal),
        service.withdraw(here.ana, later(5), appeal, REASON),
    )  # fmt: skip
    assert said == [None, None]
    assert await state(case, later(6)) is CaseState.SUSPENDED
    rows = await fetch("SELECT ended_at FROM proposal WHERE repeats IS NOT NULL")
    assert [row["ended_at"] for row in rows] == [later(5)]


async def test_an_appeal_taken_back_after_a_lifted_stay_proposes_nothing_twice(
    committed: str, now: datetime, later: Later
) -> None:
    here = await scene.hotel(now, await scene.opened(now))
    appeal, _ = await stayed(later, here)
    await lifted(later(3), appeal)
    await service.withdraw(here.ana, later(4), appeal, REASON)
    assert len(await fetch("SELECT 1 FROM proposal WHERE repeats IS NOT NULL")) == 1


async def test_what_one_decider_withdraws_another_does_not_suspend_again_and_neither_waits_for_ever(
    committed: str, now: datetime, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await scene.taxis(now, await scene.opened(now), 4)
    for client in here.clients:
        await scene.signed(now, here.version, client)
        await scene.staffed(now, here.version, client, ["driver"])
    case, member = await scene.group_granted(later(-1), here), here.units[0]
    appeal = await appealed(later, here, case, [member])
    await service.stay(PAULA, later(1), appeal, REASON)
    await service.carry_out(DIEGO, later(2), appeal, REASON)
    await dismissed(later(3), appeal)
    proposal = await waits(later(4))
    await scene.proposed(later(4), case, Act.WITHDRAW, [member])
    held = Pause(moves.situation)  # the withdrawal has locked the case, and not yet looked at what is proposed
    monkeypatch.setattr(moves, "situation", held)
    withdrawn, taken = await both(
        committed, held, certification.withdraw(DORA, later(5), case, REASON, [member], cause=Cause.FRAUD),
        annulment.repeat(DIEGO, later(5), proposal),
    )  # fmt: skip
    assert withdrawn is None
    assert isinstance(taken, Conflict), taken
    (unit,) = [one for one in await cases.scope(case) if one.unit_id == member]
    assert unit.state is UnitState.WITHDRAWN
