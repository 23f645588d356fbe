"""The work a browser is asked for under a flood: altcha's proof of work, made and checked here, done by client/work.js.

A challenge is one way out of many: a counter that we draw, whose derived key begins as we say. So the longest search is
known, and we check an answer with one MAC. It is signed and bound to one form and one office. That form counts once,
which the database remembers longer than a form is good for: a solved challenge is as used up as its form, and an
easy one of a quiet office is of no use at another.

Calibration. A try is PBKDF2 with 5,000 rounds of SHA-256, which browsers compute beside the page. One core here does
4.2 million rounds a second, and 1.6 million with its hash instructions switched off. A cheap phone that has none is
taken to be six times slower than that, as browsers' own tools do: 0.27 million. The longest search is 160 tries, 0.8
million rounds: 0.2 s here and 3 s there.
"""

import base64
import hashlib
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import altcha
import msgspec

from registry.core.crypto import hkdf
from registry.core.stranger_form import Token, read

ROUNDS = 5_000
TRIES = (0, 20, 80, 160)
"""The longest search by level; the shortest is half of it."""
LARGEST = 2_000


class Bound(msgspec.Struct, frozen=True):
    """What a challenge is good for. `level`: how much work it is."""

    form: str
    office: str
    level: int


def challenge(key: bytes, form: Token, office: UUID, level: int) -> dict[str, Any]:
    """Work of this level, for this form and office, as the page's script takes it."""
    longest = TRIES[level]
    counter = longest // 2 + secrets.randbelow(longest - longest // 2)
    bound = msgspec.to_builtins(Bound(_name(form), str(office), level))
    made = altcha.create_challenge(
        "PBKDF2/SHA-256", ROUNDS, counter=counter, data=bound, hmac_secret=hkdf(key, b"work"),
        hmac_key_secret=hkdf(key, b"work done"),
    )  # fmt: skip
    return made.to_dict()


def begun(key: bytes, token: str, now: datetime, office: UUID, level: int) -> dict[str, Any] | None:
    """The challenge that goes out with a form, so that the work is done while somebody writes; None when it is
    quiet."""
    return challenge(key, read(key, token, now), office, level) if level else None


def done(key: bytes, solved: str, form: Token, office: UUID, level: int) -> bool:
    """Whether this is the work that is asked for now. One level less is enough: more may have come while it was
    done."""
    if level == 0:
        return True
    try:
        payload = altcha.Payload.from_base64(solved[: LARGEST + 1])
        bound = msgspec.convert(payload.challenge.parameters.data, Bound)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    if (bound.form, bound.office) != (_name(form), str(office)) or bound.level < max(1, level - 1):
        return False
    said = altcha.verify_solution(payload, hkdf(key, b"work"), hmac_key_secret=hkdf(key, b"work done"))
    return said.verified


def solve(asked: dict[str, Any]) -> str:
    """What client/work.js does, for programs that file as a browser does: our checks."""
    parameters = asked["parameters"]
    nonce, salt = bytes.fromhex(parameters["nonce"]), bytes.fromhex(parameters["salt"])
    for counter in range(1 << 32):
        found = hashlib.pbkdf2_hmac("sha256", nonce + counter.to_bytes(4), salt, parameters["cost"], 32).hex()
        if found.startswith(parameters["keyPrefix"]):
            solution = {"counter": counter, "derivedKey": found}
            return base64.b64encode(msgspec.json.encode({"challenge": asked, "solution": solution})).decode()
    raise ValueError("no counter fits")


def _name(form: Token) -> str:
    return hkdf(form.nonce, b"work of a form", 16).hex()
