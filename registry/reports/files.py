"""Files of a report (reporting.md 5.12): what they may be, how they are drawn anew, sealed and opened. Pure.

Off unless every office of a chain may receive them. Each is an age file of its own, to the keys of its envelope; the
manifest inside the envelope says what it is, and its hash binds the two. age hides no length: each is padded with zeros
to the next MiB. Nobody here looks at one: no preview, no scan; whoever opens it at the office does that.
"""

import hashlib
import io
import re
import warnings
from collections.abc import Iterator
from threading import Lock
from typing import Any

import msgspec
import pillow_heif
import pyrage
from PIL import ExifTags, Image, UnidentifiedImageError

from registry.authorities.directory import Record
from registry.core.errors import Invalid, Refusal, TooLarge
from registry.core.picture import redrawn
from registry.reports.envelope import AGE_HEADER, AGE_NONCE, AGE_TAG
from registry.reports.payload import FileType, Manifest

MOST = 3
LARGEST = 10 * 1024 * 1024
STEP = 1024 * 1024
LONGEST_SEALED = LARGEST + 16 * 1024
"""Bytes of the largest age file: its padded plaintext, the head for 16 keys, the tag of each 64 KiB."""
FORM = "2027-01"
_CHUNK = 64 * 1024
_LONG_SIDE, _QUALITY = 4000, 88
"""A plate across a street stays readable."""
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"mif1"}
_M4A = {b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2"}
_ENDING = {FileType.JPEG: "jpg", FileType.PDF: "pdf", FileType.M4A: "m4a"}
_ONE_AT_A_TIME = Lock()
"""A picture of 50 million points is 150 MB while it is drawn."""

pillow_heif.register_heif_opener(thumbnails=False)


class Ready(msgspec.Struct, frozen=True):
    """A file as it will be sealed."""

    data: bytes
    manifest: Manifest


def allowed(chain: tuple[Record, ...]) -> bool:
    """Whether a report to these offices may have files: the first and every one behind it may receive them."""
    return bool(chain) and all(record.takes_files for record in chain)


def sniffed(data: bytes) -> str | None:
    """What it is by its bytes, whatever it is called: the name of a picture's format, `PDF`, `M4A`, or None."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith(b"%PDF-"):
        return "PDF" if re.search(rb"%%EOF\s*\Z", data[-1024:]) and b"PK\x05\x06" not in data[-66_000:] else None
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        return "HEIF"
    if data[4:8] == b"ftyp" and data[8:12] in _M4A:
        return "M4A" if _only_sound(data) else None
    return None


def _only_sound(data: bytes) -> bool:
    """Whether its boxes end where it ends, and what is in them is sound and no film."""
    boxes = list(_boxes(data))
    kinds = set(re.findall(rb"hdlr.{8}(soun|vide|pict|auxv)", b"".join(b for k, b in boxes if k == b"moov"), re.DOTALL))
    known = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"udta", b"meta", b"moof", b"mfra", b"styp"}
    return bool(boxes) and {k for k, _ in boxes} <= known and kinds == {b"soun"}


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        size, kind, head = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16]), 16
        if size < head or at + size > len(data):
            yield b"?", b""
            return
        yield kind, data[at + head : at + size]
        at += size


def ready(files: list[bytes], *, keep_taken: bool) -> tuple[Ready, ...]:
    """Files as they were sent, in clear and in memory, as they will be sealed. Some seconds of work: call it in a
    thread. Refusals name the field `files`."""
    if len(files) > MOST:
        raise Invalid("report-files-many", most=MOST, fields={"files": "report-files-many"})
    with _ONE_AT_A_TIME:
        return tuple(_ready(data, number, keep_taken) for number, data in enumerate(files, 1))


def _ready(data: bytes, number: int, keep_taken: bool) -> Ready:
    if len(data) > LARGEST:
        raise TooLarge("report-file-large", limit_mb=LARGEST // STEP, fields={"files": "report-file-large"})
    kind = sniffed(data)
    if kind is None:
        raise Invalid("report-file-type", fields={"files": "report-file-type"})
    if kind in ("PDF", "M4A"):
        return _made(data, number, FileType[kind], stripped=False)
    try:
        drawn = redrawn(data, (kind,), _LONG_SIDE, _QUALITY)
    except Refusal:
        raise Invalid("report-file-broken", fields={"files": "report-file-broken"}) from None
    return _made(drawn, number, FileType.JPEG, stripped=True, taken=taken(data, kind) if keep_taken else "")


def _made(data: bytes, number: int, kind: FileType, *, stripped: bool, taken: str = "") -> Ready:
    name, sha256 = f"file-{number}.{_ENDING[kind]}", hashlib.sha256(data).hexdigest()
    return Ready(data, Manifest(name, kind, len(data), sha256, stripped, taken))


def taken(data: bytes, kind: str) -> str:
    """Where and when a photo says it was taken, as text: `2026-11-20 14:03:00 · 9.934722, -84.087500`; or nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=(kind,)) as opened:
                exif = opened.getexif()
                inside, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
        when = str(inside.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime) or "")
        at = re.match(r"([0-9]{4}):([0-9]{2}):([0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2})", when)
        where = [_degrees(gps, 2, "S"), _degrees(gps, 4, "W")]
    except (UnidentifiedImageError, OSError, ValueError, TypeError, SyntaxError, KeyError, ZeroDivisionError):
        return ""
    time = f"{at[1]}-{at[2]}-{at[3]} {at[4]}" if at else ""
    place = ", ".join(one for one in where if one) if all(where) else ""
    return " · ".join(one for one in (time, place) if one)


def _degrees(gps: dict[int, Any], tag: int, below: str) -> str:
    parts = [float(part) for part in gps.get(tag, ())]
    if len(parts) != 3 or not all(0 <= part <= 180 for part in parts):
        return ""
    found = parts[0] + parts[1] / 60 + parts[2] / 3600
    return f"{-found if str(gps.get(tag - 1, '')).startswith(below) else found:.6f}"


def seal(file: Ready, recipients: tuple[str, ...]) -> bytes:
    """Encrypt to all recipients of its envelope."""
    padded = file.data.ljust(-(-len(file.data) // STEP) * STEP, b"\0")
    sealed: bytes = pyrage.encrypt(padded, [pyrage.x25519.Recipient.from_str(r) for r in recipients])
    return sealed


def carried(body: bytes, keys: int) -> bool:
    """Whether bytes that a browser sealed have the outside of such a file: sealed to so many keys, a whole number of
    MiB long inside."""
    head = re.match(AGE_HEADER % keys, body[: 16 * 1024])
    if head is None:
        return False
    inside = len(body) - head.end() - AGE_NONCE
    whole = inside * _CHUNK // (_CHUNK + AGE_TAG)
    return 0 < whole <= LARGEST and whole % STEP == 0 and inside == whole + whole // _CHUNK * AGE_TAG


def open_sealed(body: bytes, identities: list[str], said: Manifest) -> bytes:
    """The file, if it is the one that the manifest inside the envelope names; Invalid `attachment-damaged`."""
    if len(body) > LONGEST_SEALED:
        raise Invalid("attachment-damaged", why="size")
    try:
        padded: bytes = pyrage.decrypt(body, [pyrage.x25519.Identity.from_str(i) for i in identities])
    except Exception as error:
        raise Invalid("attachment-damaged", why="age") from error
    data = padded[: said.size]
    if len(padded) != -(-said.size // STEP) * STEP or any(padded[said.size :]):
        raise Invalid("attachment-damaged", why="padding")
    if hashlib.sha256(data).hexdigest() != said.sha256:
        raise Invalid("attachment-damaged", why="hash")
    return data
