"""What waits for its holder: days to answer, notices before silence closes a file, and what grew too old meanwhile."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.access.actor import SYSTEM
from registry.certification import deadlines, file, intake, jobs, past, planning, queries, scope, service
from registry.certification.facts import Mending
from registry.certification.rules import Decision, Recommendation, State
from registry.certification.schemas import Apply, Decide, Plan, Review
from registry.core.context import Context
from registry.core.errors import Conflict
from registry.surveillance import ending
from registry.surveillance import jobs as warnings
from registry.surveillance.rules import Ending
from tests.conftest import Browser
from tests.registry.certification import scene
from tests.registry.certification.looks import major, state
from tests.registry.certification.scene import BRUNO, CARLA, DORA, OLGA, REASON, Scene
from tests.registry.certification.test_objections import letters

ASKED = "Falta la lista de quienes trabajan de noche."


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.integers(0, 400), st.integers(1, 400))
def test_the_last_day_counts_whole(day: date, later: int, most: int) -> None:
    on = day + timedelta(days=later)
    assert deadlines.too_old(day, on, most) == (later > most)
    assert not deadlines.too_old(None, on, most)
    assert (on > deadlines.answer_by(day, most)) == (later > most)


async def returned(now: datetime, here: Scene) -> UUID:
    case = await scene.applied(now, here)
    await intake.return_application(OLGA, now, case, ASKED)
    return case


async def notices(at: datetime) -> set[tuple[Ending, int]]:
    return {(one.ending, one.days) for one in await ending.due(at)}


async def test_an_application_sent_back_is_declined_only_when_its_days_to_answer_are_over(
    hotel: Scene, now: datetime, sign_in: Browser
) -> None:
    case = await returned(now, hotel)
    with pytest.raises(Conflict, match="answer-awaited"):
        await intake.decline_application(OLGA, now + timedelta(days=30), case, REASON)
    olga = await sign_in(OLGA)
    assert 'value="decline"' not in (await olga.get(f"/desk/certifications/{case}")).text
    await intake.decline_application(OLGA, now + timedelta(days=31), case, REASON)
    assert await state(case, now + timedelta(days=31)) is State.DECLINED


async def test_whoever_applied_reads_what_is_asked_and_by_when(hotel: Scene, now: datetime, context: Context) -> None:
    for actor in (hotel.ana, hotel.irene):
        await scene.known(actor, now)
    data = Apply(client_id=hotel.client, scheme_version=hotel.version, unit_ids=tuple(hotel.units))
    case = await intake.apply(hotel.irene, now, data)
    await intake.return_application(OLGA, now, case, ASKED)
    await jobs.tell_applicant(context, now, {"certification": str(case), "at": now.isoformat()})
    told = letters(context)
    assert len(told) == 2 and all(ASKED in one for one in told)  # the business, and the chamber that applied for it
    await intake.decline_application(OLGA, now + timedelta(days=40), case, REASON)
    at = (now + timedelta(days=40)).isoformat()
    await jobs.tell_applicant(context, now, {"certification": str(case), "at": at})
    assert sum(REASON in one for one in letters(context)) == 2


async def test_a_silent_holder_is_told_before_its_days_are_over_and_thirty_and_seven_days_before_the_file_closes(
    hotel: Scene, now: datetime, context: Context
) -> None:
    await scene.known(hotel.ana, now)
    case = await returned(now, hotel)
    days = {day: await notices(now + timedelta(days=day)) for day in (0, 22, 23, 31, 149, 150, 173, 179, 180)}
    answer, thirty, seven = (Ending.ANSWER, 7), (Ending.SILENCE, 30), (Ending.SILENCE, 7)
    assert days == {
        0: set(), 22: set(), 23: {answer}, 31: set(), 149: set(), 150: {thirty}, 173: {seven}, 179: {seven}, 180: set(),
    }  # fmt: skip
    assert await warnings.warn(context, now + timedelta(days=150)) == 1
    assert await warnings.warn(context, now + timedelta(days=151)) == 0
    assert f"{context.config.origin}/desk/steps" in letters(context)[0]
    await scene.assessed(hotel.ana, now + timedelta(days=160), case)  # a word, if not the one that was asked for
    assert await notices(now + timedelta(days=173)) == set()
    for day, stands in ((180, State.RETURNED), (339, State.RETURNED), (340, State.LAPSED)):
        at = now + timedelta(days=day)
        assert (await state(case, at), await past.state_at(case, at)) == (stands, stands)


async def test_an_accepted_applicant_who_never_says_how_it_sees_itself_lapses_and_may_apply_again(
    hotel: Scene, now: datetime
) -> None:
    data = Apply(client_id=hotel.client, scheme_version=hotel.version, unit_ids=tuple(hotel.units))
    case = await intake.apply(hotel.ana, now, data)
    await intake.accept_application(OLGA, now, case, scene.SCREENED)
    late = now + timedelta(days=180)
    assert await notices(late - timedelta(days=7)) == {(Ending.SILENCE, 7)}
    assert (await state(case, late), await past.state_at(case, late)) == (State.LAPSED, State.LAPSED)
    await intake.apply(hotel.ana, late, data)
    assert (await queries.case(OLGA, case, late)).standing is State.LAPSED


async def corrections(now: datetime, here: Scene) -> UUID:
    await scene.ready(now, here.version, here.client)
    case = await scene.planned(now, here)
    await service.record_evaluation(BRUNO, now, case, scene.evaluation(here.version, now.date(), major()))
    return case


async def test_a_holder_that_answers_its_findings_is_not_silent(hotel: Scene, now: datetime) -> None:
    case = await corrections(now, hotel)
    heard = now + timedelta(days=100)
    await scope.note_answer(SYSTEM, heard, case, UUID(int=7))
    await scope.note_answer(SYSTEM, now + timedelta(days=281), case, UUID(int=8))  # opens it no more
    for day, stands in ((180, State.CORRECTIONS_OPEN), (279, State.CORRECTIONS_OPEN), (280, State.LAPSED),
                        (300, State.LAPSED)):  # fmt: skip
        at = now + timedelta(days=day)
        assert (await state(case, at), await past.state_at(case, at)) == (stands, stands)


async def test_corrections_that_took_more_than_six_months_are_evaluated_anew(hotel: Scene, now: datetime) -> None:
    case = await corrections(now, hotel)
    at = now + timedelta(days=170)
    mended = scene.evaluation(hotel.version, now.date(), major(Mending.CLOSED))
    plan = Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=at.date())
    with pytest.raises(Conflict, match="evaluation-not-old"):
        await service.plan(OLGA, at, case, plan)
    await service.record_evaluation(BRUNO, at, case, mended)
    await service.review(CARLA, at, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    late = now + timedelta(days=181)
    with pytest.raises(Conflict, match="requirements-missing") as refusal:
        await service.decide(DORA, late, case, Decide(decision=Decision.GRANT, reason=REASON))
    assert [one.code for one in refusal.value.details["missing"]] == ["evaluation-too-old"]
    assert [one.id for one in await planning.to_plan(OLGA, late)] == [case]

    await service.plan(OLGA, late, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=late.date()))
    assert await state(case, late) is State.PLANNED and await planning.to_plan(OLGA, late) == []
    await service.record_evaluation(BRUNO, late, case, mended)  # a late word about the visit before moves nothing
    assert await state(case, late) is State.PLANNED
    await service.record_evaluation(BRUNO, late, case, scene.evaluation(hotel.version, late.date()))
    seen = (await file.evaluations([case]))[case]
    assert (await state(case, late), seen.visited_on, seen.reviewed) == (State.EVALUATED, late.date(), False)
    await service.review(CARLA, late, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    await service.decide(DORA, late, case, Decide(decision=Decision.GRANT, reason=REASON))
    assert await state(case, late) is State.GRANTED
