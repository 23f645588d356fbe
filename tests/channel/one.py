"""One check in a process of its own: `python -m tests.channel.one NUMBER SERVER DATA ANSWER`, started by the runner."""

import asyncio
import importlib
import sys
import tempfile
from pathlib import Path

import msgspec

from registry import reactions
from registry.config import Config
from registry.house import context_of
from registry.outbox import service as outbox
from tests import database
from tests.channel import checks
from tests.channel.result import Result
from tests.conftest import NOW
from tests.registry.reports import world as worlds


async def answer(number: int, server: str, data: Path) -> Result:
    check = importlib.import_module(checks.module(number))
    outbox.listen(reactions.REACTIONS)
    with tempfile.TemporaryDirectory(prefix=f"c{number}-") as name:
        context = context_of(Config(data=Path(name) / "data", demo=True), clock=lambda: NOW)
        async with database.fresh(server, data):
            world = await worlds.made(context, NOW, Path(name))
            found: Result = await check.run(world)
            await world.http.aclose()
            return found


def main(number: str, server: str, data: str, told: str) -> None:
    Path(told).write_bytes(msgspec.json.encode(asyncio.run(answer(int(number), server, Path(data)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
