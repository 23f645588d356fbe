"""What a certificate covers: extension, reduction, members who leave, and its end at the holder's wish."""

from datetime import datetime, timedelta

import pytest

from registry.access.permissions import Role
from registry.certification import file, queries, scope, service, suspension
from registry.certification.facts import Grade, Mending
from registry.certification.rules import Act, Recommendation, State, UnitState
from registry.certification.schemas import FindingSummary, InternalCheck, Propose, Review
from registry.clients.tables import Establishment, Vehicle, Worker
from registry.core.db import execute
from registry.core.errors import Conflict, Forbidden
from registry.core.ids import uuid7
from registry.training import queries as training
from tests.registry.certification import scene
from tests.registry.certification.looks import state
from tests.registry.certification.scene import BRUNO, CARLA, DORA, OLGA, REASON, SYSTEM, Scene


async def annex(hotel: Scene, now: datetime) -> object:
    unit = Establishment(id=uuid7(), client=hotel.client, name="Anexo", country="CR", key="anexo", created_at=now)
    await unit.save()
    return unit.id


async def test_an_extension_of_a_hotel_is_visited_and_reviewed_before_it_is_decided(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    new = await annex(hotel, now)
    later = now + timedelta(days=30)
    await scope.ask_extension(hotel.ana, later, case, [new], "Abrimos un anexo con doce habitaciones.")
    await suspension.propose(OLGA, later, case, Propose(act=Act.EXTEND, reason=REASON, unit_ids=(new,)))
    with pytest.raises(Conflict, match="extension-not-reviewed"):
        await scope.extend(DORA, later, case, [new], REASON)
    await service.record_evaluation(BRUNO, later, case, scene.evaluation(hotel.version, later.date()))
    await service.review(CARLA, later, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    await scope.extend(DORA, later, case, [new], REASON)
    assert {unit.standing for unit in await queries.scope(case, later)} == {State.GRANTED}
    assert (await queries.case(DORA, case, later)).last_on == (await queries.case(DORA, case, now)).last_on


async def test_a_new_member_of_a_group_needs_its_own_check_its_training_and_room_to_grow(
    taxis: Scene, now: datetime
) -> None:
    case = await scene.group_granted(now, taxis)
    clients = [await scene.business(now, "taxi", f"Taxi nuevo {number}", taxis.association) for number in range(2)]
    cars = [Vehicle(id=uuid7(), client=client, plate=f"TXN00{n}", key=f"n{n}", created_at=now)
            for n, client in enumerate(clients)]  # fmt: skip
    for car in cars:
        await car.save()
    new = [car.id for car in cars]
    await scope.ask_extension(taxis.irene, now, case, new, "Dos compañeros nuevos desde este mes.")
    await suspension.propose(CARLA, now, case, Propose(act=Act.EXTEND, reason=REASON, unit_ids=tuple(new)))
    with pytest.raises(Conflict, match="requirements-missing") as refusal:
        await scope.extend(DORA, now, case, new[:1], REASON)
    codes = {one.code for one in refusal.value.details["missing"]}
    assert codes == {"commitment-missing", "roster-empty", "unit-not-passed"}
    for client in clients:
        await scene.signed(now, taxis.version, client)
        await scene.staffed(now, taxis.version, client, ["driver"])
    await service.check_units(taxis.ines, now, case, dict.fromkeys(new, InternalCheck(passed=True)))
    with pytest.raises(Conflict, match="group-grows-too-much"):
        await scope.extend(DORA, now, case, new, REASON)
    await scope.extend(DORA, now, case, new[:1], REASON)
    states = {unit.unit_id: unit.state for unit in await queries.scope(case, now)}
    assert (states[new[0]], states[new[1]]) == (UnitState.COVERED, UnitState.PENDING)


async def test_a_reduction_takes_units_out_by_name_and_leaves_something(taxis: Scene, now: datetime) -> None:
    case = await scene.group_granted(now, taxis)
    await scope.ask_reduction(taxis.irene, now, case, taxis.units[:1], "Vendió el carro la semana pasada.")
    await scope.reduce(DORA, now, case, taxis.units[:1], "Vendió el carro; lo pidió su asociación.")
    states = {unit.unit_id: unit.standing for unit in await queries.scope(case, now)}
    assert states.pop(taxis.units[0]) is State.ENDED
    assert set(states.values()) == {State.GRANTED}
    await suspension.propose(OLGA, now, case, Propose(act=Act.REDUCE, reason=REASON, unit_ids=tuple(taxis.units[1:])))
    with pytest.raises(Conflict, match="nothing-remains"):
        await scope.reduce(DORA, now, case, taxis.units[1:], REASON)


async def test_driver_leaves_association_a_joins_b_training_kept_seal_of_a_ends_no_seal_of_b_until_bs_check(
    taxis: Scene, now: datetime
) -> None:
    case = await scene.group_granted(now, taxis)
    await execute("UPDATE worker SET card_no = 'CR-77123' WHERE client = $1", taxis.clients[0])
    await scope.uncover(SYSTEM, now, taxis.units[:1], groups_only=True)
    states = {unit.unit_id: unit.standing for unit in await queries.scope(case, now)}
    assert states[taxis.units[0]] is State.ENDED
    assert (await queries.case(OLGA, case, now)).standing is State.GRANTED
    other = await scene.chamber(now, "Taxis del Sur", "taxis")
    client = await scene.business(now, "taxi", "Taxi que se pasó", other)
    await Worker(id=uuid7(), client=client, name="Persona 0", post="driver", card_no="CR-77123", created_at=now).save()
    coverage = (await training.coverage([client], now))[client]
    assert (coverage.total, coverage.valid) == (1, 1)
    lacking = [one.code for one in (await queries.lacking([client], now))[client]]
    assert "coverage-low" not in lacking and "application-missing" in lacking


async def test_a_hotel_that_leaves_its_chamber_stays_certified(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    await scope.uncover(SYSTEM, now, hotel.units, groups_only=True)
    assert {unit.standing for unit in await queries.scope(case, now)} == {State.GRANTED}
    await scope.uncover(SYSTEM, now, hotel.units, groups_only=False)  # closed for good
    assert {unit.standing for unit in await queries.scope(case, now)} == {State.ENDED}


async def test_a_holder_ends_its_certificate_and_does_not_run_from_what_is_open(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    critical = FindingSummary(
        id=uuid7(), question="C1.03", criterion="C1", grade=Grade.CRITICAL, state=Mending.OPEN, text="Ocultó"
    )
    later = now + timedelta(days=90)
    await service.record_evaluation(BRUNO, later, case, scene.evaluation(hotel.version, later.date(), critical))
    with pytest.raises(Forbidden, match="permission-missing"):
        await scope.end(DORA, later, case, REASON)
    await scope.end(hotel.ana, later, case, "Cerramos el hotel por remodelación.")
    assert await state(case, later) is State.ENDED
    assert (await queries.case(OLGA, case, later)).ended_in_proceedings
    assert (await file.history(case))[-1].act is Act.END
    with pytest.raises(Conflict, match="reapply-too-early"):
        await scene.applied(later + timedelta(days=30), hotel)


async def test_an_expired_certificate_can_be_ended_too_and_an_honest_end_may_apply_at_once(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    later = now + timedelta(days=740)
    await scope.end(hotel.ana, later, case, "No vamos a renovar este año.")
    assert await state(case, later) is State.ENDED
    assert await scene.applied(later, hotel)
    assert Role.REPRESENTATIVE in hotel.ana.roles
