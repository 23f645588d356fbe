"""Word to the authority's own systems that a case is there: Standard Webhooks, signed, to an address inside.

What is to be told lies in a folder until it was taken, so a receiver that is down for a week misses nothing. The id is
the envelope's: whoever is told twice notices. Without `content` only the reference leaves this program.
"""

import base64
import binascii
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec

from registry.core import crypto
from registry.core.clock import Clock
from registry.core.errors import Invalid
from registry.core.outgoing import ask
from registry.reports.agent import deliver
from registry.reports.agent.case import Case

PREFIX = "whsec_"
ANSWER, PATIENCE = 64 << 10, 20.0


def signed(secret: str, name: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of the standard."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise Invalid("webhook-secret") from error
    if len(key) < 24:
        raise Invalid("webhook-secret")
    moment = str(int(at.timestamp()))
    signature = crypto.hmac_sha256(key, f"{name}.{moment}.".encode() + body)
    return {
        "webhook-id": name, "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}", "content-type": "application/json",
    }  # fmt: skip


class Outbox:
    """Words that wait to be taken, each a file: NAME.json until then, NAME.told afterwards."""

    def __init__(self, folder: Path, http: httpx.AsyncClient, to: deliver.Webhook, secret: str, clock: Clock) -> None:
        self._folder, self._http, self._to, self._secret, self._clock = folder, http, to, secret, clock
        deliver.safe(to.url)
        signed(secret, "try", clock(), b"")

    def about(self, case: Case) -> None:
        """Tell of a case, once."""
        thin = {"reference": case.reference, "envelope": case.envelope, "urgent": case.urgent,
                "answer_before": case.answer_before}  # fmt: skip
        self.add(
            "report.opened", f"report_{case.envelope.hex}", msgspec.to_builtins(case) if self._to.content else thin
        )

    def add(self, kind: str, name: str, data: dict[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (self._folder / f"{name}.told").exists():
            return
        body = msgspec.json.encode({"type": kind, "timestamp": self._clock(), "data": data})
        try:
            crypto.write_secret(self._folder / f"{name}.json", body)
        except FileExistsError:
            return

    async def tell(self) -> int:
        """Send what waits. Returns how many still do; the next round tries them again."""
        waiting = sorted(self._folder.glob("*.json"))
        if not waiting:
            return 0
        try:
            await deliver.inside(self._to.url)
        except ConnectionError:
            return len(waiting)
        return sum([not await self._send(path) for path in waiting])

    async def _send(self, path: Path) -> bool:
        try:
            body = path.read_bytes()
            headers = signed(self._secret, path.stem, self._clock(), body)
            said = await ask(
                self._http, "POST", self._to.url, most=ANSWER, within=PATIENCE, content=body, headers=headers
            )
        except FileNotFoundError:  # another agent with the same folder told it
            return True
        except (httpx.HTTPError, TimeoutError, ConnectionError):
            return False
        if not 200 <= said.status < 300:
            return False
        mark = os.open(path.with_suffix(".told"), os.O_WRONLY | os.O_CREAT, 0o600)
        os.close(mark)
        path.unlink(missing_ok=True)
        return True
