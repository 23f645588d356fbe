"""The verbs on a real database: the way of a hotel, the way of a group, and everybody who is kept out."""

from datetime import datetime, timedelta

import anyio
import pytest

from registry.access.actor import Actor
from registry.certification import file, intake, past, queries, service, suspension
from registry.certification.facts import Criterion, Mending
from registry.certification.rules import Decision, Recommendation, State, UnitState
from registry.certification.sampling import Occasion
from registry.certification.schemas import Apply, Decide, Review
from registry.core.db import execute, fetch
from registry.core.errors import Conflict
from registry.core.ids import uuid7
from tests.registry.certification import scene
from tests.registry.certification.looks import events, major, state
from tests.registry.certification.scene import BRUNO, CARLA, DIEGO, DORA, OLGA, REASON, Scene

# The way of one hotel.


async def test_a_hotel_that_lacks_nothing_is_granted_from_today_for_two_years(hotel: Scene, now: datetime) -> None:
    case_id = await scene.granted(now, hotel)
    case = await queries.case(hotel.ana, case_id, now)
    assert case.standing is State.GRANTED
    assert case.number == "C-2026-0001"
    assert case.valid_from == now
    assert str(case.last_on) == "2028-11-20"
    assert str(case.surveillance_on) == "2027-11-20"
    assert [(unit.state, unit.standing) for unit in await queries.scope(case_id, now)] == [
        (UnitState.COVERED, State.GRANTED)
    ]
    assert await events(case_id) == [
        f"certification.{what}"
        for what in ("applied", "self_assessed", "accepted", "planned", "begun", "evaluated", "reviewed", "granted")
    ]
    assert [step.state for step in await file.history(case_id)] == [
        "applied", "applied", "accepted", "planned", "in_evaluation", "evaluated", "reviewed", "granted",
    ]  # fmt: skip


async def test_its_state_at_any_past_instant_can_be_told(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    await service.suspend(DORA, now + timedelta(days=10), case, REASON)
    await suspension.verify_cause(BRUNO, now + timedelta(days=19), case, REASON)
    await service.reinstate(DORA, now + timedelta(days=20), case, REASON)
    assert await past.state_at(case, now - timedelta(seconds=1)) is None
    assert await past.state_at(case, now) is State.GRANTED
    assert await past.state_at(case, now + timedelta(days=15)) is State.SUSPENDED
    assert await past.state_at(case, now + timedelta(days=25)) is State.GRANTED
    assert await past.state_at(case, now + timedelta(days=800)) is State.EXPIRED


async def test_an_expired_certificate_can_be_applied_for_again_and_changed_no_more(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    later = now + timedelta(days=740)
    assert await state(case, later) is State.EXPIRED
    with pytest.raises(Conflict, match="act-not-possible"):
        await service.suspend(DORA, later, case, REASON)
    with pytest.raises(Conflict, match="unit-already-certified"):
        await scene.applied(now + timedelta(days=700), hotel)
    again = await scene.applied(later, hotel)
    assert await state(again, later) is State.APPLIED


async def test_a_renewal_may_be_asked_for_while_the_certificate_is_in_force(hotel: Scene, now: datetime) -> None:
    await scene.granted(now, hotel)
    asked = Apply(
        client_id=hotel.client, scheme_version=hotel.version, unit_ids=tuple(hotel.units), occasion=Occasion.RENEWAL
    )
    assert await intake.apply(hotel.ana, now + timedelta(days=600), asked)


async def test_a_grant_is_refused_with_the_exact_list_of_what_is_missing(hotel: Scene, now: datetime) -> None:
    case = await scene.reviewed(now, hotel)
    await execute("UPDATE worker SET left_on = $1 WHERE post <> 'housekeeping'", now.date())
    await execute("UPDATE commitment SET ended_at = $1", now - timedelta(hours=1))
    with pytest.raises(Conflict, match="requirements-missing") as refusal:
        await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    assert [one.code for one in refusal.value.details["missing"]] == ["commitment-missing"]
    assert await state(case, now) is State.REVIEWED
    await service.decide(DORA, now, case, Decide(decision=Decision.REFUSE, reason=REASON))
    assert await state(case, now) is State.REFUSED


async def test_an_open_major_a_blank_an_unexplained_exemption_and_figures_that_changed_are_refused_by_name(
    hotel: Scene, now: datetime
) -> None:
    """Check 6: whatever team and reviewer advised, and with the percentages of today, not those of the visit."""
    await scene.ready(now, hotel.version, hotel.client)
    case = await scene.planned(now, hotel)
    seen = scene.evaluation(
        hotel.version, now.date(), major(), unanswered=2, recommendation=Recommendation.REFUSE,
        criteria=tuple(
            Criterion(one, conform=5, assessed=5) if one != "C6" else Criterion(one, not_applicable=3, without_reason=1)
            for one in scene.SIX
        ),
    )  # fmt: skip
    await service.record_evaluation(BRUNO, now, case, seen)
    await service.review(CARLA, now, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    grant = Decide(decision=Decision.GRANT, reason=REASON)
    lacking = {"questions-unanswered": 2, "not-applicable-without-reason": 1, "finding-major-open": 1}
    for _ in range(2):
        with pytest.raises(Conflict, match="requirements-missing") as refusal:
            await service.decide(DORA, now, case, grant)
        found = {one.code: one.count for one in refusal.value.details["missing"]}
        assert found == lacking
        await scene.staffed(
            now, hotel.version, hotel.client, ["reception", "reception"], untrained=2
        )  # since the visit
        lacking |= {"coverage-low": 1, "coverage-critical-low": 2}
    assert await state(case, now) is State.REVIEWED
    assert await fetch("SELECT id FROM decision WHERE certification = $1", case) == []


async def test_open_findings_wait_for_corrections_and_a_new_version_closes_them(hotel: Scene, now: datetime) -> None:
    await scene.ready(now, hotel.version, hotel.client)
    case = await scene.planned(now, hotel)
    found = scene.evaluation(hotel.version, now.date(), major())
    await service.record_evaluation(BRUNO, now, case, found)
    assert await state(case, now) is State.CORRECTIONS_OPEN
    with pytest.raises(Conflict, match="act-not-possible"):
        await service.review(CARLA, now, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    mended = scene.evaluation(hotel.version, now.date(), major(Mending.CLOSED))
    await service.record_evaluation(BRUNO, now, case, mended)
    assert await state(case, now) is State.EVALUATED
    assert (await file.evaluations([case]))[case].version == 2


async def test_reviewer_and_decider_can_each_send_a_case_back(hotel: Scene, now: datetime) -> None:
    case = await scene.reviewed(now, hotel)
    await service.decide(DORA, now, case, Decide(decision=Decision.RETURN, reason=REASON))
    assert await state(case, now) is State.EVALUATED
    await service.review(CARLA, now, case, Review(recommendation=Recommendation.RETURN, notes=REASON))
    assert await state(case, now) is State.IN_EVALUATION


async def test_an_application_is_returned_completed_declined_or_taken_back(hotel: Scene, now: datetime) -> None:
    case = await scene.applied(now, hotel)
    await intake.return_application(OLGA, now, case, "Falta decir cuántas personas trabajan de noche.")
    await intake.complete_application(hotel.ana, now, case, "Cuatro personas trabajan de noche.")
    assert await state(case, now) is State.APPLIED
    await intake.decline_application(OLGA, now, case, "El hotel está fuera del país de este esquema.")
    assert await state(case, now) is State.DECLINED
    second = await scene.applied(now, hotel)
    await intake.withdraw_application(hotel.irene, now, second, "El hotel prefiere esperar a enero.")
    assert await state(second, now) is State.CANCELLED


async def test_a_silent_applicant_loses_its_place_and_may_apply_again(hotel: Scene, now: datetime) -> None:
    case = await scene.applied(now, hotel)
    await intake.return_application(OLGA, now, case, "Falta decir cuántas personas trabajan de noche.")
    with pytest.raises(Conflict, match="unit-already-applied"):
        await scene.applied(now + timedelta(days=179), hotel)
    later = now + timedelta(days=181)
    await scene.applied(later, hotel)
    (row,) = await fetch("SELECT state FROM certification WHERE id = $1", case)
    assert row["state"] == "lapsed"


async def test_a_surveillance_visit_is_reviewed_once_and_moves_no_day_by_itself(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    later = now + timedelta(days=360)
    await service.record_evaluation(BRUNO, later, case, scene.evaluation(hotel.version, later.date()))
    assert await state(case, later) is State.GRANTED
    await service.review(CARLA, later, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    assert str((await queries.case(OLGA, case, later)).surveillance_on) == "2027-11-20"
    with pytest.raises(Conflict, match="evaluation-already-reviewed"):
        await service.review(CARLA, later, case, Review(recommendation=Recommendation.GRANT, notes=REASON))


# Twice, and two at once.


async def test_two_deciders_at_once_make_one_decision(committed: str, now: datetime) -> None:
    case = await scene.reviewed(now, await scene.hotel(now, await scene.opened(now)))
    said = []

    async def decide(actor: Actor, decision: Decision) -> None:
        try:
            await service.decide(actor, now, case, Decide(decision=decision, reason=REASON))
            said.append(decision)
        except Conflict as refusal:
            said.append(refusal.code)

    async with anyio.create_task_group() as together:
        together.start_soon(decide, DORA, Decision.GRANT)
        together.start_soon(decide, DIEGO, Decision.REFUSE)
    assert sorted(said)[0] == "act-not-possible"
    assert len(await fetch("SELECT id FROM decision WHERE certification = $1", case)) == 1


async def test_two_applications_for_one_hotel_at_once_open_one_case(committed: str, now: datetime) -> None:
    hotel = await scene.hotel(now, await scene.opened(now))
    asked = Apply(client_id=hotel.client, scheme_version=hotel.version, unit_ids=tuple(hotel.units))
    said: list[object] = []

    async def apply(actor: Actor) -> None:
        try:
            said.append(await intake.apply(actor, now, asked))
        except Conflict as refusal:
            said.append(refusal.code)

    async with anyio.create_task_group() as together:
        together.start_soon(apply, hotel.ana)
        together.start_soon(apply, hotel.irene)
    assert "unit-already-applied" in said
    assert len(await fetch("SELECT id FROM certification")) == 1


async def test_a_form_sent_twice_decides_once(hotel: Scene, now: datetime) -> None:
    case = await scene.reviewed(now, hotel)
    once = uuid7()
    for _ in range(2):
        await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON), once=once)
    rows = await fetch("SELECT id FROM decision WHERE certification = $1", case)
    assert len(rows) == 1
    with pytest.raises(Conflict, match="act-not-possible"):
        await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))
