"""The reference code: 20 digits, 19 of them random, the last one a check digit (ISO 7064, Mod 11,10).

63.1 bits; digits can be dictated in any language, typed on any keypad, and pass for a number. The code opens the
state of a report and the replies to it, never the report. We keep HMAC(pepper, lookup) only, where

    root   = scrypt(code, salt = label of the instance, N = 2^15, r = 8, p = 1)       0.12 s and 32 MiB on purpose
    lookup = HKDF-SHA256(root, "lookup")          reply identity = HKDF-SHA256(root, "reply-x25519") as an age key

so that a copy of the database, even together with the pepper, costs 2^63 such steps a code. Argon2id was refused:
it has no light twin for browsers.
"""

import hashlib
import unicodedata
from collections.abc import Callable

import msgspec
from stdnum.iso7064 import mod_11_10

from registry.core import crypto
from registry.core.errors import Invalid
from registry.reports import bech32

DIGITS = 20
_N, _R, _P = 2**15, 8, 1
_MEMORY = 64 * 2**20


class Derived(msgspec.Struct, frozen=True):
    """What a code is good for: finding a reply box (32 bytes) and opening replies (an age identity)."""

    lookup: bytes
    reply_identity: str


def new_code(below: Callable[[int], int]) -> str:
    """A new code; `below(n)` gives a uniform integer under n (secrets.randbelow)."""
    body = f"{below(10**19):019d}"
    return body + mod_11_10.calc_check_digit(body)


def check(typed: str) -> str:
    """The 20 digits of a code as a person typed or pasted it; Invalid when it cannot be one. Costs no derivation."""
    digits = "".join(digit(c) for c in typed if not (c.isspace() or c in "-._·"))
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit():
        raise Invalid("report-code-length", fields={"code": "report-code-length"})
    if not mod_11_10.is_valid(digits):
        raise Invalid("report-code-mistyped", fields={"code": "report-code-mistyped"})
    return digits


def digit(sign: str) -> str:
    """Digits of any script as ASCII: a phone may write ٤ or ４."""
    value = unicodedata.decimal(sign, None)
    return sign if value is None else str(value)


def grouped(code: str) -> list[str]:
    """Five groups of four, as shown and read aloud."""
    return [code[i : i + 4] for i in range(0, DIGITS, 4)]


def derive(code: str, label: str) -> Derived:
    """The lookup and reply identity of a code at the instance called `label`. Slow: run it in a bounded pool."""
    root = hashlib.scrypt(code.encode(), salt=label.encode(), n=_N, r=_R, p=_P, maxmem=_MEMORY, dklen=32)
    identity = bech32.encode("age-secret-key-", crypto.hkdf(root, b"reply-x25519")).upper()
    return Derived(crypto.hkdf(root, b"lookup"), identity)
