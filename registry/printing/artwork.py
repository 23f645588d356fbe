"""The sticker's layout (look.md, "The seal itself"): painted as SVG and PNG by picture.py, as PDF by sheet.py. Pure.

From the top: year band with mark and scheme, slogan in the local language and in English, the symbol on pure white,
plate or name beside the grouped code, and the line that matters most at the foot: check it, always.
The layout is a list of shapes and words in millimetres. Words stay words, in every format, so that they can be read
aloud, searched and compared; widths come from the face we ship, and SVG keeps them whatever face a machine has.
Everything printed comes in as arguments: this file knows no language and decides nothing.
"""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec
from PIL import ImageFont

from registry.printing import qr
from registry.seals.code import grouped

FONTS = Path(__file__).parent / "fonts"
INK, WHITE = "#14212b", "#ffffff"
BANDS = (("#1b4f9c", WHITE), ("#ffc52e", INK), ("#6a2c84", WHITE), ("#ee8434", INK), ("#14212b", WHITE))
FIRST_YEAR = 2026  # blue; then yellow, purple, orange, black. Never green or red: a year is no verdict.
FACES = {"sans": "NotoSans-Regular", "bold": "NotoSans-Bold", "mono": "DejaVuSansMono-Bold"}
Shape = Literal["window", "reception", "dashboard", "inside"]
Face = Literal["sans", "bold", "mono"]


class Sticker(msgspec.Struct, frozen=True):
    """What is printed. `mark` is the plate, or the establishment's name."""

    code: str
    address: str  # what the symbol says
    mark: str
    serial: int
    year: int
    registry: str  # "Resguardo"
    scheme: str  # "Código de conducta · adhesivo n.º 004127"
    slogan: str
    slogan_en: str  # empty where `slogan` is English
    check: str  # "Compruebe siempre: SELLO.EXAMPLE.CR"
    valid_only: str  # "Válido solo si el código lo confirma"
    title: str  # for those who hear it: "Sello de Resguardo: TSJ 4417, código …"
    telephone: str = ""  # for those without internet: "Tel. y SMS: +506 2555 0147"


class Box(msgspec.Struct, frozen=True, tag="box"):
    x: float
    y: float
    width: float
    height: float
    fill: str
    stroke: str = ""
    line: float = 0.0
    radius: float = 0.0


class Dot(msgspec.Struct, frozen=True, tag="dot"):
    x: float
    y: float
    radius: float
    colour: str
    filled: bool


class Line(msgspec.Struct, frozen=True, tag="text"):
    x: float  # left end of the words
    y: float  # base line
    size: float
    text: str
    colour: str
    face: Face
    width: float
    lang: str = ""


class Symbol(msgspec.Struct, frozen=True, tag="symbol"):
    x: float  # first dark module, after the quiet zone
    y: float
    module: float
    text: str


class Mark(msgspec.Struct, frozen=True, tag="lantern"):
    x: float
    y: float
    scale: float  # of a 24-unit square
    colour: str


Item = Box | Dot | Line | Symbol | Mark


class Drawing(msgspec.Struct, frozen=True):
    """`width` × `height` are printed millimetres; items are in units of `scale` millimetres."""

    width: float
    height: float
    scale: float
    radius: float
    items: tuple[Item, ...]


class Plan(msgspec.Struct, frozen=True):
    """Measures of one shape, in its own units (mock/seal): the window's 130 wide, the inside one's 60.

    Upright shapes have everything under one another; the dashboard's lies, with the words beside the symbol.
    """

    width: float
    height: float
    scale: float
    radius: float
    band: float
    edge: float
    lantern: tuple[float, float, float]
    title: tuple[float, float, float]  # x, base line, size
    scheme: tuple[float, float, float]
    year: tuple[float, float]
    dots: tuple[float, float, float]  # base line, radius, pitch
    slogan: tuple[float, float, int]  # top, largest size, most lines
    english: tuple[float, int]
    module: float
    symbol: float  # top of the first module
    plate: tuple[float, float, float]  # top, height, largest size
    code: tuple[float, float]  # base line, size
    foot: float
    check: tuple[float, float]
    only: tuple[float, float]
    column: tuple[float, float] | None = None  # left and right of the words beside the symbol
    words_end: float = 0.0  # where the slogans must end, when it is not above the symbol

    @property
    def quiet(self) -> float:
        """The light border that a symbol needs, and its left side when the shape lies."""
        return qr.QUIET * self.module

    @property
    def left(self) -> float:
        return self.column[0] if self.column else self.edge

    @property
    def right(self) -> float:
        return self.column[1] if self.column else self.width - self.edge

    @property
    def symbol_left(self) -> float:
        return self.quiet + 0.4 if self.column else (self.width - qr.SIDE * self.module) / 2


WINDOW = Plan(
    130, 189.66, 146 / 130, 3.6, 16.6, 7, (5.8, 1.6, 0.562), (21.5, 9.4, 8.2), (21.7, 14, 3.1), (8.8, 5),
    (12.9, 1.15, 3.565), (17.6, 4.8, 2), (3.9, 2), 3.4, 53.1, (165.9, 9.3, 8.2), (172.6, 5.3), 177,
    (183.2, 5.75), (187.9, 3.9),
)  # fmt: skip
PLANS: dict[Shape, Plan] = {
    "window": WINDOW,  # 146 × 213 mm, a symbol of 110: read at 2 m through glass
    "reception": msgspec.structs.replace(WINDOW, scale=80.5 / (qr.SIDE * 3.4)),  # 106 × 155 mm, symbol 80: 1.5 m
    "dashboard": Plan(  # 148 × 105 mm (A6 lying), symbol 60: read from the seat beside the driver
        148, 105, 1, 3, 14, 6, (4.6, 1.2, 0.48), (18.2, 7.8, 6.8), (18.4, 11.8, 2.7), (7.6, 4.2),
        (11, 0.95, 2.95), (17.5, 4.7, 6), (3.3, 6), 2.07, 22.6, (66, 11, 9.4), (86.2, 5.2), 91.2,
        (97.3, 5.4), (102.4, 3.5), (78.5, 143), 63.5,
    ),
    "inside": Plan(
        60, 90, 70 / 60, 2.5, 8.4, 3.2, (2.5, 0.8, 0.283), (10.2, 4.9, 4.1), (10.3, 7.2, 1.65), (4.5, 2.5),
        (6.6, 0.58, 1.798), (9.0, 2.85, 3), (1.95, 2), 1.4, 30.2, (76.7, 5, 4.1), (80.3, 2.55), 83.4,
        (86.5, 2.62), (88.9, 1.9),
    ),
}  # fmt: skip


def draw(sticker: Sticker, shape: Shape) -> Drawing:
    """Where everything stands. Long words shrink, then wrap; nothing is cut short."""
    plan = PLANS[shape]
    fill, on = BANDS[(sticker.year - FIRST_YEAR) % len(BANDS)]
    side = (qr.SIDE + 2 * qr.QUIET) * plan.module
    left, quiet = plan.symbol_left, plan.quiet
    items: list[Item] = [
        Box(-3, -3, plan.width + 6, plan.band + 3, fill),
        Box(left - quiet, plan.symbol - quiet, side, side, WHITE),
        Symbol(left, plan.symbol, plan.module, sticker.address),
        Mark(*plan.lantern, on),
        _line(*plan.title, sticker.registry, on, "bold"),
        _ended(plan.width - plan.edge, *plan.year, str(sticker.year), on, "bold"),
        _fitted(*plan.scheme, sticker.scheme, on, "sans", plan.width - plan.edge - 6 * plan.dots[2] - plan.scheme[0]),
        *_years(plan, sticker.year, on),
        *_slogans(plan, sticker),
        *_identity(plan, sticker),
        Box(-3, plan.foot, plan.width + 6, plan.height - plan.foot + 3, INK),
        _fitted(plan.edge, *plan.check, sticker.check, WHITE, "bold", plan.width - 2 * plan.edge),
        *_last(plan, sticker),
    ]
    return Drawing(plan.width, plan.height, plan.scale, plan.radius, tuple(items))


def _years(plan: Plan, year: int, on: str) -> Iterable[Dot]:
    """Five dots, the year's filled: readable where colours are not."""
    base, radius, pitch = plan.dots
    first = plan.width - plan.edge - radius - 4 * pitch
    for place in range(5):
        yield Dot(first + place * pitch, base, radius, on, place == (year - FIRST_YEAR) % 5)


def _slogans(plan: Plan, sticker: Sticker) -> Iterable[Line]:
    """The local language larger and bold, English under it; both shrink together until they end in their room."""
    room = (plan.words_end or plan.symbol - plan.quiet) - plan.slogan[0]
    width, (_, size, most), (small, few) = plan.right - plan.left, plan.slogan, plan.english
    if not sticker.slogan_en:  # alone, it takes the room of both
        size, most = size * 1.2, most + few
    while True:
        first = wrapped(sticker.slogan, "bold", size, width)
        second = wrapped(sticker.slogan_en, "sans", small, width) if sticker.slogan_en else []
        height = 1.21 * (len(first) * size + len(second) * small) + 0.25 * small
        if (height <= room and len(first) <= most and len(second) <= few) or size < 1:
            break
        size, small = size * 0.97, small * 0.97
    y = plan.slogan[0] + max(0.0, (room - height) / 2) + 0.98 * size
    for text in first:
        yield _line(plan.left, y, size, text, INK, "bold")
        y += 1.21 * size
    y += 1.21 * (small - size) + 0.12 * size
    for text in second:
        yield _line(plan.left, y, small, text, INK, "sans", "en")
        y += 1.21 * small


def _identity(plan: Plan, sticker: Sticker) -> Iterable[Item]:
    """Plate or name in a box, the grouped code beside it, or under it where the words stand beside the symbol. A long
    name takes up to three smaller lines."""
    code = _ended(plan.right, *plan.code, grouped(sticker.code), INK, "mono")
    top, height, size = plan.plate
    pad = 0.0225 * plan.width
    room = plan.right - plan.left - 2.5 * pad
    if plan.column is None:
        room = code.x - plan.left - 3.5 * pad
    else:
        code = msgspec.structs.replace(code, x=plan.left)
    lines = [sticker.mark]
    while max(measured(text, "bold", size) for text in lines) > room or 1.14 * size * len(lines) > 0.94 * height + (
        0.2 * size if len(lines) == 1 else 0
    ):
        size *= 0.97
        lines = wrapped(sticker.mark, "bold", size, room)
    width = max(measured(text, "bold", size) for text in lines) + 2 * pad
    yield Box(plan.left + 0.3, top, width, height, WHITE, INK, 0.0062 * plan.width, 0.011 * plan.width)
    step = 1.14 * size
    y = top + height / 2 + 0.36 * size - step * (len(lines) - 1) / 2
    for text in lines:
        x = plan.left + 0.3 + (width - measured(text, "bold", size)) / 2
        yield _line(x, y, size, text, INK, "bold")
        y += step
    yield code


def _last(plan: Plan, sticker: Sticker) -> Iterable[Line]:
    """What the code is worth, and at the other end of the line whom to ask without internet. Where both do not fit
    they shrink alike."""
    base, size = plan.only
    room = plan.width - 2 * plan.edge
    if not sticker.telephone:
        yield _fitted(plan.edge, base, size, sticker.valid_only, WHITE, "sans", room)
        return
    wide = measured(sticker.valid_only, "sans", size) + size + measured(sticker.telephone, "bold", size)
    size *= min(1.0, room / wide)
    yield _line(plan.edge, base, size, sticker.valid_only, WHITE, "sans")
    yield _ended(plan.width - plan.edge, base, size, sticker.telephone, WHITE, "bold")


def _line(x: float, y: float, size: float, text: str, colour: str, face: Face, lang: str = "") -> Line:
    return Line(x, y, size, text, colour, face, measured(text, face, size), lang)


def _ended(right: float, y: float, size: float, text: str, colour: str, face: Face) -> Line:
    return _line(right - measured(text, face, size), y, size, text, colour, face)


def _fitted(x: float, y: float, size: float, text: str, colour: str, face: Face, room: float) -> Line:
    return _line(x, y, size * min(1.0, room / max(measured(text, face, size), 0.01)), text, colour, face)


def wrapped(text: str, face: Face, size: float, width: float, at_most: int = 99) -> list[str]:
    """Lines no wider than `width`; the last one takes the rest, and a word longer than a line stands alone."""
    lines: list[str] = []
    for word in text.split():
        if lines and (measured(f"{lines[-1]} {word}", face, size) <= width or len(lines) == at_most):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def measured(text: str, face: Face, size: float) -> float:
    """Width without kerning, in the units of `size`."""
    advances, missing = _advances(face)
    return sum(advances.get(letter, missing) for letter in text) * size / 1000


@lru_cache
def _advances(face: Face) -> tuple[dict[str, float], float]:
    font = ImageFont.truetype(FONTS / f"{FACES[face]}.ttf", 1000, layout_engine=ImageFont.Layout.BASIC)
    letters = [*map(chr, range(0x20, 0x180)), *"–—‘’“”„•…‹›€₡№™º"]
    return {letter: font.getlength(letter) for letter in letters}, font.getlength("m")
