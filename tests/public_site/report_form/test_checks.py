"""What stands before a report: each check refuses what it is for, and whatever it refuses, the words come back."""

import json
import re
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from public_site.report_form import load, work
from registry.core.i18n import LANGUAGES
from registry.reports import service
from tests.public_site.report_form.test_routes import CANARY, Visit, code_in, stored, token, visit  # noqa: F401  fixture
from tests.registry.reports.test_carry import carried

BUSY = {"office": 3 * load.OFFICE, "plain": 2 * load.PLAIN}


async def form(visit: Visit, **asked: str) -> str:  # noqa: F811
    """A form that a person has looked at for a moment."""
    page = (await visit.http.get("/report", params={"place": "CR-G"} | asked)).text
    visit.clock.now += timedelta(seconds=5)
    return page


def flooded(visit: Visit, *, plain: bool = False) -> None:  # noqa: F811
    """So many reports came to the office lately that everybody is asked for work."""
    lately = state(visit)["load"]
    for number in range(BUSY["plain" if plain else "office"]):
        with lately.taking(visit.world.authority, str(number).encode(), visit.clock.now, plain=plain) as met:
            met.kept = True


def state(visit: Visit) -> Any:  # noqa: F811
    return visit.http._transport.app.litestar.state  # type: ignore[attr-defined]


async def sealed(visit: Visit, page: str, **changed: Any) -> dict[str, Any]:  # noqa: F811
    """What the page's script sends."""
    visit.world.now = visit.clock.now
    sent = msgspec.to_builtins(await carried(visit.world))
    return sent | {"token": token(page)} | changed


def handed(page: str) -> dict[str, Any]:
    found = re.search(r'data-channel="([^"]+)"', page)
    assert found
    said: dict[str, Any] = json.loads(found[1].replace("&#34;", '"').replace("&quot;", '"').replace("&amp;", "&"))
    return said


async def test_a_quiet_office_asks_for_no_work(visit: Visit) -> None:  # noqa: F811
    page = await form(visit)
    assert "work" not in handed(page)
    assert (await visit.http.post("/report", json=await sealed(visit, page))).status_code == 200


async def test_under_a_flood_the_work_comes_with_the_form_and_is_taken(visit: Visit) -> None:  # noqa: F811
    await form(visit)
    flooded(visit)
    page = await form(visit)
    solved = work.solve(handed(page)["work"])
    assert (await visit.http.post("/report", json=await sealed(visit, page, pow=solved))).status_code == 200
    assert await stored() == 1


async def test_a_browser_that_was_asked_for_none_is_handed_the_work_and_the_same_form(visit: Visit) -> None:  # noqa: F811
    page = await form(visit)
    flooded(visit)
    sent = await sealed(visit, page)
    asked = await visit.http.post("/report", json=sent)
    said = asked.json()
    assert asked.status_code == 429 and said["code"] == "form-more-work" and said["token"] == sent["token"]
    assert "press send again" in said["detail"] and await stored() == 0
    assert (await visit.http.post("/report", json=sent | {"pow": work.solve(said["work"])})).status_code == 200


async def test_work_that_was_done_once_is_taken_once(visit: Visit) -> None:  # noqa: F811
    await form(visit)
    flooded(visit)
    page = await form(visit)
    sent = await sealed(visit, page, pow=work.solve(handed(page)["work"]))
    assert (await visit.http.post("/report", json=sent)).status_code == 200
    other = await sealed(visit, page, pow=sent["pow"])
    again = await visit.http.post("/report", json=other)
    assert again.status_code == 409 and again.json()["code"] == "report-form-used"
    fresh = await visit.http.post("/report", json=other | {"token": token(await form(visit))})
    assert fresh.json()["code"] == "form-more-work", "it belonged to the other form"
    assert await stored() == 1


async def test_the_same_envelope_again_is_the_same_report_and_counts_for_no_load(visit: Visit) -> None:  # noqa: F811
    sent = await sealed(visit, await form(visit))
    for _ in range(3):
        assert (await visit.http.post("/report", json=sent)).status_code == 200
    assert await stored() == 1
    counts = state(visit)["load"]._offices[False, visit.world.authority.bytes]
    assert sum(counts.values()) == 1


async def test_a_form_without_a_program_is_taken_under_any_flood_and_marked(visit: Visit) -> None:  # noqa: F811
    page = await form(visit)
    flooded(visit, plain=True)
    sent = {"token": token(page), "place": "CR-G", "text": CANARY}
    assert (await visit.http.post("/report", data=sent)).status_code == 200
    assert await bursts() == [True]


async def test_a_report_is_in_a_burst_only_where_its_own_way_is_flooded(visit: Visit) -> None:  # noqa: F811
    page = await form(visit)
    flooded(visit, plain=True)
    assert (await visit.http.post("/report", json=await sealed(visit, page))).status_code == 200
    assert await bursts() == [False]


async def test_a_hidden_field_that_a_browser_filled_is_gone_from_the_page_that_comes_back(visit: Visit) -> None:  # noqa: F811
    page = await form(visit)
    assert 'name="website"' in page
    sent = {"token": token(page), "place": "CR-G", "text": CANARY, "website": "https://ana.example"}
    back = await visit.http.post("/report", data=sent)
    assert back.status_code == 422 and CANARY in back.text and "hidden field" in back.text
    assert 'name="website"' not in back.text and "ana.example" not in back.text and token(back.text) != sent["token"]
    visit.clock.now += timedelta(seconds=5)
    del sent["website"]
    assert (await visit.http.post("/report", data=sent | {"token": token(back.text)})).status_code == 200
    said = (await visit.http.post("/report", json=await sealed(visit, await form(visit), website="x"))).json()
    assert said["code"] == "form-hidden-field" and said["token"] and await stored() == 1


async def test_a_form_of_yesterday_comes_back_with_a_fresh_one(visit: Visit) -> None:  # noqa: F811
    page = await form(visit)
    visit.clock.now += timedelta(hours=25)
    back = await visit.http.post("/report", data={"token": token(page), "place": "CR-G", "text": CANARY})
    assert back.status_code == 422 and CANARY in back.text and token(back.text) != token(page)
    said = (await visit.http.post("/report", json=await sealed(visit, page))).json()
    assert said["code"] == "form-old" and said["token"] != token(page) and "channel" in said
    visit.clock.now += timedelta(seconds=5)
    again = {"token": token(back.text), "place": "CR-G", "text": CANARY}
    assert (await visit.http.post("/report", data=again)).status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_refusal_says_what_to_do_in_every_language(visit: Visit, language: str) -> None:  # noqa: F811
    page = await form(visit)
    flooded(visit)
    wanted = {"accept-language": language}
    sent = await sealed(visit, page)
    said = {}
    for changed in ({}, {"website": "x"}, {"token": "AAAA"}):
        told = (await visit.http.post("/report", json=sent | changed, headers=wanted)).json()
        said[told["code"]] = told["detail"]
    assert set(said) == {"form-more-work", "form-hidden-field", "form-not-ours"}
    assert all(len(words) > 40 and "form-" not in words for words in said.values())


async def test_what_breaks_while_it_is_kept_gives_the_words_and_the_same_form_back(
    visit: Visit,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = await form(visit)
    keep, broken = service._keep, [True]

    async def once(*given: Any) -> dict[str, Any]:
        done = await keep(*given)
        if broken:  # kept, and the line to the database breaks before it says so
            broken.clear()
            raise asyncpg.ConnectionDoesNotExistError("gone")
        return done

    monkeypatch.setattr(service, "_keep", once)
    sent = {"token": token(page), "place": "CR-G", "text": CANARY}
    back = await visit.http.post("/report", data=sent)
    assert back.status_code == 429 and CANARY in back.text and token(back.text) == sent["token"]
    assert "arrive only once" in back.text
    done = await visit.http.post("/report", data=sent)
    assert done.status_code == 200 and len(code_in(done.text)) == 20 and await stored() == 1
    broken.append(True)
    said = (await visit.http.post("/report", json=await sealed(visit, await form(visit)))).json()
    assert said["code"] == "report-not-kept" and said["token"]


async def test_a_form_that_is_sent_again_and_again_uses_up_no_code(visit: Visit) -> None:  # noqa: F811
    page = await form(visit)
    sent = {"token": token(page), "place": "CR-G", "text": CANARY}
    await visit.http.post("/report", data=sent)
    given = []
    stock = state(visit)["codes"]
    back = stock.give_back
    stock.give_back = lambda code, derived: (given.append(code), back(code, derived))
    answers: list[httpx.Response] = [
        await visit.http.post("/report", data=sent | {"text": text}) for text in (CANARY, "otro", "otro más")
    ]
    assert [a.status_code for a in answers] == [200, 409, 409] and len(given) == 3 and await stored() == 1


async def bursts() -> list[bool]:
    from registry.core.db import REPORTS_DB, fetch

    rows = await fetch(
        "SELECT burst FROM reports.envelope WHERE id NOT IN (SELECT envelope FROM reports.drill)", engine=REPORTS_DB
    )
    return [row["burst"] for row in rows]
