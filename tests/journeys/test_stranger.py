"""A stranger's ways in a real browser, without JavaScript: home, code, verdict; a typing mistake; a search.

Each page is looked at by axe, at 320 px and wide, light and dark, with colours forced and with text at 200 %.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.looks import looked_at, page_in
from tests.public_site.served import serving
from tests.public_site.world import BOAT, EXPIRED, HOTEL, LISTING, TAXI, UNKNOWN, WITHDRAWN

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not here: apt-get install chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip
PAGES = ["/", "/find", "/scan", f"/s/{TAXI}", f"/s/{HOTEL}", f"/s/{BOAT}", f"/s/{WITHDRAWN}", f"/s/{EXPIRED}",
         f"/s/{UNKNOWN}", "/s/7K3M-9QXT-2W4H-VNBC", f"/find/committed/{LISTING}", f"/s/{TAXI}/proof",
         "/notice", "/about"]  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("stranger")) as settings:
        yield settings["REGISTRY_ORIGIN"]


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


def opened(browser, **options):  # type: ignore[no-untyped-def]
    context = browser.new_context(locale="es-CR", java_script_enabled=False, **options)
    return context.new_page()


def test_from_home_by_the_code_to_the_verdict_and_a_mismatch_in_two_taps(browser, address):  # type: ignore[no-untyped-def]
    page = opened(browser, viewport={"width": 360, "height": 800})
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    page.get_by_label("Código del sello").fill(f" {TAXI[:4].lower()}-{TAXI[4:]} ")
    page.get_by_role("button", name="Comprobar").click()
    assert page.url == f"{address}/s/{TAXI}"
    assert page.get_by_role("heading", level=1).inner_text() == "Vigente"
    yes = page.get_by_role("link", name="Sí, coincide").bounding_box()
    assert yes["y"] + yes["height"] <= 800, "answer, comparison and yes/no fit one screen"
    page.get_by_role("link", name="No coincide", exact=True).click()
    assert page.get_by_label("Placa que usted ve").is_visible()
    assert page.context.cookies() == []
    assert all(url.startswith(address) for url in requests)


def test_a_typing_mistake_comes_back_to_be_mended(browser, address):  # type: ignore[no-untyped-def]
    page = opened(browser)
    page.goto(f"{address}/scan")
    page.get_by_label("Código del sello").fill("7K3M-9QXT-2W4H-VNBC")
    page.get_by_role("button", name="Comprobar").click()
    box = page.get_by_label("Código del sello")
    assert box.input_value() == "7K3M-9QXT-2W4H-VNBC"
    box.fill(UNKNOWN)
    page.get_by_role("button", name="Comprobar").click()
    assert page.get_by_role("heading", level=1).inner_text() == "No conocemos este código"


def test_a_search_leads_to_a_seal_and_keeps_the_language(browser, address):  # type: ignore[no-untyped-def]
    page = opened(browser)
    page.goto(address)
    page.get_by_role("link", name="English").first.click()
    page.get_by_role("link", name="Look for a hotel").click()
    page.get_by_label("Name, place or plate").fill("lagna")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Hotel Laguna Clara").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Valid"
    assert "lang=en" in page.url


LOOKS = [
    ("phone", {"viewport": {"width": 320, "height": 568}}),
    ("dark", {"viewport": {"width": 1366, "height": 768}, "color_scheme": "dark"}),
    ("forced", {"viewport": {"width": 360, "height": 800}, "forced_colors": "active"}),
]


@pytest.mark.parametrize(("name", "options"), LOOKS, ids=[name for name, _ in LOOKS])
def test_every_page_is_open_to_everybody(browser, address, name, options):  # type: ignore[no-untyped-def]
    page = page_in(browser, locale="es-CR", **options)
    for path in PAGES:
        page.goto(address + path)
        looked_at(page, f"{path}, {name}")
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), f"{path} is wider than {name}"
        if name == "phone":
            page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), f"{path} at 200 %"
