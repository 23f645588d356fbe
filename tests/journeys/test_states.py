"""Every state of a seal, in a real browser: axe, four languages, light, dark, forced colours, 320 px, text at 200 %.

One page load a state and language; what the reader's device does is switched while the page stands. Then the same
pages on a slow line (400 kbit/s, 600 ms), and with every sentence two fifths longer.
"""

import gzip
from typing import Any

import pytest

from tests.journeys.looks import looked_at, page_in
from tests.journeys.test_stranger import address, browser, pytestmark  # noqa: F401  fixtures
from tests.public_site.served import GREY, KEY
from tests.public_site.world import (
    BOAT,
    ENDED,
    EXPIRED,
    FUTURE,
    HOTEL,
    LISTING,
    REPLACED,
    TAXI,
    UNKNOWN,
    WITHDRAWN,
)

STATES = {
    "valid": f"/s/{TAXI}", "valid hotel": f"/s/{HOTEL}", "suspended": f"/s/{BOAT}", "withdrawn": f"/s/{WITHDRAWN}",
    "expired": f"/s/{EXPIRED}", "ended": f"/s/{ENDED}", "replaced": f"/s/{REPLACED}", "not begun": f"/s/{FUTURE}",
    "unknown": f"/s/{UNKNOWN}", "mistyped": "/s/7K3M-9QXT-2W4H-VN8C", "committed": f"/find/committed/{LISTING}",
}  # fmt: skip
ELSEWHERE = {"grey": (GREY, TAXI), "grey unknown": (GREY, UNKNOWN), "key changed": (KEY, HOTEL)}
"""States of the door and not of a seal, each at a host of its own."""
HEADINGS = {
    "es": {"Vigente", "Suspendido", "Retirado", "Vencido", "Finalizado", "Reemplazado", "Todavía no vigente",
           "No conocemos este código", "Revise el código, por favor", "Comprometido, no certificado",
           "Ahora no podemos confirmarlo"},
    "en": {"Valid", "Suspended", "Withdrawn", "Expired", "Ended", "Replaced", "Not valid yet",
           "We do not know this code", "Please look at the code again", "Committed, not certified",
           "We cannot confirm it now"},
}  # fmt: skip
OTHERS = (
    "/places",
    "/places/CR-G",
    "/data",
    "/api",
    f"/badge?code={HOTEL}",
    "/complaint",
    "/complaint/answer",
    "/misuse",
    "/help?place=CR-SJ",
    "/report",
    "/return",
)
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1366, "height": 768}
FITS = "() => document.documentElement.scrollWidth <= innerWidth"
CLIPPED = """() => [...document.querySelectorAll('main *')].filter(one => {
    const style = getComputedStyle(one);
    return one.children.length === 0 && one.textContent.trim() && style.overflow !== 'visible'
        && !one.closest('.vh, svg, pre, input, .skip') && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0;
}).map(one => one.outerHTML.slice(0, 120))"""
LONGER = """() => { const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) { const said = walk.currentNode.nodeValue, words = said.trim().split(/\\s+/);
        if (words[0]) walk.currentNode.nodeValue = '[' + said + ' ' + words.slice(0, Math.ceil(words.length * .4))
            .map(word => word.split('').reverse().join('')).join(' ') + ']'; } }"""


def page_for(browser: Any, language: str = "es") -> Any:  # noqa: F811  a fixture's value
    return page_in(browser, locale={"es": "es-CR", "pt": "pt-BR"}.get(language, language), viewport=NARROW)


@pytest.mark.parametrize("language", ["es", "en", "pt", "fr"])
def test_every_state_is_open_to_everybody(browser, address, language):  # type: ignore[no-untyped-def]  # noqa: F811
    page = page_for(browser, language)
    headings = set()
    port = address.rpartition(":")[2]
    others = {state: f"http://{host}:{port}/s/{code}" for state, (host, code) in ELSEWHERE.items()}
    for state, url in ({state: address + path for state, path in STATES.items()} | others).items():
        page.set_viewport_size(NARROW)
        page.emulate_media(color_scheme="light", forced_colors="none")
        page.goto(url)
        assert page.get_attribute("html", "lang") == language
        headings.add(page.inner_text("h1"))
        first = page.locator("body a[href^='tel:']").first.bounding_box()
        assert first["y"] < page.locator("h1").bounding_box()["y"], f"{state}: the emergency number comes first"
        largest = page.evaluate("() => [...document.querySelectorAll('main *')].filter(one => one.textContent.trim())"
                                ".map(one => [parseFloat(getComputedStyle(one).fontSize), one.closest('h1') ? 1 : 0])"
                                ".sort((a, b) => b[0] - a[0])[0][1]")  # fmt: skip
        assert largest == 1, f"{state}: the state is the largest thing on the page"
        assert page.evaluate(FITS), f"{state} in {language} is wider than 320 px"
        looked_at(page, f"{state} in {language}")
        if state == "key changed":
            assert page.locator("main .panel").first.is_visible(), f"the key that changed is told in {language}"
        if language == "es":
            page.emulate_media(color_scheme="dark")
            looked_at(page, f"{state}, dark", "color-contrast")
            page.emulate_media(color_scheme="light", forced_colors="active")
            assert page.locator("h1 svg").bounding_box()["width"] >= 24, f"{state}: its shape is there"
        page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
        assert page.evaluate(FITS), f"{state} in {language} at 200 %"
    assert headings == HEADINGS.get(language, headings)
    assert len(headings) == len(HEADINGS["es"])


def test_the_other_pages_of_a_stranger_too(browser, address):  # type: ignore[no-untyped-def]  # noqa: F811
    page = page_for(browser)
    for path in OTHERS:
        page.set_viewport_size(NARROW)
        page.emulate_media(color_scheme="light", forced_colors="none")
        page.goto(address + path)
        assert page.evaluate(FITS), f"{path} is wider than 320 px"
        looked_at(page, f"{path}, light")
        page.emulate_media(color_scheme="dark", forced_colors="none")
        looked_at(page, f"{path}, dark", "color-contrast")
        page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
        assert page.evaluate(FITS), f"{path} at 200 %"


def test_longer_words_are_not_cut_off(browser, address):  # type: ignore[no-untyped-def]  # noqa: F811
    page = page_for(browser)
    for path in (*STATES.values(), "/", "/find", "/places", "/complaint"):
        page.goto(address + path)
        page.evaluate(LONGER)
        assert page.evaluate(FITS), f"{path} with longer words"
        assert page.evaluate(CLIPPED) == [], path


def test_a_mismatch_takes_two_taps_and_no_script(browser, address):  # type: ignore[no-untyped-def]  # noqa: F811
    page = browser.new_context(
        locale="es-CR", java_script_enabled=False, viewport={"width": 360, "height": 800}
    ).new_page()
    page.goto(f"{address}/s/{TAXI}")
    page.get_by_role("link", name="No coincide", exact=True).click()
    choice = page.get_by_role("button", name="El vehículo o su color")
    assert choice.bounding_box()["height"] >= 44
    with page.expect_request(lambda asked: asked.method == "POST") as sent:
        choice.click()
    assert "what=vehicle" in sent.value.post_data
    assert f"code={TAXI}" in sent.value.post_data


def test_a_verdict_is_read_on_a_slow_line(browser, address):  # type: ignore[no-untyped-def]  # noqa: F811
    page = browser.new_context(locale="es-CR", viewport={"width": 360, "height": 800}).new_page()
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions",
              {"offline": False, "latency": 600, "downloadThroughput": 50_000, "uploadThroughput": 50_000})  # fmt: skip
    asked: list[str] = []
    weight = 0
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/s/{TAXI}", wait_until="load")
    painted = page.evaluate("""() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1)
        .startTime)).observe({type: 'largest-contentful-paint', buffered: true}))""")
    assert painted < 2500, f"{painted:.0f} ms"
    needed = [url for url in asked if not url.endswith("mark.svg")]
    assert len(needed) <= 3, needed
    assert all(url.startswith(address) for url in asked), asked
    for url in needed:
        weight += len(gzip.compress(page.request.get(url).body()))
    assert weight <= 14_000, weight
    assert page.evaluate("() => document.scripts.length") == 0


INSIDE = """() => [...document.querySelectorAll('.map a')].flatMap(tile => {
    const shape = tile.querySelector('polygon');
    return [...tile.querySelectorAll('text')].filter(words => {
        const {x, y, width, height} = words.getBBox(), low = y + height * .8;
        return ![[x, y + height * .3], [x + width, y + height * .3], [x, low], [x + width, low]]
            .every(([x, y]) => shape.isPointInFill(new DOMPoint(x, y)));
    }).map(words => words.textContent);
})"""


def test_each_name_on_the_map_stands_inside_its_province(browser, address):  # type: ignore[no-untyped-def]  # noqa: F811
    page = page_for(browser)
    for size in (NARROW, {"width": 360, "height": 800}, WIDE):
        page.set_viewport_size(size)
        page.goto(f"{address}/places")
        assert page.locator(".map text").count() == 14
        assert page.evaluate(INSIDE) == [], size


def test_on_paper_a_page_says_its_own_address(browser, address):  # type: ignore[no-untyped-def]  # noqa: F811
    page = page_for(browser)
    for state, path in STATES.items():
        page.goto(address + path)
        own = page.locator(".paper")
        page.emulate_media(media="print")
        assert own.is_visible() and path.lower() in own.inner_text().lower(), state
        page.emulate_media(media="screen")
        assert not own.is_visible(), state
