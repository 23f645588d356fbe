"""Any list somebody keeps -> rows of cells. Pure, but for a temporary file and the child that opens workbooks.

`recognise` says what the file is and raises Invalid with a code that has a sentence; `rows` then yields
(row number as the person counts it, cells). Text is streamed; a packed file is unpacked as it is read and stops at its
limit; a workbook is read by workbook.py. Nothing here knows what a hotel is.
"""

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec

from registry.clients import encodings, workbook
from registry.clients.cells import Raw
from registry.core.errors import Invalid, TooLarge

FILE_LIMIT = 50 * 1024 * 1024  # refused while it arrives, see routes.py
UNPACKED_LIMIT = 300 * 1024 * 1024
JSON_LIMIT = 50 * 1024 * 1024  # a JSON list has to be held whole
ROW_LIMIT = 100_000
COLUMN_LIMIT = 200
SEPARATORS = ",;\t|"
CHILD_SECONDS = 120

csv.field_size_limit(1 << 20)


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What the file turned out to be; kept with the batch, so that it is read the same way at every step."""

    format: str  # csv, json, xlsx, xls, ods
    packed: bool = False
    encoding: str = ""
    separator: str = ""


class Formula(str):
    """The saved result of a cell that holds a formula. We show it and never take it as typed."""


def recognise(data: bytes, filename: str = "", encoding: str = "") -> Shape:
    if not data:
        raise Invalid("file-empty")
    if len(data) > FILE_LIMIT:
        raise TooLarge("file-large", limit=FILE_LIMIT // 2**20)
    packed = data[:2] == b"\x1f\x8b"
    head = _head(data, packed)
    kind = _kind(head, data, packed)
    if kind != "text":
        return Shape(format=kind, packed=packed)
    encoding = encoding or encodings.of(lambda: _open(data, packed))
    if filename.lower().removesuffix(".gz").endswith((".json", ".jsonl", ".ndjson", ".geojson")) or _json_like(head):
        return Shape(format="json", packed=packed, encoding=encoding)
    sample = head.decode(encoding, errors="replace").removeprefix("\ufeff")
    return Shape(format="csv", packed=packed, encoding=encoding, separator=separator(sample))


def _kind(head: bytes, data: bytes, packed: bool) -> str:
    if head[:4] == b"PK\x03\x04":
        return _zip_kind(io.BytesIO(_open(data, packed).read()))
    if head[:4] == b"\xd0\xcf\x11\xe0":
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Invalid("file-password")
        return "xls"
    if head[:4] in {b"%PDF", b"\x89PNG", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe1", b"Rar!", b"7z\xbc\xaf", b"GIF8"}:
        raise Invalid("file-kind")
    if head.lstrip()[:5].lower() in {b"<html", b"<!doc", b"<?xml"}:
        raise Invalid("file-kind")
    return "text"


def _zip_kind(file: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(file) as book:
            names = {info.filename for info in book.infolist()}
            size = sum(info.file_size for info in book.infolist())
            if size > UNPACKED_LIMIT or len(names) > 5000:
                raise TooLarge("file-bomb", limit=UNPACKED_LIMIT // 2**20)
            if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
                return "xlsx"
            if "content.xml" in names and "mimetype" in names:
                if b"encryption-data" in book.read("META-INF/manifest.xml"):
                    raise Invalid("file-password")
                return "ods"
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError):
        raise Invalid("file-broken") from None
    raise Invalid("file-kind")


class _Limited(io.RawIOBase):
    """Stops a packed file that grows without end, while it is being unpacked."""

    def __init__(self, inner: IO[bytes]) -> None:
        self.inner, self.left = inner, UNPACKED_LIMIT

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self.inner.read(len(buffer))
        except (OSError, EOFError, gzip.BadGzipFile, ValueError):
            raise Invalid("file-broken") from None
        self.left -= len(data)
        if self.left < 0:
            raise TooLarge("file-bomb", limit=UNPACKED_LIMIT // 2**20)
        buffer[: len(data)] = data
        return len(data)


def _open(data: bytes, packed: bool) -> IO[bytes]:
    if not packed:
        return io.BytesIO(data)
    return io.BufferedReader(_Limited(gzip.GzipFile(fileobj=io.BytesIO(data))), 1 << 18)  # type: ignore[arg-type]  # reads


def _head(data: bytes, packed: bool) -> bytes:
    return _open(data, packed).read(1 << 16)


def _json_like(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64]
    return start[:1] in (b"[", b"{") and (b'"' in start or start.rstrip(b" \r\n\t") in (b"[", b"{", b"[{"))


def separator(sample: str) -> str:
    """The one that cuts the most rows into the same number of columns; a comma when none does."""
    best, chosen = 0.0, ","
    for candidate in SEPARATORS:
        try:
            lengths = [len(row) for row in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=candidate), 60)]
        except csv.Error:
            continue
        lengths = [n for n in (lengths[:-1] if len(sample) > 60_000 else lengths) if n]
        usual = max(set(lengths), key=lambda n: (lengths.count(n), n), default=1)
        score = 0.0 if usual < 2 else lengths.count(usual) / len(lengths) + min(usual, 20) / 100
        if score > best:
            best, chosen = score, candidate
    return chosen


def rows(data: bytes, shape: Shape) -> Iterator[tuple[int, list[Raw]]]:
    """Blank rows are left out, their numbers are not given to others."""
    source = {"csv": _csv, "json": _json}.get(shape.format, _workbook)
    found = 0
    for number, cells in source(data, shape):
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        if not cells or all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells):
            continue
        if len(cells) > COLUMN_LIMIT:
            raise Invalid("file-columns", columns=len(cells), limit=COLUMN_LIMIT)
        found += 1
        if found > ROW_LIMIT + 1:
            raise Invalid("file-rows", limit=ROW_LIMIT)
        yield number, cells
    if not found:
        raise Invalid("file-empty")


def _csv(data: bytes, shape: Shape) -> Iterator[tuple[int, list[Raw]]]:
    text = io.TextIOWrapper(_open(data, shape.packed), encoding=shape.encoding, errors="replace", newline="")
    try:
        for number, cells in enumerate(csv.reader(text, delimiter=shape.separator or ","), start=1):
            if number == 1 and cells:
                cells[0] = cells[0].removeprefix("\ufeff")
            yield number, list(cells)
    except csv.Error:
        raise Invalid("file-broken") from None


def _json(data: bytes, shape: Shape) -> Iterator[tuple[int, list[Raw]]]:
    """A list of objects, or one such list inside an object, or one object a line. Row 1 is the keys."""
    text = _open(data, shape.packed).read(JSON_LIMIT + 1)
    if len(text) > JSON_LIMIT:
        raise TooLarge("file-bomb", limit=JSON_LIMIT // 2**20)
    items = _items(text.decode(shape.encoding, errors="replace").removeprefix("\ufeff"))
    keys: dict[str, None] = {}
    for item in items[:2000]:
        keys.update(dict.fromkeys(item))
    yield 1, list(keys)
    for number, item in enumerate(items, start=2):
        yield number, [_scalar(item.get(key)) for key in keys]


def _items(text: str) -> list[dict[str, Any]]:
    try:
        found: Any = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        try:
            found = [msgspec.json.decode(line) for line in text.splitlines() if line.strip()]
        except (msgspec.DecodeError, RecursionError):
            raise Invalid("file-json") from None
    if isinstance(found, dict):
        found = next((value for value in found.values() if isinstance(value, list) and value), found)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise Invalid("file-json")
    return found


def _scalar(value: Any) -> Raw:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _workbook(data: bytes, shape: Shape) -> Iterator[tuple[int, list[Raw]]]:
    with tempfile.TemporaryDirectory(prefix="list-") as folder:
        path = Path(folder) / f"list.{shape.format}"
        path.write_bytes(_open(data, shape.packed).read())
        yield from _child(path)


def _child(path: Path) -> Iterator[tuple[int, list[Raw]]]:
    command = [sys.executable, os.fspath(workbook.__file__), os.fspath(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            assert child.stdout is not None
            number = 0
            for line in child.stdout:
                item = msgspec.json.decode(line)
                if isinstance(item, list):
                    number += 1
                    yield number, [_value(cell) for cell in item]
                elif "refused" in item:
                    raise Invalid(item["refused"], limit=ROW_LIMIT if item["refused"] == "file-rows" else COLUMN_LIMIT)
            if child.wait(CHILD_SECONDS):
                raise Invalid("file-broken")
        finally:
            child.kill()


def _value(cell: Any) -> Raw:
    if not isinstance(cell, list):
        plain: Raw = cell
        return plain
    if cell[0] == "f":
        return Formula(cell[1] if isinstance(cell[1], str) else "")
    return datetime.fromisoformat(cell[1]) if "T" in cell[1] else date.fromisoformat(cell[1])
