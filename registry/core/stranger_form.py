"""A stranger's form: its token, its minimum dwell, and budgets that ask for patience and never refuse.

A token is signed, carries the form's own secret (32 bytes) and the second it was made, is good for a day and for one
sending. It is what makes a second press harmless, and what a program that posts blindly does not have. Nothing of who
asks is kept: a network is a MAC in memory under a key that lives an hour.
"""

import hmac
import secrets
from datetime import UTC, datetime, timedelta

import msgspec

from registry.core import crypto
from registry.core.errors import Busy, Invalid

HONEYPOT = "website"
"""A field no person sees: whoever fills it is a program, or a browser that helps too much."""
DWELL = timedelta(seconds=2)
LIFETIME = timedelta(hours=24)
WINDOW = timedelta(minutes=10)
FREE, FREE_EVERYWHERE = 60, 300
"""In ten minutes from one network (a hotel, a bus: thirty trainees at once are normal) and from all."""
LONGEST_WAIT = 60


class Token(msgspec.Struct, frozen=True):
    nonce: bytes
    made_at: datetime


def issue(key: bytes, now: datetime, nonce: bytes) -> str:
    """A fresh token for one form."""
    body = int(now.timestamp()).to_bytes(5) + nonce
    return crypto.b64url(body + crypto.hmac_sha256(key, body)[:16])


def read(key: bytes, text: str, now: datetime) -> Token:
    """The token of a form; Invalid when it is not ours or a day old. Too fresh is Busy: press again in a moment."""
    try:
        raw = crypto.unb64url(text)
    except ValueError:
        raw = b""
    if len(raw) != 53 or not crypto.same(crypto.hmac_sha256(key, raw[:-16])[:16], raw[-16:]):
        raise Invalid("form-not-ours")
    token = Token(raw[5:37], datetime.fromtimestamp(int.from_bytes(raw[:5]), UTC))
    if now - token.made_at > LIFETIME:
        raise Invalid("form-old")
    return token


def rested(token: Token, now: datetime, wait: timedelta) -> None:
    """A person needs a moment to write; under a flood everybody waits a little longer, and nobody is turned away."""
    left = token.made_at + max(DWELL, wait) - now
    if left > timedelta(0):
        raise Busy("form-too-fast", retry_after=max(1, int(left.total_seconds() + 0.999)))


class Budget:
    """How many came lately, by network and in all. Memory only; keys are MACs under a key of this hour."""

    def __init__(self) -> None:
        self._seen: dict[bytes, list[datetime]] = {}

    def spend(self, network: bytes, now: datetime) -> tuple[timedelta, bool]:
        """How long this one should have waited, and whether it is part of a burst."""
        mine, every = self._count(network, now), self._count(b"", now)
        wait = min(LONGEST_WAIT, max(0, mine - FREE))
        return timedelta(seconds=wait), mine > FREE or every > FREE_EVERYWHERE

    def _count(self, key: bytes, now: datetime) -> int:
        times = [at for at in self._seen.get(key, ()) if now - at < WINDOW] + [now]
        self._seen[key] = times[-(FREE_EVERYWHERE + 1) :]
        if len(self._seen) > 10_000:
            self._seen = {k: v for k, v in self._seen.items() if v and now - v[-1] < WINDOW}
        return len(times)


class Networks:
    """Names for networks that cannot be turned back: a /24 or /48 under a key that lives an hour, in memory."""

    def __init__(self) -> None:
        self._hour: datetime | None = None
        self._key = b""

    def name(self, address: str, now: datetime) -> bytes:
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour, self._key = hour, secrets.token_bytes(32)
        near = address.rpartition(".")[0] if "." in address else ":".join(address.split(":")[:3])
        return hmac.digest(self._key, near.encode(), "sha256")
