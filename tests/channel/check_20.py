"""Check 20: everybody can use every page of the channel.

axe finds nothing on any state in four languages and written from right to left; nothing is wider than 320 px; the whole
way, from the form (with a file) to the answer, goes by keyboard alone, and without script and style; and the pages are
light.
"""

import asyncio
import gzip
import re
from typing import Any

import httpx
from axe_playwright_python.sync_playwright import Axe

from registry.core.i18n import LANGUAGES
from tests.channel import pictures
from tests.channel.browsing import browser, house
from tests.channel.result import Result
from tests.registry.reports.test_canary import House, code_in
from tests.registry.reports.world import World

NARROW = {"width": 320, "height": 700}
PLAIN, SCRIPTED = 30_000, 100_000
ADDRESSES = {"where": "/report", "form": "/report?place=CR-G", "closed": "/report?place=CR-L", "return": "/return",
             "help": "/help?place=CR-G", "no number": "/help?place=ZZ", "elsewhere": "/report?place=ZZ"}  # fmt: skip
ASK = "() => axe.run(document, {resultTypes: ['violations'], preload: false}).then(found => found.violations)"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SENTENCE = "Vi a un hombre que ofrecía dinero a una adolescente en el muelle."
DWELL = 2.2


async def run(world: World) -> Result:
    faults: list[str] = []
    async with house(files=True) as at, browser() as opened:
        states = await states_of(at, faults)
        looks = await looked_at(at, opened, states, faults)
        presses = await by_keyboard(at, opened, faults)
        plain, scripted = weights(at)
    if plain > PLAIN or scripted > SCRIPTED:
        faults.append("too heavy")
    told = (
        f"{looks} looks at {len(states)} states, {len(faults)} faults; {presses} keys from form to answer;"
        f" {plain / 1000:.1f} kB without a script, {scripted / 1000:.1f} kB with"
    )
    return Result(not faults, "; ".join([told, *faults[:4]]))


async def states_of(at: House, faults: list[str]) -> dict[str, dict[str, str]]:
    """Every state in every language as the server writes it; those after a form by sending it, without any script."""
    states: dict[str, dict[str, str]] = {}
    async with httpx.AsyncClient(base_url=at.origin, timeout=30) as http:
        for language in LANGUAGES:
            pages = {
                name: (await http.get(path, params=asked(path, language))).text for name, path in ADDRESSES.items()
            }
            said = {"lang": language}
            await asyncio.sleep(DWELL)  # a form that is sent faster was not written by a person
            form = {"token": hidden(pages["form"]), "place": "CR-G", "text": SENTENCE}
            pages["mend"] = (await http.post("/report", params=said, data=form | {"text": "", "plate": "SJB 1"})).text
            wrong = {"files": ("a.gif", pictures.wrong()["a GIF"])}
            pages["files"] = (await http.post("/report/attachments", params=said, data=form, files=wrong)).text
            pages["receipt"] = (await http.post("/report", params=said, data=form)).text
            pages["gone"] = (await http.post("/report", params=said, data=form | {"place": "CR-L"})).text
            code = code_in(pages["receipt"])
            pages["answer"] = (await http.post("/return", params=said, data={"code": code})).text
            pages["mistyped"] = (await http.post("/return", params=said, data={"code": "1234"})).text
            faults += [f"{language} {name}: no state" for name, page in pages.items() if expected(name) not in page]
            faults += [f"{language} {name}: {why}" for name, page in pages.items() for why in unreadable(page)]
            for name, page in pages.items():
                states.setdefault(name, {})[language] = page
    return states


def expected(name: str) -> str:
    """What a page has only in this state."""
    return {
        "where": 'id="where-place"', "form": 'id="report"', "mend": 'id="text-error"', "receipt": 'class="ref"',
        "gone": SENTENCE, "answer": 'class="track"', "mistyped": 'id="code-error"', "return": 'id="code"',
        "files": 'id="files-error"',
    }.get(name, 'href="tel:911"')  # fmt: skip


def unreadable(page: str) -> list[str]:
    """What a browser of text alone would stumble over."""
    found = []
    body = page.partition("<body>")[2]
    fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", body)
    for field in fields:
        name, id = (re.search(rf'\b{what}="([^"]*)"', field) for what in ("name", "id"))
        if 'type="hidden"' in field or 'type="radio"' in field or 'type="checkbox"' in field or "aria-label" in field:
            continue
        if not id or f'for="{id[1]}"' not in body:
            found.append(f"no label for {name[1] if name else field}")
    for box in re.findall(r"<label[^>]*>\s*<input[^>]*>(.*?)</label>", body, re.S):
        if not re.sub(r"<[^>]+>", "", box).strip():
            found.append("a box without words")
    if body.find("tel:911") > body.find("<main"):
        found.append("the emergency number is not first")
    return found


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
            if (over := await page.evaluate(WIDER)) > 0:
                faults.append(f"{language} {name}: {over} px too wide")
            for fault in await page.evaluate(ASK):
                faults.append(f"{language} {name}: {fault['id']} {fault['nodes'][0]['html'][:120]}")
            await page.unroute("**/state")
            looks += 1
    await context.close()
    return looks


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


def asked(path: str, language: str) -> dict[str, str]:
    query = dict(part.split("=") for part in path.partition("?")[2].split("&") if part)
    return query | {"lang": language}


def hidden(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]
