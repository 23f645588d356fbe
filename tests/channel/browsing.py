"""The product as it is run and a browser before it, for the checks that look at pages in the loop they run in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import async_playwright

from tests.channel.facing import House, standing
from tests.journeys.test_stranger import ARGUMENTS, CHROMIUM


@asynccontextmanager
async def house(*, files: bool = False) -> AsyncIterator[House]:
    """A register whose form is open in CR-G and closed elsewhere, in folders and a process of its own. `files`: its
    form takes some."""
    with standing(files=files) as made:
        yield made


@asynccontextmanager
async def browser() -> AsyncIterator[Any]:
    async with async_playwright() as started:
        opened = await started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield opened
        finally:
            await opened.close()
