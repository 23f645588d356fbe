"""A stranger's words as they are sealed, whoever typed them: on the public form or for a caller. Pure."""

import re

from stdnum.iso7064 import mod_11_10

NARRATIVE = 12_000
_LONG_NUMBER = re.compile(r"\d(?:[ .\-]?\d){19,}")


def clean(text: str, longest: int) -> str:
    """A stranger's text as it is sealed: line ends made one kind, control signs gone, length bounded."""
    kept = "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or c.isprintable() or c == "\u200d")
    return kept.strip()[:longest]


def line(text: str, longest: int = 500) -> str:
    """The same on one line."""
    return clean(text, longest).replace("\n", " ")


def country(text: str) -> str:
    """The country somebody says to live in, ISO 3166-1, or nothing when it is not written so."""
    code = text.strip().upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def holds_code(text: str) -> bool:
    """Whether somebody pasted a reference code into a text that others will read."""
    for run in _LONG_NUMBER.findall(text):
        digits = "".join(c for c in run if c.isdigit())
        if any(mod_11_10.is_valid(digits[i : i + 20]) for i in range(len(digits) - 19)):
            return True
    return False
