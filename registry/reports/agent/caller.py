"""Signed requests to the register, over HTTPS outward only."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import msgspec

from registry.core import crypto
from registry.core.clock import Clock, utc_now
from registry.core.errors import Conflict
from registry.core.outgoing import Said, ask
from registry.reports import heads, notary
from registry.reports.files import LONGEST_SEALED
from registry.reports.schemas import Collected, Followed, Waiting

BASE = "/authority-api/v1"
SERVED = "/log/authorities/directory.json"
HEADS = f"/log/{heads.KEY}"
LONGEST, PATIENCE = 8 << 20, 60.0
"""Bytes and seconds of one answer: a report is at most some 200 kB, a list of what waits some 100 bytes a report."""


class Register:
    """The register as its agents may call it. Every request is signed and counts once."""

    def __init__(
        self, http: httpx.AsyncClient, origin: str, authority: UUID, signer: crypto.Signer, clock: Clock = utc_now
    ) -> None:
        self._http, self._origin, self._authority, self._signer = http, origin.rstrip("/"), authority, signer
        self._clock = clock

    async def directory(self) -> bytes:
        return (await self._ask("GET", "/directory")).body

    async def served(self) -> bytes:
        """The directory as strangers are given it. Asked for like a stranger: nothing says that it is us."""
        answer = await ask(self._http, "GET", self._origin + SERVED, most=LONGEST, within=PATIENCE)
        if answer.status != 200:
            raise Conflict("directory-not-served", status=answer.status)
        return answer.body

    async def heads(self) -> heads.Heads:
        """The published heads of the event log, asked for like a stranger; none before the first week is over."""
        answer = await ask(self._http, "GET", self._origin + HEADS, most=LONGEST, within=PATIENCE)
        if answer.status == 404:
            return heads.Heads()
        if answer.status != 200:
            raise Conflict("register-refused", status=answer.status, what=HEADS)
        return heads.read(answer.body)

    async def waiting(self) -> list[Waiting]:
        return msgspec.json.decode((await self._ask("GET", "/envelopes")).body, type=list[Waiting])

    async def contents(self, which: UUID) -> tuple[Collected, bytes]:
        answer = await self._ask("GET", f"/envelopes/{which}")
        return msgspec.json.decode(answer.headers["envelope"], type=Collected), answer.body

    async def file(self, which: UUID, number: int) -> bytes:
        """One of its files, still sealed."""
        return (await self._ask("GET", f"/envelopes/{which}/files/{number}", most=LONGEST_SEALED)).body

    async def standing(self, which: UUID) -> Followed:
        return msgspec.json.decode((await self._ask("GET", f"/envelopes/{which}/standing")).body, type=Followed)

    async def tell(self, which: UUID, what: str, said: dict[str, Any]) -> None:
        """Say one thing about one envelope."""
        await self._ask("POST", f"/envelopes/{which}/{what}", msgspec.json.encode(said))

    async def _ask(self, method: str, path: str, body: bytes = b"", most: int = LONGEST) -> Said:
        url = self._origin + BASE + path
        request = notary.Request(method, urlsplit(url).netloc, BASE + path, body)
        headers = notary.signed(request, self._signer, self._authority, self._clock().astimezone(UTC), crypto.token(18))
        answer = await ask(
            self._http, method, url, most=most, within=PATIENCE, content=body or None, headers=headers
        )  # fmt: skip
        if answer.status != 200:
            raise Conflict("register-refused", status=answer.status, what=_code(answer) or path)
        return answer


def _code(answer: Said) -> str:
    """What the register calls its refusal, if it says so."""
    try:
        return str(msgspec.json.decode(answer.body, type=dict[str, Any]).get("code", ""))
    except msgspec.DecodeError:
        return ""


def at_once(moment: datetime) -> Clock:
    """A clock that stands still: for a demo whose story is not today."""
    return lambda: moment
