"""A browser in Python: it reads the form's page, seals as client/report.js does, and does the work it is asked for."""

import html
import json
import re
import secrets
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from public_site.report_form import work
from registry.core import crypto
from registry.reports import bech32, envelope
from registry.reports.envelope import Inner, Place, Report


class Sender(msgspec.Struct):
    """Somebody at the form of one place. `chain` and `keys` are those of the page and the published directory."""

    http: httpx.AsyncClient
    place: str
    chain: tuple[UUID, ...] = ()
    keys: tuple[str, ...] = ()
    directory: int = 0

    async def open(self) -> tuple[str, dict[str, Any] | None]:
        """A fresh form: its token, and the work that came with it."""
        page = (await self.http.get("/report", params={"place": self.place})).text
        token, channel = re.search(r'name="token" value="([^"]+)"', page), re.search(r'data-channel="([^"]+)"', page)
        assert token and channel, page[:2000]
        said = json.loads(html.unescape(channel[1]))
        if self.directory != said["directory"]:
            await self._trust(said)
        return token[1], said.get("work")

    async def _trust(self, said: dict[str, Any]) -> None:
        document = (await self.http.get(said["file"])).json()["directory"]
        offices = {one["authority"]: one for one in document["records"]}
        self.chain = tuple(UUID(one) for one in said["chain"])
        self.keys = tuple(key for one in said["chain"] for key in (*offices[one]["working"], offices[one]["recovery"]))
        self.directory = said["directory"]

    def seal(self, token: str, text: str, *, junk: bool = False, urgent: bool = False) -> dict[str, Any]:
        """What is sent. `junk`: looks like a report from outside, and nobody can open it."""
        inside = envelope.Context(uuid4(), self.chain, tuple(map(envelope.fingerprint, self.keys)), self.directory)
        secret = secrets.token_bytes(32)
        reply = envelope.recipient_of(bech32.encode("age-secret-key-", secret).upper())
        proof = envelope.new_proof(secrets.randbits(128))
        inner = Inner("sectt-report/1", proof, inside, Report(Place(self.place), text, happening_now=urgent), reply, ())
        sealed = envelope.seal(inner, self.keys)
        body = bytearray(sealed.body)
        if junk:
            body[-2_000:] = secrets.token_bytes(2_000)
        return {
            "token": token, "place": self.place, "envelope": str(inside.envelope),
            "chain": [str(one) for one in self.chain], "keys": list(inside.keys), "directory": self.directory,
            "form": inside.form, "size_step": sealed.size_step, "sealed": crypto.b64url(bytes(body)),
            "lookup": crypto.b64url(crypto.sha256(secret)), "reply_recipient": reply,
            "proof_hash": sealed.proof_hash.hex(), "urgent": urgent,
        }  # fmt: skip

    async def send(self, sent: dict[str, Any], asked: dict[str, Any] | None = None) -> httpx.Response:
        """Sent as the script does: work that is asked for is done, and the same envelope goes again."""
        for _ in range(5):
            sent |= {"pow": work.solve(asked)} if asked else {}
            answer = await self.http.post("/report", json=sent)
            asked = None if answer.status_code == 200 else answer.json().get("work")
            if asked is None:
                break
        return answer
