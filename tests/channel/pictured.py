"""Check 18 before a real browser and the product as it is run: pictures as phones write them, sent with the page's
script and without. What the script sends holds nothing of them; what it cannot draw (Chromium: HEIC) or does not take
it refuses in words, before anything is sent; the office gets pictures without a trace; and no place of ours holds a
piece of any, as it was sent or as it was drawn, which a search looks for that finds what was planted there.
"""

import asyncio
import io
import json
import secrets
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from tests.channel import pictures, search
from tests.channel.check_01 import line
from tests.channel.filing import PLACE
from tests.channel.post import Post
from tests.channel.search import Places
from tests.journeys.test_stranger import ARGUMENTS, CHROMIUM
from tests.registry.reports.living import House, living

WORDS = "canario-18: una camioneta blanca"
TRACES = (pictures.SECRET, b"Exif", b"xmpmeta", b"JFXX", b"PK\x03\x04", b"CANARIO")
DWELL = 2.2
PIECE = 40
REFUSED = {"a picture that is a page": "files-picture", "half a picture": "files-picture", "HEIC": "files-picture",
           "four files": "files-many", "11 MB": "files-large"}  # fmt: skip
"""What each is told; everything else is of a kind that is not taken."""


TITLE = f"plano de la entrada {secrets.token_hex(40)}"


def new_seed() -> int:
    return secrets.randbits(32)


def new() -> Image.Image:
    """No picture that any other program of this machine may have."""
    return pictures.points(seed=new_seed())


class Seen(msgspec.Struct):
    """What was sent, and what went wrong."""

    sent: dict[str, bytes] = {}
    faults: list[str] = []
    reports: int = 0
    refused: int = 0


async def looked(apart: Path) -> tuple[list[str], str]:
    """What is wrong, and what to say of it. `apart`: another office's folder, which may hold what we look for."""
    since, planted = time.time() - 1, f"plantado-{secrets.token_hex(8)}"
    with (
        Post() as post, tempfile.TemporaryDirectory(prefix="phone-") as phone,
        living(files=True, REGISTRY_SMTP_URL=post.url) as house,
    ):  # fmt: skip
        seen = Seen()
        heard = bytearray()
        async with line(house, "127.71.18.9", heard) as port, async_playwright() as started:
            mapped = f"--host-resolver-rules=MAP localhost:{house.port} 127.0.0.1:{port}"
            browser = await started.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, mapped],
                                                    env={"TMPDIR": phone, "HOME": phone})  # fmt: skip
            await by_script(house, browser, seen, heard)
            await by_form(house, browser, seen)
            await browser.close()
        said = await asyncio.to_thread(house.agent)
        kept = at_the_office(house, seen, said)
        places = Places(house, post, since, [house.folder, Path(phone), apart])
        file = await search.plant(places, planted)
        try:
            words = pieces(seen.sent) | pieces(kept) | {"planted": planted.encode().hex()}
            there = await asyncio.to_thread(search.found, places(), words, dressed)
        finally:
            file.unlink()
    faults = seen.faults + [f"{place} cannot be searched" for place, found in there.items() if "planted" not in found]
    faults += [f"{place} holds {name}" for place, found in there.items() for name in sorted(found - {"planted"})]
    return faults, (
        f"Chromium: {3 * seen.reports} files by {seen.reports} reports, with a script and without, {len(kept)} pictures"
        f" at the office without a trace, {seen.refused} refused in words;"
        f" {len(words) - 1} pieces of them 0 times in {len(there)} places"
    )


def dressed(piece: str) -> list[bytes]:
    return [bytes.fromhex(piece), piece.encode()]


def pieces(files: dict[str, bytes]) -> dict[str, str]:
    """Of each file some bytes from its middle, and the words that phones wrote; in hex."""
    ends = {name: data.rstrip(b"\0\x21") for name, data in files.items()}  # nothing but zeros, or silence
    found = {name: data[len(data) // 2 :][:PIECE].hex() for name, data in ends.items() if name != "M4A"}
    return found | {"serial number": pictures.SECRET.hex(), "words": WORDS.encode().hex()}


def payload(name: str, data: bytes) -> Any:
    return {"name": f"IMG {WORDS[:10]} {name}.jpg", "mimeType": "image/jpeg", "buffer": data}


async def form(house: House, browser: Browser, *, script: bool) -> Page:
    """The form on a phone of 360 px, with words in it, as old as a person takes to write them."""
    context = await browser.new_context(
        locale="es-CR", viewport={"width": 360, "height": 800}, java_script_enabled=script
    )
    page = await context.new_page()
    await page.goto(f"{house.origin}/report?place={PLACE}")
    await page.locator("#text").fill(WORDS)
    await asyncio.sleep(DWELL)
    return page


async def by_script(house: House, browser: Browser, seen: Seen, heard: bytearray) -> None:
    """What the script sends, as it went over the line (a browser tells nobody what is in a form of several parts)."""
    page = await form(house, browser, script=True)
    bad = {"HEIC": [pictures.heic()], "four files": [pictures.jpeg()] * 4, "11 MB": [b"%PDF-" + bytes(11 << 20)]}
    for name, files in (bad | {name: [data] for name, data in pictures.wrong().items()}).items():
        await page.locator("#files").set_input_files([payload(name, data) for data in files])
        await page.locator("#send").click()
        await page.locator("#told .error:visible").wait_for()
        told = await page.locator("#told .error:visible").get_attribute("data-say")
        if told != REFUSED.get(name, "files-type") or await page.locator("#text").input_value() != WORDS:
            seen.faults.append(f"{name} is told {told}")
        if not await page.locator("#files").evaluate("field => document.activeElement === field"):
            seen.faults.append(f"after {name}, the keyboard is not at the files")
        seen.refused += 1
    await page.locator("#none button").click()
    if b"POST " in heard or await page.locator("#files").evaluate("field => field.files.length"):
        seen.faults.append("something that is refused was sent, or cannot be taken out again")
    await page.get_by_label("cuándo y dónde").check()
    await send(page, seen, {"JPEG": pictures.jpeg(new()), "PNG": pictures.png(new()), "WebP": pictures.webp(new())})
    page = await form(house, browser, script=True)
    await send(page, seen, {"3 MB": pictures.large(new_seed()), "PDF": pictures.pdf(TITLE), "M4A": pictures.m4a()})
    if heard.count(b"POST /report/attachments") != 2 or len(heard) < 6 << 20:
        seen.faults.append(f"{len(heard)} bytes for 2 reports of 3 files")
    held = [name for name, piece in pieces(seen.sent).items() if bytes.fromhex(piece) in heard]
    seen.faults += [f"what the script sends holds {name}" for name in held]


async def by_form(house: House, browser: Browser, seen: Seen) -> None:
    """Without a script every format is read, HEIC too; what is refused comes back with every word, and says of the
    files that they do not."""
    page = await form(house, browser, script=False)
    for name in ("a GIF", "a picture that is a page", "a PDF that is an archive", "half a picture"):
        await page.locator("#files").set_input_files([payload(name, pictures.wrong()[name])])
        await page.locator("#send").click()
        await page.locator("#files-error").wait_for()
        again = await page.get_by_text("Elija otra vez sus archivos").count()
        if await page.locator("#text").input_value() != WORDS or not again:
            seen.faults.append(f"without a script, after {name} the words are gone, or nothing is said of the files")
        seen.refused += 1
    await send(
        page,
        seen,
        {"JPEG, typed": pictures.jpeg(new()), "PNG, typed": pictures.png(new()), "HEIC": pictures.heic(new())},
    )
    page = await form(house, browser, script=False)
    await send(
        page,
        seen,
        {"3 MB, typed": pictures.large(new_seed()), "WebP, typed": pictures.webp(new()), "PDF": pictures.pdf(TITLE)},
    )


async def send(page: Page, seen: Seen, files: dict[str, bytes]) -> None:
    await page.locator("#files").set_input_files([payload(name, data) for name, data in files.items()])
    await page.locator("#send").click()
    await page.locator(".ref span").first.wait_for(timeout=120_000)
    await page.close()
    seen.sent |= files
    seen.reports += 1


def at_the_office(house: House, seen: Seen, said: dict[str, Any]) -> dict[str, bytes]:
    """The pictures that it has, without a trace; every other file as it was sent. Returns what it did not get as it
    was."""
    if said["opened"] != seen.reports or said["alarms"]:
        seen.faults.append(f"the office opened {said['opened']} of {seen.reports} reports, {said['alarms']}")
    taken = []
    for case in sorted((house.folder / "cases").glob("CASO-*.json")):
        told = json.loads(case.read_text())["files"]
        taken.append(sorted(one.get("taken", "") for one in told))
        if len(told) != 3 or any(one.get("missing") for one in told):
            seen.faults.append("a case lacks a file")
    if sorted(taken) != sorted([[f"{pictures.TIME} · {pictures.PLACE}"] * 3] + [[""] * 3] * (seen.reports - 1)):
        seen.faults.append(f"place and time: {taken}")
    return pictures_of(sorted((house.folder / "cases").glob("CASO-*.file-*")), seen)


def pictures_of(paths: Sequence[Path], seen: Seen) -> dict[str, bytes]:
    drawn = {}
    for path in paths:
        data = path.read_bytes()
        if path.suffix != ".jpg":
            seen.faults += [f"{path.name} is another"] * (data not in (pictures.pdf(TITLE), pictures.m4a()))
            continue
        drawn[f"{path.parent.name} {len(drawn)}"] = data
        seen.faults += [f"{trace!r} survives in a picture" for trace in TRACES if trace in data]
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            extra = set(picture.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
            if picture.getexif() or extra or picture.size not in {(200, 320), (320, 200), (1000, 1300)}:
                seen.faults.append(f"a picture of {picture.size} holds {sorted(extra)}")
    seen.faults += ["files are lacking"] * (len(paths) != 3 * seen.reports)
    return drawn
