"""Draws a page's shape once with Jinja and afterwards only fills in the words of one seal: 0.1 ms, not 1.

The template is rendered with a mark in place of each hole; what stands between the marks is kept, also compressed. A
body is then the pieces joined; its gzip form is the pieces' own deflate blocks with the words between them as stored
blocks (RFC 1951, 3.2.4), under one checksum. So the millionth seal costs what the first does, and no page is kept per
seal. `drawn` renders the slow way; a test holds the two equal byte for byte.
"""

import re
import struct
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping

import msgspec
from markupsafe import escape

from public_site.verification.page import Face, Shape
from registry.core import i18n
from registry.core.pages import emergency_lines, foot_line, render

TEMPLATE = "verification/verdict.html"
_OPEN, _SHUT = "\ue000", "\ue001"  # private use: no catalogue and no template holds them
_UNSAFE = re.compile("[&<>'\"]")
_MARK = re.compile(f"{_OPEN}([a-z_]+){_SHUT}")
_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"  # no time, so that equal pages have equal bytes
_END = b"\x01\x00\x00\xff\xff"  # an empty last block
_SMALL = 100  # shorter pieces are not worth a block's own tables


class Words(dict[str, str]):
    """Holes by name; one that is not there is empty, so that a template may simply ask."""

    def __missing__(self, name: str) -> str:
        return ""


def drawn(face: Face) -> str:
    """The page, the slow way."""
    return _draw(face.shape, face.holes)


def _draw(shape: Shape, holes: Mapping[str, str]) -> str:
    with emergency_lines(shape.emergency), foot_line(holes.get("copy", "")):
        return render(TEMPLATE, shape=shape, h=Words(holes), refusal=None, done="", rail=[])


class Piece(msgspec.Struct, frozen=True):
    """A stretch of page that never changes, or (hole set) a place to fill."""

    plain: bytes = b""
    packed: bytes = b""
    hole: str = ""


class Pressed(msgspec.Struct, frozen=True):
    """One shape in one language, ready to be filled."""

    pieces: tuple[Piece, ...]

    def plain(self, holes: Mapping[str, str]) -> bytes:
        return b"".join([piece.plain or _word(holes, piece.hole) for piece in self.pieces])

    def gzip(self, holes: Mapping[str, str]) -> bytes:
        parts, loose, checksum, size = [_GZIP], b"", 0, 0
        for piece in self.pieces:
            text = piece.plain or _word(holes, piece.hole)
            checksum, size = zlib.crc32(text, checksum), size + len(text)
            if piece.packed:
                parts += [_stored(loose), piece.packed]
                loose = b""
            else:
                loose += text
        return b"".join([*parts, _stored(loose), _END, struct.pack("<II", checksum, size & 0xFFFFFFFF)])


class Press:
    """Keeps the shapes it has drawn. There are a few for each language, state and kind of place; the bound is for
    safety."""

    def __init__(self, bound: int = 2000, draw: Callable[[Shape, Mapping[str, str]], str] = _draw) -> None:
        self._kept: OrderedDict[tuple[str, bool, Shape], Pressed] = OrderedDict()
        self._bound, self._draw = bound, draw

    def of(self, shape: Shape) -> Pressed:
        """The shape in the language being spoken."""
        key = (i18n.language(), i18n.chosen(), shape)
        if (pressed := self._kept.get(key)) is None:
            pressed = self._kept[key] = self._press(shape)
            if len(self._kept) > self._bound:
                self._kept.popitem(last=False)
        return pressed

    def _press(self, shape: Shape) -> Pressed:
        text = self._draw(shape, {name: f"{_OPEN}{name}{_SHUT}" for name in shape.present})
        pieces = []
        for number, part in enumerate(_MARK.split(text)):
            if number % 2:
                pieces.append(Piece(hole=part))
            elif part:
                plain = part.encode()
                pieces.append(Piece(plain, _deflated(plain) if len(plain) >= _SMALL else b""))
        return Pressed(tuple(pieces))


def _word(holes: Mapping[str, str], name: str) -> bytes:
    text = holes[name]
    # Most words hold nothing to escape, and asking is ten times cheaper than escaping.
    return (escape(text) if type(text) is str and _UNSAFE.search(text) else text).encode()


def _deflated(data: bytes) -> bytes:
    """Blocks that end on a whole byte and look back at nothing before them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)


def _stored(data: bytes) -> bytes:
    blocks = (data[start : start + 0xFFFF] for start in range(0, len(data), 0xFFFF))
    return b"".join(b"\x00" + struct.pack("<HH", len(block), len(block) ^ 0xFFFF) + block for block in blocks)
