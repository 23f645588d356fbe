"""The pages, over the whole product, as each person meets them."""

from datetime import datetime

from registry.access.actor import Actor
from registry.access.permissions import Role
from registry.certification import intake, queries, service
from registry.certification.rules import State
from registry.certification.schemas import InternalCheck
from registry.certification.screening import Point
from registry.core.db import fetch
from registry.core.ids import uuid7
from tests.conftest import Browser
from tests.registry.certification import scene
from tests.registry.certification.scene import BRUNO, CARLA, DORA, NADIA, OLGA, REASON, Scene


async def test_an_officer_checks_an_application_and_plans_the_visit(
    hotel: Scene, now: datetime, sign_in: Browser
) -> None:
    case = await scene.applied(now, hotel)
    olga = await sign_in(OLGA)
    listed = await olga.get("/desk/certifications/applications")
    assert listed.status_code == 200 and "Hotel Río Manso" in listed.text
    refused = await olga.post(f"/desk/certifications/{case}/application", data={"act": "return", "reason": "no"})
    assert refused.status_code == 422 and ">\nno</textarea>" in refused.text
    at = f"/desk/certifications/{case}/application"
    unseen = await olga.post(at, data={"act": "accept", "checked": ["scope"], "risk": "raised", "factors": "Frontera"})
    assert unseen.status_code == 422 and "Frontera" in unseen.text
    accepted = {"act": "accept", "checked": list(Point), "once": str(uuid7())}
    done = await olga.post(at, data=accepted)
    assert done.status_code == 303
    planning = await olga.get(f"/desk/certifications/{case}/plan")
    assert "Bruno Arrieta" in planning.text
    empty = await olga.post(f"/desk/certifications/{case}/plan", data={"visit_on": "2026-12-01"})
    assert empty.status_code == 422 and "2026-12-01" in empty.text
    done = await olga.post(
        f"/desk/certifications/{case}/plan", data={"team": str(BRUNO.id), "visit_on": "2026-12-01", "risk": "low"}
    )
    assert done.status_code == 303
    assert await queries.standing(case, now) is State.PLANNED


async def test_planning_shows_who_has_a_tie_and_does_not_let_them_be_chosen(
    hotel: Scene, now: datetime, sign_in: Browser
) -> None:
    await scene.hold(NADIA, Role.REPRESENTATIVE, hotel.client, now)
    case = await scene.applied(now, hotel)
    await intake.accept_application(OLGA, now, case, scene.SCREENED)
    olga = await sign_in(OLGA)
    shown = await olga.get(f"/desk/certifications/{case}/plan")
    assert NADIA.name in shown.text
    assert f'value="{NADIA.id}"' not in shown.text
    forced = await olga.post(
        f"/desk/certifications/{case}/plan",
        data={"team": [str(BRUNO.id), str(NADIA.id)], "lead": str(BRUNO.id), "visit_on": "2026-12-01"},
    )
    assert forced.status_code == 409 and NADIA.name in forced.text


async def test_a_decider_reads_the_file_and_grants(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    case = await scene.reviewed(now, hotel)
    dora = await sign_in(DORA)
    shown = await dora.get(f"/desk/certifications/{case}")
    for words in ("Hotel Río Manso", "Carla Montiel", "20 de noviembre de 2028"):
        assert words in shown.text
    assert (await dora.get("/desk/certifications/decisions")).text.count("C-2026-0001") == 1
    unsure = await dora.post(f"/desk/certifications/{case}/decisions", data={"decision": "grant", "reason": "sí"})
    assert unsure.status_code == 422
    done = await dora.post(
        f"/desk/certifications/{case}/decisions", data={"decision": "grant", "reason": REASON, "once": str(uuid7())}
    )
    assert done.status_code == 303
    assert await queries.standing(case, now) is State.GRANTED
    again = await dora.post(f"/desk/certifications/{case}/decisions", data={"decision": "grant", "reason": REASON})
    assert again.status_code == 409 and REASON in again.text
    stopped = await dora.post(
        f"/desk/certifications/{case}/changes",
        data={"act": "suspend", "whole": "yes", "reason": REASON, "cause": "other"},
    )
    assert stopped.status_code == 303
    assert await queries.standing(case, now) is State.SUSPENDED


async def test_who_evaluated_reads_why_they_may_not_decide(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    case = await scene.reviewed(now, hotel)
    await scene.hold(BRUNO, Role.DECIDER, None, now)
    both = Actor(BRUNO.id, BRUNO.name, frozenset({Role.AUDITOR, Role.DECIDER}))
    bruno = await sign_in(both)
    shown = await bruno.get(f"/desk/certifications/{case}")
    assert shown.status_code == 200 and 'name="decision"' not in shown.text
    refused = await bruno.post(f"/desk/certifications/{case}/decisions", data={"decision": "grant", "reason": REASON})
    assert refused.status_code == 403 and "evalu" in refused.text
    rows = await fetch("SELECT id FROM trail_entry WHERE event = 'access.refused' AND actor = $1", BRUNO.id)
    assert len(rows) == 1


async def test_strangers_and_other_businesses_find_nothing(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    case = await scene.applied(now, hotel)
    other = await scene.hotel(now, hotel.version, "Hotel del Faro")
    faro = await sign_in(await scene.known(scene.person(301, "Fabia", representative=other.client), now))
    for path in (f"/desk/certifications/{case}", f"/desk/certifications/{case}/checks"):
        assert (await faro.get(path)).status_code == 404
    assert (await faro.get("/desk/certifications/decisions")).status_code == 403
    posted = await faro.post(f"/desk/certifications/{case}/cancellation", data={"reason": REASON})
    assert posted.status_code == 404


async def test_the_holder_reads_the_reason_and_its_association_only_the_decision(
    hotel: Scene, now: datetime, sign_in: Browser
) -> None:
    case = await scene.granted(now, hotel)
    await service.suspend(DORA, now, case, "Se negó la visita sin aviso del 3 de noviembre.")
    ana, irene = await scene.known(hotel.ana, now), await scene.known(hotel.irene, now)
    assert "Se negó la visita" in (await (await sign_in(ana)).get(f"/desk/certifications/{case}")).text
    seen = await (await sign_in(irene)).get(f"/desk/certifications/{case}")
    assert seen.status_code == 200 and "Se negó la visita" not in seen.text


async def test_a_reviewer_signs_or_sends_back(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    await scene.ready(now, hotel.version, hotel.client)
    case = await scene.planned(now, hotel)
    await service.record_evaluation(BRUNO, now, case, scene.evaluation(hotel.version, now.date()))
    carla = await sign_in(CARLA)
    assert "C-2026-0001" in (await carla.get("/desk/certifications/reviews")).text
    nothing = await carla.post(f"/desk/certifications/{case}/reviews", data={"notes": REASON})
    assert nothing.status_code == 422 and REASON in nothing.text
    done = await carla.post(f"/desk/certifications/{case}/reviews", data={"recommendation": "grant", "notes": REASON})
    assert done.status_code == 303
    assert (await carla.get("/desk/certifications/reviews")).status_code == 200


async def test_an_inspector_records_the_checks_of_many_cars_at_once(db: None, now: datetime, sign_in: Browser) -> None:
    here = await scene.taxis(now, await scene.opened(now), 5)
    case = await scene.group_applied(now, here)
    ines = await sign_in(await scene.known(here.ines, now))
    assert "TAL0003" in (await ines.get(f"/desk/certifications/{case}/checks")).text
    assert "Taxis del Norte" in (await ines.get("/desk/checks")).text
    data = {
        "unit_ids": [str(unit) for unit in here.units[:4]],
        "passed": "yes",
        "notes": "Cartel y teléfono a la vista",
    }
    assert (await ines.post(f"/desk/certifications/{case}/checks", data=data)).status_code == 303
    assert sum(unit.passed for unit in await queries.scope(case, now)) == 4
    missing = await ines.post(f"/desk/certifications/{case}/checks", data={"passed": "yes", "notes": "Cartel"})
    assert missing.status_code == 422 and "Cartel" in missing.text
    await service.check_unit(here.ines, now, case, here.units[4], InternalCheck(passed=False))


async def test_a_business_applies_and_its_association_for_a_group(
    hotel: Scene, now: datetime, sign_in: Browser
) -> None:
    ana = await sign_in(await scene.known(hotel.ana, now))
    shown = await ana.get(f"/desk/certifications/apply?client={hotel.client}")
    assert shown.status_code == 200 and "Hotel Río Manso" in shown.text
    nothing = await ana.post("/desk/certifications", data={"client": str(hotel.client)})
    assert nothing.status_code == 422
    form = {"client": str(hotel.client), "unit_ids": str(hotel.units[0]), "once": str(uuid7())}
    first, second = await ana.post("/desk/certifications", data=form), await ana.post("/desk/certifications", data=form)
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert (await ana.get(first.headers["location"])).status_code == 200
    taxis = await scene.taxis(now, hotel.version, 3)
    irene = await sign_in(await scene.known(scene.person(402, "Irma", association_admin=taxis.association), now))
    page = await irene.get(f"/desk/certifications/apply?association={taxis.association}")
    assert page.text.count('name="unit_ids"') == 3


async def test_ties_are_found_by_name_and_declared(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    dora = await sign_in(DORA)
    assert (await dora.get("/desk/ties")).status_code == 200
    found = await dora.get("/desk/ties?q=Manso")
    assert "Hotel Río Manso" in found.text
    form = {
        "organisation": str(hotel.client),
        "bond": "related",
        "since": "2026-02-30",
        "source": "Mi hermana trabaja allí.",
    }
    wrong = await dora.post("/desk/ties?q=Manso", data=form)
    assert wrong.status_code == 422 and "Mi hermana trabaja" in wrong.text
    assert (await dora.post("/desk/ties", data=form | {"since": "2026-02-03"})).status_code == 303
    assert "Mi hermana trabaja" in (await dora.get("/desk/ties")).text


async def test_a_decider_suspends_some_members_of_a_group_or_all_of_it(
    db: None, now: datetime, sign_in: Browser
) -> None:
    here = await scene.taxis(now, await scene.opened(now), 5)
    for client in here.clients:
        await scene.signed(now, here.version, client)
        await scene.staffed(now, here.version, client, ["driver"])
    case = await scene.group_reviewed(now, here)
    dora = await sign_in(DORA)
    shown = await dora.get(f"/desk/certifications/{case}")
    assert "5 sellos quedan vigentes hoy" in shown.text
    form = {"decision": "grant", "reason": REASON}
    assert (await dora.post(f"/desk/certifications/{case}/decisions", data=form)).status_code == 303
    page = await dora.get(f"/desk/certifications/{case}")
    form = page.text.split(f'action="/desk/certifications/{case}/changes"')[1].split("</form>")[0]
    assert form.count('name="unit_ids"') == 5
    url, form = f"/desk/certifications/{case}/changes", {"act": "suspend", "reason": REASON, "cause": "other"}
    nothing = await dora.post(url, data=form)
    assert nothing.status_code == 422 and REASON in nothing.text
    assert (await dora.post(url, data=form | {"unit_ids": str(here.units[0])})).status_code == 303
    assert [unit.standing for unit in await queries.scope(case, now)].count(State.SUSPENDED) == 1
    assert (await dora.post(url, data=form | {"whole": "yes"})).status_code == 303
    assert {unit.standing for unit in await queries.scope(case, now)} == {State.SUSPENDED}
    await scene.signed_for(now, case, service.reinstate)
    back = {"act": "reinstate", "whole": "yes", "reason": REASON}
    assert (await dora.post(url, data=back)).status_code == 303
    assert [unit.standing for unit in await queries.scope(case, now)].count(State.SUSPENDED) == 1
