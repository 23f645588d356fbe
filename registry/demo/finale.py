"""What happens today, over HTTP: a suspension reaches its page, every seal is checked, a report its authority."""

import asyncio
import time

import httpx

from registry.certification import service as certification
from registry.certification.guards import Cause
from registry.config import Config
from registry.core.clock import utc_now
from registry.core.errors import Conflict
from registry.demo import checks, report, story
from registry.demo.serving import serving
from registry.demo.stage import Stage
from registry.demo.story import case_of, first_after
from registry.demo.telling import STATES
from registry.seals.queries import SealView

PATIENCE = 20.0


async def finale(stage: Stage, config: Config) -> dict[str, str]:
    """Everything that needs the doors open. Returns the path of one seal for each public state."""
    async with serving(config) as client:
        await suspend_one(stage, client)
        stage.walk.to(utc_now())
        # A reporter needs some seconds to write, and others look at seals meanwhile.
        issued, code = await asyncio.gather(checks.every_seal(stage, client), report.tell(stage, client))
        await report.search(stage, code)
        return await examples(client, issued)


async def suspend_one(stage: Stage, client: httpx.AsyncClient) -> None:
    """Suspend a certificate now and watch its page, as a stranger does, until it says so."""
    member = first_after(stage, len(story.WAVES), -1)  # the last hotel of the last wave
    (seal,) = await checks.of(stage, member.units)
    await says(client, seal, "valid")
    stage.walk.to(utc_now())
    await certification.suspend(stage["dora"], stage.now, case_of(member), "Visita sin aviso impedida hoy.",
                                cause=Cause.VISIT_REFUSED)  # fmt: skip
    start = time.perf_counter()
    await says(client, seal, "suspended")
    stage.result.suspension_to_page_seconds = round(time.perf_counter() - start, 3)


async def says(client: httpx.AsyncClient, seal: SealView, state: str) -> None:
    """Look at a page again and again until its head is in a state."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        page = await client.get(f"/S/{seal.code}", headers={"accept": "text/html"})
        if f'class="verdict {state}"' in page.text:
            return
        await asyncio.sleep(0.02)
    raise Conflict("page-does-not-follow", seal=seal.code, state=state)


async def examples(client: httpx.AsyncClient, issued: dict[str, SealView]) -> dict[str, str]:
    """One address for each state a traveller can meet."""
    found: dict[str, str] = {}
    for code in issued:
        state = (await client.get(f"/s/{code}.json")).json()["state"]
        if state in STATES:
            found.setdefault(state, f"/s/{code}")
        if len(found) == len(STATES):
            break
    return found
