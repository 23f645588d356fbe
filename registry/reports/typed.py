"""A stranger's words as they are sealed, whoever typed them: on the public form or for a caller. Pure."""

import re

from stdnum.iso7064 import mod_11_10

from registry.reports.code import DIGITS, digit

NARRATIVE = 12_000
_RUN = re.compile(r"[0-9]+(?:[ \n\t\-._·]{1,3}[0-9]+)*")
_BETWEEN = re.compile(r"([ \n\t\-._·]{1,3})")


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
    """Whether somebody pasted a reference code into a text that others will read: twenty digits that check, in groups
    of any size with the same sign between them. (Telephone numbers in a row are set apart from each other otherwise.)
    """
    return any(_coded(_BETWEEN.split(run)) for run in _RUN.findall("".join(map(digit, text))))


def _coded(parts: list[str]) -> bool:
    groups, between = parts[::2], parts[1::2]
    for first in range(len(groups)):
        digits = ""
        for last in range(first, len(groups)):
            if last > first + 1 and between[last - 1] != between[first]:
                break
            digits += groups[last]
            if len(digits) >= DIGITS:
                break
        if any(mod_11_10.is_valid(digits[at : at + DIGITS]) for at in range(len(digits) - DIGITS + 1)):
            return True
    return False
