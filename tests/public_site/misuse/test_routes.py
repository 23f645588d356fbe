"""The public list of misuse: signed or not told, no person in it, and never more than what was found."""

from datetime import date, timedelta

import httpx
import pytest

from public_site.app import Door
from registry.complaints import listed
from registry.complaints.listed import Entry, Mark
from registry.core.context import Context
from registry.seals.code import grouped
from tests.public_site.world import NOW, UNKNOWN, WITHDRAWN, World

pytestmark = pytest.mark.anyio
LINES = (
    Entry("M-2026-0003", Mark.FALSE, "Hostal <Inventado>", "Jacó, frente al parque", "", date(2026, 11, 12)),
    Entry("M-2026-0002", Mark.OVER, "Manglar Adentro", "Tamarindo", WITHDRAWN, date(2026, 11, 3), date(2026, 11, 9)),
    Entry("M-2026-0001", Mark.ELSEWHERE, "", "San José", "", date(2026, 10, 30)),
)


@pytest.fixture
async def told(house: Context, world: World) -> None:
    data = listed.sign(LINES, NOW, house.keys.snapshot, house.config.did)
    await house.published.put(listed.KEY, data)


async def test_the_list_says_what_is_shown_where_and_since_when(told: None, visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/misuse")
    assert page.status_code == 200
    for words in ("Hostal &lt;Inventado&gt;", "Jacó, frente al parque", "12 nov 2026", "Manglar Adentro",
                  f'href="/s/{WITHDRAWN}">{grouped(WITHDRAWN)}', "Un vehículo", "Sello falso"):  # fmt: skip
        assert words in page.text, words
    assert "Lo quitaron" in page.text
    whole = (await visitor.get("/data/misuse.json")).json()
    assert [line["number"] for line in whole["misuse"]] == [line.number for line in LINES]
    signed = await visitor.get("/log/misuse.jws")
    assert (signed.status_code, signed.headers["content-type"]) == (200, "application/jose")


@pytest.mark.parametrize("path", ["/find", f"/s/{UNKNOWN}", "/scan", "/data", "/sitemap.xml"])
async def test_the_list_is_found_from_where_it_is_needed(visitor: httpx.AsyncClient, path: str) -> None:
    assert "/misuse" in (await visitor.get(path)).text


@pytest.mark.parametrize("language", ["es", "en", "pt", "fr"])
async def test_before_the_first_line_the_list_is_empty(visitor: httpx.AsyncClient, language: str) -> None:
    page = await visitor.get("/misuse", headers={"accept-language": language})
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text
    assert (await visitor.get("/data/misuse.json")).json()["misuse"] == []


async def test_what_our_key_did_not_sign_names_nobody(told: None, visitor: httpx.AsyncClient, house: Context) -> None:
    data = listed.sign(LINES, NOW, house.keys.log, house.config.did)
    for forged in (data, b"not a list", (await house.published.get(listed.KEY))[:-9]):
        await house.published.put(listed.KEY, forged)
        page = await visitor.get("/misuse")
        assert page.status_code == 503
        assert "Manglar" not in page.text
        assert (await visitor.get("/data/misuse.json")).status_code == 503


async def test_an_old_list_says_that_it_is_old(
    told: None, visitor: httpx.AsyncClient, house: Context, door: Door
) -> None:
    assert "No pudimos actualizar" not in (await visitor.get("/misuse")).text
    old = listed.sign(LINES, NOW - timedelta(days=4), house.keys.snapshot, house.config.did)
    await house.published.put(listed.KEY, old)
    assert "No pudimos actualizar" in (await visitor.get("/misuse")).text
