"""How long a body may take. The server in front of us times the head of a request; the rest is timed here.

A sender may be slow (a list over 50 kbit/s) but not silent, and not for ever: connections are few and kept by trickling
a byte a minute. Whoever goes past this is treated as gone.
"""

import asyncio
import time
from collections.abc import Callable

from registry.core.shield import Receive

SILENCE = 30.0
"""Seconds between two parts of a body."""
WHOLE = 900.0
"""Seconds for a whole body: 20 MB at 200 kbit/s."""


def patient(receive: Receive, clock: Callable[[], float] = time.monotonic) -> Receive:
    """`receive`, answering that the sender is gone once it kept us waiting too long."""
    end, more = clock() + WHOLE, True

    async def heard() -> object:
        nonlocal more
        if not more:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), min(SILENCE, end - clock()))
        except TimeoutError:
            message = {"type": "http.disconnect"}
        more = message["type"] == "http.request" and message.get("more_body", False)
        return message

    return heard
