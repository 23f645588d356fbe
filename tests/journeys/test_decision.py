"""From a decision at the desk to the stranger's page, in a real browser, over a real server.

Dora signs in with password and phone, grants a case with her reason, and a traveller finds the seal; she suspends it,
and the same page says so. No JavaScript anywhere.
"""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from registry.config import Config
from registry.core.ports import free_port
from registry.demo import cast
from registry.demo.serving import serving
from tests.journeys.test_stranger import ARGUMENTS, CHROMIUM

playwright = pytest.importorskip("playwright.async_api")
pytestmark = pytest.mark.skipif(not shutil.which("chromium"), reason="Chromium is not here: apt-get install chromium")


class Hotel(NamedTuple):
    """The house, and what its one case is called: the business that is certified, and its place."""

    config: Config
    business: str
    place: str


REASON = "Todos los criterios se cumplen y el procedimiento está a la vista."


@pytest.fixture
def hotel(tmp_path: Path) -> Hotel:
    """A house with one hotel whose case waits for its decision."""
    port = free_port("127.0.0.1")
    command = [sys.executable, "-m", "tests.journeys.reviewed", str(tmp_path), str(port)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr[-3000:]
    config = Config(data=tmp_path, demo=True, port=port, origin=f"http://127.0.0.1:{port}")
    return Hotel(config, **json.loads(done.stdout.splitlines()[-1]))


async def test_a_decision_reaches_the_page_and_a_suspension_too(hotel: Hotel) -> None:
    async with serving(hotel.config) as client, playwright.async_playwright() as started:
        browser = await started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        dora = await (await browser.new_context(java_script_enabled=False, locale="es-CR")).new_page()
        await sign_in(dora, hotel.config.origin)
        assert dora.url.endswith("/desk/certifications/decisions")
        await dora.click(f"text={hotel.business}")
        case = dora.url
        await dora.check("input[value=grant]")
        await dora.fill("textarea[name=reason]", REASON)
        await dora.click("button[value=grant], form.decide button:not([hidden]):visible")
        address = await seal_of(client, hotel.place)
        traveller = await (await browser.new_context(java_script_enabled=False, locale="es-CR")).new_page()
        await says(traveller, address, "Vigente")
        await dora.goto(case)
        await dora.locator("form[action$=changes] input[value=suspend]").check()
        act = dora.locator("form[action$=changes]:has(input[value=suspend])")
        await act.locator("select[name=cause]").select_option("visit_refused")
        await act.locator("textarea[name=reason]").fill(REASON)
        await act.locator("button:visible").first.click()
        await says(traveller, address, "Suspendido")
        await browser.close()


async def sign_in(page: Any, origin: str) -> None:
    """Password, then the code that a demo's sign-in page shows."""
    await page.goto(f"{origin}/desk")
    await page.fill("input[name=email]", "dora@resguardo.example")
    await page.fill("input[name=password]", cast.PASSWORD)
    await page.click("form.act button:visible")
    shown = re.search(r"\d{6}", await page.inner_text("form.act .hint >> nth=0"))
    assert shown, "the demo's sign-in page shows the phone's code"
    await page.fill("input[name=code]", shown[0])
    await page.click("form.act button:visible")


async def seal_of(client: httpx.AsyncClient, name: str) -> str:
    """The address of a place's page, found as a stranger finds it: by name."""
    for _ in range(80):
        page = await client.get("/find", params={"q": name})
        if found := re.search(r'href="(/s/[0-9A-Za-z]{16})', page.text):
            return f"{client.base_url}".rstrip("/") + found[1]
        time.sleep(0.1)
    raise AssertionError("the seal is not found by its name")


async def says(page: Any, address: str, word: str) -> None:
    """Reload until the page says so; a decision is visible within two seconds."""
    end = time.monotonic() + 2
    while True:
        await page.goto(address)
        if word in await page.inner_text("h1"):
            return
        assert time.monotonic() < end, await page.inner_text("h1")
        time.sleep(0.05)
