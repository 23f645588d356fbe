"""The directory: what is public is listed, a vehicle is found by its whole plate and tells only its state."""

import httpx
import pytest

from public_site.app import Door
from registry.seals.snapshot import State
from tests.public_site.world import HOTEL, LISTING, NOW, TAXI, TAXI_FACTS, World, entries, entry

pytestmark = pytest.mark.anyio


async def test_the_list_tells_every_state_plainly(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/find")).text
    for words in ("Hotel Laguna Clara", "Vigente", "Comprometido, no certificado", "Retirado", "Vencido", "Finalizado"):
        assert words in page
    assert f'href="/s/{HOTEL}"' in page
    assert f'href="/find/committed/{LISTING}"' in page
    assert "TSJ" not in page
    assert TAXI not in page


async def test_a_plate_gets_its_own_answer_and_nothing_else(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/find", params={"q": "tsj-4417"})).text
    assert "TSJ4417" in page
    assert "Vigente" in page
    assert TAXI not in page
    assert "Toyota" not in page
    assert "Cooperativa" not in page
    part = (await visitor.get("/find", params={"q": "tsj-441"})).text
    assert "Vigente" not in part
    assert "La placa tiene que ir completa" in part


async def test_a_replaced_sticker_does_not_hide_the_new_one(
    visitor: httpx.AsyncClient, door: Door, world: World
) -> None:
    new = entry(TAXI, State.SUSPENDED, TAXI_FACTS, region="CR-SJ", since=NOW)
    await world.publish([seal if seal.code != TAXI else new for seal in entries()])
    await door.following.step()
    assert "Suspendido" in (await visitor.get("/find?q=TSJ4417")).text


async def test_filters_are_links_that_keep_the_search(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/find?q=guanacaste&state=valid")).text
    assert "Hotel Laguna Clara" in page
    assert "Hostal Camino Largo" not in page
    assert "q=guanacaste" in page
    wrong = await visitor.get("/find?q=guanacaste&state=nonsense&t=nonsense&p=-4&region=ZZ-99")
    assert wrong.status_code == 200


async def test_the_page_of_a_business_that_only_signed(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get(f"/find/committed/{LISTING}")
    assert page.status_code == 200
    assert 'class="verdict committed"' in page.text
    assert "Este negocio todavía no tiene sello." in page.text
    gone = await visitor.get("/find/committed/01932f5e-7c1a-7b3e-9d2f-ffffffffffff", headers={"accept": "text/html"})
    assert gone.status_code == 404
    assert "búsquelo por nombre" in gone.text


async def test_nothing_found_says_what_to_do(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/find?q=Atlantis")).text
    assert "No hay nada con ese nombre" in page


async def test_no_page_of_the_door_sets_a_cookie(visitor: httpx.AsyncClient) -> None:
    for address in [
        "/",
        "/find",
        "/find?q=a",
        "/scan",
        f"/s/{TAXI}",
        "/notice",
        "/robots.txt",
        "/nowhere",
        f"/s/{TAXI}/proof",
    ]:
        answer = await visitor.get(address, headers={"accept": "text/html"})
        assert "set-cookie" not in answer.headers, address
        assert "default-src 'none'" in answer.headers["content-security-policy"], address
