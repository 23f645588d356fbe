"""Telephones: numbers as they are kept (E.164) and as people write them; and ringing one.

A text and a call go out through a gateway that speaks the HTTP API of Twilio, version 2010-04-01, which others and
self-hosted ones speak too; without one they are kept as files in the data folder's spool. As documented
(twilio.com/docs/messaging/api/message-resource, /docs/voice/api/call-resource, /docs/voice/twiml/say,
/docs/usage/your-request-to-twilio, /docs/errors/20429): `POST {account}/Messages.json` with To, From and Body and
`POST {account}/Calls.json` with To, From and Twiml (at most 4,000 characters), form-encoded, under HTTP basic
authentication; 201 when it is taken; an error is JSON with a code, under a status of 400 or more; 429 was never
processed and may be sent again.
"""

import base64
import json
import os
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlencode, urlsplit
from xml.sax.saxutils import escape

import httpx
import phonenumbers

from registry.config import Config
from registry.core import outgoing
from registry.core.crypto import token

MOST, WITHIN = 64 * 1024, 20.0
"""Bytes of an answer, and seconds for it."""
VOICES = {"es": "es-MX", "en": "en-US", "pt": "pt-BR", "fr": "fr-FR"}
"""<Say> wants a language with its country."""
TIMES = 3
"""Whoever is woken by it has to hear it to its end."""


class NotTaken(ConnectionError):
    """The gateway certainly did nothing: it could not be reached, or refused. Trying again rings nobody twice."""


class Telephone(Protocol):
    """Something that rings. Each returns once it is in somebody's hands, and raises otherwise: NotTaken when certainly
    nobody was rung, anything else when nobody knows."""

    async def send(self, to: str, text: str) -> None:
        """A text message to a number in E.164."""

    async def call(self, to: str, text: str, language: str) -> None:
        """Call a number in E.164 and say a text, of a language of ours."""


class Spool:
    """Texts and calls as files, for the demo, for tests, and until somebody sets a gateway up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, to: str, text: str) -> None:
        """Write it down."""
        self._keep({"kind": "text", "to": to, "text": text})

    async def call(self, to: str, text: str, language: str) -> None:
        """Write it down."""
        self._keep({"kind": "call", "to": to, "text": text, "language": language})

    def _keep(self, what: dict[str, str]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{what['kind']}-{token(12)}"
        draft = self._folder / f".{name}.part"
        draft.write_text(json.dumps(what, ensure_ascii=False))
        os.replace(draft, self._folder / f"{name}.json")


class Gateway:
    """A gateway at `https://user:password@host/2010-04-01/Accounts/AC…`: the address of an account there."""

    def __init__(self, url: str, number: str) -> None:
        parts = urlsplit(url)
        who = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        self._account = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        self._number = number
        self._headers = {
            "authorization": f"Basic {base64.b64encode(who.encode()).decode()}",
            "content-type": "application/x-www-form-urlencoded",
        }

    async def send(self, to: str, text: str) -> None:
        """Hand the message over."""
        await self._post("Messages.json", {"To": to, "From": self._number, "Body": text})

    async def call(self, to: str, text: str, language: str) -> None:
        """Hand the call over, with what is to be said."""
        say = f'<Say language="{VOICES.get(language, VOICES["en"])}" loop="{TIMES}">{escape(text)}</Say>'
        await self._post("Calls.json", {"To": to, "From": self._number, "Twiml": f"<Response>{say}</Response>"})

    async def _post(self, what: str, fields: dict[str, str]) -> None:
        """NotTaken for a refusal (400 to 499) and for a line that was never up. A gateway's own trouble (500 and more),
        an answer that broke off, and none at all may have rung."""
        async with httpx.AsyncClient() as http:
            try:
                said = await outgoing.ask(
                    http, "POST", f"{self._account}/{what}", most=MOST, within=WITHIN,
                    content=urlencode(fields).encode(), headers=self._headers,
                )  # fmt: skip
            except (httpx.ConnectError, httpx.ConnectTimeout):
                raise NotTaken("no gateway") from None
        if 400 <= said.status < 500:
            raise NotTaken(str(said.status))
        if not 200 <= said.status < 300:
            raise ConnectionError(str(said.status))


def open_telephone(config: Config) -> Telephone:
    """The telephone of this house."""
    if config.phone_url:
        return Gateway(config.phone_url, config.phone_from)
    return Spool(config.data / "telephone")


def spaced(number: str) -> str:
    """+506 2555 0147; a number of no known country stays as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL).replace("-", " ")


def e164(text: str, country: str) -> str | None:
    """A number as somebody of a country writes it, in E.164; None for what can be no number."""
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
