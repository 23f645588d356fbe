"""Surveillance on a real database: the year of a hotel, what fails, what is told, what is warned."""

from datetime import datetime, timedelta

import msgspec
import pytest

from registry.access.actor import SYSTEM
from registry.certification import queries as certification
from registry.certification import service as certifying
from registry.certification import signing, suspension
from registry.certification.facts import Mending
from registry.certification.guards import Cause
from registry.certification.rules import Act, Recommendation, State
from registry.certification.schemas import Propose, Review
from registry.clients.tables import Worker
from registry.core.context import Context
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Forbidden
from registry.core.ids import uuid7
from registry.surveillance import desk, ending, jobs, queries, service, waiting
from registry.surveillance.rules import ChangeKind, Stage
from registry.surveillance.schemas import Report, TellChange
from tests.conftest import Browser
from tests.registry.certification import scene
from tests.registry.certification.looks import major
from tests.registry.certification.scene import BRUNO, CARLA, DIEGO, DORA, OLGA, REASON, Scene

DONE = "Se repitió el curso en los dos turnos y se cambió el cartel."


async def report(hotel: Scene, case: object, at: datetime) -> Report:
    known = await queries.figures(await certification.case(OLGA, case, at), at)  # type: ignore[arg-type]  # a test
    return Report(figures=known, done=DONE)


async def test_the_report_of_a_year_has_the_registrys_own_figures_and_closes_the_year(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    with pytest.raises(Conflict, match="surveillance-not-open"):
        await service.report_year(hotel.ana, now, case, await report(hotel, case, now))
    at = now + timedelta(days=360)
    await execute("UPDATE certification SET seed = $1", bytes(32))  # not drawn: nobody visits this year
    true = await report(hotel, case, at)
    with pytest.raises(Conflict, match="report-figures-differ"):
        wrong = msgspec.structs.replace(true.figures, trained=true.figures.trained + 1)
        await service.report_year(hotel.ana, at, case, Report(figures=wrong, done=DONE))
    with pytest.raises(Conflict, match="requirements-missing"):
        await service.complete_year(CARLA, at, case, REASON)
    await service.report_year(hotel.ana, at, case, true)
    with pytest.raises(Conflict, match="report-already-in"):
        await service.report_year(hotel.ana, at, case, true)
    (one,) = await queries.watched(OLGA, at)
    assert (one.stage, one.lacking) == (Stage.OPEN, [])
    with pytest.raises(Forbidden):
        await service.complete_year(BRUNO, at, case, REASON)
    await service.complete_year(CARLA, at, case, REASON)
    assert str((await certification.case(OLGA, case, at)).surveillance_on) == "2028-11-20"
    assert await queries.watched(OLGA, at) == []


async def test_a_year_of_raised_risk_is_visited_and_reviewed_before_it_is_closed(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    await execute("UPDATE certification SET risk = 'raised'")
    at = now + timedelta(days=360)
    await service.report_year(hotel.ana, at, case, await report(hotel, case, at))
    with pytest.raises(Conflict, match="requirements-missing") as refusal:
        await service.complete_year(CARLA, at, case, REASON)
    assert [one.code for one in refusal.value.details["missing"]] == ["surveillance-visit-missing"]
    await certifying.record_evaluation(BRUNO, at, case, scene.evaluation(hotel.version, at.date()))
    await certifying.review(CARLA, at, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    await service.complete_year(CARLA, at, case, REASON)


async def test_a_failed_year_stands_before_a_decider_with_its_reason_and_suspends_nothing(
    hotel: Scene, now: datetime, sign_in: Browser
) -> None:
    case = await scene.granted(now, hotel)
    await execute("UPDATE certification SET surveillance_on = $1", (now - timedelta(days=61)).date())
    found = await desk.asked(DORA, now)
    assert [(one.cause, one.code) for one in found.concerns] == [(Cause.SURVEILLANCE_FAILED, "surveillance-failed")]
    assert (await certification.case(OLGA, case, now)).standing is State.GRANTED
    dora = await sign_in(DORA)
    page = await dora.get("/desk/certificates")
    assert page.status_code == 200 and "no está completa" in page.text and "reason=" in page.text
    advice = Propose(act=Act.SUSPEND, cause=Cause.SURVEILLANCE_FAILED, reason=REASON)
    await suspension.propose(OLGA, now, case, advice)
    assert (await desk.asked(DORA, now)).concerns == []
    assert await waiting.to_decide(DORA, now) == 1
    page = await dora.get(f"/desk/certifications/{case}")
    assert REASON in page.text


async def test_corrections_past_their_day_stand_before_a_decider_unless_they_were_answered_or_closed(
    hotel: Scene, now: datetime, sign_in: Browser
) -> None:
    case = await scene.granted(now, hotel)
    due = (now + timedelta(days=60)).date()
    late = now + timedelta(days=62)
    for state, stands in ((Mending.OPEN, True), (Mending.ANSWERED, False), (Mending.CLOSED, False)):
        found = msgspec.structs.replace(major(state), due_on=due)
        await certifying.record_evaluation(BRUNO, now, case, scene.evaluation(hotel.version, now.date(), found))
        on_time = now + timedelta(days=60)
        assert (await desk.asked(DORA, on_time)).concerns == []
        concerns = (await desk.asked(DORA, late)).concerns
        expected = [(Cause.CORRECTIONS_OVERDUE, due, {"count": 1})] if stands else []
        assert [(one.cause, one.since, one.values) for one in concerns] == expected
        assert (await certification.case(OLGA, case, late)).standing is State.GRANTED


async def test_coverage_that_stays_below_its_floor_stands_before_a_decider_with_nobody_pressing_anything(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    started = now + timedelta(days=10)
    for number in range(2):
        await Worker(
            id=uuid7(), client=hotel.client, name=f"Noche {number}", post="reception", shift="night", created_at=now,
            started_on=started.date(),
        ).save()  # fmt: skip
    before = await queries.figures(await certification.case(OLGA, case, now), now)
    after = await queries.figures(await certification.case(OLGA, case, started), started)
    assert (before.critical, before.critical_trained, after.critical, after.critical_trained) == (3, 3, 5, 3)
    assert (await desk.asked(DORA, started + timedelta(days=55))).concerns == []
    assert [one.cause for one in (await desk.asked(DORA, started + timedelta(days=62))).concerns] == [
        Cause.COVERAGE_LOW
    ]
    expired = now + timedelta(days=671)  # the day after the training's last one
    assert (await queries.figures(await certification.case(OLGA, case, expired), expired)).trained == 0


async def test_a_suspension_at_its_limit_asks_for_a_decision_and_nothing_ends_by_itself(
    hotel: Scene, now: datetime
) -> None:
    case = await scene.granted(now, hotel)
    await certifying.suspend(DORA, now, case, REASON)
    ((waiting, _),) = (await desk.asked(DIEGO, now)).urgent
    assert waiting.id == case
    late = now + timedelta(days=183)
    (one,) = (await desk.asked(DIEGO, late)).concerns
    assert one.cause is Cause.UNRESOLVED
    assert (await certification.case(OLGA, case, late)).standing is State.SUSPENDED
    assert await signing.to_confirm(case) is not None


async def test_a_change_is_told_and_an_officer_says_whether_it_is_evaluated(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    told = TellChange(kind=ChangeKind.OWNER, happened_on=(now - timedelta(days=40)).date(), text="El hotel se vendió.")
    notice = await service.tell_change(hotel.ana, now, case, told)
    (row,) = await fetch("SELECT details FROM trail_entry WHERE event = 'surveillance.change_told'")
    assert '"late": true' in row["details"]
    await service.judge_change(OLGA, now, notice, True, "Cambió quien responde: va una visita este mes.")
    with pytest.raises(Conflict, match="change-already-judged"):
        await service.judge_change(OLGA, now, notice, False, REASON)
    assert [one.evaluate for one in await queries.notices(OLGA, case)] == [True]


async def test_a_holder_is_warned_sixty_thirty_and_seven_days_before_and_once_each(
    hotel: Scene, now: datetime, context: Context
) -> None:
    await scene.granted(now, hotel)
    await scene.known(hotel.ana, now)
    due = datetime.fromisoformat("2027-11-20T15:00:00+00:00")
    sent = [await jobs.warn(context, due - timedelta(days=left)) for left in (70, 60, 59, 30, 7, 1)]
    assert sent == [0, 1, 0, 1, 1, 0]
    assert len(list(context.config.data.rglob("*.eml"))) == 3
    trained_until = now + timedelta(days=670)
    (soon,) = await ending.due(trained_until - timedelta(days=6))
    await service.keep_warned(SYSTEM, trained_until - timedelta(days=6), soon)
    assert await ending.due(trained_until - timedelta(days=6)) == []
    assert await jobs.warn(context, trained_until - timedelta(days=50)) == 1
    end = datetime.fromisoformat("2028-11-20T15:00:00+00:00")
    assert await jobs.warn(context, end - timedelta(days=50)) == 1


async def test_holder_officer_and_decider_each_see_their_part(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    case = await scene.granted(now, hotel)
    await execute("UPDATE certification SET surveillance_on = $1", (now + timedelta(days=20)).date())
    ana = await sign_in(await scene.known(hotel.ana, now))
    page = await ana.get(f"/desk/surveillance/{case}")
    assert page.status_code == 200 and 'name="trained"' in page.text
    figures = {"people": "4", "trained": "3", "critical": "3", "critical_trained": "3", "units": "1"}
    wrong = await ana.post(f"/desk/surveillance/{case}/report", data=figures | {"reason": DONE})
    assert wrong.status_code == 409 and DONE in wrong.text
    right = await ana.post(f"/desk/surveillance/{case}/report", data=figures | {"trained": "4", "reason": DONE})
    assert right.status_code == 303, right.text[:500]
    olga = await sign_in(OLGA)
    assert "Hotel Río Manso" in (await olga.get("/desk/surveillance")).text
    ended = await ana.post(f"/desk/surveillance/{case}/end", data={"reason": "Cerramos por remodelación."})
    assert ended.status_code == 303
    assert (await certification.case(OLGA, case, now)).standing is State.ENDED
