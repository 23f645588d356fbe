"""18, as it stands: attachments are off everywhere. There is no endpoint for one (404), and a file that is sent all the
same is kept nowhere: not in memory, not on disk, not in the database."""

import tempfile
from pathlib import Path
from unittest.mock import patch

import httpx
import msgspec

from registry.asgi import House
from tests.channel.doors import kept
from tests.channel.result import Result
from tests.registry.reports.world import World

PATHS = ("/report/attachments", "/report/attachments/1", "/report/files", "/report/upload", "/attachments", "/upload")
PICTURE = b"\xff\xd8\xff\xe1\x00\x18Exif\x00\x00canario-18" + b"\x00" * 3_000_000
FIELDS = {"place": "CR-G", "text": "canario-18"}


async def run(world: World) -> Result:
    wrong: list[str] = []
    before, asked = await kept(world), 0
    house = House(world.context.config, worker=False)

    def spilt(*_: object, **__: object) -> None:
        wrong.append("a file went to disk")

    async with house.standing(msgspec.structs.replace(world.context, config=world.context.config)):
        transport = httpx.ASGITransport(app=house, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as http:
            with patch.object(tempfile.SpooledTemporaryFile, "rollover", spilt):
                for path in PATHS:
                    for answer in (await http.get(path), await http.post(path, files={"file": PICTURE}),
                                   await http.put(path, content=PICTURE)):  # fmt: skip
                        asked += 1
                        if answer.status_code != 404:
                            wrong.append(f"{answer.request.method} {path} answers {answer.status_code}")
                sent = await http.post("/report", data=FIELDS, files={"file": ("a.jpg", PICTURE, "image/jpeg")})
                if sent.status_code < 400 or "canario-18" in sent.text:
                    wrong.append(f"a form with a file answers {sent.status_code}")
            page = await http.get("/report?place=CR-G")
            if 'type="file"' in page.text or "multipart" in page.text:
                wrong.append("the form offers a file")
    if await kept(world) != before:
        wrong.append("something was kept")
    for path in Path(world.context.config.data).rglob("*"):
        if path.is_file() and b"canario-18" in path.read_bytes():
            wrong.append(f"{path.name} holds it")
    return Result(not wrong, "; ".join(wrong) or f"off: {asked} requests at {len(PATHS)} addresses found nothing there")
