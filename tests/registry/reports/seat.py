"""A hotline's operator at the desk of a served house: `python -m tests.registry.reports.seat` prints the key."""

import asyncio
import json
import os
import sys

from registry import config as configuration
from registry.accounts.door import cookie_name, form_token
from registry.core import crypto
from registry.house import opened
from tests import people


async def main() -> None:
    async with opened(configuration.read(os.environ), migrated=False) as context:
        now = context.clock()
        actor = await people.enter(people.OFELIA, now)
        token = await people.open_session(actor.id, now)
        form = form_token(context.keys.derived("form-token"), crypto.sha256(token.encode()))
    sys.stdout.write(json.dumps({"cookie": cookie_name(context.config), "token": token, "form": form}))


if __name__ == "__main__":
    asyncio.run(main())
