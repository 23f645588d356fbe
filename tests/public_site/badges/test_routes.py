"""The badge tells the truth: green only while valid, grey when we cannot know, in each language, anywhere."""

from datetime import timedelta
from xml.etree import ElementTree

import httpx
import pytest

from public_site.app import Door
from registry.core.i18n import LANGUAGES
from registry.seals.snapshot import State
from tests.public_site.world import (
    BOAT,
    ENDED,
    EXPIRED,
    FUTURE,
    HOTEL,
    NOW,
    REPLACED,
    TAXI,
    UNKNOWN,
    WITHDRAWN,
    World,
    entries,
    entry,
)

pytestmark = pytest.mark.anyio
GREEN = "#146c43"


async def test_green_is_only_what_is_valid(visitor: httpx.AsyncClient) -> None:
    for code in (HOTEL, TAXI, HOTEL.lower()):
        assert GREEN in (await visitor.get(f"/badge/{code}.svg")).text
    for code in (BOAT, WITHDRAWN, EXPIRED, REPLACED, ENDED, FUTURE, UNKNOWN, "7K3M9QXT2W4HVN8C", "nonsense"):
        answer = await visitor.get(f"/badge/{code}.svg")
        assert answer.status_code == 200
        assert GREEN not in answer.text, code


async def test_a_suspension_shows_at_once_and_a_stale_copy_is_grey(
    visitor: httpx.AsyncClient, door: Door, world: World, clock  # type: ignore[no-untyped-def]
) -> None:  # fmt: skip
    await world.publish([one if one.code != HOTEL else entry(HOTEL, State.SUSPENDED, since=NOW) for one in entries()])
    await door.following.step()
    shown = (await visitor.get(f"/badge/{HOTEL}.svg?lang=es")).text
    assert "Suspendido" in shown
    assert GREEN not in shown
    clock.at = NOW + timedelta(minutes=20)
    stale = (await visitor.get(f"/badge/{TAXI}.svg?lang=es")).text
    assert GREEN not in stale
    assert "Ahora no se puede confirmar" in stale


async def test_it_stands_on_anybodys_page_and_is_kept_for_half_a_minute(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get(f"/badge/{HOTEL}.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=30, must-revalidate"
    assert "set-cookie" not in answer.headers
    again = await visitor.get(f"/badge/{HOTEL}.svg", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    page = await visitor.get(f"/s/{HOTEL}")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_it_speaks_four_languages_and_holds_no_script(visitor: httpx.AsyncClient) -> None:
    said = set()
    for language in LANGUAGES:
        text = (await visitor.get(f"/badge/{BOAT}.svg", params={"lang": language})).text
        said.add(text)
        drawn = ElementTree.fromstring(text)
        assert {one.tag.rpartition("}")[2] for one in drawn.iter()} <= {
            "svg",
            "title",
            "rect",
            "g",
            "path",
            "text",
            "circle",
        }
        assert "PQ0412" in text
    assert len(said) == len(LANGUAGES)


async def test_the_lines_to_paste_appear_with_a_code(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/badge", params={"code": HOTEL.lower()})).text
    assert f"http://localhost:8000/badge/{HOTEL}.svg" in page
    wrong = (await visitor.get("/badge", params={"code": "7K3M-9QXT-2W4H-VN8C"})).text
    assert 'aria-invalid="true"' in wrong
    assert "&lt;img" not in wrong
