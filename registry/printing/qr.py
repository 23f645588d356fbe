"""The printed symbol: QR version 3, correction Q, alphanumeric, 4 light modules all round (seals.md 1). Pure.

`HTTPS://<SHORT DOMAIN>/S/<16 characters>` in upper case fits version 3 (29 x 29) up to 31 characters before the code;
lower case would cost a version, and so the reach of a phone. No signature in it: nothing printed depends on a key.
The same address gives the same bytes for ever, so that a sticker printed again is the sticker.
"""

import io
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.util import MODE_ALPHA_NUM, QRData, mask_func

from registry.core.errors import Invalid

VERSION, SIDE, QUIET = 3, 29, 4
CODEWORDS = 71
"""Bytes that fill version 3, rounded up: its last seven modules carry nothing, and are masked all the same."""
Modules = tuple[tuple[bool, ...], ...]


def address(base: str, code: str) -> str:
    """What the symbol says. `base` is Config.seal_base: "HTTPS://SELLO.EXAMPLE.CR/S/"."""
    return f"{base.upper()}{code}"


@lru_cache(maxsize=2048)
def modules(text: str) -> Modules:
    """Rows of dark (True) and light modules, without the quiet zone. Raises Invalid when the address is too long."""
    symbol = qrcode.QRCode(VERSION, ERROR_CORRECT_Q, border=0)
    try:
        symbol.add_data(QRData(text.encode(), MODE_ALPHA_NUM, check_data=True))
        symbol.makeImpl(test=True, mask_pattern=0)
        symbol.mask_pattern = best_mask(symbol.modules)
        symbol.make(fit=False)
    except (qrcode.exceptions.DataOverflowError, ValueError) as error:
        raise Invalid("seal-address-too-long", address=text) from error
    return tuple(tuple(bool(module) for module in row) for row in symbol.modules)


def best_mask(drawn: Sequence[Sequence[bool]]) -> int:
    """The number of the mask that costs least by ISO/IEC 18004, 7.8.3; the first of equals. `drawn` carries mask 0 and
    no format information, as qrcode weighs masks. It takes 5 ms to find the same one module by module: a tenth of that
    on whole rows as numbers and as text.
    """
    rows = [_number(row) for row in drawn]
    first = _masks()[0]
    plain = [row ^ mask for row, mask in zip(rows, first, strict=True)]
    costs = [_cost([row ^ own for row, own in zip(plain, mask, strict=True)]) for mask in _masks()]
    return costs.index(min(costs))


def _cost(rows: list[int]) -> int:
    lines = [format(row, f"0{SIDE}b") for row in rows]
    text = " ".join([*lines, *("".join(column) for column in zip(*lines, strict=True))])
    runs = sum(len(run) - 2 for run in _RUNS.findall(text))
    blocks = 0
    for above, below in pairwise(rows):
        for dark in (above & below, (above ^ _ALL) & (below ^ _ALL)):
            blocks += (dark & dark >> 1).bit_count()
    finders = len(_FINDERS.findall(text))
    share = 100 * sum(row.bit_count() for row in rows) / SIDE**2
    return runs + 3 * blocks + 40 * finders + 10 * int(abs(share - 50) / 5)


_ALL = (1 << SIDE) - 1
_RUNS, _FINDERS = re.compile("0{5,}|1{5,}"), re.compile("(?=10111010000|00001011101)")


@cache
def _masks() -> list[list[int]]:
    """What each of the eight masks turns over: of the modules that carry data, and of no other."""
    free = _carries_data()
    return [
        [_number([free[y][x] and mask_func(number)(y, x) for x in range(SIDE)]) for y in range(SIDE)]
        for number in range(8)
    ]


def _carries_data() -> list[list[bool]]:
    """Two symbols that differ in every bit of data and in nothing else show where data stand."""
    symbol = qrcode.QRCode(VERSION, ERROR_CORRECT_Q, border=0)
    bits = []
    for filling in (0, 255):
        symbol.data_cache = [filling] * CODEWORDS
        symbol.makeImpl(test=True, mask_pattern=0)
        bits.append(symbol.modules)
    one, other = bits
    return [[bool(a) != bool(b) for a, b in zip(*rows, strict=True)] for rows in zip(one, other, strict=True)]


def _number(row: Sequence[bool]) -> int:
    return int("".join("1" if dark else "0" for dark in row), 2)


def outline(rows: Modules) -> str:
    """An SVG path of one-module units. Drawn as outlines, not as squares, so that no seams appear in print."""
    turns = _edges(rows)
    path = []
    while turns:
        start = next(iter(turns))
        point, step, run = start, (0, 0), 0
        path.append(f"M{start[0]} {start[1]}")
        while True:
            steps = turns[point]
            # At a corner that two shapes share, any way round gives the same picture under the even-odd rule.
            went = steps.pop()
            if not steps:
                del turns[point]
            if went != step and run:
                path.append(_stroke(step, run))
                run = 0
            step, run = went, run + 1
            point = (point[0] + went[0], point[1] + went[1])
            if point == start:
                break
        path.append("z")
    return "".join(path)


def svg(text: str, label: str) -> str:
    """The symbol alone with its quiet zone, one path; scales to any size."""
    size = SIDE + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-QUIET} {-QUIET} {size} {size}" role="img"'
        f' aria-label="{label}"><path fill="#fff" d="M{-QUIET} {-QUIET}h{size}v{size}h-{size}z"/>'
        f'<path fill="#000" fill-rule="evenodd" d="{outline(modules(text))}"/></svg>'
    )


def image(text: str, scale: int) -> Image.Image:
    """The symbol with its quiet zone, one bit a pixel, `scale` pixels a module."""
    size = SIDE + 2 * QUIET
    light = b"\xff"
    edge, margin = light * size * QUIET, light * QUIET
    rows = (margin + b"".join(b"\0" if dark else light for dark in row) + margin for row in modules(text))
    small = Image.frombytes("L", (size, size), edge + b"".join(rows) + edge).convert("1", dither=Image.Dither.NONE)
    return small.resize((size * scale, size * scale), Image.Resampling.NEAREST)


def png(text: str, scale: int = 8) -> bytes:
    """The symbol alone as a PNG."""
    out = io.BytesIO()
    image(text, scale).save(out, "PNG", optimize=False)
    return out.getvalue()


def _edges(rows: Modules) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Every side between dark and light, as a step that keeps the dark on its right."""
    turns: dict[tuple[int, int], list[tuple[int, int]]] = {}
    size = len(rows)

    def dark(x: int, y: int) -> bool:
        return 0 <= x < size and 0 <= y < size and rows[y][x]

    for y, row in enumerate(rows):
        for x, filled in enumerate(row):
            if filled:
                if not dark(x, y - 1):
                    turns.setdefault((x, y), []).append((1, 0))
                if not dark(x + 1, y):
                    turns.setdefault((x + 1, y), []).append((0, 1))
                if not dark(x, y + 1):
                    turns.setdefault((x + 1, y + 1), []).append((-1, 0))
                if not dark(x - 1, y):
                    turns.setdefault((x, y + 1), []).append((0, -1))
    return turns


def _stroke(step: tuple[int, int], run: int) -> str:
    return f"h{step[0] * run}" if step[0] else f"v{step[1] * run}"
