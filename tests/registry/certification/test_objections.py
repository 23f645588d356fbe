"""The holder's word against its team: once, with reasons, answered before anybody visits."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy

import asyncpg
import msgspec
import pytest

from audit.visits import service as visits
from registry.certification import file, jobs, objections, planning, service
from registry.certification.rules import Method, State
from registry.certification.schemas import Plan
from registry.core.context import Context
from registry.core.db import execute, transaction
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from tests.audit.scene import OPENING, on_list
from tests.conftest import Browser
from tests.registry.certification import scene
from tests.registry.certification.looks import events, state
from tests.registry.certification.scene import BRUNO, NADIA, OLGA, REASON, Scene

WHY = "Bruno asesoró al hotel de enfrente el año pasado."


def letters(context: Context) -> list[str]:
    found = sorted((context.config.data / "mail").glob("*.eml"))
    return [str(message_from_bytes(one.read_bytes(), policy=policy.default).get_content()) for one in found]


async def test_a_holder_objects_once_and_nobody_visits_before_the_answer(hotel: Scene, now: datetime) -> None:
    case = await scene.planned(now, hotel)
    visit = await on_list(now, case)
    plan = Plan(team=(NADIA.id,), lead=NADIA.id, visit_on=now.date())
    with pytest.raises(Forbidden, match="not-the-holder"):  # its chamber does not speak for it
        await objections.object_to_team(hotel.irene, now, case, [BRUNO.id], WHY)
    for persons in ([], [NADIA.id]):
        with pytest.raises(Invalid, match="objection-to-nobody"):
            await objections.object_to_team(hotel.ana, now, case, persons, WHY)
    with pytest.raises(Invalid, match="reason-too-short"):
        await objections.object_to_team(hotel.ana, now, case, [BRUNO.id], "No.")
    with pytest.raises(Conflict, match="objection-missing"):
        await objections.answer_objection(OLGA, now, case, False, REASON)
    await objections.object_to_team(hotel.ana, now, case, [BRUNO.id], WHY)
    assert [one.id for one in await planning.to_plan(OLGA, now)] == [case]
    with pytest.raises(Conflict, match="objection-made"):
        await objections.object_to_team(hotel.ana, now, case, [BRUNO.id], WHY)
    with pytest.raises(Conflict, match="objection-open"):
        await visits.open_visit(BRUNO, now, visit, OPENING)
    with pytest.raises(Conflict, match="objection-open"):
        await service.plan(OLGA, now, case, plan)
    with pytest.raises(asyncpg.CheckViolationError, match="nobody visits while"):
        async with transaction():
            await execute(
                "INSERT INTO step (id, certification, act, state, units, reason, taken_by, name, taken_at, \"order\")"
                " VALUES ($1, $2, 'begin', 'in_evaluation', '{}', '', $3, 'Bruno', $4, 99)",
                uuid7(), case, BRUNO.id, now,
            )  # fmt: skip
            await execute("UPDATE certification SET state = 'in_evaluation' WHERE id = $1", case)

    await objections.answer_objection(OLGA, now, case, False, REASON)
    assert await planning.to_plan(OLGA, now) == []
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        async with transaction():
            await execute("UPDATE team_objection SET upheld = true WHERE certification = $1", case)
    await visits.open_visit(BRUNO, now, visit, OPENING)
    assert await state(case, now) is State.IN_EVALUATION
    assert {"certification.objected", "certification.objection_answered"} <= set(await events(case))


async def test_whom_a_shared_objection_keeps_away_evaluates_that_case_no_more(hotel: Scene, now: datetime) -> None:
    case = await scene.planned(now, hotel)
    visit = await on_list(now, case)
    await objections.object_to_team(hotel.ana, now, case, [BRUNO.id], WHY)
    await objections.answer_objection(OLGA, now, case, True, REASON)
    assert await state(case, now) is State.ACCEPTED
    with pytest.raises(NotFound, match="certification-not-found"):  # the visit still stands on his list
        await visits.open_visit(BRUNO, now, visit, OPENING)
    with pytest.raises(Conflict, match="auditor-objected-to") as refusal:
        await service.plan(OLGA, now, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=now.date()))
    assert refusal.value.details["name"] == BRUNO.name
    with pytest.raises(asyncpg.CheckViolationError, match="kept away"):
        async with transaction():
            await execute(
                "INSERT INTO assignment (id, certification, person, name, lead, assigned_at)"
                " VALUES ($1, $2, $3, 'Bruno', true, $4)",
                uuid7(), case, BRUNO.id, now,
            )  # fmt: skip
    await service.plan(OLGA, now, case, Plan(team=(NADIA.id,), lead=NADIA.id, visit_on=now.date()))
    await service.begin_evaluation(NADIA, now, case)
    said = await file.objection(case)
    assert said is not None and said.upheld and said.persons == (BRUNO.id,)


async def test_the_holder_hears_who_comes_and_what_became_of_its_objection(
    hotel: Scene, now: datetime, context: Context
) -> None:
    await scene.known(hotel.ana, now)
    await scene.known(hotel.irene, now)
    case = await scene.planned(now, hotel)
    told = {"certification": str(case)}
    await jobs.tell_team(context, now, told)
    await jobs.tell_team(context, now + timedelta(hours=1), told)  # the same plan is the same letter
    (team,) = letters(context)
    assert BRUNO.name in team and f"/desk/certifications/{case}" in team
    await objections.object_to_team(hotel.ana, now, case, [BRUNO.id], WHY)
    await objections.answer_objection(OLGA, now, case, True, "Es cierto: va otra persona.")
    await jobs.tell_objection(context, now, told)
    assert sum("Es cierto: va otra persona." in one for one in letters(context)) == 1


async def test_a_visit_of_a_certificate_in_force_is_not_announced(
    hotel: Scene, now: datetime, context: Context
) -> None:
    case = await scene.granted(now, hotel)
    await scene.known(hotel.ana, now)
    await service.plan(OLGA, now, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=now.date()))
    await jobs.tell_team(context, now, {"certification": str(case)})
    assert letters(context) == []
    with pytest.raises(Conflict, match="act-not-possible"):
        await objections.object_to_team(hotel.ana, now, case, [BRUNO.id], WHY)


async def test_holder_and_officer_do_it_on_the_page_of_the_file(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    case = await scene.planned(now, hotel)
    at = f"/desk/certifications/{case}"
    ana = await sign_in(await scene.known(hotel.ana, now))
    assert f'action="{at}/objection"' in (await ana.get(at)).text
    wrong = await ana.post(f"{at}/objection", data={"reason": WHY})
    assert wrong.status_code == 422 and WHY in wrong.text
    done = await ana.post(f"{at}/objection", data={"persons": str(BRUNO.id), "reason": WHY})
    assert done.status_code == 303
    page = (await ana.get(at)).text
    assert WHY in page and f'action="{at}/objection"' not in page
    for other in (await scene.known(hotel.irene, now), BRUNO):  # neither the chamber nor whom it is about
        assert WHY not in (await (await sign_in(other)).get(at)).text
    olga = await sign_in(OLGA)
    assert "Hotel Río Manso" in (await olga.get("/desk/certifications/planning")).text
    assert f'action="{at}/objection/answer"' in (await olga.get(at)).text
    answered = await olga.post(f"{at}/objection/answer", data={"team": "change", "reason": REASON})
    assert answered.status_code == 303
    assert await state(case, now) is State.ACCEPTED
    assert REASON in (await ana.get(at)).text


async def test_whoever_does_not_go_to_the_place_says_why(hotel: Scene, now: datetime) -> None:
    case = await scene.planned(now, hotel)
    plan = Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=now.date(), method=Method.REMOTE)
    with pytest.raises(Invalid, match="reason-too-short") as refusal:
        await service.plan(OLGA, now, case, plan)
    assert refusal.value.details["fields"] == {"why": "reason-too-short"}
    why = "El puente está cortado; se mira por video y se visita en la renovación."
    await service.plan(OLGA, now, case, msgspec.structs.replace(plan, why=why))
    assert (await file.history(case))[-1].reason == why
