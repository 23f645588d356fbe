"""A stay that was carried out is undone when the decision stands again, and cannot be lost; what is upheld takes effect
in the certificate that was renewed meanwhile.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.appeals import queries, service
from registry.appeals.rules import Outcome, State
from registry.appeals.schemas import Lodge, Propose, Seat
from registry.certification import annulment, chains, suspension
from registry.certification import queries as cases
from registry.certification import service as certification
from registry.certification.guards import Cause
from registry.certification.rules import Decision as Said
from registry.certification.rules import State as CaseState
from registry.certification.rules import UnitState
from registry.certification.schemas import Decide
from registry.core.context import Context
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden
from registry.outbox import service as outbox
from registry.surveillance import desk, waiting
from tests.conftest import Browser
from tests.registry.appeals import scene
from tests.registry.appeals.scene import GROUNDS, PAULA, PEDRO, PIA, REASONS
from tests.registry.certification.looks import events, state
from tests.registry.certification.scene import BRUNO, DIEGO, DORA, OLGA, REASON, Scene, group_granted, person
from tests.registry.certification.test_renewal import renewed

CARMEN = person(110, "Carmen Díaz", Role.DECIDER)
Later = Callable[[float], datetime]


@pytest.fixture
def later(now: datetime) -> Later:
    """So many hours on."""
    return lambda hours: now + timedelta(hours=hours)


async def stayed(later: Later, here: Scene) -> tuple[UUID, UUID]:
    """An appeal whose stay Diego has carried out, and its case."""
    appeal = await scene.heard(later(0), here)
    await service.stay(PAULA, later(1), appeal, REASON)
    await service.carry_out(DIEGO, later(2), appeal, REASON)
    return appeal, (await queries.case(OLGA, appeal)).certification


async def dismissed(at: datetime, appeal: UUID) -> None:
    await service.propose(PAULA, at, appeal, Propose(outcome=Outcome.DISMISSED, reasons=REASONS))
    await service.vote(PEDRO, at, appeal, True)


async def upheld(at: datetime, appeal: UUID) -> None:
    await service.propose(PAULA, at, appeal, Propose(outcome=Outcome.UPHELD, reasons=REASONS, asked=REASON))
    await service.vote(PEDRO, at, appeal, True)


async def lifted(at: datetime, appeal: UUID) -> None:
    await service.lift(PAULA, at, appeal, REASON)


async def waits(at: datetime) -> UUID:
    """The one proposal that a panel left, as a decider's list shows it first."""
    ((_, one),) = (await desk.asked(DIEGO, at)).proposed
    assert one.repeats is not None
    return one.id


@pytest.mark.parametrize("over", [lifted, dismissed, "taken back"])
async def test_what_a_stay_gave_back_stands_before_the_deciders_until_one_of_them_takes_it_again(
    hotel: Scene, later: Later, over: Callable[[datetime, UUID], Awaitable[None]] | str, context: Context
) -> None:
    appeal, case = await stayed(later, hotel)
    (first,) = await fetch("SELECT * FROM decision WHERE certification = $1 AND act = 'suspend'", case)
    assert await waiting.to_decide(DIEGO, later(3)) == 0
    if callable(over):
        await over(later(3), appeal)
    else:
        await service.withdraw(hotel.ana, later(3), appeal, REASON)
    assert await state(case, later(4)) is CaseState.GRANTED  # nothing by itself
    assert await waiting.to_decide(DIEGO, later(4)) == await waiting.to_decide(DORA, later(4)) == 1
    proposal = await waits(later(4))
    await outbox.drain(context, later(4))
    letters = [path.read_text() for path in (context.config.data / "mail").glob("appeal-*.eml")]
    assert letters
    with pytest.raises(Conflict, match="panel-left-it-standing"):
        await suspension.set_aside(DORA, later(4), proposal, REASON)
    with pytest.raises(Forbidden, match="permission-missing"):
        await annulment.repeat(PAULA, later(4), proposal)
    await annulment.repeat(DIEGO, later(5), proposal)
    assert await state(case, later(6)) is CaseState.SUSPENDED
    assert await waiting.to_decide(DIEGO, later(6)) == 0
    (_, again) = await fetch(
        "SELECT * FROM decision WHERE certification = $1 AND act = 'suspend' ORDER BY decided_at", case
    )
    same = ("cause", "reason", "units")
    assert [again[name] for name in same] == [first[name] for name in same]
    assert (again["proposed_by"], again["decided_by"], again["repeats"]) == (PAULA.id, DIEGO.id, first["id"])
    assert "certification.stands_again" in await events(case)
    with pytest.raises(Conflict, match="decision-not-appealable"):  # a panel has had its word
        await service.lodge(hotel.ana, later(6), Lodge(decision=again["id"], grounds=GROUNDS))
    with pytest.raises(Conflict, match="proposal-ended"):
        await annulment.repeat(DORA, later(7), proposal)


async def test_the_chair_goes_on_hearing_after_a_lifted_stay_and_what_was_taken_again_is_given_back_when_upheld(
    hotel: Scene, later: Later
) -> None:
    appeal, case = await stayed(later, hotel)
    await lifted(later(3), appeal)
    await annulment.repeat(DORA, later(4), await waits(later(4)))
    assert await state(case, later(4)) is CaseState.SUSPENDED
    await upheld(later(5), appeal)
    assert await queries.waiting(DIEGO, later(6)) == 1
    await service.carry_out(DIEGO, later(6), appeal, REASON)
    assert await state(case, later(6)) is CaseState.GRANTED
    assert (await queries.case(OLGA, appeal)).state is State.CLOSED


async def test_a_stay_can_be_set_again_and_carried_out_again(hotel: Scene, later: Later) -> None:
    appeal, case = await stayed(later, hotel)
    with pytest.raises(Conflict, match="already-carried-out"):
        await service.carry_out(DIEGO, later(3), appeal, REASON)
    await lifted(later(3), appeal)
    await service.stay(PAULA, later(4), appeal, REASON)  # before anybody took it again
    assert await waiting.to_decide(DIEGO, later(4)) == 0
    await lifted(later(5), appeal)
    await annulment.repeat(DORA, later(6), await waits(later(6)))
    await service.stay(PAULA, later(7), appeal, REASON)
    assert await queries.waiting(DIEGO, later(7)) == 1
    await service.carry_out(DIEGO, later(8), appeal, REASON)
    assert await state(case, later(8)) is CaseState.GRANTED


async def test_upholding_ends_what_was_proposed_to_be_taken_again(hotel: Scene, later: Later) -> None:
    appeal, case = await stayed(later, hotel)
    await lifted(later(3), appeal)
    await upheld(later(4), appeal)
    await service.carry_out(DIEGO, later(5), appeal, REASON)
    assert await waiting.to_decide(DORA, later(5)) == 0
    assert await state(case, later(5)) is CaseState.GRANTED
    rows = await fetch("SELECT provisional FROM decision WHERE act = 'annul' ORDER BY decided_at")
    assert [row["provisional"] for row in rows] == [True, False]


async def test_an_auditor_who_saw_the_cause_gone_lets_a_decider_put_it_aside(hotel: Scene, later: Later) -> None:
    appeal, case = await stayed(later, hotel)
    await dismissed(later(3), appeal)
    proposal = await waits(later(4))
    with pytest.raises(asyncpg.CheckViolationError, match="waits for a decider"):
        async with transaction():
            await execute("UPDATE proposal SET ended_at = $2 WHERE id = $1", proposal, later(4))
    await suspension.verify_cause(BRUNO, later(4), case, "Vi la política a la vista en recepción.")
    await suspension.set_aside(DORA, later(5), proposal, "La causa ya no está; lo vio el equipo auditor.")
    assert await waiting.to_decide(DIEGO, later(5)) == 0


async def test_a_stay_of_a_confirmation_is_undone_with_the_suspension_it_confirmed(hotel: Scene, later: Later) -> None:
    await scene.pool(later(0))
    case, urgent = await scene.suspended(later(0), hotel)
    await suspension.confirm(CARMEN, later(0), case, REASON)
    (row,) = await fetch("SELECT id FROM decision WHERE act = 'confirm'")
    appeal = await service.lodge(hotel.ana, later(0), Lodge(decision=row["id"], grounds=GROUNDS))
    await service.acknowledge(OLGA, later(0), appeal)
    await service.seat(OLGA, later(0), appeal, Seat(panel=(PAULA.id, PEDRO.id, PIA.id), chair=PAULA.id))
    for member in (PAULA, PEDRO):
        await service.declare(member, later(0), appeal)
    await service.stay(PAULA, later(1), appeal, REASON)
    for signer in (DORA, CARMEN):
        with pytest.raises(Forbidden):
            await service.carry_out(signer, later(2), appeal, REASON)
    await service.carry_out(DIEGO, later(2), appeal, REASON)
    assert await state(case, later(2)) is CaseState.GRANTED
    await dismissed(later(3), appeal)
    await annulment.repeat(DIEGO, later(4), await waits(later(4)))
    assert (await chains.keeps(urgent))[0].whole


async def test_a_member_of_a_group_is_taken_again_by_name_and_nothing_unrelated_ends_the_proposal(
    taxis: Scene, later: Later
) -> None:
    case = await group_granted(later(-1), taxis)
    one, other = taxis.units[:2]
    appeal = await appealed(later, taxis, case, [one])
    await service.stay(PAULA, later(1), appeal, REASON)
    await service.carry_out(DIEGO, later(2), appeal, REASON)
    await dismissed(later(3), appeal)
    proposal = await waits(later(4))
    await certification.suspend(DORA, later(4), case, REASON, [other], cause=Cause.VISIT_REFUSED)
    assert await waits(later(4)) == proposal
    await annulment.repeat(DIEGO, later(5), proposal)
    standing = {unit.unit_id: unit.state for unit in await cases.scope(case)}
    assert [unit for unit in taxis.units if standing[unit] is UnitState.SUSPENDED] == [one, other]


async def appealed(later: Later, taxis: Scene, case: UUID, units: list[UUID] | None) -> UUID:
    """The association appeals against the suspension of a member, or of the group, and a panel has declared."""
    await scene.pool(later(0))
    await certification.suspend(DORA, later(0), case, REASON, units)
    (row,) = await fetch("SELECT id FROM decision WHERE act = 'suspend' AND certification = $1", case)
    appeal = await service.lodge(taxis.irene, later(0), Lodge(decision=row["id"], grounds=GROUNDS))
    await service.acknowledge(OLGA, later(0), appeal)
    await service.seat(OLGA, later(0), appeal, Seat(panel=(PAULA.id, PEDRO.id, PIA.id), chair=PAULA.id))
    for member in (PAULA, PEDRO):
        await service.declare(member, later(0), appeal)
    return appeal


async def test_when_a_group_is_given_back_a_member_who_is_not_in_order_stays_out(taxis: Scene, later: Later) -> None:
    case = await group_granted(later(-1), taxis)
    appeal = await appealed(later, taxis, case, None)
    await upheld(later(1), appeal)
    await execute("UPDATE commitment SET ended_at = $2 WHERE client = $1", taxis.clients[3], later(1))
    await service.carry_out(DIEGO, later(2), appeal, REASON)
    standing = {unit.unit_id: unit.state for unit in await cases.scope(case)}
    assert [unit for unit in taxis.units if standing[unit] is not UnitState.COVERED] == [taxis.units[3]]


async def test_a_renewal_waits_until_what_stands_again_is_taken_again(hotel: Scene, later: Later) -> None:
    appeal, _ = await stayed(later, hotel)
    at = later(24 * 640)
    new = await renewed(hotel, at, decide=False)
    await dismissed(at, appeal)
    with pytest.raises(Conflict, match="renewal-while-proposed"):
        await certification.decide(DORA, at, new, Decide(decision=Said.GRANT, reason=REASON))


async def test_a_stay_that_ends_after_the_renewal_is_undone_in_the_renewed_certificate_and_an_upheld_one_given_back(
    hotel: Scene, later: Later
) -> None:
    appeal, old = await stayed(later, hotel)
    at = later(24 * 640)
    new = await renewed(hotel, at)
    assert await state(old, at) is CaseState.SUPERSEDED
    await lifted(at + timedelta(hours=1), appeal)
    proposal = await waits(at + timedelta(hours=2))
    assert (await fetch("SELECT certification FROM proposal WHERE id = $1", proposal))[0]["certification"] == new
    await annulment.repeat(DORA, at + timedelta(hours=2), proposal)
    assert await state(new, at + timedelta(hours=3)) is CaseState.SUSPENDED
    await upheld(at + timedelta(hours=3), appeal)
    await service.carry_out(DIEGO, at + timedelta(hours=4), appeal, REASON)
    assert await state(new, at + timedelta(hours=4)) is CaseState.GRANTED
    assert await state(old, at + timedelta(hours=4)) is CaseState.SUPERSEDED
    assert (await queries.case(OLGA, appeal)).state is State.CLOSED
    annulled = await fetch("SELECT certification FROM decision WHERE act = 'annul' AND NOT provisional")
    assert {row["certification"] for row in annulled} == {old, new}


async def test_only_a_suspension_that_holds_can_be_stayed(hotel: Scene, later: Later) -> None:
    appeal = await scene.heard(later(0), hotel)
    case = (await queries.case(OLGA, appeal)).certification
    await suspension.verify_cause(BRUNO, later(1), case, REASON)
    await certification.reinstate(DORA, later(2), case, REASON)
    with pytest.raises(Conflict, match="nothing-to-stay"):
        await service.stay(PAULA, later(3), appeal, REASON)


async def test_nothing_stands_again_where_no_stay_was_carried_out(hotel: Scene, later: Later) -> None:
    appeal = await scene.heard(later(0), hotel)
    decision = (await queries.case(OLGA, appeal)).decision
    assert await annulment.stands_again(SYSTEM, later(1), decision, PAULA.id, PAULA.name) is None
    await annulment.stayed(SYSTEM, later(1), decision)  # it holds, so a stay means something
    await service.stay(PAULA, later(1), appeal, REASON)
    await dismissed(later(2), appeal)  # before anybody carried it out
    assert (await desk.asked(DIEGO, later(3))).proposed == []


async def test_a_decider_reads_what_a_panel_left_standing_and_signs_it_on_the_page(
    hotel: Scene, later: Later, sign_in: Browser
) -> None:
    appeal, case = await stayed(lambda hours: later(hours - 9), hotel)
    await dismissed(later(-3), appeal)
    dora = await sign_in(DORA)
    listed = await dora.get("/desk/certificates")
    assert "un panel de apelación la mantuvo" in listed.text
    page = await dora.get(f"/desk/certifications/{case}")
    at = f"/desk/proposals/{await waits(later(4))}/repetition"
    assert at in page.text and "Firmar y suspender otra vez" in page.text
    assert (await dora.post(at, data={"certification": str(case)})).status_code == 303
    assert await waiting.to_decide(DIEGO, later(5)) == 0


async def test_an_auditor_names_on_the_page_whose_cause_is_gone(taxis: Scene, later: Later, sign_in: Browser) -> None:
    case = await group_granted(later(-1), taxis)
    one = taxis.units[0]
    await certification.suspend(DORA, later(0), case, REASON, [one])
    bruno = await sign_in(BRUNO)
    at = f"/desk/certifications/{case}/causes"
    assert f'value="{one}"' in (await bruno.get(f"/desk/certifications/{case}")).text
    nobody = await bruno.post(at, data={"reason": REASON})
    assert nobody.status_code == 422 and "Diga de cuáles" in nobody.text
    assert (await bruno.post(at, data={"reason": REASON, "unit_ids": str(one)})).status_code == 303
    (row,) = await fetch("SELECT units FROM cause_verification")
    assert row["units"] == [one]


async def test_a_panels_uphold_in_part_carried_out_otherwise_leaves_what_was_stayed_before_a_decider(
    hotel: Scene, later: Later
) -> None:
    appeal, _ = await stayed(later, hotel)
    ruling = Propose(outcome=Outcome.PARTLY, reasons=REASONS, asked=REASON)
    await service.propose(PAULA, later(3), appeal, ruling)
    await service.vote(PEDRO, later(3), appeal, True)
    await service.carry_out(DIEGO, later(4), appeal, REASON, annuls=False)
    ((_, one),) = (await desk.asked(DORA, later(5))).proposed
    assert (one.repeats, one.proposed_by) == (None, PAULA.id)
    await suspension.set_aside(DORA, later(5), one.id, "Lo que quedaba ya se suspendió por su nombre ayer.")


async def test_an_event_of_words_that_left_an_appeal_says_nothing_of_them(hotel: Scene, later: Later) -> None:
    appeal = await scene.seated(later(0), hotel)
    await service.set_words_aside(OLGA, later(1), appeal)
    assert (await events(appeal))[-1] == "appeals.amended"
