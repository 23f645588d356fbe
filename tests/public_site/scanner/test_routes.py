"""Typing a code: to the seal's own page, or back with what was typed and what to mend."""

import httpx
import pytest

from tests.public_site.world import TAXI

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("typed", [TAXI, TAXI.lower(), f"http://localhost:8000/S/{TAXI}", f" {TAXI[:4]} {TAXI[4:]} "])
async def test_a_code_leads_to_its_page(visitor: httpx.AsyncClient, typed: str) -> None:
    answer = await visitor.post("/scan", data={"code": typed})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/s/{TAXI}"


@pytest.mark.parametrize("typed", ["7K3M-9QXT-2W4H-VN8X", "hola", "<b>", "x" * 150])
async def test_what_is_no_code_comes_back_to_be_mended(visitor: httpx.AsyncClient, typed: str) -> None:
    answer = await visitor.post("/scan", data={"code": typed})
    assert answer.status_code == 422
    assert typed.replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert 'id="code-error"' in answer.text
    assert "<b>" not in answer.text.split('name="code"')[1].split(">")[0]


async def test_an_empty_box_asks_for_a_code(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.post("/scan", data={"code": " "})).status_code == 422
    assert (await visitor.post("/scan")).status_code == 422


async def test_the_language_chosen_goes_along(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/scan?lang=pt", data={"code": TAXI})
    assert answer.headers["location"] == f"/s/{TAXI}?lang=pt"


async def test_a_form_from_another_site_is_not_taken(visitor: httpx.AsyncClient) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        assert (await visitor.post("/scan", data={"code": TAXI}, headers=headers)).status_code == 403
    assert (
        await visitor.post("/scan", data={"code": TAXI}, headers={"origin": "http://localhost:8000"})
    ).status_code == 303
