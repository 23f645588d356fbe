"""Sheets to print and cut: A4 PDF by typst, from the same layout as the picture. Pure but for the CPU it takes.

Layouts: `set`, one page a seal with the window sticker, the inside one and how to use them; `inside`, four inside
stickers a page for a whole fleet; `dashboard` and `reception`, two a page. Data reach the template as one JSON string,
never as markup, so a name cannot become a command. One compiler is kept, with the three faces we ship: nothing of the
machine's own fonts shows in print.
"""

import asyncio
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import msgspec
import typst

from registry.printing import artwork, picture, qr
from registry.printing.artwork import Drawing, Mark, Sticker, Symbol
from registry.seals.code import grouped

TEMPLATE = Path(__file__).parent / "sheet.typ"
Layout = Literal["set", "inside", "dashboard", "reception"]
EACH: dict[Layout, int] = {"set": 1, "inside": 4, "dashboard": 2, "reception": 2}
"""Seals on a page."""
_ONE_AT_A_TIME = threading.Lock()  # a Compiler keeps its world between calls and is not made for two at once


class Wording(msgspec.Struct, frozen=True):
    """What stands beside the stickers, in the printer's language. `foot` may hold {page}."""

    lang: str
    title: str
    ruler: str
    steps: tuple[str, ...]
    inside: str
    foot: str
    first: int = 0  # pages before these, in the print they are part of


async def pdf(stickers: list[Sticker], wording: Wording, layout: Layout = "set") -> bytes:
    """Compiles in a thread; some 10 ms a page."""
    return await asyncio.to_thread(compiled, stickers, wording, layout)


def compiled(stickers: list[Sticker], wording: Wording, layout: Layout) -> bytes:
    job = _job(stickers, wording, layout)
    with _ONE_AT_A_TIME:
        document = _compiler().compile(sys_inputs={"job": job.decode()})
    if not isinstance(document, bytes):
        raise TypeError("one PDF was expected")
    return document


def pages(stickers: list[Sticker], wording: Wording, layout: Layout, dots: int) -> list[bytes]:
    """The same sheets as PNG, one a page, as an office printer of `dots` an inch would put them on paper."""
    job = _job(stickers, wording, layout)
    with _ONE_AT_A_TIME:
        made = _compiler().compile(sys_inputs={"job": job.decode()}, format="png", ppi=dots)
    if made is None:
        raise TypeError("pictures were expected")
    return [made] if isinstance(made, bytes) else made


def _job(stickers: list[Sticker], wording: Wording, layout: Layout) -> bytes:
    shown = msgspec.to_builtins(wording)
    seals = [_seal(sticker, layout) for sticker in stickers]
    return msgspec.json.encode({**shown, "layout": layout, "seals": seals})


def _seal(sticker: Sticker, layout: Layout) -> dict[str, Any]:
    shape: artwork.Shape = "inside" if layout == "set" else layout
    seal: dict[str, Any] = {shape: _drawing(artwork.draw(sticker, shape), sticker)}
    if layout == "set":
        seal |= {
            "window": _drawing(artwork.draw(sticker, "window"), sticker),
            "mark": sticker.mark,
            "code": grouped(sticker.code),
            "slogan": sticker.slogan,
        }
    return seal


def _drawing(drawing: Drawing, sticker: Sticker) -> dict[str, Any]:
    items: list[Any] = []
    for item in drawing.items:
        match item:
            case Symbol(x, y, module, text):
                # The quiet zone is in the picture, so that no viewer crops into the outline.
                side, quiet = (qr.SIDE + 2 * qr.QUIET) * module, qr.QUIET * module
                svg = qr.svg(text, "QR")
                items.append(_picture(x - quiet, y - quiet, side, svg, sticker.title))
            case Mark(x, y, scale, colour):
                items.append(_picture(x, y, 24 * scale, picture.lantern(colour), sticker.registry))
            case _:
                items.append(item)
    return {"width": drawing.width, "height": drawing.height, "scale": drawing.scale, "items": items}


def _picture(x: float, y: float, side: float, svg: str, alt: str) -> dict[str, Any]:
    return {"type": "picture", "x": x, "y": y, "side": side, "svg": svg, "alt": alt}


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[artwork.FONTS])
    return typst.Compiler(str(TEMPLATE), font_paths=fonts)
