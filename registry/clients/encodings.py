"""Which alphabet a text file is written in, with reasons, or a question to the person.

Marks at the start decide; then strict UTF-8, which text in another encoding practically never satisfies; then the
bytes above 127 are read as CP1252 (Windows), CP850 (DOS) and Mac Roman, and the reading that gives the letters of
Spanish, Portuguese, French and English wins if it wins clearly. charset-normalizer was tried and refused: on short
lists of Costa Rican names it chose cp1250 or big5 as often as cp1252, and it gives no reason one can show.
"""

import codecs
from collections.abc import Callable
from typing import IO

from registry.core.errors import Invalid

CHOICES = ("utf-8", "cp1252", "latin-1", "cp850", "mac_roman", "utf-16")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LETTERS = frozenset("áéíóúüñçãõâêôàèìòùëïîûäöÁÉÍÓÚÜÑÇÃÕÂÊÔÀÈÉœŒ")
_SIGNS = frozenset("¿¡ºª°«»–—’‘“”…€·´®©²³ ")
_CLEAR = 0.85, 0.25  # share of likely letters the winner needs, and its lead over the next


def of(open_: Callable[[], IO[bytes]]) -> str:
    """Name of a codec. Raises Invalid("file-encoding") with samples to choose from when the bytes do not decide."""
    with open_() as file:
        head = file.read(1 << 16)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head:
        return _wide(head)
    if _is_utf8(open_):
        return "utf-8"
    sample = _high_lines(open_)
    scores = sorted(((_score(sample, name), name) for name in ("cp1252", "cp850", "mac_roman")), reverse=True)
    (best, name), (second, _) = scores[0], scores[1]
    if best >= _CLEAR[0] and best - second >= _CLEAR[1]:
        return name if name != "cp1252" or _fits(sample, "cp1252") else "latin-1"
    raise Invalid("file-encoding", samples=samples(sample))


def samples(data: bytes) -> dict[str, str]:
    """One line with accents in it, as each choice would read it."""
    line = next((line for line in data.splitlines() if any(byte > 127 for byte in line)), data[:80])[:120]
    return {name: line.decode(name, errors="replace") for name in ("cp1252", "cp850", "mac_roman", "utf-8")}


def _wide(head: bytes) -> str:
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    if odd > 0.3 * len(head[1:2000:2]) and even < odd / 4:
        return "utf-16-le"
    if even > 0.3 * len(head[0:2000:2]) and odd < even / 4:
        return "utf-16-be"
    raise Invalid("file-kind")


def _is_utf8(open_: Callable[[], IO[bytes]]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open_() as file:
        try:
            while chunk := file.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _high_lines(open_: Callable[[], IO[bytes]]) -> bytes:
    found, size = [], 0
    with open_() as file:
        for line in file:
            if not line.isascii():
                found.append(line[:2000])
                size += len(line[:2000])
                if size > 1 << 16:
                    break
    return b"\n".join(found)


def _fits(sample: bytes, name: str) -> bool:
    try:
        sample.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _score(sample: bytes, name: str) -> float:
    text = sample.decode(name, errors="replace")
    weights = [
        (1.0 if _among_letters(text, place, char) else 0.5) if char in _LETTERS else 0.6 if char in _SIGNS else 0.0
        for place, char in enumerate(text)
        if ord(char) > 127
    ]
    return sum(weights) / len(weights) if weights else 0.0


def _among_letters(text: str, place: int, char: str) -> bool:
    """A small letter after a small letter, a capital beside capitals or at a word's start: as people write."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if char.islower():
        return before.isalpha() or (after.isalpha() and not after.isupper())
    return not before.islower()
