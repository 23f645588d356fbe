"""What a business says of itself before a team is planned: whole, kept, shown to whom it concerns."""

from datetime import datetime
from uuid import UUID

import pytest

from registry.certification import file, intake, queries, questionnaire, self_assessment, service
from registry.certification.facts import Kind, Parameters
from registry.certification.questionnaire import Reply, Said, SelfAssessment
from registry.certification.rules import State
from registry.certification.schemas import Apply, Plan
from registry.core.db import execute
from registry.core.errors import Conflict, Forbidden, Invalid
from registry.schemes import content
from tests.conftest import Browser
from tests.registry.certification import scene
from tests.registry.certification.looks import events, state
from tests.registry.certification.scene import BRUNO, CODE, OLGA, Scene


async def asked_for(now: datetime, here: Scene) -> UUID:
    data = Apply(client_id=here.client, scheme_version=here.version, unit_ids=tuple(here.units))
    return await intake.apply(here.ana, now, data)


def test_a_business_is_asked_what_is_for_its_kind_and_an_association_what_is_for_its_office() -> None:
    hotel = questionnaire.asked(CODE.criteria, "lodging", Kind.SINGLE)
    office = questionnaire.asked(CODE.criteria, "", Kind.GROUP)
    for found, kinds in ((hotel, {"all", "lodging"}), (office, {"all", "association"})):
        assert all(kinds & set(one.kinds) for _, some in found for one in some)
    assert not any(criterion.group_only for criterion, _ in hotel)
    assert any(criterion.group_only for criterion, _ in office)


def test_a_text_that_does_not_speak_of_it_keeps_its_fingerprint_and_asks_for_it() -> None:
    assert b"self_assessment" not in content.encode(CODE)
    assert Parameters.of(CODE.parameters).self_assessment is True


async def test_no_visit_is_planned_before_every_question_is_answered_or_unknown(hotel: Scene, now: datetime) -> None:
    case = await asked_for(now, hotel)
    await intake.accept_application(OLGA, now, case, scene.SCREENED)
    assert "self-assessment-missing" in {one.code for one in (await queries.lacking([hotel.client], now))[hotel.client]}
    with pytest.raises(Conflict, match="self-assessment-missing"):
        await service.plan(OLGA, now, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=now.date()))
    asked = [one.id for _, some in await queries.asked(await queries.case(OLGA, case, now)) for one in some]
    said = {id: Said(Reply.UNKNOWN) for id in asked}
    with pytest.raises(Invalid, match="self-assessment-incomplete") as refusal:
        await self_assessment.self_assess(hotel.ana, now, case, SelfAssessment(dict(list(said.items())[2:])))
    assert set(refusal.value.details["fields"]) == {f"a-{id}" for id in asked[:2]}
    with pytest.raises(Forbidden, match="not-the-holder"):  # its chamber does not know it better
        await self_assessment.self_assess(hotel.irene, now, case, SelfAssessment(said))

    await self_assessment.self_assess(hotel.ana, now, case, SelfAssessment(said))
    await self_assessment.self_assess(
        hotel.ana, now, case, SelfAssessment(said | {asked[0]: Said(Reply.YES, "Rótulo")})
    )
    kept = await file.self_assessment(case)
    assert kept is not None and kept.version == 2 and kept.answers[asked[0]] == Said(Reply.YES, "Rótulo")
    assert (await events(case)).count("certification.self_assessed") == 2
    await service.plan(OLGA, now, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=now.date()))
    assert await state(case, now) is State.PLANNED


async def test_a_case_planned_before_there_were_such_questions_may_change_its_team(hotel: Scene, now: datetime) -> None:
    case = await scene.planned(now, hotel)
    await execute("UPDATE certification SET self_assessed_at = NULL WHERE id = $1", case)
    await service.plan(OLGA, now, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=now.date()))


async def test_an_association_answers_for_the_office_of_its_group(taxis: Scene, now: datetime) -> None:
    case = await scene.group_applied(now, taxis)
    kept = await file.self_assessment(case)
    assert kept is not None and kept.name == taxis.irene.name
    with pytest.raises(Forbidden, match="not-the-holder"):
        await scene.assessed(taxis.ana, now, case)


async def test_the_page_loses_nothing_and_officer_and_auditor_read_what_was_saved(
    hotel: Scene, now: datetime, sign_in: Browser
) -> None:
    case = await asked_for(now, hotel)
    ana = await sign_in(await scene.known(hotel.ana, now))
    steps = await ana.get(f"/desk/members/{hotel.client}")
    assert f"/desk/certifications/{case}/assessment" in steps.text
    page = await ana.get(f"/desk/certifications/{case}/assessment")
    assert page.status_code == 200 and "¿Existe una política escrita" in page.text
    asked = [one.id for _, some in await queries.asked(await queries.case(OLGA, case, now)) for one in some]
    sent = {f"a-{id}": "not_yet" for id in asked[1:]} | {f"n-{asked[1]}": "Falta el turno de noche"}
    again = await ana.post(f"/desk/certifications/{case}/assessment", data=sent)
    assert again.status_code == 422 and "Falta el turno de noche" in again.text
    assert again.text.count("checked") == len(asked) - 1 and f'href="#a-{asked[0]}"' in again.text
    done = await ana.post(f"/desk/certifications/{case}/assessment", data=sent | {f"a-{asked[0]}": "unknown"})
    assert done.status_code == 303
    await intake.accept_application(OLGA, now, case, scene.SCREENED)
    await service.plan(OLGA, now, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=now.date()))
    for reader in (OLGA, BRUNO):
        shown = await (await sign_in(reader)).get(f"/desk/certifications/{case}")
        assert "Falta el turno de noche" in shown.text
    irene = await sign_in(await scene.known(hotel.irene, now))
    assert "Falta el turno de noche" not in (await irene.get(f"/desk/certifications/{case}")).text
