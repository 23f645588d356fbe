"""zxing-cpp and zbar look at our printed stickers as a telephone would: from far, from the side, blurred, blotted.

The numbers are those of seals.md 1.2: a symbol so many camera pixels wide (29 modules, without its quiet zone), turned
about the upright (yaw) and in its plane (roll), a soft lens, sensor noise, JPEG. Drawn four times as fine and averaged,
so that a pixel sees what a pixel sees. zbar falls off a cliff at 78 px: all of our frames at 78 in the picture (83
from the front, at 20°), 60 % at 78 from the front; zxing reads both.
"""

import ctypes
import io
import math
import random
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib.metadata import version

import msgspec
import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from registry.printing import artwork, picture, qr
from registry.printing.artwork import Sticker
from tests.interop.report import Line, NotRun, Told

FRAMES = 50
FINE = 4
FAR = 12.0
"""How far the eye is, in widths of the symbol: 1.3 m before one of 110 mm."""
NOISE = 6
SAMPLE = 512


class View(msgspec.Struct, frozen=True):
    """`width`: camera pixels of the symbol, were it seen from the front. `blur`: of all that softens, a pixel's own
    share counted, in pixels. `blot`: the part of its area that is gone."""

    checked: str
    width: int
    yaw: float = 20
    blur: float = 1
    blot: float = 0
    least: tuple[float, float] = (0.95, 0.95)
    """The part of all frames that zxing and zbar must read. Codes are new in each run: no frame is the one before."""


VIEWS = (
    View("78 px wide in the picture, yaw 20°, blur 1", 83),
    View("160 px wide from the front, yaw 60°", 160, yaw=60),
    # A tenth is about what correction Q can mend: where it falls badly, more code words are lost than it restores.
    # Over many runs zxing reads 97.5 to 99.5 %, zbar 84 to 89.
    View("160 px wide, a tenth blotted out, no finder touched", 160, blot=0.1, least=(0.95, 0.8)),
)

Decoder = Callable[[Image.Image], list[str]]


def by_zxing(frame: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(frame)]


def zbar() -> Decoder | str:
    """The decoder, or why there is none: pyzbar is a wheel, its library comes from the system."""
    try:
        from pyzbar import pyzbar
    except ImportError as error:
        return f"no zbar library here (Debian's libzbar0): {error}"
    symbols = [pyzbar.ZBarSymbol.QRCODE]
    return lambda frame: [found.data.decode() for found in pyzbar.decode(frame, symbols)]


def zbar_version() -> str:
    """Of the library that decodes, and of the wheel around it."""
    from pyzbar.zbar_library import load

    parts = [ctypes.c_uint() for _ in range(3)]
    load()[0].zbar_version(*map(ctypes.byref, parts))
    return f"{'.'.join(str(part.value) for part in parts)}, pyzbar {version('pyzbar')}"


def look(stickers: Sequence[Sticker], count: int = FRAMES) -> Iterator[Told]:
    """A line for each view and decoder, over every shape of sticker we print."""
    other = zbar()
    shapes: list[artwork.Shape] = list(artwork.PLANS)
    for view in VIEWS:
        checked = f"{len(shapes)} kinds of sticker, {view.checked}"
        pictures = {shape: list(frames(stickers, shape, view, count)) for shape in shapes}
        yield _read("zxing-cpp", version("zxing-cpp"), by_zxing, checked, view.least[0], pictures)
        if isinstance(other, str):
            yield NotRun("zbar", "", checked, other)
        else:
            yield _read("zbar", zbar_version(), other, checked, view.least[1], pictures)


Pictures = dict[artwork.Shape, list[tuple[str, Image.Image]]]


def _read(name: str, number: str, decode: Decoder, checked: str, least: float, pictures: Pictures) -> Line:
    missed = {shape: sum(address not in decode(frame) for address, frame in some) for shape, some in pictures.items()}
    count = sum(map(len, pictures.values()))
    share = (count - sum(missed.values())) / count
    failures = [f"of each {count // len(missed)} frames not read: {missed}"] if share < least else []
    words = f"{checked}: {100 * share:.1f} % read, {100 * least:.0f} wanted"
    return Line(name, number, words, count, failures, len(failures))


def frames(
    stickers: Sequence[Sticker], shape: artwork.Shape, view: View, count: int
) -> Iterator[tuple[str, Image.Image]]:
    chance = random.Random(f"{shape} {view}")
    noise = _noise(chance)
    for number in range(count):
        sticker = stickers[number % len(stickers)]
        yield sticker.address, frame(sticker, shape, view, chance, noise)


def frame(sticker: Sticker, shape: artwork.Shape, view: View, chance: random.Random, noise: Image.Image) -> Image.Image:
    """What the sensor sees: the symbol in the middle, with the rest of the sticker around it."""
    drawing = artwork.draw(sticker, shape)
    [symbol] = [item for item in drawing.items if isinstance(item, artwork.Symbol)]
    side = qr.SIDE * symbol.module
    dots = view.width * FINE / side
    print_ = _print(sticker, shape, dots).copy()
    real = print_.width / drawing.width  # dots a unit, after the picture's own rounding
    centre = ((symbol.x + side / 2) * real, (symbol.y + side / 2) * real)
    if view.blot:
        _blot(print_, symbol, real, view.blot, chance)
    size = round(view.width * 1.9)
    turned = print_.transform(
        (size * FINE, size * FINE),
        Image.Transform.PERSPECTIVE,
        _seen(size * FINE, centre, side * real, view.width * FINE, math.radians(view.yaw), chance),
        Image.Resampling.BICUBIC,
        fillcolor=128,
    )
    seen = turned.resize((size, size), Image.Resampling.BOX).filter(
        ImageFilter.GaussianBlur(math.sqrt(view.blur**2 - 1 / 12))
    )
    at = (chance.randrange(SAMPLE - size), chance.randrange(SAMPLE - size))
    seen = ImageChops.add(seen, noise.crop((*at, at[0] + size, at[1] + size)), 1, -128)
    out = io.BytesIO()
    seen.save(out, "JPEG", quality=80)
    return Image.open(out).convert("L")


@lru_cache(64)
def _print(sticker: Sticker, shape: artwork.Shape, dots: float) -> Image.Image:
    return Image.open(io.BytesIO(picture.png(sticker, shape, dots))).convert("L")


def _seen(
    size: int, centre: tuple[float, float], side: float, width: float, yaw: float, chance: random.Random
) -> list[float]:
    """Eight numbers for Pillow: for a point of the frame, where it is on the print.

    The print is a plane turned by `yaw` about the upright and by a few degrees in itself, `FAR` widths away.
    """
    yaw *= chance.choice((-1, 1))
    roll = math.radians(chance.uniform(-12, 12))
    focal, scale = FAR * width, width / side
    turn, tilt = (math.cos(roll), math.sin(roll)), (math.cos(yaw), math.sin(yaw))
    away, middle = FAR * width, size / 2
    # A ray through the frame's (u, v) meets the plane at X = away·u / W, Y = away·cos·v / W, W = focal·cos − sin·u.
    rows = {
        "x": (away, 0.0, -away * middle),
        "y": (0.0, away * tilt[0], -away * tilt[0] * middle),
        "w": (-tilt[1], 0.0, focal * tilt[0] + tilt[1] * middle),
    }
    back = 1 / scale
    x = [back * (turn[0] * a + turn[1] * b) + centre[0] * c for a, b, c in zip(*rows.values(), strict=True)]
    y = [back * (-turn[1] * a + turn[0] * b) + centre[1] * c for a, b, c in zip(*rows.values(), strict=True)]
    last = rows["w"][2]
    return [*(value / last for value in (*x, *y)), rows["w"][0] / last, rows["w"][1] / last]


def _blot(print_: Image.Image, symbol: artwork.Symbol, dots: float, share: float, chance: random.Random) -> None:
    """Mud, a leaf, a thumb: a dark round thing over part of the symbol, clear of the three finders."""
    radius = math.sqrt(share * qr.SIDE**2 / math.pi)  # in modules
    while True:
        x, y = (chance.uniform(radius, qr.SIDE - radius) for _ in "xy")
        if all(_away(x, y, corner) >= radius for corner in ((0, 0), (qr.SIDE - 8, 0), (0, qr.SIDE - 8))):
            break
    step = symbol.module * dots
    left, top = symbol.x * dots + (x - radius) * step, symbol.y * dots + (y - radius) * step
    ImageDraw.Draw(print_).ellipse((left, top, left + 2 * radius * step, top + 2 * radius * step), fill=40)


def _away(x: float, y: float, corner: tuple[int, int]) -> float:
    """From a point to the 8 × 8 modules of a finder and its separator."""
    return math.hypot(
        *(max(start - value, 0.0, value - start - 8) for value, start in zip((x, y), corner, strict=True))
    )


def _noise(chance: random.Random) -> Image.Image:
    values = bytes(min(255, max(0, round(chance.gauss(128, NOISE)))) for _ in range(SAMPLE * SAMPLE))
    return Image.frombytes("L", (SAMPLE, SAMPLE), values)
