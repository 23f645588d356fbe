"""Suspension: four eyes, the urgent one and its second person, causes, consultation, reinstatement, withdrawal."""

from datetime import datetime, timedelta

import asyncpg
import pytest

from registry.access.permissions import Role
from registry.certification import file, queries, service, signing, suspension
from registry.certification.guards import Cause
from registry.certification.rules import Act, State, UnitState
from registry.certification.schemas import Propose
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, Invalid
from registry.core.ids import uuid7
from tests.registry.certification import scene
from tests.registry.certification.looks import state
from tests.registry.certification.scene import BRUNO, CARLA, DIEGO, DORA, OLGA, REASON, Scene

ERNESTO = scene.person(120, "Ernesto Lobo", Role.AUTHORITY_OFFICER)


async def test_a_suspension_takes_four_eyes_unless_it_cannot_wait(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    with pytest.raises(Conflict, match="four-eyes-needed"):
        await service.suspend(DORA, now, case, REASON, cause=Cause.VISIT_REFUSED, urgent=False)
    own = Propose(act=Act.SUSPEND, cause=Cause.VISIT_REFUSED, reason=REASON)
    await suspension.propose(DORA, now, case, own)
    with pytest.raises(Conflict, match="four-eyes-needed"):
        await service.suspend(DORA, now, case, REASON, cause=Cause.VISIT_REFUSED, urgent=False)
    await scene.proposed(now, case, Act.SUSPEND)
    await service.suspend(DORA, now, case, REASON, cause=Cause.VISIT_REFUSED)
    (row,) = await fetch("SELECT * FROM decision WHERE act = 'suspend'")
    assert (row["urgent"], row["cause"], row["proposer"]) == (False, "visit_refused", OLGA.name)
    assert not (await signing.proposals([case])).get(case)


async def test_an_urgent_suspension_is_confirmed_by_a_second_decider_and_not_by_the_first(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    await service.suspend(DORA, now, case, REASON, cause=Cause.CRITICAL_FINDING)
    with pytest.raises(Forbidden, match="same-decider"):
        await suspension.confirm(DORA, now, case, REASON)
    await suspension.confirm(DIEGO, now + timedelta(days=1), case, REASON)
    assert await state(case, now) is State.SUSPENDED
    with pytest.raises(Conflict, match="nothing-to-confirm"):
        await suspension.lift(DIEGO, now, case, REASON)


async def test_an_urgent_suspension_that_is_not_confirmed_is_lifted_and_stays_on_record(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    await service.suspend(DORA, now, case, REASON)
    late = now + timedelta(days=20)
    assert (await signing.to_confirm(case)) is not None  # it waits, however late; nothing happens by itself
    assert await state(case, late) is State.SUSPENDED
    await suspension.lift(DIEGO, late, case, REASON)
    assert await state(case, late) is State.GRANTED
    acts = [step.act for step in await file.history(case)]
    assert acts[-2:] == [Act.SUSPEND, Act.LIFT]
    (told,) = await fetch("SELECT details FROM trail_entry WHERE event = 'certification.reinstated'")
    assert '"late": true' in told["details"]


async def test_a_suspension_ends_only_when_an_auditor_saw_its_cause_gone(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    await suspension.verify_cause(BRUNO, now - timedelta(hours=1), case, "Vi la política a la vista en recepción.")
    await service.suspend(DORA, now, case, REASON)
    with pytest.raises(Conflict, match="cause-not-verified"):
        await service.reinstate(DORA, now, case, REASON)
    with pytest.raises(asyncpg.CheckViolationError, match="its cause is gone"):
        async with transaction():
            await execute(
                "INSERT INTO decision (id, certification, scheme_version, act, reason, units, decided_by, decider,"
                " decided_at) VALUES ($1, $2, $3, 'reinstate', $4, '{}', $5, 'Dora', $6)",
                uuid7(), case, hotel.version, REASON, DORA.id, now,
            )  # fmt: skip
    await suspension.verify_cause(BRUNO, now, case, "Vi la política a la vista en recepción.")
    await service.reinstate(DORA, now, case, REASON)
    assert await state(case, now) is State.GRANTED


async def test_a_suspension_needs_a_cause_and_a_report_of_a_traveller_is_none(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    with pytest.raises(Invalid, match="cause-missing"):
        await service.suspend(DORA, now, case, REASON, cause=Cause.FRAUD)
    with pytest.raises(Invalid, match="cause-missing"):
        await suspension.propose(OLGA, now, case, Propose(act=Act.WITHDRAW, reason=REASON))
    assert not [cause for cause in Cause if "report" in cause]


async def test_a_withdrawal_is_never_signed_alone_and_its_holder_waits_a_year_to_apply(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    with pytest.raises(Conflict, match="four-eyes-needed"):
        await service.withdraw(DORA, now, case, REASON, cause=Cause.FRAUD)
    await service.suspend(DIEGO, now, case, REASON)
    await service.withdraw(DORA, now, case, REASON, cause=Cause.UNRESOLVED)
    assert await state(case, now) is State.WITHDRAWN
    with pytest.raises(Conflict, match="reapply-too-early") as refusal:
        await scene.applied(now + timedelta(days=360), hotel)
    assert str(refusal.value.details["day"]) == "2027-11-20"
    assert await scene.applied(now + timedelta(days=366), hotel)


async def test_a_proposal_can_be_set_aside_with_a_reason(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    proposal = await scene.proposed(now, case, Act.SUSPEND)
    await suspension.set_aside(DORA, now, proposal, "La visita se hizo hoy y encontró todo en orden.")
    with pytest.raises(Conflict, match="proposal-ended"):
        await suspension.set_aside(DORA, now, proposal, REASON)
    with pytest.raises(Conflict, match="four-eyes-needed"):
        await service.suspend(DORA, now, case, REASON, urgent=False)


async def test_where_an_authority_asks_to_be_consulted_a_decider_says_that_it_was(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    asked = await suspension.ask_consultation(ERNESTO, now, case, hold=False)
    with pytest.raises(Invalid, match="consult-first"):
        await service.suspend(DORA, now, case, REASON)
    with pytest.raises(Forbidden, match="permission-missing"):
        await suspension.end_consultation(DORA, now, asked)
    await service.suspend(DORA, now, case, REASON, consulted=True)
    assert await state(case, now) is State.SUSPENDED
    rows = await fetch("SELECT subject, details FROM trail_entry WHERE event LIKE 'certification.consultation%'")
    assert all(row["subject"] != case and str(case) not in row["details"] for row in rows)


async def test_an_investigation_hold_keeps_the_public_state_until_it_ends_or_is_forgotten(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    await suspension.ask_consultation(ERNESTO, now, case, hold=True)
    with pytest.raises(Conflict, match="investigation-hold"):
        await service.suspend(DORA, now, case, REASON, consulted=True)
    with pytest.raises(asyncpg.CheckViolationError, match="consulted first"):
        async with transaction():
            await execute(
                "INSERT INTO decision (id, certification, scheme_version, act, reason, units, decided_by, decider,"
                " decided_at, cause, urgent, consulted) VALUES ($1, $2, $3, 'suspend', $4, '{}', $5, 'Dora', $6,"
                " 'other', true, true)",
                uuid7(), case, hotel.version, REASON, DORA.id, now,
            )  # fmt: skip
    later = now + timedelta(days=31)
    await service.suspend(DORA, later, case, REASON)
    assert await state(case, later) is State.SUSPENDED


async def test_suspend_the_group_and_every_seal_is_not_valid_restore_and_only_members_in_order_come_back(
    taxis: Scene, now: datetime
) -> None:
    case = await scene.group_granted(now, taxis)
    await service.suspend(DORA, now, case, REASON)
    assert {unit.standing for unit in await queries.scope(case, now)} == {State.SUSPENDED}
    await execute("UPDATE commitment SET ended_at = $2 WHERE client = $1", taxis.clients[3], now)
    await suspension.verify_cause(BRUNO, now, case, "Vi que la asociación volvió a revisar todos los carros.")
    await service.reinstate(DORA, now, case, REASON)
    units = {unit.unit_id: unit for unit in await queries.scope(case, now)}
    assert units[taxis.units[3]].state is UnitState.SUSPENDED
    assert [unit.standing for unit in units.values()].count(State.GRANTED) == len(taxis.units) - 1


async def test_i1_and_four_eyes_hold_in_the_database_for_the_evaluator_and_for_an_administrator(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    statement = (
        "INSERT INTO decision (id, certification, scheme_version, act, reason, units, decided_by, decider,"
        " decided_at, cause, urgent, proposed_by) VALUES ($1, $2, $3, $4, $5, '{}', $6, 'x', $7, 'other', $8, $9)"
    )
    for who, act, urgent, proposer, says in (
        (BRUNO, "suspend", True, None, "may not decide it"),
        (CARLA, "suspend", False, None, "four eyes"),
        (CARLA, "withdraw", True, CARLA.id, "four eyes"),
        (DORA, "confirm", False, None, "by another person"),
    ):
        with pytest.raises(asyncpg.CheckViolationError, match=says):
            async with transaction():
                await execute(statement, uuid7(), case, hotel.version, act, REASON, who.id, now, urgent, proposer)


async def test_whoever_confirms_or_lifts_answers_the_suspension_they_have_read(taxis: Scene, now: datetime) -> None:
    case = await scene.group_granted(now, taxis)
    one, other = taxis.units[:2]
    await service.suspend(DORA, now, case, REASON, [one])
    await service.suspend(DORA, now + timedelta(minutes=1), case, REASON, [other])
    read = await signing.to_confirm(case)
    assert read is not None and read.units == (one,)
    await suspension.confirm(DIEGO, now + timedelta(minutes=2), case, REASON, urgent=read.id)
    for act in (suspension.lift, suspension.confirm):  # the page was open since before
        with pytest.raises(Conflict, match="nothing-to-confirm"):
            await act(DIEGO, now + timedelta(minutes=3), case, REASON, urgent=read.id)
    standing = {unit.unit_id: unit.state for unit in await queries.scope(case)}
    assert (standing[one], standing[other]) == (UnitState.SUSPENDED, UnitState.SUSPENDED)


async def test_lifting_a_suspension_leaves_alone_what_was_suspended_again_since(taxis: Scene, now: datetime) -> None:
    case = await scene.group_granted(now, taxis)
    one, other = taxis.units[:2]
    await service.suspend(DORA, now, case, REASON, [one, other])
    await suspension.verify_cause(BRUNO, now + timedelta(hours=1), case, REASON, [one])
    later = now + timedelta(hours=2)
    await service.reinstate(DORA, later, case, REASON, [one])
    await scene.proposed(later, case, Act.SUSPEND, [one])
    await service.suspend(DORA, later, case, "Otra causa, del todo distinta de la primera.", [one], cause=Cause.OTHER)
    await suspension.lift(DIEGO, later, case, REASON)
    standing = {unit.unit_id: unit.state for unit in await queries.scope(case)}
    assert (standing[one], standing[other]) == (UnitState.SUSPENDED, UnitState.COVERED)
