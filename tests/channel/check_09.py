"""Check 9: the gate closes between the form and its sending: nothing is stored, every word comes back, no success."""

import re
from datetime import datetime, timedelta

import msgspec

from registry.core.db import DB, execute
from tests.channel.doors import Doors, doors, kept, numbered
from tests.channel.result import Result
from tests.registry.reports.test_carry import carried
from tests.registry.reports.world import World

CANARY = "canario-cerrado-4471"
SPOT = "muelle de los azulejos"


async def run(world: World) -> Result:
    faults: list[str] = []
    sealed = msgspec.json.encode(await carried(world, CANARY))
    async with doors(world) as all_doors:
        form = (await all_doors.public.get("/report?place=CR-G")).text
        call = (await all_doors.desk.post("/desk/caller", data={"act": "place", "place": "CR-G"})).text
        before = await kept(world)
        all_doors.clock.now += timedelta(seconds=5)
        await confirmed(world, None)
        answers = await sent(all_doors, form, call, sealed)
        await confirmed(world, world.now)
        for way, (status, text) in answers.items():
            if status < 400 or status >= 500:
                faults.append(f"{way}: status {status}")
            there = 'data-hole="given"' in text if way == "sealed" else CANARY in text and SPOT in text
            if not there:
                faults.append(f"{way}: the words are gone")
            if not numbered(text):
                faults.append(f"{way}: no number to call")
        if (after := await kept(world)) != before:
            faults.append(f"stored: {after}")
    statuses = ", ".join(f"{way} {status}" for way, (status, _) in answers.items())
    return Result(not faults, "; ".join([f"{len(answers)} ways: {statuses}; nothing stored", *faults]))


async def confirmed(world: World, at: datetime | None) -> None:
    """Whether anybody is known to answer at the office."""
    await execute("UPDATE authority_contact SET confirmed_at = $2 WHERE authority = $1", world.authority, at, engine=DB)


async def sent(all_doors: Doors, form: str, call: str, sealed: bytes) -> dict[str, tuple[int, str]]:
    """The three ways a report is sent, each from a form that was open."""
    typed = {"place": "CR-G", "text": CANARY, "spot": SPOT}
    by_form = await all_doors.public.post("/report", data=typed | {"token": hidden(form, "token")})
    by_browser = await all_doors.public.post(
        "/report",
        content=msgspec.json.encode(msgspec.json.decode(sealed) | {"token": hidden(form, "token")}),
        headers={"content-type": "application/json"},
    )
    by_operator = await all_doors.desk.post(
        "/desk/caller", data=typed | {"act": "send", "ticket": hidden(call, "ticket")}
    )
    return {
        "form": (by_form.status_code, by_form.text),
        "sealed": (by_browser.status_code, by_browser.text),
        "operator": (by_operator.status_code, by_operator.text),
    }


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]
