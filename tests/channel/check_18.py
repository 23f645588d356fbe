"""18: off, there is no endpoint for a file (404), and one that is sent all the same is kept nowhere. On, nothing of
what a phone wrote into a picture survives, nothing is on any disk, and what is not taken is refused with every word
given back: in one process, of which every file is heard that it opens to write to, and from a real browser before the
product as it is run (pictured.py)."""

import io
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import msgspec
from PIL import Image

from registry.asgi import House
from registry.core.db import REPORTS_DB, fetch
from tests.channel import pictured, pictures
from tests.channel.doors import Clock, kept
from tests.channel.filing import PLACE, opened
from tests.channel.pictured import TRACES, WORDS
from tests.channel.result import Result
from tests.registry.reports.test_files import allow
from tests.registry.reports.world import World

HERE = "/report/attachments"
PATHS = (HERE, "/report/attachments/1", "/report/files", "/report/upload", "/attachments", "/upload")
GOOD = {
    "JPEG": pictures.jpeg,
    "PNG": pictures.png,
    "WebP": pictures.webp,
    "HEIC": pictures.heic,
    "3 MB": pictures.large,
}
_writing: list[str] | None = None


def _heard(event: str, args: tuple[Any, ...]) -> None:
    """Every file that this process opens to write to, while somebody listens."""
    if _writing is not None and event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        _writing.append(str(args[0]))


sys.addaudithook(_heard)


@contextmanager
def listening(world: World) -> Iterator[list[str]]:
    """What was written to, but for erasure keys; also whatever spilt out of memory."""
    global _writing
    spilt: list[str] = []
    found: list[str] = []
    _writing = found
    with patch.object(tempfile.SpooledTemporaryFile, "rollover", lambda *_: spilt.append("rolled to disk")):
        yield spilt
    _writing = None
    erasure = str(world.context.config.erasure_folder)
    spilt += [name for name in found if not name.startswith((erasure, "/dev/")) and not name.isdigit()]


async def run(world: World) -> Result:
    wrong: list[str] = []
    began, clock = time.time(), Clock(world.now)
    house = House(world.context.config, worker=False)
    async with house.standing(msgspec.structs.replace(world.context, clock=clock)):
        transport = httpx.ASGITransport(app=house, raise_app_exceptions=False)
        headers = {"accept-language": "en", "accept": "text/html"}
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as http:
            asked = await off(world, http, clock, wrong)
            await allow(world)
            sent, refused = await on(world, http, clock, wrong)
    wrong += await survives(world, sent)
    wrong += [f"{path} holds it" for path in disks(world, began) if traces(path)]
    faults, told = await pictured.looked(world.folder)
    wrong += faults
    return Result(
        not wrong,
        "; ".join(wrong)
        or f"off: {asked} requests at {len(PATHS)} addresses found nothing there; on: {sent} files drawn"
        f" anew without a trace, none on a disk, {refused} of other kinds refused with every word given back; {told}",
    )


async def off(world: World, http: httpx.AsyncClient, clock: Clock, wrong: list[str]) -> int:
    before, asked, picture = await kept(world), 0, pictures.large()
    page = (await http.get("/report", params={"place": PLACE})).text
    if 'type="file"' in page or "multipart" in page or HERE in page:
        wrong.append("the form offers a file")
    with listening(world) as spilt:
        for path in PATHS:
            for answer in (await http.get(path), await http.post(path, files={"files": picture}),
                           await http.post(path, json={}), await http.put(path, content=picture),
                           await http.delete(path)):  # fmt: skip
                asked += 1
                if answer.status_code != 404:
                    wrong.append(f"{answer.request.method} {path} answers {answer.status_code}")
        plain = await http.post("/report", data={"place": PLACE, "text": WORDS}, files={"file": ("a.jpg", picture)})
        ours = await http.post(HERE, data=await fields(http, clock), files={"files": ("a.jpg", picture)})
    if plain.status_code < 400 or WORDS in plain.text:
        wrong.append(f"a form with a file answers {plain.status_code}")
    if ours.status_code != 404 or WORDS not in ours.text:
        wrong.append(f"a form that was opened before answers {ours.status_code}")
    if await kept(world) != before:
        wrong.append("off, something was kept")
    wrong += [f"off: {name}" for name in spilt]
    return asked + 2


async def fields(http: httpx.AsyncClient, clock: Clock) -> dict[str, str]:
    """A form as a person fills it in, a minute later."""
    form = await opened(http, "")
    clock.now += timedelta(seconds=61)
    return {"token": form.token, "place": PLACE, "text": WORDS, "spot": "la gasolinera"}


async def on(world: World, http: httpx.AsyncClient, clock: Clock, wrong: list[str]) -> tuple[int, int]:
    """The form without script: five pictures in two reports, and everything that is not taken."""
    page = (await http.get("/report", params={"place": PLACE, "lang": "en"})).text
    warning, control = page.find("Do not take or send pictures of a child"), page.find('type="file"')
    if not 0 < warning < control:
        wrong.append("no warning above the control")
    made = {name: make() for name, make in GOOD.items()}
    names = list(made)
    with listening(world) as spilt:
        for batch in (names[:3], names[3:]):
            parts = [("files", (f"IMG_{WORDS}.exe", made[name], "text/html")) for name in batch]
            answer = await http.post(HERE, data=await fields(http, clock), files=parts)
            if answer.status_code != 200 or 'name="text"' in answer.text:
                wrong.append(f"{batch} answers {answer.status_code}")
        before, bad = await kept(world), pictures.wrong()
        tries = [("four files", [pictures.jpeg()] * 4), ("11 MB", [b"%PDF-" + bytes(11 << 20)])]
        tries += [(name, [data]) for name, data in bad.items()]
        for name, sent in tries:
            parts = [("files", ("a.jpg", data, "image/jpeg")) for data in sent]
            answer = await http.post(HERE, data=await fields(http, clock), files=parts)
            given = WORDS in answer.text and "la gasolinera" in answer.text and 'id="files-error"' in answer.text
            if not 400 <= answer.status_code < 500 or not given:
                wrong.append(f"{name} answers {answer.status_code}, words given back: {given}")
    if await kept(world) != before:
        wrong.append("something refused was kept")
    wrong += [f"on: {name}" for name in spilt]
    return len(made), len(tries)


async def survives(world: World, sent: int) -> list[str]:
    """What the office gets: as many files, none with a trace; what we keep of them can be read by nobody here."""
    wrong = []
    rows = await fetch("SELECT body FROM reports.attachment", engine=REPORTS_DB)
    if len(rows) != sent or any(trace in bytes(row["body"]) for row in rows for trace in TRACES[:1]):
        wrong.append(f"{len(rows)} files are kept")
    done = await world.agent().once()
    found = list((world.folder / "cases").glob("CASO-*.file-*"))
    if len(found) != sent or "attachment-damaged" in done.alarms:
        wrong.append(f"{len(found)} of {sent} files reached the office")
    for path in found:
        data = path.read_bytes()
        wrong += [f"{trace!r} survives in {path.name}" for trace in TRACES if trace in data]
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            if picture.getexif() or set(picture.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}:
                wrong.append(f"{path.name} holds {sorted(picture.info)}")
    return wrong


def disks(world: World, since: float) -> Iterator[Path]:
    """Every file of the instance; and of /tmp what came since, but for what the office has."""
    data, most = world.context.config.data, 64 << 20
    for folder in (data, Path(tempfile.gettempdir())):
        for name, _, inside in os.walk(folder):  # others come and go there
            for path in (Path(name) / one for one in inside):
                try:
                    told = path.stat()
                except OSError:
                    continue
                mine = folder == data or (told.st_mtime >= since and told.st_size < most)
                if mine and not path.is_relative_to(world.folder):
                    yield path


def traces(path: Path) -> bool:
    try:
        data = path.read_bytes()
    except OSError:
        return False
    return pictures.SECRET in data or WORDS.encode() in data
