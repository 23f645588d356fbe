"""The sticker as SVG, for printers and pages, and as PNG, for letters. Pure.

Words are text in the SVG, and `textLength` keeps each line's width whatever face a machine has. The same sticker gives
the same bytes.
"""

import io
import re
from functools import lru_cache
from html import escape as escape_markup

from PIL import Image, ImageDraw, ImageFont

from registry.printing import qr
from registry.printing.artwork import (
    FACES,
    FONTS,
    WHITE,
    Box,
    Dot,
    Face,
    Item,
    Line,
    Mark,
    Shape,
    Sticker,
    Symbol,
    draw,
)

LANTERN = (
    "M7 3.6C5.8 4 4.6 4.2 3.2 4.3v7c0 5 3.4 8.6 8.8 10.7 5.4-2.1 8.8-5.7 8.8-10.7v-7c-1.4-.1-2.6-.3-3.8-.7",
    "M12.2 4.6c.2 3.4 4.2 4.9 4.2 9a4.4 4.4 0 0 1-8.8 0c0-2 .9-3.3 2-4.2.1 1 .5 1.7 1.2 2.2 1-1.9 1.6-4.4 1.4-7z",
)
_UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FAMILIES = {
    "sans": "font-family=\"'Noto Sans','Liberation Sans',Arial,sans-serif\"",
    "bold": "font-family=\"'Noto Sans','Liberation Sans',Arial,sans-serif\" font-weight=\"700\"",
    "mono": "font-family=\"'DejaVu Sans Mono','Noto Sans Mono','Liberation Mono',monospace\" font-weight=\"700\"",
}


# -- SVG ---------------------------------------------------------------------------------------------------------------


def svg(sticker: Sticker, shape: Shape) -> str:
    """The sticker with rounded corners, at its printed size."""
    drawing = draw(sticker, shape)
    clip = f'<rect width="{_n(drawing.width)}" height="{_n(drawing.height)}" rx="{_n(drawing.radius)}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(drawing.width * drawing.scale)}mm"'
        f' height="{_n(drawing.height * drawing.scale)}mm" viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}"'
        f' role="img" aria-labelledby="t"><title id="t">{escape(sticker.title)}</title>'
        f'<clipPath id="edge">{clip}</clipPath><g clip-path="url(#edge)">'
        f'<rect width="{_n(drawing.width)}" height="{_n(drawing.height)}" fill="#fff"/>'
        f"{''.join(map(_svg_item, drawing.items))}</g></svg>"
    )


def escape(text: str) -> str:
    """Words for an SVG: no markup, and none of the control characters that XML cannot say at all."""
    return escape_markup(_UNSAYABLE.sub("", text))


def lantern(colour: str) -> str:
    """The mark alone, in a 24-unit square."""
    paths = "".join(f'<path d="{path}"/>' for path in LANTERN)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="{colour}" stroke-width="1.8"'
        f' stroke-linecap="round" stroke-linejoin="round">{paths}</svg>'
    )


def _svg_item(item: Item) -> str:
    match item:
        case Box(x, y, width, height, fill, stroke, line, radius):
            edge = f' stroke="{stroke}" stroke-width="{_n(line)}" rx="{_n(radius)}"' if stroke else ""
            return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{fill}"{edge}/>'
        case Dot(x, y, radius, colour, filled):
            paint = (
                f'fill="{colour}"' if filled else f'fill="none" stroke="{colour}" stroke-width="{_n(radius * 0.42)}"'
            )
            return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" {paint}/>'
        case Line(x, y, size, text, colour, face, width, lang):
            tongue = f' lang="{lang}" xml:lang="{lang}"' if lang else ""
            return (
                f'<text x="{_n(x)}" y="{_n(y)}" {_FAMILIES[face]} font-size="{_n(size)}" fill="{colour}"{tongue}'
                f' textLength="{_n(width)}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
            )
        case Symbol(x, y, module, text):
            path = qr.outline(qr.modules(text))
            return (
                f'<path transform="translate({_n(x)} {_n(y)}) scale({_n(module)})" fill="#000" fill-rule="evenodd"'
                f' d="{path}"/>'
            )
        case Mark(x, y, scale, colour):
            paths = "".join(f'<path d="{path}"/>' for path in LANTERN)
            return (
                f'<g transform="translate({_n(x)} {_n(y)}) scale({_n(scale)})" fill="none" stroke="{colour}"'
                f' stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">{paths}</g>'
            )


def _n(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


# -- PNG ---------------------------------------------------------------------------------------------------------------


def png(sticker: Sticker, shape: Shape, dots: float = 8.0) -> bytes:
    """`dots`: pixels a unit, about 175 an inch for the inside sticker. For screens; print the PDF or SVG."""
    drawing = draw(sticker, shape)
    picture = Image.new("RGB", (round(drawing.width * dots), round(drawing.height * dots)), WHITE)
    brush = ImageDraw.Draw(picture)
    for item in drawing.items:
        _paint(picture, brush, item, dots)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=3)
    return out.getvalue()


def _paint(picture: Image.Image, brush: ImageDraw.ImageDraw, item: Item, dots: float) -> None:
    match item:
        case Box(x, y, width, height, fill, stroke, line, radius):
            corners = [x * dots, y * dots, (x + width) * dots, (y + height) * dots]
            if stroke:
                brush.rounded_rectangle(corners, radius * dots, fill, stroke, max(1, round(line * dots)))
            else:
                brush.rectangle(corners, fill)
        case Dot(x, y, radius, colour, filled):
            brush.circle(
                (x * dots, y * dots),
                radius * dots,
                colour if filled else None,
                colour,
                max(1, round(radius * dots * 0.42)),
            )
        case Line(x, y, size, text, colour, face, _, _):
            brush.text((x * dots, y * dots), text, colour, _font(face, max(4, round(size * dots * 4))), "ls")
        case Symbol(x, y, module, text):
            # Whole pixels a module, or the symbol would get uneven columns; centred in its place.
            scale = max(1, int(module * dots))
            spare = (module * dots - scale) * qr.SIDE / 2
            quiet = qr.QUIET * scale
            picture.paste(qr.image(text, scale), (round(x * dots + spare) - quiet, round(y * dots + spare) - quiet))
        case Mark(x, y, scale, colour):
            drawn = _lantern(max(4, round(24 * scale * dots)), colour)
            picture.paste(colour, (round(x * dots), round(y * dots)), drawn)


@lru_cache(maxsize=256)
def _font(face: Face, quarter_pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"{FACES[face]}.ttf", quarter_pixels / 4, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=16)
def _lantern(side: int, colour: str) -> Image.Image:
    """The mark as a mask, drawn four times larger and brought down."""
    large = side * 4
    mask = Image.new("L", (large, large))
    brush = ImageDraw.Draw(mask)
    unit, width = large / 24, max(1, round(1.8 * large / 24))
    for points in (_SHIELD, _FLAME):
        brush.line([(x * unit, y * unit) for x, y in points], 255, width, "curve")
    return mask.resize((side, side), Image.Resampling.LANCZOS)


def _curve(start: tuple[float, float], *beziers: tuple[float, ...]) -> list[tuple[float, float]]:
    """Points along cubic curves given as absolute (x1 y1 x2 y2 x y)."""
    points = [start]
    for x1, y1, x2, y2, x3, y3 in beziers:
        x0, y0 = points[-1]
        for step in range(1, 9):
            t, u = step / 8, 1 - step / 8
            a, b, c, d = u**3, 3 * u * u * t, 3 * u * t * t, t**3
            points.append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
    return points


_SHIELD = _curve(
    (7, 3.6), (5.8, 4, 4.6, 4.2, 3.2, 4.3), (3.2, 6.6, 3.2, 9, 3.2, 11.3), (3.2, 16.3, 6.6, 19.9, 12, 22),
    (17.4, 19.9, 20.8, 16.3, 20.8, 11.3), (20.8, 9, 20.8, 6.6, 20.8, 4.3), (19.4, 4.2, 18.2, 4, 17, 3.6),
)  # fmt: skip
_FLAME = _curve(
    (12.2, 4.6), (12.4, 8, 16.4, 9.5, 16.4, 13.6), (16.4, 16, 14.4, 18, 12, 18), (9.6, 18, 7.6, 16, 7.6, 13.6),
    (7.6, 11.6, 8.5, 10.3, 9.6, 9.4), (9.7, 10.4, 10.1, 11.1, 10.8, 11.6), (11.8, 9.7, 12.4, 7.2, 12.2, 4.6),
)  # fmt: skip
