"""PostgreSQL by itself: a state, of a case or of a unit, follows the decision that leads to it and no other."""

from datetime import datetime, timedelta
from unittest.mock import AsyncMock
from uuid import UUID

import asyncpg
import pytest

from registry.certification import queries, renewing, scope, service, signing, suspension
from registry.certification.guards import Cause
from registry.certification.rules import Act, Decision, State, UnitState
from registry.certification.sampling import Occasion
from registry.certification.schemas import Decide
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Invalid
from registry.core.ids import uuid7
from tests.registry.certification import scene
from tests.registry.certification.looks import state
from tests.registry.certification.scene import BRUNO, DIEGO, DORA, REASON, Scene
from tests.registry.certification.test_renewal import renewed

OTHER = "Otra causa, del todo distinta de la primera."


async def refused(says: str, statement: str, *values: object) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match=says):
        async with transaction():
            await execute(statement, *values)


async def put(case: UUID, to: str, says: str) -> None:
    await refused(says, "UPDATE certification SET state = $2 WHERE id = $1", case, to)


async def put_unit(case: UUID, unit: UUID, to: str, says: str) -> None:
    statement = "UPDATE scope_unit SET state = $3 WHERE certification = $1 AND unit_id = $2"
    await refused(says, statement, case, unit, to)


async def test_what_ended_one_suspension_does_not_end_the_next(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    await service.suspend(DORA, now, case, REASON)
    await suspension.lift(DIEGO, now + timedelta(hours=1), case, REASON)
    await service.suspend(DORA, now + timedelta(hours=2), case, OTHER)
    await put(case, "granted", "no decision ends this suspension")
    first = await fetch("SELECT id FROM decision WHERE act = 'suspend' ORDER BY decided_at LIMIT 1")
    with pytest.raises(asyncpg.CheckViolationError, match="once, by another person"):
        async with transaction():  # an answer to the first, given late, is no answer to the second
            await execute(
                "INSERT INTO decision (id, certification, scheme_version, act, reason, units, decided_by, decider,"
                " decided_at, answers) VALUES ($1, $2, $3, 'lift', $4, '{}', $5, 'Diego', $6, $7)",
                uuid7(), case, hotel.version, REASON, DIEGO.id, now + timedelta(hours=3), first[0]["id"],
            )  # fmt: skip


async def test_a_suspension_that_is_over_stands_behind_no_state(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    await put(case, "suspended", "no decision stands behind")
    await put(case, "withdrawn", "no decision stands behind")
    await service.suspend(DORA, now, case, REASON)
    await suspension.lift(DIEGO, now + timedelta(hours=1), case, REASON)
    await put(case, "suspended", "no decision stands behind")


async def test_a_decision_about_one_member_moves_neither_another_nor_the_group(taxis: Scene, now: datetime) -> None:
    case = await scene.group_granted(now, taxis)
    one, other = taxis.units[:2]
    await service.suspend(DORA, now, case, REASON, [one])
    await put(case, "suspended", "no decision stands behind")
    await put_unit(case, other, "suspended", "no decision about this unit")
    await scene.proposed(now, case, Act.WITHDRAW, [other])
    await service.withdraw(DORA, now, case, REASON, [other], cause=Cause.FRAUD)
    await put(case, "withdrawn", "no decision stands behind")
    await put_unit(case, one, "withdrawn", "no decision about this unit")
    await put_unit(case, one, "ended", "nothing says why")
    await put_unit(case, other, "covered", "comes back only when it is asked for again")
    await put_unit(case, other, "pending", "comes back only when it is asked for again")


async def test_lifting_the_first_suspension_of_a_member_does_not_make_it_valid_under_the_second(
    taxis: Scene, now: datetime
) -> None:
    case = await scene.group_granted(now, taxis)
    one, other = taxis.units[:2]
    await service.suspend(DORA, now, case, REASON, [one, other])
    await suspension.verify_cause(BRUNO, now + timedelta(hours=1), case, REASON, [one])
    await service.reinstate(DORA, now + timedelta(hours=2), case, REASON, [one])
    await scene.proposed(now + timedelta(hours=3), case, Act.SUSPEND, [one])
    await service.suspend(DORA, now + timedelta(hours=3), case, OTHER, [one])
    await suspension.lift(DIEGO, now + timedelta(hours=4), case, REASON)  # of the first
    standing = {unit.unit_id: unit.state for unit in await queries.scope(case)}
    assert (standing[one], standing[other]) == (UnitState.SUSPENDED, UnitState.COVERED)
    await put_unit(case, one, "covered", "no decision ends the suspension of this unit")


async def test_a_cause_verified_of_the_whole_is_not_that_of_a_member(taxis: Scene, now: datetime) -> None:
    case = await scene.group_granted(now, taxis)
    one, other = taxis.units[:2]
    await service.suspend(DORA, now, case, REASON, [one, other])
    with pytest.raises(Invalid, match="cause-of-which"):
        await suspension.verify_cause(BRUNO, now + timedelta(hours=1), case, REASON)
    await service.suspend(DORA, now + timedelta(hours=1), case, REASON)
    await suspension.verify_cause(BRUNO, now + timedelta(hours=1), case, REASON)
    await service.reinstate(DORA, now + timedelta(hours=1), case, REASON)
    assert not await signing.cause_verified(case, [one], DORA.id)
    with pytest.raises(Conflict, match="cause-not-verified"):
        await service.reinstate(DORA, now + timedelta(hours=2), case, REASON, [one])
    with pytest.raises(Invalid, match="unit-not-in-scope"):
        await suspension.verify_cause(BRUNO, now, case, REASON, [uuid7()])
    await suspension.verify_cause(BRUNO, now + timedelta(hours=2), case, REASON, [one])
    await service.reinstate(DORA, now + timedelta(hours=3), case, REASON, [one])
    with pytest.raises(Conflict, match="cause-not-verified"):
        await service.reinstate(DORA, now + timedelta(hours=3), case, REASON, [other])


async def test_a_renewal_that_forgot_to_carry_a_suspension_is_refused_when_its_transaction_ends(
    taxis: Scene, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await scene.group_granted(now, taxis)
    at = now + timedelta(days=640)
    await service.suspend(DORA, at, old, REASON, taxis.units[:1])
    new = await scene.group_reviewed(at, taxis, occasion=Occasion.RENEWAL)
    grant = Decide(decision=Decision.GRANT, reason=REASON)
    with monkeypatch.context() as forgetful, pytest.raises(asyncpg.CheckViolationError, match="by the way"):
        forgetful.setattr(renewing, "_carry_suspensions", AsyncMock())
        async with transaction():
            await service.decide(DORA, at, new, grant)
            await execute("SET CONSTRAINTS ALL IMMEDIATE")  # as at the end of its transaction
    await service.decide(DORA, at, new, grant)
    await execute("SET CONSTRAINTS ALL IMMEDIATE")


async def test_what_was_withdrawn_after_the_renewal_was_asked_for_leaves_it_and_comes_back_only_knowingly(
    taxis: Scene, now: datetime
) -> None:
    old = await scene.group_granted(now, taxis)
    at = now + timedelta(days=640)
    new = await scene.group_reviewed(at, taxis, occasion=Occasion.RENEWAL)
    out, sold = taxis.units[:2]
    await scene.proposed(at, old, Act.WITHDRAW, [out])
    await service.withdraw(DORA, at, old, REASON, [out], cause=Cause.FRAUD)
    await scene.proposed(at, old, Act.REDUCE, [sold])
    await scope.reduce(DORA, at, old, [sold], REASON)
    assert {unit.unit_id: unit.state for unit in await queries.scope(new)}[out] is UnitState.ENDED
    await service.decide(DORA, at, new, Decide(decision=Decision.GRANT, reason=REASON))
    await put_unit(new, out, "pending", "asked for again")
    later = at + timedelta(days=10)
    with pytest.raises(Conflict, match="reapply-too-early"):
        await scope.ask_extension(taxis.irene, later, new, [out], REASON)
    await scope.ask_extension(taxis.irene, later, new, [sold], REASON)
    await put_unit(new, sold, "covered", "no decision about this unit")
    standing = {unit.unit_id: unit.state for unit in await queries.scope(new)}
    assert (standing[out], standing[sold]) == (UnitState.ENDED, UnitState.PENDING)


async def test_a_renewal_of_what_was_withdrawn_or_given_back_meanwhile_is_not_granted(
    hotel: Scene, now: datetime
) -> None:
    old = await scene.granted(now, hotel)
    at = now + timedelta(days=640)
    new = await renewed(hotel, at, decide=False)
    await scope.end(hotel.ana, at, old, "Cerramos el hotel a fin de mes, gracias por todo.")
    with pytest.raises(Conflict, match="renewal-of-ended"):
        await service.decide(DORA, at, new, Decide(decision=Decision.GRANT, reason=REASON))
    assert await state(old, at) is State.ENDED
