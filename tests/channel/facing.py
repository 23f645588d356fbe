"""The product as it is run, and a real browser before it: for the checks that only a browser can make."""

import asyncio
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import SIGTERM
from typing import Any, TypeVar

from playwright.sync_api import sync_playwright

from tests.journeys.test_channel import SEND, WRITE, answer, phone
from tests.journeys.test_stranger import ARGUMENTS, CHROMIUM
from tests.registry.reports.test_canary import House

T = TypeVar("T")
RECEIVED = "Recibido y sellado"
__all__ = ["RECEIVED", "SEND", "WRITE", "House", "answer", "beside", "code_of", "phone", "press", "standing"]


async def beside(act: Callable[[House, Any], T], *, files: bool = False) -> T:
    """Do it in a thread of its own: this browser's programs want no loop around them."""

    def run() -> T:
        with standing(files=files) as house, sync_playwright() as started:
            browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            try:
                return act(house, browser)
            finally:
                browser.close()

    return await asyncio.to_thread(run)


@contextmanager
def standing(*, files: bool = False) -> Iterator[House]:
    """A house of its own on a free port, its office drilled, so that its form is open. `files`: it may receive some."""
    with tempfile.TemporaryDirectory(prefix="rb-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        made = House(Path(folder) / "data", Path(folder) / "elsewhere", port)
        made.run("tests.registry.reports.play", str(made.data), str(made.folder), *["files"] * files)
        made.start()
        try:
            assert made.agent()["drills"] == 1
            yield made
        finally:
            made.kill(SIGTERM)


def press(page: Any) -> None:
    """Send, as somebody who was asked to press again in a moment: until it is received."""
    for _ in range(40):
        page.get_by_role("button", name=SEND).click()
        page.locator(".ref, #told .error:visible").first.wait_for(timeout=60_000)
        if page.locator(".ref").count():
            return
    raise AssertionError(page.inner_text("main")[:1000])


def code_of(page: Any) -> str:
    return "".join(page.locator(".ref span").all_inner_texts())
