"""A house whose form is open in CR-G, made in its own process: `python -m tests.registry.reports.play DATA FOLDER`, and
`files` after it where its office may receive some."""

import asyncio
import os
import sys
from pathlib import Path

from registry import config as configuration
from registry.access.actor import SYSTEM
from registry.authorities.queries import ROOT_FILE
from registry.core import crypto
from registry.house import opened
from registry.reports import service
from registry.reports.agent import keys
from tests.registry.reports.world import enrol, hotlines, pinned, sign_directory


async def main(data: Path, folder: Path, *more: str) -> None:
    root = crypto.FileSigner.make(folder / "custodian" / "root.pem")
    data.mkdir(parents=True, exist_ok=True)
    (data / ROOT_FILE).write_text(str(pinned(root)))
    async with opened(configuration.read(os.environ)) as context:
        now = context.clock()
        authority = await enrol(context, now, folder / "unit", attachments="files" in more)
        await sign_directory(context, now, root)
        await hotlines(context, now)
        await service.drill(SYSTEM, now, context, authority)
    keys.settle(folder / "unit", keys.Settings(authority, str(pinned(root))))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
