"""Every door at which one may ask whether a report can be filed, over one world and a clock that a check moves."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
from litestar import Litestar
from litestar.di import Provide

from public_site.app import create_app
from registry.access.actor import Actor
from registry.access.permissions import Role
from registry.app import dependencies
from registry.core import problems
from registry.core.db import REPORTS_DB, fetch
from registry.core.emergency import number
from registry.core.pages import danger, emergency_lines
from registry.reports import routes
from tests.registry.reports.world import World

OPERATOR = Actor(UUID(int=78), "Ofelia", frozenset({Role.HOTLINE_OPERATOR}))
KEPT = ("envelope", "form_use", "gate_decision", "delivery", "event", "reply")
SEAL_PAGE = Path(__file__).parents[2] / "public_site/verification/templates/verification/parts.html"
SEALED = {
    "token": "AAAA", "envelope": str(UUID(int=4, version=4)), "chain": [str(UUID(int=5))], "keys": ["0" * 16],
    "directory": 1, "form": "2026-11", "size_step": 4096, "sealed": "AAAA", "lookup": "A" * 43,
    "reply_recipient": "age1" + "q" * 58, "proof_hash": "0" * 64,
}  # fmt: skip


class Clock:
    """A clock that a check moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Said(msgspec.Struct, frozen=True):
    """What one door says: open or not; the emergency number and a hotline, or that none is known, stand there."""

    open: bool
    numbers: bool


class Doors(msgspec.Struct):
    public: httpx.AsyncClient
    desk: httpx.AsyncClient
    clock: Clock
    world: World

    async def ask(self, place: str, home: str = "") -> dict[str, Said]:
        """What each of them says of a place now. Nothing that could be stored is sent."""
        asked = {"place": place, "home": home}
        page = await self.public.get("/report", params=asked)
        landing = await self.public.get(f"{self.landing(place)}&home={home}")
        posted = await self.public.post("/report", data=asked | {"text": ""})
        sealed = await self.public.post("/report", json=SEALED | asked)
        card = await self.public.get("/embed/report", params=asked)
        told = (await self.public.get("/api/v1/availability", params=asked)).json()
        with emergency_lines((danger(number(self.world.context.config.country)),)):  # as the desk's threshold does
            call = await self.desk.post("/desk/caller", data=asked | {"act": "place"})
        return {
            "page": Said('name="text"' in page.text, numbered(page.text)),
            "seal": Said('name="text"' in landing.text, numbered(landing.text)),
            "form": Said(posted.status_code == 422, numbered(posted.text)),
            "sealed": Said(sealed.status_code != 409, sealed.status_code != 409 or numbered(sealed.text)),
            "embed": Said("/report?" in card.text, numbered(card.text)),
            "api": Said(told["open"], bool(told["emergency"])),
            "operator": Said('name="text"' in call.text, numbered(call.text)),
        }

    def landing(self, place: str) -> str:
        """Where the page of a seal of that place leads."""
        found = re.search(
            r'door\(to\("(/report)", place=shape\.region\) ~ "&seal=" ~ h\.path if sealed', SEAL_PAGE.read_text()
        )
        assert found, "the page of a seal leads to the form of its place"
        return f"{found[1]}?place={place}"


def numbered(page: str) -> bool:
    """The emergency number, and a hotline or the sentence that we know of none."""
    calls = set(re.findall(r'href="tel:([^"]+)"', page)) | set(re.findall(r"<b>(\d[\d-]+)</b>", page))
    none = "We know of no" in page or "No conocemos" in page
    return "911" in calls | set(re.findall(r"\b911\b", page)) and (
        bool(calls - {"911"}) or none or 'name="text"' in page
    )


async def kept(world: World) -> dict[str, int]:
    """How many rows and keys of reports there are: equal before and after means that nothing was stored."""
    counts = {}
    for table in KEPT:
        (row,) = await fetch(f"SELECT count(*) FROM reports.{table}", engine=REPORTS_DB)
        counts[table] = int(row["count"])
    folder = world.context.config.data / "erasure"
    return counts | {"keys": len(list(folder.iterdir())) if folder.exists() else 0}


@asynccontextmanager
async def doors(world: World) -> AsyncIterator[Doors]:
    clock = Clock(world.now)
    context = msgspec.structs.replace(world.context, clock=clock)
    public = create_app(context, exception_handlers=problems.HANDLERS)

    async def operator() -> Actor:
        return OPERATOR

    desk = Litestar(routes.ROUTES, dependencies=dependencies(context) | {"actor": Provide(operator)},
                    exception_handlers=problems.HANDLERS, openapi_config=None)  # fmt: skip
    headers = {"accept-language": "en", "accept": "text/html"}
    async with (
        public.lifespan(),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=public), base_url="http://localhost:8000", headers=headers
        ) as strangers,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=desk), base_url="http://desk.test", headers=headers
        ) as operators,
    ):
        yield Doors(strangers, operators, clock, world)
