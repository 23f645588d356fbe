"""Check 20: everybody can use every page of the channel.

axe finds nothing on any state in four languages and written from right to left; nothing is wider than 320 px; the whole
way, from the form (with a file) to the answer, goes by keyboard alone, and without script and style; and the pages are
light.
"""

import gzip
import re
from typing import Any

import httpx
from axe_playwright_python.sync_playwright import Axe

from tests.channel import pictures, states_20
from tests.channel.browsing import browser, house
from tests.channel.result import Result
from tests.channel.states_20 import DWELL, SENTENCE
from tests.registry.reports.test_canary import House
from tests.registry.reports.world import World

NARROW = {"width": 320, "height": 700}
PLAIN, SCRIPTED = 30_000, 100_000
ASK = "() => axe.run(document, {resultTypes: ['violations'], preload: false}).then(found => found.violations)"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def run(world: World) -> Result:
    faults: list[str] = []
    async with house(files=True) as at, browser() as opened:
        states = await states_20.all_of(at, faults)
        looks = await looked_at(at, opened, states, faults)
        looks += await received(at, opened, faults)
        presses = await by_keyboard(at, opened, faults)
        plain, scripted = weights(at)
    if plain > PLAIN or scripted > SCRIPTED:
        faults.append("too heavy")
    told = (
        f"{looks} looks at {len(states)} states, {len(faults)} faults; {presses} keys from form to answer;"
        f" {plain / 1000:.1f} kB without a script, {scripted / 1000:.1f} kB with"
    )
    return Result(not faults, "; ".join([told, *faults[:6]]))


async def looked_at(at: House, opened: Any, states: dict[str, dict[str, str]], faults: list[str]) -> int:
    """axe and the width, on each state in each language, and once more from right to left."""
    context = await opened.new_context(bypass_csp=True, viewport=NARROW)
    await context.add_init_script(Axe().axe_script)
    page = await context.new_page()
    looks = 0
    for name, spoken in states.items():
        for language in [*spoken, "rtl"]:
            html = spoken.get(language) or mirrored(spoken["es"])

            async def fulfil(route: Any, *, html: str = html) -> None:
                await route.fulfill(body=html, content_type="text/html; charset=utf-8")

            await page.route("**/state", fulfil)
            await page.goto(f"{at.origin}/state")
            await page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
            looks += await look(page, f"{language} {name}", faults)
            await page.unroute("**/state")
    await context.close()
    return looks


async def received(at: House, opened: Any, faults: list[str]) -> int:
    """The same of what only the script shows: the receipt in each language, whose buttons keep the code and bring the
    reader to it; what is to be mended beside its field; and the answer."""
    context = await opened.new_context(bypass_csp=True, viewport=NARROW, locale="es-CR")
    await context.add_init_script(Axe().axe_script)
    page = await context.new_page()
    await page.goto(f"{at.origin}/report?place=CR-G")
    await page.locator("#text").fill(" ")
    await page.locator("#send").click()
    await page.locator("#text-error").wait_for()
    looks = await look(page, "to mend, by script", faults)
    await page.locator("#text").fill(SENTENCE)
    await page.wait_for_timeout(DWELL * 1000)
    await page.locator("#send").click()
    await page.locator(".ref").wait_for(timeout=60_000)
    code = "".join(await page.locator(".ref span").all_inner_texts())
    for tongue in await page.locator("[data-tongue]").all():
        await tongue.click()
        looks += await look(page, f"receipt in {await tongue.inner_text()}", faults)
        if "".join(await page.locator(".ref span").all_inner_texts()) != code:
            faults.append("a receipt in another language loses the code")
        if await page.locator("h1").evaluate("one => document.activeElement !== one"):
            faults.append("after the language changed, the reader is not at the receipt")
    await page.goto(f"{at.origin}/return")
    await page.locator("#code").fill("1234")
    await page.locator("#return button").click()
    await page.locator("#told .error:visible, #code-error").first.wait_for()
    looks += await look(page, "mistyped, by script", faults)
    await page.locator("#code").fill(code)
    await page.locator("#return button").click()
    await page.locator("ol.track").wait_for(timeout=60_000)
    looks += await look(page, "answer, by script", faults)
    await context.close()
    return looks


async def look(page: Any, name: str, faults: list[str]) -> int:
    """What axe and the width say of the page as it stands."""
    if (over := await page.evaluate(WIDER)) > 0:
        faults.append(f"{name}: {over} px too wide")
    for fault in await page.evaluate(ASK):
        faults.append(f"{name}: {fault['id']} {fault['nodes'][0]['html'][:120]}")
    return 1


def mirrored(html: str) -> str:
    """The pseudo-locale: as it would be written in Arabic or Hebrew, in longer words."""
    return html.replace('<html lang="es"', '<html lang="ar" dir="rtl"', 1)


async def by_keyboard(at: House, opened: Any, faults: list[str]) -> int:
    """From the choice of a place to the answer without once touching the screen. Returns how many keys were pressed
    but for the letters of words."""
    context = await opened.new_context(locale="en-GB", viewport=NARROW)
    page = await context.new_page()
    keys = Keys(page)
    await page.goto(f"{at.origin}/report")
    await keys.to("#where-place")
    await page.keyboard.type("Guan")
    await keys.to("#change button")
    await keys.press("Enter")
    await page.locator("#text").wait_for()
    await keys.to("input[name=when]")
    await keys.press("Space")
    await keys.to("input[name=what]")
    await keys.press("Space")
    await keys.to("#text")
    await page.keyboard.type(SENTENCE)
    await keys.to("summary")
    await keys.press("Enter")
    await keys.to("#plate")
    await page.keyboard.type("SJB 101")
    await keys.to("#files")
    async with page.expect_file_chooser() as chooser:
        await page.wait_for_timeout(1000)  # the browser learns only now that we listen; a key before that is not told
        await keys.press("Enter")
    photo: Any = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": pictures.jpeg()}
    await (await chooser.value).set_files(photo)
    await keys.to("#none button")
    await keys.to("input[name=keep_taken]")
    await keys.press("Space")
    await keys.to("#send")
    await page.wait_for_timeout(DWELL * 1000)
    await keys.press("Enter")
    await page.locator(".ref").wait_for(timeout=60_000)
    code = "".join(await page.locator(".ref span").all_inner_texts())
    await keys.to("main form input[type=checkbox]")
    await keys.press("Space")
    await keys.to("main form button:not([type=button])")
    await keys.press("Enter")
    await page.locator("#code").wait_for()
    await keys.to("#code")
    await page.keyboard.type(code)
    await keys.press("Enter")
    await page.locator("ol.track").wait_for(timeout=60_000)
    if await page.locator("h1").evaluate("one => document.activeElement !== one"):
        faults.append("after the code, the reader is not at the answer")
    await keys.back_to("#leave")
    await leaves(at, context, faults)
    await context.close()
    return keys.pressed


async def leaves(at: House, context: Any, faults: list[str]) -> None:
    """Away at once, by the link or by Shift three times; Back does not find what was written."""
    await context.route("https://**", lambda route: route.fulfill(body="elsewhere"))
    for way in ("Enter", "Shift"):
        page = await context.new_page()
        await page.goto(f"{at.origin}/report?place=CR-G")
        await page.locator("#text").fill(SENTENCE)
        if way == "Enter":
            await page.locator("#leave").focus()
        for _ in range(3 if way == "Shift" else 1):
            await page.keyboard.press(way)
        await page.get_by_text("elsewhere").wait_for()
        await page.go_back()
        if at.origin in page.url or SENTENCE in await page.content():
            faults.append(f"after leaving by {way}, Back finds the page")


class Keys:
    """A keyboard that goes from field to field, and a reader who sees where it is."""

    def __init__(self, page: Any) -> None:
        self.page, self.pressed = page, 0

    async def press(self, key: str) -> None:
        await self.page.keyboard.press(key)
        self.pressed += 1

    async def to(self, what: str, key: str = "Tab") -> None:
        """Press until it is reached; each place on the way is outlined."""
        for _ in range(120):
            here = await self.page.evaluate(
                """what => { const one = document.activeElement, page = one === document.body;
                return [one.matches(what) && !page, page || getComputedStyle(one).outlineStyle !== "none",
                one.outerHTML.slice(0, 90)] }""", what)  # fmt: skip
            if not here[1]:
                raise AssertionError(f"nobody sees where the keyboard is, on the way to {what}: {here[2]}")
            if here[0]:
                return
            await self.press(key)
        raise AssertionError(f"the keyboard does not reach {what}")

    async def back_to(self, what: str) -> None:
        await self.to(what, "Shift+Tab")


def weights(at: House) -> tuple[int, int]:
    """Bytes that come over the line for the form: page, style and icon; and with every script it may load."""
    with httpx.Client(base_url=at.origin, timeout=30) as http:
        page = http.get("/report?place=CR-G").text
        plain = packed(page.encode()) + sum(
            packed(http.get(one).content) for one in re.findall(r'<link rel="[^"]*" href="(/static/[^"]+)"', page)
        )
        scripts = set(re.findall(r'(?:src="|&#34;)(/static/[^"&]+\.js)', page))
        assert len(scripts) >= 3, scripts
        return plain, plain + sum(packed(http.get(one).content) for one in scripts)


def packed(data: bytes) -> int:
    return len(gzip.compress(data, 6, mtime=0))
