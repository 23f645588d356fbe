"""Check 2: what a real browser sends of a report: no canary, no code, no key derived from it but the two it must."""

import json
from typing import Any

from registry.reports import envelope
from registry.reports.code import derive
from tests.channel.facing import WRITE, House, beside, code_of, phone, press
from tests.channel.result import Result
from tests.registry.reports.world import World

CANARY = "canario-ambar-7714"
SENT = {"envelope", "chain", "keys", "directory", "form", "size_step", "sealed", "reply_recipient", "lookup",
        "proof_hash", "token", "website", "place", "premises", "home", "urgent"}  # fmt: skip


async def run(world: World) -> Result:
    return await beside(captured)


def captured(house: House, browser: Any) -> Result:
    page, requests = phone(browser)
    page.goto(f"{house.origin}/report?place=CR-G")
    page.get_by_label(WRITE).fill(CANARY)
    for name in ("contact", "spot"):
        page.locator(f"#{name}").fill(f"{CANARY}-{name}")
    press(page)
    code = code_of(page)
    derived = derive(code, f"resguardo {house.origin}")
    posts = [request for request in requests if request.method == "POST"]
    said = b"".join(request.post_data_buffer for request in posts)
    whole = b"".join(f"{r.url} {json.dumps(r.headers)}".encode() for r in requests) + said
    forbidden = {"canary": CANARY, "code": code, "grouped": " ".join(code[i : i + 4] for i in range(0, 20, 4)),
                 "half": code[:10], "reply key": derived.reply_identity}  # fmt: skip
    found = [name for name, word in forbidden.items() if word.lower().encode() in whole.lower()]
    told = json.loads(posts[-1].post_data_buffer)
    recipient = told["reply_recipient"] == envelope.recipient_of(derived.reply_identity)
    kept = page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length")
    clean = not page.context.cookies() and kept == 0 and code not in page.url
    history = page.evaluate("JSON.stringify(history.state) + location.href")
    own = all(request.url.startswith(house.origin) for request in requests)
    passed = not found and set(told) <= SENT and recipient and clean and own and code not in history
    opened = house.agent()["opened"]
    return Result(
        passed and opened == 1,
        f"{len(requests)} requests, {len(posts)} posts of {len(said)} bytes: {', '.join(found) or 'nothing'} found in"
        f" them; fields {len(told)}, none unknown; the office opened {opened}",
    )
