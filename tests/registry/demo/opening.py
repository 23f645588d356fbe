"""`registry demo` with no story but its doors, open until somebody stops it: to be stopped there.

`python -m tests.registry.demo.opening` in place of `python -m registry demo`.
"""

import asyncio
from datetime import datetime

from registry.cli import main
from registry.config import Config
from registry.demo import commands
from registry.demo.serving import serving
from registry.demo.stage import Stage


async def play(stage: Stage, today: datetime) -> None:
    """Nothing happens."""
    stage.walk.to(today)


async def finale(stage: Stage, config: Config) -> dict[str, str]:
    """The server of the real one, as a process of its own."""
    async with serving(config):
        (config.data / "open").touch()
        await asyncio.Event().wait()
    return {}


if __name__ == "__main__":
    vars(commands).update(play=play, finale=finale)
    main(["demo"])
