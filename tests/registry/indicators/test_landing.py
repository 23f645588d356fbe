"""Where somebody begins after signing in, and what a page tells whoever lost a seal."""

from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from registry.access.permissions import Role
from registry.certification import rules, service, suspension
from registry.certification.guards import Cause
from registry.certification.words import REQUIREMENTS
from registry.complaints import jobs as complaining
from registry.core.db import execute
from registry.core.pages import RailLink, landing
from registry.indicators import queries
from registry.indicators.routes import step_words
from registry.outbox.service import drain
from registry.seals import jobs as sealing
from registry.surveillance import queries as years
from registry.surveillance import service as surveillance
from registry.surveillance import waiting
from registry.surveillance.schemas import Report
from tests.conftest import Browser
from tests.registry.certification import scene
from tests.registry.certification.scene import BRUNO, CARLA, DIEGO, DORA, OLGA, REASON, Scene


@pytest.fixture
async def hotel(db: None, now: datetime) -> Scene:
    return await scene.hotel(now, await scene.opened(now))


def link(url: str, waits: int = 0, home: bool = False, board: bool = False) -> RailLink:
    return RailLink(url, url, waits, current=False, home=home, board=board)


def test_somebody_begins_at_their_board_then_where_their_own_work_waits_then_where_any_does() -> None:
    assert landing([link("a", 3), link("board", home=True, board=True)]) == "board"
    assert landing([link("a", 3), link("mine", 1, home=True), link("b", 2)]) == "mine"
    assert landing([link("a"), link("b", 2), link("mine", home=True)]) == "b"
    assert landing([link("a", board=True), link("mine", home=True)]) == "mine"
    assert landing([]) == "/desk/account"


def read(letter: Path) -> str:
    return str(message_from_bytes(letter.read_bytes(), policy=default).get_content())


def test_a_step_by_which_members_are_counted_has_words_without_figures() -> None:
    for code in REQUIREMENTS:
        assert "%" not in step_words(code), code


PANEL = scene.person(120, "Pía Sandoval", Role.PANEL)
COMMITTEE = scene.person(121, "Imelda Fonseca", Role.IMPARTIALITY)


async def test_an_overdue_year_calls_nobody_whose_work_it_is_not(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    case = await scene.granted(now, hotel)
    late = (now - timedelta(days=5)).date()
    await execute("UPDATE certification SET surveillance_on = $1, seed = $2, risk = 'low'", late, bytes(32))
    begins = {
        PANEL: "/desk/appeals", COMMITTEE: "/desk/impartiality", BRUNO: "/audit/visits", hotel.irene: "/desk/board",
        CARLA: "/desk/certifications/reviews", DORA: "/desk/certifications/decisions",
    }  # fmt: skip
    for person in (PANEL, COMMITTEE, hotel.irene):
        await scene.known(person, now)
    for person, role in ((PANEL, Role.PANEL), (COMMITTEE, Role.IMPARTIALITY)):
        await scene.hold(person, role, None, now)
    for person, address in begins.items():
        assert await waiting.waiting(person, now) == 0, person.name
        browser = await sign_in(person)
        assert (await browser.get("/desk")).headers["location"] == address
    assert await waiting.mine(hotel.ana, now) == {case}


async def test_a_year_waits_for_its_holder_then_for_an_officer_or_a_reviewer(hotel: Scene, now: datetime) -> None:
    case = await scene.granted(now, hotel)
    at = now + timedelta(days=360)
    await execute("UPDATE certification SET risk = 'raised'")
    assert await waiting.mine(hotel.ana, at) == {case} == await waiting.mine(OLGA, at)
    await execute("UPDATE certification SET risk = 'low', seed = $1", bytes(32))
    assert await waiting.mine(OLGA, at) == set() == await waiting.mine(CARLA, at)
    (one,) = await years.watched(OLGA, at)
    told = Report(figures=await years.figures(one.case, at), done="Se repitió el repaso en los dos turnos.")
    await surveillance.report_year(hotel.ana, at, case, told)
    assert await waiting.mine(hotel.ana, at) == set()
    assert await waiting.mine(CARLA, at) == {case}


async def test_the_report_of_a_year_has_a_receipt_with_its_figures_and_a_letter(
    hotel: Scene, now: datetime, context: Any, sign_in: Browser
) -> None:
    case = await scene.granted(now, hotel)
    await execute("UPDATE certification SET surveillance_on = $1", (now + timedelta(days=5)).date())
    ana = await sign_in(await scene.known(hotel.ana, now))
    (one,) = await years.watched(OLGA, now)
    figures = await years.figures(one.case, now)
    form = {name: str(getattr(figures, name)) for name in figures.__struct_fields__}
    done = "Se repitió el repaso en los dos turnos."
    kept = await ana.post(f"/desk/surveillance/{case}/report", data=form | {"reason": done})
    assert kept.status_code == 303, kept.text
    receipt = await ana.get(kept.headers["location"])
    assert receipt.status_code == 200 and done in receipt.text and "comprobante" in receipt.text
    for name in ("people", "trained", "units"):
        assert f">{getattr(figures, name)}<" in receipt.text
    assert kept.headers["location"].partition("?")[0] in (await ana.get(f"/desk/surveillance/{case}")).text
    await drain(context, now)
    (letter,) = [text for one in (context.config.data / "mail").iterdir() if "/reports/" in (text := read(one))]
    assert f": {figures.people}\n" in letter and hotel.ana.name in letter
    stranger = await sign_in(await scene.known(scene.person(130, "Otra", representative=UUID(int=130)), now))
    assert (await stranger.get(kept.headers["location"])).status_code == 404


async def test_whoever_loses_a_seal_is_told_to_take_it_down_and_offered_no_print(
    hotel: Scene, now: datetime, context: Any, sign_in: Browser
) -> None:
    case = await scene.granted(now, hotel)
    await sealing.issue_seals(context, now, {"certification": str(case)})
    ana = await sign_in(await scene.known(hotel.ana, now))
    home, prints = f"/desk/members/{hotel.client}", f"/desk/seals/business/{hotel.client}"
    assert prints in (await ana.get(home)).text
    await service.suspend(DORA, now, case, REASON, cause=Cause.VISIT_REFUSED)
    await sealing.suspend_seals(context, now, {"certification": str(case), "units": []})
    for page in (await ana.get(home), await ana.get(prints)):
        assert "Tape el sello o quítelo" in page.text and "Guarde el adhesivo" in page.text
    assert prints not in (await ana.get(home)).text
    assert "/sheet.pdf" not in (await ana.get(prints)).text
    assert "nada que imprimir" in (await ana.get(f"/desk/prints/new?client={hotel.client}")).text
    await suspension.confirm(DIEGO, now, case, REASON)
    await scene.proposed(now, case, rules.Act.WITHDRAW)
    await service.withdraw(DORA, now, case, REASON)
    await sealing.revoke_seals(context, now, {"certification": str(case), "units": []})
    await complaining.ask_removal(context, now, {"certification": str(case)})
    page = await ana.get(home)
    assert "Quite el sello" in page.text and "/desk/misuse/" in page.text and prints not in page.text
    assert "/desk/certifications/apply" not in page.text and "se puede a partir del 20 nov 2027" in page.text
    assert await queries.own_steps(hotel.ana, now) == 0


async def test_beside_an_urgent_suspension_stands_only_what_can_be_done_now(
    hotel: Scene, now: datetime, sign_in: Browser
) -> None:
    case = await scene.granted(now, hotel)
    dora, diego = await sign_in(DORA), await sign_in(DIEGO)
    address = f"/desk/certifications/{case}"

    async def decides(browser: Any) -> str:
        """The page without the form in which anybody proposes."""
        return str((await browser.get(address)).text.partition("/proposals")[0])

    before = await decides(dora)
    assert 'value="suspend"' in before and 'value="withdraw"' not in before  # nobody else has proposed it
    await service.suspend(DORA, now, case, REASON, cause=Cause.VISIT_REFUSED)
    signer, second = await decides(dora), await decides(diego)
    for act in ("confirm", "lift", "reinstate", "withdraw"):
        assert f'value="{act}"' not in signer, act
    assert "espera a una segunda persona" in signer
    assert 'value="confirm"' in second and 'value="lift"' in second
    assert 'value="reinstate"' not in second and 'value="withdraw"' not in second
    await suspension.confirm(DIEGO, now, case, REASON)
    after = await decides(dora)
    assert 'value="withdraw"' in after and 'value="reinstate"' not in after  # no auditor has seen the cause gone
    await suspension.verify_cause(BRUNO, now, case, REASON)
    assert 'value="reinstate"' in await decides(dora)


async def test_a_certified_business_finds_its_certificate_first_among_its_files(
    hotel: Scene, now: datetime, sign_in: Browser
) -> None:
    case = await scene.granted(now, hotel)
    ana = await sign_in(await scene.known(hotel.ana, now))
    assert str(case) in (await ana.get("/desk/certifications")).text


async def test_a_certificate_past_its_last_day_is_listed_as_over(hotel: Scene, now: datetime, sign_in: Browser) -> None:
    case = await scene.granted(now - timedelta(days=740), hotel)
    ana = await sign_in(await scene.known(hotel.ana, now))
    assert str(case) not in (await ana.get("/desk/certifications?view=in-force")).text
    assert str(case) in (await ana.get("/desk/certifications?view=over")).text
