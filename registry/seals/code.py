"""The printed code: 14 random characters and 2 that catch typing (seals.md 1.5). Pure.

Crockford's base32 has no I, L, O and U, so that nothing printed is taken for something else. The two check characters
are a Reed-Solomon code over GF(32): [16, 14], distance 3, so any one or two wrong characters, and any swapped pair, are
caught here, before a look-up. A weighted sum modulo a prime was refused: it misses one pair in 37.
14 characters are 70 bits: with a million seals one guess hits with a chance of 2^-50. Never sequential, never derived.
"""

import re
import unicodedata
from collections.abc import Callable

from registry.core.errors import Invalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, RANDOM = 16, 14
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)} | {"I": 1, "L": 1, "O": 0}

# Powers of the element 2 in GF(32) = GF(2)[x] / (x^5 + x^2 + 1), and their logarithms.
_POWER = [1]
while len(_POWER) < 31:
    _POWER.append((_POWER[-1] << 1) ^ (0b100101 if _POWER[-1] & 0b10000 else 0))
_LOG = {value: exponent for exponent, value in enumerate(_POWER)}


def new_code(randbits: Callable[[int], int]) -> str:
    """`randbits` is secrets.randbits outside tests."""
    drawn = randbits(5 * RANDOM)
    return completed("".join(ALPHABET[drawn >> 5 * place & 31] for place in range(RANDOM)))


def completed(body: str) -> str:
    """The 14 characters with their two check characters."""
    # Two unknowns a, b at the end with S(2) = S(4) = 0; S evaluates the whole code as a polynomial.
    values = [_VALUE[letter] for letter in body]
    first, second = (_at(root, [*values, 0, 0]) for root in (2, 4))
    a = _times(first ^ second, _inverse(2 ^ 4))
    b = first ^ _times(2, a)
    return body + ALPHABET[a] + ALPHABET[b]


def check(text: str) -> str:
    """The code in its one printed spelling, or Invalid("code-mistyped") without any look-up.

    Forgiven: lower case, spaces, hyphens of any kind, I and L for 1, O for 0, full-width letters, the whole address.
    """
    spelled = unicodedata.normalize("NFKC", text[:200]).strip().rstrip("/").rpartition("/")[2]
    letters = re.sub(r"[\s\-_.·\u2010-\u2015\u2212\u00ad\u200b]", "", spelled).upper()
    values = [_VALUE.get(letter, -1) for letter in letters]
    if len(values) != LENGTH or -1 in values or _at(2, values) or _at(4, values):
        raise Invalid("code-mistyped")
    return "".join(ALPHABET[value] for value in values)


def grouped(code: str) -> str:
    """As printed and read aloud: 7K3M-9QXT-2W4H-VN8C."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _at(point: int, values: list[int]) -> int:
    total = 0
    for value in values:
        total = _times(total, point) ^ value
    return total


def _times(left: int, right: int) -> int:
    return _POWER[(_LOG[left] + _LOG[right]) % 31] if left and right else 0


def _inverse(value: int) -> int:
    return _POWER[-_LOG[value] % 31]
