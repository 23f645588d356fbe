"""Renewal with kept anniversary, restoring after expiry, and criteria that change while a case is open."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from registry.certification import file, past, queries, service
from registry.certification.facts import Kind, Mending
from registry.certification.guards import Cause
from registry.certification.rules import Act, Decision, Recommendation, State, UnitState
from registry.certification.sampling import Occasion
from registry.certification.schemas import Apply, Decide, InternalCheck, Plan, Review
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Forbidden
from tests.registry.certification import scene
from tests.registry.certification.looks import major, state
from tests.registry.certification.scene import ADA, BRUNO, CARLA, DORA, OLGA, REASON, Scene


async def renewed(hotel: Scene, at: datetime, *, decide: bool = True) -> UUID:
    """Asked for, planned, evaluated, reviewed; and decided."""
    asked = Apply(client_id=hotel.client, scheme_version=hotel.version, unit_ids=tuple(hotel.units),
                  occasion=Occasion.RENEWAL)  # fmt: skip
    case = await service.apply(hotel.ana, at, asked)
    await scene.assessed(hotel.ana, at, case)
    await service.accept_application(OLGA, at, case)
    await service.plan(OLGA, at, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=at.date()))
    await service.record_evaluation(BRUNO, at, case, scene.evaluation(hotel.version, at.date()))
    await service.review(CARLA, at, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    if decide:
        await service.decide(DORA, at, case, Decide(decision=Decision.GRANT, reason=REASON))
    return case


async def test_a_renewal_decided_before_the_end_keeps_its_anniversary_and_supersedes(
    hotel: Scene, now: datetime
) -> None:
    old = await scene.granted(now, hotel)
    at = now + timedelta(days=640)
    with pytest.raises(Conflict, match="renewal-too-early"):
        await renewed(hotel, now + timedelta(days=400))
    new = await renewed(hotel, at)
    before, after = await queries.case(OLGA, old, at), await queries.case(OLGA, new, at)
    assert (before.standing, after.standing, after.renews) == (State.SUPERSEDED, State.GRANTED, old)
    assert (str(before.last_on), str(after.last_on)) == ("2028-11-20", "2030-11-20")
    assert after.valid_from == at
    rows = await fetch("SELECT payload FROM outbox_message WHERE event = 'certification.renewed'")
    assert len(rows) == 1 and str(old) in rows[0]["payload"] and str(new) in rows[0]["payload"]
    assert await past.said(hotel.units, at - timedelta(seconds=1)) == {hotel.units[0]: State.GRANTED}


async def test_a_renewal_asks_for_more_training_than_the_first_time(hotel: Scene, now: datetime) -> None:
    await scene.signed(now, hotel.version, hotel.client)
    await scene.staffed(now, hotel.version, hotel.client, ["reception", "manager", *["housekeeping"] * 4], untrained=1)
    case = await scene.planned(now, hotel)
    await service.record_evaluation(BRUNO, now, case, scene.evaluation(hotel.version, now.date()))
    await service.review(CARLA, now, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))  # 5 of 6: 83 %
    with pytest.raises(Conflict, match="requirements-missing") as refusal:
        await renewed(hotel, now + timedelta(days=640))
    assert [one.code for one in refusal.value.details["missing"]] == ["coverage-low"]


async def test_what_expired_is_restored_within_six_months_with_new_dates_and_a_visible_gap(
    hotel: Scene, now: datetime
) -> None:
    old = await scene.granted(now, hotel)
    expired = datetime(2028, 11, 21, 6, tzinfo=UTC)
    at = expired + timedelta(days=60)
    await scene.staffed(at, hotel.version, hotel.client, ["reception"])
    await execute("UPDATE worker SET left_on = $1 WHERE created_at = $2", at.date(), now)
    await scene.signed(at, hotel.version, hotel.client)
    new = await renewed(hotel, at)
    assert await state(old, at) is State.EXPIRED  # not superseded: between the two nobody was certified
    assert (await queries.case(OLGA, new, at)).valid_from == at
    assert await past.said(hotel.units, expired + timedelta(days=1)) == {hotel.units[0]: State.EXPIRED}
    with pytest.raises(Conflict, match="renewal-too-late"):
        await execute("UPDATE certification SET state = 'ended' WHERE id = $1", new)
        await renewed(hotel, expired + timedelta(days=200))


async def test_a_suspended_certificate_is_not_renewed(hotel: Scene, now: datetime) -> None:
    old = await scene.granted(now, hotel)
    at = now + timedelta(days=600)
    new = await renewed(hotel, at, decide=False)
    await service.suspend(DORA, at, old, REASON)
    with pytest.raises(Conflict, match="renewal-while-suspended"):
        await service.decide(DORA, at, new, Decide(decision=Decision.GRANT, reason=REASON))


async def test_expiry_at_midnight_in_costa_rica_is_the_same_answer_from_madrid_to_the_second(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    last_second = datetime(2028, 11, 20, 23, 59, 59, tzinfo=ZoneInfo("America/Costa_Rica"))
    for zone in ("America/Costa_Rica", "Europe/Madrid", "UTC"):
        at = last_second.astimezone(ZoneInfo(zone))
        assert await state(case, at) is State.GRANTED
        assert await state(case, at + timedelta(seconds=1)) is State.EXPIRED
        assert await past.state_at(case, at + timedelta(seconds=1)) is State.EXPIRED


async def test_what_did_this_unit_say_on_3_march_can_be_told_long_afterwards(taxis: Scene, now: datetime) -> None:
    case = await scene.group_granted(now, taxis)
    third_of_march = datetime(2027, 3, 3, 18, tzinfo=UTC)
    await service.suspend(DORA, third_of_march - timedelta(days=1), case, REASON, unit_ids=taxis.units[:1])
    later = datetime(2028, 2, 29, 18, tzinfo=UTC)
    await service.suspend(DORA, later, case, REASON)
    units = await past.units_at(case, third_of_march)
    assert units.pop(taxis.units[0]) is State.SUSPENDED and set(units.values()) == {State.GRANTED}
    assert set((await past.units_at(case, later)).values()) == {State.SUSPENDED}
    assert await past.units_at(case, now - timedelta(days=1)) == {}


async def test_a_correction_verified_after_the_review_brings_the_case_back_to_its_reviewer(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.reviewed(now, hotel)
    await service.record_evaluation(BRUNO, now, case, scene.evaluation(hotel.version, now.date()))
    assert await state(case, now) is State.EVALUATED
    await service.record_evaluation(BRUNO, now, case, scene.evaluation(hotel.version, now.date(), major()))
    assert await state(case, now) is State.CORRECTIONS_OPEN
    mended = scene.evaluation(hotel.version, now.date(), major(Mending.CLOSED))
    await service.record_evaluation(BRUNO, now, case, mended)
    assert await state(case, now) is State.EVALUATED


async def test_the_evaluator_then_an_administrator_tries_to_decide_and_the_refusal_carries_the_case(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.reviewed(now, hotel)
    for actor in (BRUNO, ADA):
        with pytest.raises(Forbidden):
            await service.decide(actor, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    rows = await fetch("SELECT actor FROM trail_entry WHERE event = 'access.refused' AND subject = $1", case)
    assert {row["actor"] for row in rows} == {BRUNO.id, ADA.id}


async def group_renewed(taxis: Scene, at: datetime) -> UUID:
    """A group's renewal, ready for its decision."""
    asked = Apply(kind=Kind.GROUP, association_id=taxis.association, scheme_version=taxis.version,
                  unit_ids=tuple(taxis.units), occasion=Occasion.RENEWAL)  # fmt: skip
    case = await service.apply(taxis.irene, at, asked)
    await service.accept_application(OLGA, at, case)
    await service.plan(OLGA, at, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=at.date()))
    await service.check_units(taxis.ines, at, case, {unit: InternalCheck(passed=True) for unit in taxis.units})
    drawn = tuple((await file.drawn(case)).drawn)
    await service.record_evaluation(BRUNO, at, case, scene.evaluation(taxis.version, at.date(), sample=drawn))
    await service.review(CARLA, at, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    return case


async def test_a_renewal_makes_valid_neither_who_was_suspended_by_name_nor_who_was_withdrawn_meanwhile(
    taxis: Scene, now: datetime
) -> None:
    old = await scene.group_granted(now, taxis)
    at = now + timedelta(days=640)
    suspended, withdrawn, *others = taxis.units
    await service.suspend(DORA, at, old, REASON, [suspended])
    new = await group_renewed(taxis, at)
    await scene.proposed(at, old, Act.WITHDRAW, [withdrawn])
    await service.withdraw(DORA, at, old, REASON, [withdrawn], cause=Cause.FRAUD)
    await service.decide(DORA, at, new, Decide(decision=Decision.GRANT, reason=REASON))
    standing = {unit.unit_id: unit.state for unit in await queries.scope(new)}
    assert {unit for unit, one in standing.items() if one is UnitState.COVERED} == set(others)
    assert (standing[suspended], standing[withdrawn]) == (UnitState.SUSPENDED, UnitState.PENDING)


async def test_what_expired_while_it_was_suspended_is_not_renewed(hotel: Scene, now: datetime) -> None:
    old = await scene.granted(now, hotel)
    await service.suspend(DORA, datetime(2028, 11, 20, 6, tzinfo=UTC), old, REASON)
    at = datetime(2028, 12, 20, 6, tzinfo=UTC)
    await scene.staffed(at, hotel.version, hotel.client, ["reception"])
    await execute("UPDATE worker SET left_on = $1 WHERE created_at = $2", at.date(), now)
    await scene.signed(at, hotel.version, hotel.client)
    with pytest.raises(Conflict, match="renewal-while-suspended"):
        await renewed(hotel, at)
