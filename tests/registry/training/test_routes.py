"""The trainer's desk and coverage pages over ASGI, as their users meet them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from registry.core.db import fetch
from registry.core.ids import uuid7
from registry.training import queries, service
from registry.training.schemas import Attendee, Open
from tests import people
from tests.conftest import Browser
from tests.registry.learning_people import House
from tests.registry.learning_people import house as the_house
from tests.registry.training.test_service import roster

HERE = "/desk/training"
HOUR = timedelta(hours=1)


async def opened(at: House, when: datetime, modules: list[str] | None = None) -> UUID:
    """A session that began an hour ago: it may be closed now."""
    form = Open([at.hotel], modules or ["M0"], "Sala municipal", started_at=when - HOUR)
    return await service.open_session(at.tomas, when, form)


def marked(
    everybody: list[UUID], there: list[UUID], score: str = "9", act: str = "save", **more: Any
) -> dict[str, Any]:
    form: dict[str, Any] = {"once": str(uuid7()), "act": act, "shown": [str(one) for one in everybody],
                            "there": [str(one) for one in there]}  # fmt: skip
    for one in there:
        form |= {f"score-{one}": score, f"must-{one}": "yes"}
    return form | more


async def test_a_trainer_without_sessions_sees_the_next_step(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    tomas = await sign_in(at.tomas)
    answer = await tomas.get(HERE, follow_redirects=True)
    assert answer.status_code == 200 and answer.url.path == HERE + "/sessions"
    assert HERE + "/sessions/new" in answer.text


async def test_a_whole_session_by_form_from_choosing_to_closing(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    tomas = await sign_in(at.tomas)
    page = await tomas.get(HERE + "/sessions/new?q=farol")
    assert "Hotel Farol del Golfo" in page.text and "Tres Ceibas" not in page.text
    began = (now - HOUR - timedelta(hours=6)).strftime("%H:%M")  # as the wall clock in Costa Rica says it
    form = {"once": str(uuid7()), "clients": [str(at.hotel)], "modules": ["M0"], "place": "Sala <municipal>",
            "language": "es", "day": "2026-11-20", "time": began, "minutes": "", "kind": "full", "q": ""}  # fmt: skip
    answer = await tomas.post(HERE + "/sessions", data=form)
    assert answer.status_code == 303, answer.text
    again = await tomas.post(HERE + "/sessions", data=form)
    assert again.headers["location"] == answer.headers["location"], "the same form twice is one session"
    session = answer.headers["location"].partition("?")[0]
    page = await tomas.get(session)
    assert "Nereo Prado" in page.text and "Sala &lt;municipal&gt;" in page.text and "<municipal>" not in page.text

    everybody = await roster(at.hotel)
    form = marked(everybody, everybody[:3])
    assert (await tomas.post(session, data=form)).status_code == 303
    assert (await tomas.post(session, data=form)).status_code == 303
    form = marked(everybody, everybody[1:3], act="close")
    for _ in range(2):
        answer = await tomas.post(session, data=form)
        assert answer.status_code == 303 and "closed" in answer.headers["location"]
    assert {row["worker"] for row in await fetch("SELECT worker FROM training_record")} == set(everybody[1:3])
    page = await tomas.get(answer.headers["location"])
    assert page.status_code == 200 and "9 / 10" in page.text


async def test_enter_alone_saves_and_never_closes(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    id = await opened(at, now)
    tomas = await sign_in(at.tomas)
    page = (await tomas.get(f"{HERE}/sessions/{id}")).text
    form = page[page.index(f'action="{HERE}/sessions/{id}"') :]
    first = form[form.index("<button") :]
    assert first.startswith('<button name="act" value="save"'), "the browser's default button"


async def test_a_score_that_cannot_be_is_said_and_nothing_typed_is_lost(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    id, everybody = await opened(at, now), await roster(at.hotel)
    tomas = await sign_in(at.tomas)
    for wrong in ("92", "ocho", "-1", "９"):
        answer = await tomas.post(f"{HERE}/sessions/{id}", data=marked(everybody, everybody[1:4], wrong))
        assert answer.status_code == 422 and f'value="{wrong}"' in answer.text
        for one in everybody[1:4]:
            assert f'name="there" value="{one}" checked' in answer.text
        assert f'name="there" value="{everybody[0]}">' in answer.text
    assert not await fetch("SELECT FROM attendance")
    assert (await tomas.post(f"{HERE}/sessions/{id}", data=marked(everybody, everybody[:1], "9/10"))).status_code == 303


async def test_a_session_cannot_be_closed_before_its_minutes_are_over(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    id = await service.open_session(at.tomas, now, Open([at.hotel], ["M0"], "Sala"))
    everybody = await roster(at.hotel)
    tomas = await sign_in(at.tomas)
    answer = await tomas.post(f"{HERE}/sessions/{id}", data=marked(everybody, everybody, act="close"))
    assert answer.status_code == 409 and "20" in answer.text
    assert len(await fetch("SELECT FROM attendance WHERE present")) == 5, "what was ticked is saved all the same"


async def test_the_search_button_keeps_what_was_ticked_and_typed(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    tomas = await sign_in(at.tomas)
    form = {"once": str(uuid7()), "clients": [str(at.hotel)], "modules": ["M1", "M3"], "place": "Escuela",
            "q": "ceibas", "search": "yes", "language": "es"}  # fmt: skip
    page = (await tomas.post(HERE + "/sessions", data=form)).text
    assert f'value="{at.hotel}" checked' in page and 'value="M3" checked' in page and 'value="Escuela"' in page
    assert "Posada Tres Ceibas" in page and not await fetch("SELECT FROM training_session")


@pytest.mark.parametrize(("change", "where"), [
    ({"clients": []}, "q-error"), ({"modules": []}, "modules-error"), ({"place": "  "}, "place-error"),
    ({"day": "ayer"}, "day-error"), ({"minutes": "5"}, "minutes-error"), ({"minutes": "ocho"}, "minutes-error"),
    ({"day": "2026-10-01"}, "day-error"),
])  # fmt: skip
async def test_what_is_missing_is_said_at_its_field(
    sign_in: Browser, now: datetime, change: dict[str, Any], where: str
) -> None:
    at = await the_house(now)
    tomas = await sign_in(at.tomas)
    form = {"once": str(uuid7()), "clients": [str(at.hotel)], "modules": ["M0"], "place": "Sala", "language": "es",
            "day": "2026-11-20", "time": "08:00", "minutes": ""} | change  # fmt: skip
    answer = await tomas.post(HERE + "/sessions", data=form)
    assert answer.status_code == 422 and where in answer.text, answer.text[:3000]


async def test_wrong_people_find_nothing(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    id = await opened(at, now)
    everybody = await roster(at.hotel)
    for actor, status in ((at.teo, 404), (at.ana, 404), (at.irene, 404)):
        browser = await sign_in(actor)
        assert (await browser.get(f"{HERE}/sessions/{id}")).status_code == status
        assert (await browser.get(f"{HERE}/sessions/{id}/sheet")).status_code == status
        answer = await browser.post(f"{HERE}/sessions/{id}", data=marked(everybody, everybody))
        assert answer.status_code in (403, 404)
    berta, teo = await sign_in(at.berta), await sign_in(at.teo)
    assert (await berta.get(f"{HERE}/of/{at.hotel}")).status_code == 404
    assert (await teo.get(f"{HERE}/of/{at.hotel}")).status_code == 404
    assert (await berta.get(HERE + "/sessions")).status_code == 403
    assert not await fetch("SELECT FROM attendance")


async def test_an_association_sees_percentages_and_never_a_name(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    id = await opened(at, now, ["M0", "M1", "M2", "M3", "M4"])
    await service.record_attendance(at.tomas, now, id, [Attendee(one, 26) for one in await roster(at.hotel)])
    await service.close_session(at.tomas, now + 3 * HOUR, id)
    names = [row["name"] for row in await fetch("SELECT name FROM worker")]
    irene, ana = await sign_in(at.irene), await sign_in(at.ana)
    for address in (HERE, f"{HERE}/of/{at.hotel}"):
        page = (await irene.get(address)).text
        assert not any(name in page for name in names), address
        assert "Hotel Farol del Golfo" in page
    assert "Posada Tres Ceibas" in (await irene.get(HERE)).text
    own = (await ana.get(HERE, follow_redirects=True)).text
    assert "100" in own and "5" in own


async def test_a_business_sees_who_still_lacks_what(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    ana = await sign_in(at.ana)
    page = (await ana.get(f"{HERE}/of/{at.hotel}")).text
    assert "Nereo Prado" in page and "M1" in page


async def test_the_sheet_has_the_list_the_check_and_the_answers(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    id = await opened(at, now)
    tomas = await sign_in(at.tomas)
    page = (await tomas.get(f"{HERE}/sessions/{id}/sheet")).text
    session = await queries.session(at.tomas, id)
    assert page.count('class="box"') == 30 and "Nereo Prado" in page and "★" in page
    assert session.room_code[:3] in page and "911" in page


async def test_an_officer_sees_what_stands_out_and_reads_the_session(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    for _ in range(2):
        id = await opened(at, now)
        await service.record_attendance(at.tomas, now, id, [Attendee(one, 9) for one in await roster(at.hotel)])
        await service.close_session(at.tomas, now, id)
    olga = await sign_in(people.OLGA)
    assert f"{HERE}/sessions/{id}" in (await olga.get(HERE)).text
    assert (await olga.get(f"{HERE}/sessions/{id}")).status_code == 200


@pytest.mark.parametrize("language", ["es", "en", "pt", "fr"])
async def test_every_page_speaks_four_languages(sign_in: Browser, now: datetime, language: str) -> None:
    at = await the_house(now)
    id = await opened(at, now, ["M0", "M5"])
    tomas, ana, irene = await sign_in(at.tomas), await sign_in(at.ana), await sign_in(at.irene)
    for browser, address in ((tomas, "/sessions"), (tomas, "/sessions/new"), (tomas, f"/sessions/{id}"),
                             (tomas, f"/sessions/{id}/sheet"), (ana, f"/of/{at.hotel}"), (irene, "")):  # fmt: skip
        page = await browser.get(f"{HERE}{address}?lang={language}")
        assert page.status_code == 200 and f'<html lang="{language}"' in page.text
        assert "problem:" not in page.text and "%(" not in page.text, address


async def test_a_session_can_be_cancelled_once(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    id = await opened(at, now)
    tomas = await sign_in(at.tomas)
    form = {"once": str(uuid7())}
    for _ in range(2):
        assert (await tomas.post(f"{HERE}/sessions/{id}/cancel", data=form)).status_code == 303
    assert (await tomas.get(f"{HERE}/sessions/{id}")).status_code == 200
