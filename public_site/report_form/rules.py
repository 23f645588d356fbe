"""The form's token, its minimum dwell, and budgets that ask for patience and never refuse. Pure.

A token is signed, carries the form's own secret (32 bytes) and the second it was made, is good for a day and for one
report. It is what makes a second press harmless, and what a program that posts blindly does not have.
"""

import re
from datetime import UTC, datetime, timedelta

import msgspec
from stdnum.iso7064 import mod_11_10

from registry.core import crypto
from registry.core.errors import Busy, Invalid
from registry.reports.envelope import Place, Report, Sign, When

DWELL = timedelta(seconds=2)
LIFETIME = timedelta(hours=24)
WINDOW = timedelta(minutes=10)
FREE, FREE_EVERYWHERE = 60, 300
"""Reports in ten minutes from one network (a hotel, a bus: thirty trainees at once are normal) and from all."""
LONGEST_WAIT = 60
BODY = 190_000
NARRATIVE = 12_000
_LONG_NUMBER = re.compile(r"\d(?:[ .\-]?\d){19,}")


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
    """How many reports came lately, by network and in all. Memory only; keys are MACs under a key of this hour."""

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


def clean(text: str, longest: int) -> str:
    """A stranger's text as it is sealed: line ends made one kind, control signs gone, length bounded."""
    kept = "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or c.isprintable() or c == "\u200d")
    return kept.strip()[:longest]


def written(fields: dict[str, list[str]], language: str) -> Report:
    """The report in a posted form; Invalid naming the field to mend. Only a place and one sentence are needed."""
    one = {name: values[0] for name, values in fields.items()}
    narrative = clean(one.get("text", ""), NARRATIVE + 1)
    if not narrative:
        raise Invalid("report-needs-words", fields={"text": "report-needs-words"})
    if len(narrative) > NARRATIVE:
        raise Invalid("report-too-long", fields={"text": "report-too-long"})
    if holds_code(narrative):
        raise Invalid("report-holds-code", fields={"text": "report-holds-code"})
    place = Place(
        one.get("place", ""), clean(one.get("spot", ""), 500).replace("\n", " "), one.get("premises", "")[:40]
    )
    when = one.get("when", "")
    return Report(
        place,
        narrative,
        When(when) if when in set(When) else When.UNKNOWN,
        tuple(sign for sign in Sign if sign in fields.get("what", ())),
        clean(one.get("contact", ""), 500).replace("\n", " "),
        language,
    )


def holds_code(text: str) -> bool:
    """Whether somebody pasted a reference code into a text that others will read."""
    for run in _LONG_NUMBER.findall(text):
        digits = "".join(c for c in run if c.isdigit())
        if any(mod_11_10.is_valid(digits[i : i + 20]) for i in range(len(digits) - 19)):
            return True
    return False
