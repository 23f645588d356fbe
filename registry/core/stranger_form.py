"""A stranger's form: its token and its minimum dwell.

A token is signed, carries the form's own secret (32 bytes) and the second it was made, is good for a day and for one
sending. It is what makes a second press harmless, and what a program that posts blindly does not have. Nothing of who
asks is kept.
"""

from datetime import UTC, datetime, timedelta

import msgspec

from registry.core import crypto
from registry.core.errors import Busy, Invalid

HONEYPOT = "website"
"""A field no person sees: whoever fills it is a program, or a browser that helps too much."""
DWELL = timedelta(seconds=2)
LIFETIME = timedelta(hours=24)


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


def rested(token: Token, now: datetime) -> None:
    """A person needs a moment to write. Busy before that: pressing again, with the same form, is all it takes."""
    left = token.made_at + DWELL - now
    if left > timedelta(0):
        raise Busy("form-too-fast", retry_after=max(1, int(left.total_seconds() + 0.999)))
