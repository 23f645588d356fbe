"""The certificate for a wall (look.md, mock/seal): what was checked and when, in the holder's language and English.

Pure but for the CPU it takes. It is paper: it repeats the seal's facts of the day it was printed and sends the reader
to the code for today's. No date on it is larger than the line that says so.
"""

import asyncio
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import msgspec
import typst

from registry.printing import artwork, picture, qr
from registry.printing.artwork import BANDS, FIRST_YEAR

TEMPLATE = Path(__file__).parent / "certificate.typ"
Paper = Literal["a4", "letter"]
Pair = tuple[str, ...]
"""Words in the holder's language, and in English where that is another one."""
TICK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#146c43" fill-rule="evenodd" d="M12 1a11'
    ' 11 0 1 1 0 22 11 11 0 0 1 0-22zM5.68 13.42l4.78 4.78 8.02-9.14-1.96-1.72-6.18 7.06-2.82-2.82z"/></svg>'
)
_SIZES = ((24, 34.0), (44, 26.0), (80, 19.0), (10_000, 14.0))  # letters in a name -> points
_ONE_AT_A_TIME = threading.Lock()


class Fact(msgspec.Struct, frozen=True):
    """Something that was checked, and its day."""

    words: Pair
    day: str


class Certificate(msgspec.Struct, frozen=True):
    """What is printed. `mark` is the plate, or the establishment's name."""

    lang: str
    code: str  # grouped
    address: str  # what the symbol says
    title: str
    registry: str
    scheme: str
    year: int
    kind: Pair  # "Certificado", or "Reconocimiento" where the scheme calls it so
    mark: str
    place: tuple[str, ...]
    slogan: Pair
    checked: Pair
    facts: tuple[Fact, ...]
    met: Pair
    criteria: tuple[Pair, ...]
    scan: Pair
    no_guarantee: tuple[tuple[str, str], ...]
    number: str
    check: str
    valid_only: Pair
    telephone: str


async def pdf(certificates: list[Certificate], paper: Paper) -> bytes:
    """One page each. Compiles in a thread."""
    return await asyncio.to_thread(compiled, certificates, paper)


def compiled(certificates: list[Certificate], paper: Paper) -> bytes:
    first = certificates[0]
    job = {
        "lang": first.lang,
        "title": first.title,
        "paper": paper,
        "dot": (first.year - FIRST_YEAR) % len(BANDS),
        "seals": [_seal(certificate) for certificate in certificates],
    }
    with _ONE_AT_A_TIME:
        document = _compiler().compile(sys_inputs={"job": msgspec.json.encode(job).decode()})
    if not isinstance(document, bytes):
        raise TypeError("one PDF was expected")
    return document


def _seal(certificate: Certificate) -> dict[str, Any]:
    fill, on = BANDS[(certificate.year - FIRST_YEAR) % len(BANDS)]
    size = next(points for letters, points in _SIZES if len(certificate.mark) <= letters)
    drawn = {"svg": qr.svg(certificate.address, "QR"), "lantern": picture.lantern(on), "tick": TICK}
    return {**msgspec.to_builtins(certificate), **drawn, "band": fill, "on": on, "size": size}


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[artwork.FONTS])
    return typst.Compiler(str(TEMPLATE), font_paths=fonts)
