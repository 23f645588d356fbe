"""A photograph as evidence: the picture and nothing else. Pure: bytes in, bytes out.

A phone writes place, time, owner and serial number into a photograph. What we keep is drawn again from its points, so
nothing of that can remain; the way up is applied first, since it too is metadata. A document is kept as it is.
"""

import io
import warnings
from hashlib import sha256

import msgspec
from PIL import Image, ImageOps, UnidentifiedImageError

from registry.core.errors import Invalid, TooLarge

MAX_BYTES = 10 * 1024 * 1024
MAX_POINTS = 50_000_000
"""A 50 megapixel photograph decodes into 150 MB; more than that is an attack or a mistake."""
LONG_SIDE = 2000
PICTURES = ("JPEG", "PNG", "WEBP")
PDF = "application/pdf"
JPEG = "image/jpeg"


class Kept(msgspec.Struct, frozen=True):
    """What is stored: its bytes, its type and the SHA-256 of these bytes (not of those that were sent)."""

    data: bytes
    content_type: str
    sha256: str


def keep(data: bytes) -> Kept:
    """The evidence as it will be stored. Raises TooLarge, or Invalid when it is neither a photograph nor a PDF.

    sad path: a PDF is kept whole, and a photograph inside it keeps what the phone wrote; taking a PDF apart safely is
    more than this room should do. It is served only as a download.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge("evidence-too-large", limit_mb=MAX_BYTES // 1024 // 1024)
    if not data:
        raise Invalid("evidence-empty")
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-2048:]:
            raise Invalid("evidence-unreadable")
        return _kept(data, PDF)
    return _kept(redrawn(data), JPEG)


def redrawn(
    data: bytes, formats: tuple[str, ...] = PICTURES, long_side: int = LONG_SIDE, quality: int = 82
) -> bytes:  # fmt: skip
    """A JPEG of the picture's points, at most so long. Raises as `keep` does."""
    try:
        with warnings.catch_warnings():
            # Damaged EXIF makes Pillow warn; we throw it away whatever it says.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=formats) as opened:
                if opened.width * opened.height > MAX_POINTS:
                    raise TooLarge("evidence-too-many-points", limit=MAX_POINTS // 1_000_000)
                # JPEG can be decoded at a fraction of its size, which keeps a large photograph cheap.
                opened.draft("RGB", (long_side, long_side))
                upright = _upright(opened)
                flat = _on_white(upright)
                flat.thumbnail((long_side, long_side))
                out = io.BytesIO()
                # A fresh image carries no info dictionary: no EXIF, XMP, ICC profile, comment or thumbnail.
                clean = Image.new("RGB", flat.size)
                clean.paste(flat)
                clean.save(out, "JPEG", quality=quality, optimize=True)
                return out.getvalue()
    except UnidentifiedImageError:
        raise Invalid("evidence-type") from None
    except Image.DecompressionBombError:
        raise TooLarge("evidence-too-many-points", limit=MAX_POINTS // 1_000_000) from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError):
        raise Invalid("evidence-unreadable") from None


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        return image.copy()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        ground = Image.new("RGBA", clear.size, "white")
        ground.alpha_composite(clear)
        return ground.convert("RGB")
    return image.convert("RGB")


def _kept(data: bytes, content_type: str) -> Kept:
    return Kept(data, content_type, sha256(data).hexdigest())
