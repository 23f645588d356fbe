"""Where an authority wants its cases: deliver.json in the folder of its keys. Without it: a folder, in Spanish.

    {"language": "es", "free_text": false,
     "primero": {"url": "https://primero.example", "user": "resguardo",
                 "password": "primero.txt", "mapping": "map.json"},
     "webhook": {"url": "https://desk.interior.example/hook", "secret": "webhook.txt"}}

Secrets stand in files of their own, which nobody else may read; file names are relative to this folder.
"""

import asyncio
import ipaddress
import socket
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from registry.core.errors import Invalid
from registry.core.i18n import DEFAULT_ZONE

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Primero(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: Name
    user: Name
    password: Name
    mapping: Name


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`content`: the whole case instead of its reference alone."""

    url: Name
    secret: Name
    content: bool = False


class Deliver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`free_text`: officers may write replies in their own words, and not only choose one that is written."""

    language: Annotated[str, msgspec.Meta(max_length=12)] = "es"
    time_zone: Annotated[str, msgspec.Meta(max_length=60)] = DEFAULT_ZONE
    free_text: bool = False
    primero: Primero | None = None
    webhook: Webhook | None = None


def wishes(folder: Path) -> Deliver:
    """What deliver.json says; Invalid `deliver-not-readable`."""
    path = folder / "deliver.json"
    if not path.exists():
        return Deliver()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Deliver)
    except msgspec.DecodeError as error:
        raise Invalid("deliver-not-readable", why=str(error)) from error


def secret(folder: Path, name: str) -> str:
    """The text of a secret's file; Invalid when it is missing or others may read it."""
    path = folder / name
    if not path.is_file():
        raise Invalid("secret-not-found", path=str(path))
    if path.stat().st_mode & 0o077:
        raise Invalid("key-file-open", path=str(path))
    return path.read_text().strip()


def safe(url: str) -> str:
    """An address for a system of the authority: https, or plain http to this very machine or network."""
    parts = urlsplit(url)
    if parts.hostname and not parts.username and (parts.scheme == "https" or (parts.scheme == "http" and _near(url))):
        return url.rstrip("/")
    raise Invalid("address-not-safe", url=url)


def _near(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_private
    except ValueError:
        return False


async def inside(url: str) -> None:
    """Invalid unless every address behind a name is the authority's own network: such news stays in the house."""
    parts = urlsplit(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ConnectionError(f"{parts.hostname}: no address") from error
    if not all(ipaddress.ip_address(str(one[4][0]).partition("%")[0]).is_private for one in found):
        raise Invalid("webhook-outside", url=url)
