"""Pictures as phones write them: with place, time, serial number, thumbnail, XMP, words, and more behind their end."""

import io
import struct
import zipfile
from functools import lru_cache
from random import Random

import pillow_heif
from PIL import ExifTags, Image, PngImagePlugin

SECRET = b"CANARIO-18-SERIE"
WORDS = SECRET.decode()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>' + SECRET + b"</rdf:RDF></x:xmpmeta>"
PLACE, TIME = "9.934722, -84.087500", "2026-11-20 14:03:00"


@lru_cache
def points(wide: int = 320, high: int = 200, seed: int = 18) -> Image.Image:
    return Image.frombytes("RGB", (wide, high), Random(seed).randbytes(wide * high * 3))


def exif() -> Image.Exif:
    made = Image.Exif()
    made[ExifTags.Base.Make], made[ExifTags.Base.Orientation] = WORDS, 6
    made.get_ifd(ExifTags.IFD.Exif).update({
        ExifTags.Base.DateTimeOriginal: "2026:11:20 14:03:00", ExifTags.Base.BodySerialNumber: WORDS,
    })  # fmt: skip
    made.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (9.0, 56.0, 5.0), 3: "W", 4: (84.0, 5.0, 15.0)})
    return made


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr("inside.txt", SECRET)
    return out.getvalue()


def jpeg(image: Image.Image | None = None) -> bytes:
    """GPS, serial number, XMP, a comment, a thumbnail (JFXX), and a ZIP behind its end."""
    small, out = io.BytesIO(), io.BytesIO()
    points(32, 20).save(small, "JPEG", comment=SECRET)
    (image or points()).save(out, "JPEG", exif=exif(), xmp=XMP, comment=SECRET, quality=95)
    inside = b"JFXX\0\x10" + small.getvalue()
    thumbnail = b"\xff\xe0" + struct.pack(">H", len(inside) + 2) + inside
    return out.getvalue()[:2] + thumbnail + out.getvalue()[2:] + archive()


def large(seed: int = 18) -> bytes:
    """Three megabytes: more than the framework's own reader keeps in memory."""
    found = jpeg(points(1300, 1000, seed))
    return found + b"\0" * (3_000_000 - len(found))


def png(image: Image.Image | None = None) -> bytes:
    words, out = PngImagePlugin.PngInfo(), io.BytesIO()
    words.add_text("Comment", WORDS)
    words.add_text("Author", WORDS, zip=True)
    words.add_itxt("XML:com.adobe.xmp", XMP.decode())
    (image or points()).save(out, "PNG", pnginfo=words, exif=exif())
    return out.getvalue() + archive()


def webp(image: Image.Image | None = None) -> bytes:
    out = io.BytesIO()
    (image or points()).save(out, "WEBP", exif=exif(), xmp=XMP)
    return out.getvalue()


def heic(image: Image.Image | None = None) -> bytes:
    out = io.BytesIO()
    upright = exif()
    upright[ExifTags.Base.Orientation] = 1
    pillow_heif.from_pillow(image or points()).save(out, exif=upright.tobytes(), xmp=XMP)
    return out.getvalue()


def pdf(title: str = "plano") -> bytes:
    return b"%%PDF-1.4\n1 0 obj<</Title(%s)>>endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF\n" % title.encode()


def m4a(kind: bytes = b"soun") -> bytes:
    def box(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data) + 8) + name + data

    handler = box(b"hdlr", b"\0" * 8 + kind + b"\0" * 13)
    track = box(b"trak", box(b"mdia", handler))
    return box(b"ftyp", b"M4A \0\0\0\0M4A mp42") + box(b"moov", track) + box(b"mdat", b"\x21" * 400)


def wrong() -> dict[str, bytes]:
    """What is not taken, whatever it calls itself."""
    bitmap = io.BytesIO()
    points().save(bitmap, "GIF")
    return {
        "a page": b"<html><script>alert(1)</script>", "a GIF": bitmap.getvalue(), "an archive": archive(),
        "a picture that is a page": b"\xff\xd8\xff\xe0<html><script>" + b"x" * 400, "a PDF that is an archive":
        pdf() + archive(), "a film": m4a(b"vide"), "a sound with an archive": m4a() + archive(),
        "half a picture": jpeg()[:600], "an SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "a program": b"MZ" + bytes(500),
    }  # fmt: skip
