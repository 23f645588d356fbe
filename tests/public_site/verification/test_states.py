"""Every state of a seal over the wire: the right words in each language, and never a word that promises too much."""

import re
from datetime import date, timedelta

import httpx
import msgspec
import pytest

from public_site.app import Door
from public_site.verification import page as page_of
from registry.core.i18n import LANGUAGES, speaking
from tests.public_site.world import (
    BOAT,
    ENDED,
    EXPIRED,
    FUTURE,
    HOTEL,
    HOTEL_FACTS,
    NOW,
    REPLACED,
    TAXI,
    UNKNOWN,
    WITHDRAWN,
    World,
    entries,
    entry,
)
from tests.scripts.runner import spoken

pytestmark = pytest.mark.anyio
EVERY = [TAXI, HOTEL, BOAT, WITHDRAWN, EXPIRED, REPLACED, ENDED, FUTURE, UNKNOWN, "7K3M-9QXT-2W4H-VN8C"]
PROMISES = re.compile(
    r"\b(safe|guaranteed|free of|certified person|segur[oa]s?|garantizad|libre de|persona certificada|garantid|livre de"
    r"|pessoa certificada|sûr|garanti(e|s)?\b|exempt de|personne certifiée)",
    re.I,
)


@pytest.mark.parametrize("code", EVERY)
async def test_no_state_promises_safety_in_any_language(visitor: httpx.AsyncClient, code: str) -> None:
    for language in LANGUAGES:
        said = spoken((await visitor.get(f"/s/{code}", params={"lang": language})).text)
        said = re.sub(r"pas une garantie|être sûr", "", said)  # of the seal it is denied; the reader need not be
        assert not PROMISES.search(said), PROMISES.search(said)


@pytest.mark.parametrize("code", [BOAT, WITHDRAWN, EXPIRED, REPLACED, ENDED, FUTURE, UNKNOWN])
async def test_only_a_valid_seal_has_the_colour_and_the_shape_of_one(visitor: httpx.AsyncClient, code: str) -> None:
    page = (await visitor.get(f"/s/{code}")).text
    assert 'class="verdict valid"' not in page
    assert "M12 1a11 11 0 1 1 0 22" not in page, "the filled disc is the shape of a valid seal"
    assert 'class="verdict valid"' in (await visitor.get(f"/s/{HOTEL}")).text


async def test_the_helplines_of_a_place_are_the_ones_that_were_signed_for(visitor: httpx.AsyncClient) -> None:
    said = (await visitor.get("/help?place=CR-G")).text.partition("<main")[2]
    assert "2555-0147" in said


async def test_the_emergency_number_stands_before_everything(visitor: httpx.AsyncClient) -> None:
    for code in EVERY:
        page = (await visitor.get(f"/s/{code}")).text
        body = page.partition("<body>")[2]
        assert body.index('href="tel:911"') < body.index("<h1>"), code


async def test_a_renewed_seal_says_so(visitor: httpx.AsyncClient, door: Door, world: World) -> None:
    renewed = msgspec.structs.replace(HOTEL_FACTS, renewed_on=date(2026, 11, 3))
    await world.publish([one if one.code != HOTEL else entry(HOTEL, facts=renewed) for one in entries()])
    await door.following.step()
    said = spoken((await visitor.get(f"/s/{HOTEL}?lang=es")).text)
    assert "Renovado el 3 nov 2026." in said
    assert "La misma calcomanía, con fechas nuevas." in said


async def test_the_foot_says_which_copy_answers(visitor: httpx.AsyncClient, clock) -> None:  # type: ignore[no-untyped-def]
    for address in (f"/s/{TAXI}", "/find", "/help", "/nowhere"):
        said = spoken((await visitor.get(address, headers={"accept": "text/html"})).text)
        assert "Copia del registro del 21 nov 2026, 14:02, firmada." in said, address
    clock.at = NOW + timedelta(minutes=20)
    grey = (await visitor.get(f"/s/{TAXI}")).text
    assert 'class="verdict unknown"' in grey
    assert "14:02" in spoken(grey), "the copy's own time, not the time of the request"


async def test_a_shared_link_never_shows_a_state(visitor: httpx.AsyncClient) -> None:
    """Messengers keep a preview for weeks."""
    for code in (TAXI, BOAT, HOTEL):
        cards = re.findall(r'<meta property="og:[^>]+>', (await visitor.get(f"/s/{code}")).text)
        assert cards
        assert not [one for one in cards if re.search("Vigente|Suspendido|Valid", one)]
    home = (await visitor.get("/")).text
    [card] = re.findall(r'og:image" content="([^"]+)"', home)
    assert (await visitor.get(card)).headers["content-type"] == "image/png"


async def test_the_proof_is_a_file_by_its_own_name(visitor: httpx.AsyncClient) -> None:
    assert f"/s/{HOTEL}.tlog-proof" in (await visitor.get(f"/s/{HOTEL}")).text
    missing = await visitor.get(f"/s/{UNKNOWN}.tlog-proof")
    assert missing.status_code == 404
    assert (await visitor.get("/s/7K3M9QXT2W4HVN8C.tlog-proof")).status_code in (400, 422)


async def test_a_look_is_counted_once_and_a_program_is_not(visitor: httpx.AsyncClient, door: Door) -> None:
    door.counter.taken()
    for _ in range(3):
        await visitor.get(f"/S/{TAXI}")
    await visitor.get(f"/s/{TAXI}.json")
    await visitor.head(f"/s/{TAXI}")
    await visitor.get(f"/s/{UNKNOWN}")
    await visitor.get("/s/7K3M-9QXT-2W4H-VN8C")
    assert door.counter.taken() == {
        (TAXI, "valid", "unknown"): 3, ("", "unknown", "unknown"): 1, ("", "mistyped", "unknown"): 1,
    }  # fmt: skip


async def test_a_dropped_key_is_told_for_a_month(visitor: httpx.AsyncClient, door: Door, clock) -> None:  # type: ignore[no-untyped-def]
    door.trust.dropped_at = NOW - timedelta(days=2)
    door.answers.forget()
    door.forget()
    assert "El 19 de noviembre de 2026 cambiamos una llave" in spoken((await visitor.get(f"/s/{TAXI}?lang=es")).text)
    assert "llave" not in spoken((await visitor.get(f"/s/{UNKNOWN}?lang=es")).text)
    door.trust.dropped_at = NOW - timedelta(days=31)
    door.answers.forget()
    door.forget()
    assert "llave" not in spoken((await visitor.get(f"/s/{TAXI}?lang=es")).text)


async def test_a_page_on_paper_says_where_it_stands(visitor: httpx.AsyncClient, door: Door) -> None:
    for code in EVERY:
        page = (await visitor.get(f"/s/{code}")).text
        [own] = re.findall(r'<p class="paper">([^<]*)</p>', page)
        assert own.startswith("http") and own.replace("-", "").endswith(f"/s/{code.replace('-', '')}"), own
    sheet = re.search(r'href="([^"]*public[^"]*css)"', page)
    assert sheet
    rules = (await visitor.get(sheet[1])).text
    assert re.search(r"@media print\s*{.*\.paper\s*{\s*display:\s*block", rules, re.S)


def test_without_a_list_the_bar_has_the_number_of_the_seals_own_country() -> None:
    with speaking("es"):
        for region, number in (("CR-SJ", "911"), ("NI-MN", "118"), ("ES-M", "112"), ("", "112")):
            assert [line.number for line in page_of.near(None, region, NOW.date()).bar] == [number], region
