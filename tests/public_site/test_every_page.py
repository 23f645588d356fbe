"""What holds of every page a stranger can open: nothing from elsewhere, no cookie, no promise (domain.md 8, check 32;
clients.md 5, check 19; seals.md 7, check 24). The pages come from the who-may table, so a new one is looked at too."""

import re

import httpx
import pytest

from registry.core.i18n import LANGUAGES
from tests.house.who_may import PUBLIC, TABLE
from tests.public_site.verification.test_states import PROMISES
from tests.public_site.world import BOAT, HOTEL, LISTING, TAXI, UNKNOWN
from tests.scripts.runner import spoken

pytestmark = pytest.mark.anyio
FILLED = {"{listing_id:uuid}": LISTING, "{place:str}": "CR-G", "{name:str}": f"{HOTEL}.svg", "{code:str}": TAXI}
OF_THE_REPORTS = {"/report", "/return", "/complaint/answer"}
"""Forms over the database: tests/public_site/report_form and complaints read their words."""
OF_THE_DATABASE = {"/figures", "/data/figures.csv", "/data/figures.json"}
LOADED = re.compile(
    r"<(?:script|img|iframe|source|video|audio|embed|object|link|use|input)\b[^>]*?"
    r"""\b(?:src|href|data|srcset|poster)\s*=\s*["']([^"']+)""",
    re.I,
)
LICENCES = "/about"
"""Programs of others with their licences in full, which are "free of charge"; its own words are in the catalogues."""
DENIED = r"pas une garantie|être sûr"
"""Of the seal it is denied; the reader need not be."""
ADDRESSES = sorted(
    {
        address
        for route, who in TABLE.items()
        if who == PUBLIC and route.startswith("GET ") and "{path" not in route
        for address in [route.removeprefix("GET ")]
    }
)


def filled(address: str) -> str:
    for hole, value in FILLED.items():
        address = address.replace(hole, value)
    return address


def test_every_public_route_is_looked_at() -> None:
    assert len(ADDRESSES) > 35 and not [one for one in map(filled, ADDRESSES) if "{" in one]


@pytest.mark.parametrize(
    "address",
    [
        *sorted({*map(filled, ADDRESSES)} - OF_THE_DATABASE),
        f"/s/{BOAT}",
        f"/s/{UNKNOWN}",
        "/nowhere",
        "/find?q=TSJ4417",
    ],
)
async def test_a_page_asks_nobody_else_for_anything_and_leaves_nothing_behind(
    visitor: httpx.AsyncClient, address: str
) -> None:
    await asks_nobody(visitor, address)


@pytest.mark.parametrize("address", sorted(OF_THE_DATABASE))
async def test_so_does_a_page_over_the_database(db: None, visitor: httpx.AsyncClient, address: str) -> None:
    await asks_nobody(visitor, address)


async def asks_nobody(visitor: httpx.AsyncClient, address: str) -> None:
    """Nothing from elsewhere, nothing left behind."""
    answer = await visitor.get(address, headers={"accept": "text/html"})
    assert answer.status_code < 500, answer.text[:300]
    assert "set-cookie" not in answer.headers
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "http" not in policy.replace("upgrade-insecure-requests", ""), policy
    loaded = LOADED.findall(answer.text)
    assert loaded or "<html" not in answer.text, "a part of a page"
    assert all(one.startswith("/") and not one.startswith("//") for one in loaded), loaded
    for sheet in re.findall(r'href="(/static/[^"]+\.css)"', answer.text):
        text = (await visitor.get(sheet)).text
        assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import", text), sheet
    assert "<iframe" not in answer.text and 'http-equiv="refresh"' not in answer.text


@pytest.mark.parametrize("address", sorted({*map(filled, ADDRESSES)} - OF_THE_REPORTS - OF_THE_DATABASE - {LICENCES}))
async def test_no_page_promises_that_anybody_is_safe(visitor: httpx.AsyncClient, address: str) -> None:
    await promises_nothing(visitor, address)


async def test_nor_do_the_figures(db: None, visitor: httpx.AsyncClient) -> None:
    await promises_nothing(visitor, "/figures")


async def promises_nothing(visitor: httpx.AsyncClient, address: str) -> None:
    for language in LANGUAGES:
        answer = await visitor.get(address, params={"lang": language}, headers={"accept": "text/html"})
        assert answer.status_code < 500, answer.text[:300]
        if not answer.headers.get("content-type", "").startswith("text/html"):
            return
        said = re.sub(DENIED, "", spoken(answer.text))
        promised = PROMISES.search(said)
        assert not promised, (language, said[max(0, promised.start() - 60) : promised.end() + 60])
