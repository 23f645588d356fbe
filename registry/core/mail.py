"""Letters: sent over SMTP when one is configured, otherwise kept as files in the data folder's spool.

Every implementation keeps one contract: `send` returns only when the letter is in somebody's hands (the SMTP server's
or the disk's), and raises otherwise, so that the outbox tries again. The key makes a repeated letter harmless.
"""

import asyncio
import os
import smtplib
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from registry.config import Config


class Headers(HeaderRegistry):
    """The standard library makes a new class for each header of each letter, which is most of the work of a letter."""

    @cache  # noqa: B019  one for the life of the process
    def __getitem__(self, name: str) -> type:
        return super().__getitem__(name)


POLICY = EmailPolicy(header_factory=Headers())


class Mail(Protocol):
    """Something that takes letters."""

    async def send(self, to: str, subject: str, text: str, *, key: str) -> None:
        """Send one plain-text letter; the same key twice is the same letter."""


class Spool:
    """Letters as .eml files, one a key: for the demo, for tests and for small houses that pick them up themselves."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder, self._sender = folder, sender

    async def send(self, to: str, subject: str, text: str, *, key: str) -> None:
        """Write the letter under its key, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in key)[:150]
        draft = self._folder / f".{name}.part"
        draft.write_bytes(letter(self._sender, to, subject, text, key).as_bytes())
        os.replace(draft, self._folder / f"{name}.eml")


class Smtp:
    """Letters handed to an SMTP server, over STARTTLS where it offers it."""

    def __init__(self, url: str, sender: str) -> None:
        self._url, self._sender = urlsplit(url), sender

    async def send(self, to: str, subject: str, text: str, *, key: str) -> None:
        """Hand the letter over, or raise what SMTP said."""
        await asyncio.to_thread(self._hand_over, letter(self._sender, to, subject, text, key))

    def _hand_over(self, message: EmailMessage) -> None:
        secure = self._url.scheme == "smtps"
        kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
        with kind(self._url.hostname or "localhost", self._url.port or (465 if secure else 25), timeout=20) as server:
            if not secure and server.has_extn("starttls"):
                server.starttls()
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            server.send_message(message)


def letter(sender: str, to: str, subject: str, text: str, key: str) -> EmailMessage:
    """A plain-text letter whose Message-ID is its key, so that mail programs drop a second copy."""
    message = EmailMessage(POLICY)
    message["From"], message["To"], message["Subject"] = sender, to, " ".join(subject.split())
    message["Message-ID"], message["Date"] = f"<{key}@{sender.rsplit('@', 1)[-1]}>", formatdate()
    message.set_content(text)
    return message


def open_mail(config: Config) -> Mail:
    """The letters of this house."""
    if config.smtp_url:
        return Smtp(config.smtp_url, config.mail_from)
    return Spool(config.data / "mail", config.mail_from)
