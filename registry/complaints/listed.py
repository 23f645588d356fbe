"""The public list of misuse, as it is published (misuse.jws): signed, because it names whom it concerns. Pure.

A line says which mark is on show, where, since when it is told, and that it is false or over. It says nothing of why,
of who told us, or of any person: a driver's name is never in it, nor the code that opens a vehicle's facts.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

import msgspec

from registry.core.crypto import Signer
from registry.seals import jose
from registry.seals.jose import Untrusted, Verify

KEY = "misuse.jws"
TYP = "resguardo-misuse+jws"
FORMAT: Literal["resguardo-misuse/1"] = "resguardo-misuse/1"
RENEW = timedelta(hours=24)
"""Signed anew at this age though nothing changed, so that an old list can be told from the newest one."""
STALE = timedelta(days=3)


class Mark(StrEnum):
    """What is known of a mark on show."""

    FALSE = "false"  # never given to whoever shows it
    OVER = "over"  # theirs once, and lost
    ELSEWHERE = "elsewhere"  # theirs, and shown where it does not belong


class Entry(msgspec.Struct, frozen=True):
    """A line. `name` is empty where it would be a person's, `code` where it opens more than an establishment says."""

    number: str
    mark: Mark
    name: str
    place: str
    code: str
    published_on: date
    removed_on: date | None = None


class Published(msgspec.Struct, frozen=True):
    """misuse.jws, opened."""

    format: Literal["resguardo-misuse/1"]
    issued_at: datetime
    misuse: tuple[Entry, ...]


def sign(entries: tuple[Entry, ...], now: datetime, signer: Signer, did: str) -> bytes:
    """As a compact JWS, by the key of manifests."""
    body = msgspec.json.encode(Published(FORMAT, now, entries))
    return jose.sign(body, signer, f"{did}#{signer.kid}", TYP).encode()


def read(data: bytes, verify: Verify) -> Published:
    """Raises Untrusted for what its key did not sign."""
    try:
        return msgspec.json.decode(jose.read(data.decode("ascii").strip(), verify, TYP), type=Published)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Untrusted("not a list of misuse") from error


def settled(data: bytes, entries: tuple[Entry, ...], now: datetime, kid: str) -> bool:
    """Whether what is published says this already, by this key, and not long ago. `kid` is absolute."""
    try:
        old = msgspec.convert(jose.payload(data.decode()), Published)
        return old.misuse == entries and jose.header(data.decode()).kid == kid and now - old.issued_at < RENEW
    except (ValueError, IndexError):
        return False
