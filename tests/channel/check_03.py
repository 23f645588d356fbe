"""Check 3: the script blocked, broken, stopped half-way, its worker gone: sealed by the server with the notice shown,
or refused with the text kept; in clear it is never stored and never sent by a page that said otherwise."""

from typing import Any

from tests.channel.facing import RECEIVED, SEND, WRITE, House, beside, code_of, phone, press
from tests.channel.result import Result
from tests.registry.reports.test_canary import leaks
from tests.registry.reports.world import World

CANARY = "canario-cobre-3021"
THERE = "el sellado se hace en nuestro servidor"
HERE = "Su texto se sella aquí"
BREAKS = "window.crypto.subtle.digest = () => { throw new Error('broken half-way'); };"


async def run(world: World) -> Result:
    return await beside(tried)


def tried(house: House, browser: Any) -> Result:
    faults: list[str] = []
    for name in ("off", "blocked", "broken"):
        faults += by_server(house, browser, name)
    faults += half_way(house, browser)
    faults += without_worker(house, browser)
    opened = house.agent()["opened"]
    found = leaks(house, [CANARY])
    passed = not faults and not found and opened == 4
    return Result(
        passed,
        f"script off, blocked and broken: sealed by the server and said so; broken half-way: refused, text kept;"
        f" worker gone: sealed all the same; the office opened {opened} of 4; {len(found)} leaks"
        + (f"; {', '.join(faults)}" if faults else ""),
    )


def begun(house: House, browser: Any, name: str) -> tuple[Any, list[Any]]:
    page, requests = phone(browser, java_script_enabled=name != "off")
    if name == "blocked":
        page.route("**/report.js", lambda route: route.abort())
    if name == "broken":
        page.route("**/report.js", lambda route: route.fulfill(body="(", content_type="text/javascript"))
    if name == "worker":
        page.route("**/derive.js", lambda route: route.abort())
    if name == "half":
        page.add_init_script(BREAKS)
    page.goto(f"{house.origin}/report?place=CR-G")
    page.get_by_label(WRITE).fill(CANARY)
    return page, requests


def by_server(house: House, browser: Any, name: str) -> list[str]:
    page, _ = begun(house, browser, name)
    said = page.get_by_text(THERE).is_visible() and not page.get_by_text(HERE).is_visible()
    for _ in range(40):  # too fast for a person: the page comes back with every word
        page.get_by_role("button", name=SEND).click()
        page.wait_for_load_state()
        if page.locator(".ref").count():
            break
    received = page.get_by_role("heading", name=RECEIVED).is_visible() and len(code_of(page)) == 20
    return [] if said and received else [f"{name}: said {said}, received {received}"]


def half_way(house: House, browser: Any) -> list[str]:
    page, requests = begun(house, browser, "half")
    page.get_by_role("button", name=SEND).click()
    page.locator("#told .error:visible").first.wait_for(timeout=30_000)
    kept = page.get_by_label(WRITE).input_value() == CANARY
    posted = [request for request in requests if request.method == "POST"]
    return [] if kept and not posted else [f"half: kept {kept}, posted {len(posted)}"]


def without_worker(house: House, browser: Any) -> list[str]:
    page, requests = begun(house, browser, "worker")
    press(page)
    clear = [r for r in requests if r.method == "POST" and CANARY.encode() in (r.post_data_buffer or b"")]
    return ["worker: in clear"] if clear or len(code_of(page)) != 20 else []
