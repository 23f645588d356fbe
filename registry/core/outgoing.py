"""Asking another machine over HTTP without trusting it: no more than so many bytes, no longer than so long, and never
sent on to anybody else.

Bodies are asked for and read as they are. One that says it is packed is refused: a packed kilobyte may hold a gigabyte.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx
import msgspec

from registry.core.phrase import Phrase

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
"""For each step. Whoever sends a letter a second keeps every step short: `within` is for the whole answer."""


class Said(msgspec.Struct, frozen=True):
    status: int
    body: bytes
    headers: Mapping[str, str]  # names in lower case

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Unfit(ConnectionError):
    """An answer that an honest machine does not give. Asking again would not help."""


async def ask(
    http: httpx.AsyncClient, method: str, address: str, *, most: int, within: float, content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Said:  # fmt: skip
    """An answer of at most `most` bytes, whole within `within` seconds.

    Raises Unfit for what is longer, packed, or sends us elsewhere; TimeoutError; httpx.HTTPError for what broke.
    """
    host, body = urlsplit(address).netloc, bytearray()
    asked = {"accept-encoding": "identity", **(headers or {})}
    async with (
        asyncio.timeout(within),
        http.stream(method, address, content=content, headers=asked, timeout=TIMEOUT, follow_redirects=False) as told,
    ):
        if told.is_redirect:
            raise Unfit(Phrase("%(host)s sends us to another address", host=host))
        if told.headers.get("content-encoding", "identity").lower() != "identity":
            raise Unfit(Phrase("%(host)s answers in a packed form that was not asked for", host=host))
        async for part in told.aiter_raw():
            body += part
            if len(body) > most:
                raise Unfit(Phrase("%(host)s answers with more than %(most)s bytes", host=host, most=most))
    return Said(told.status_code, bytes(body), dict(told.headers))
