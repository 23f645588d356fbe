"""The map: what it shows its table shows too, and each tile leads to a place."""

import re

import httpx
import pytest

from public_site.places.outline import COSTA_RICA, MIDDLES
from registry.authorities import places

pytestmark = pytest.mark.anyio


def test_every_province_has_its_tile_and_no_corner_lies_outside() -> None:
    assert set(COSTA_RICA) == set(MIDDLES) == set(places.PROVINCES["CR"])
    assert all(0 <= x <= 30 and 0 <= y <= 25 for outline in COSTA_RICA.values() for x, y in outline)


async def test_the_map_and_its_table_say_the_same(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/places")).text
    drawn = dict(re.findall(r'aria-label="([^":]+): (\d+) sello', page))
    assert drawn == {"San José": "1", "Alajuela": "0", "Cartago": "0", "Heredia": "0", "Guanacaste": "1",
                     "Puntarenas": "0", "Limón": "0"}  # fmt: skip
    rows = re.findall(
        r'<th scope="row"><a href="/places/(CR-\w+)">[^<]+</a></th>((?:<td class="num"[^>]*>\d+</td>)+)', page
    )
    told = {code: [int(n) for n in re.findall(r"\d+", re.sub(r"<[^>]+>", " ", cells))] for code, cells in rows}
    assert told["CR-G"] == [1, 0, 1]
    assert told["CR-SJ"] == [0, 1, 0]
    assert told["CR-A"] == [0, 0, 1]
    page = page.partition("<body>")[2]
    assert "http" not in re.sub(r'href="/[^"]*"', "", page).replace("http-equiv", ""), (
        "nothing is fetched from elsewhere"
    )


async def test_a_province_has_a_page_and_is_found_by_its_name(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/places/CR-G")
    assert page.status_code == 200
    assert "Santa Cruz 1" in page.text
    assert "region=CR-G" in page.text
    assert "TSJ" not in (await visitor.get("/places/CR-SJ")).text
    named = await visitor.get("/places/limón")
    assert (named.status_code, named.headers["location"]) == (303, "/places/CR-L")
    assert (await visitor.get("/places/Atlantis", headers={"accept": "text/html"})).status_code == 404
