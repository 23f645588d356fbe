"""The product as it is run, and a browser before it, for the checks that look at pages."""

import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from tests.registry.reports.test_canary import House

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    """A register whose form is open in CR-G and closed elsewhere, in folders and a process of its own."""
    with tempfile.TemporaryDirectory(prefix="rc-") as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        made = House(Path(folder) / "data", Path(folder) / "elsewhere", port)
        made.run("tests.registry.reports.play", str(made.data), str(made.folder))
        made.start()
        try:
            made.agent()
            yield made
        finally:
            made.kill()


@asynccontextmanager
async def browser() -> AsyncIterator[Any]:
    async with async_playwright() as started:
        opened = await started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield opened
        finally:
            await opened.close()
