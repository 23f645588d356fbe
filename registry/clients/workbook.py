"""Opens an XLSX, XLS or ODS file in a child process of its own and prints its rows; run as a script by spreadsheet.py.

A workbook is a program's memory image: one cell at XFD1048576 makes a reader reserve 17 thousand million cells, and a
zip of a few kilobytes unpacks to gigabytes. The child has limits of memory and time, so that such a file ends the child
and never the registry. It imports nothing of ours. Output: one JSON line about the sheet, then one line a row;
dates are ["d", ISO], cells that hold a formula are ["f", saved value]: saved results are shown, never computed.
"""

import json
import re
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO
from xml.etree import ElementTree

MEMORY = 1_500_000_000  # bytes of address space for one workbook
SECONDS = 60  # of processor time
ROWS, COLUMNS = 100_050, 16_000

_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>(\s*<(?:\w+:)?f\b)?')


class Stop(Exception):
    """A reason the parent turns into a sentence."""


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def sheet_path(book: zipfile.ZipFile, wanted: str) -> str | None:
    """Which part of an XLSX holds the sheet of this name."""
    try:
        # S314: expat refuses entities that multiply, and this process has little memory and no secrets.
        tree = ElementTree.fromstring(book.read("xl/workbook.xml"))  # noqa: S314
        rels = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ElementTree.ParseError):
        return None
    targets = {rel.get("Id"): rel.get("Target", "") for rel in rels}
    for sheet in tree.iter():
        if sheet.tag.endswith("}sheet") and sheet.get("name") == wanted:
            target = targets.get(next((v for k, v in sheet.attrib.items() if k.endswith("}id")), None), "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return path if path in book.namelist() else None
    return None


def scan(part: BinaryIO) -> tuple[int, int, set[tuple[int, int]]]:
    """Highest row, highest column and the cells with a formula, before anything reserves memory for them."""
    rows = columns = 0
    formulas: set[tuple[int, int]] = set()
    rest = b""
    while chunk := part.read(1 << 20):
        block = rest + chunk
        keep = len(block) - 512
        for found in _CELL.finditer(block):
            if found.start() >= keep > 0:
                break
            row, column = int(found[2]), column_number(found[1].decode())
            rows, columns = max(rows, row), max(columns, column)
            if found[3] and len(formulas) < 100_000:
                formulas.add((row, column))
        rest = block[max(keep, 0) :]
    for found in _CELL.finditer(rest):
        row, column = int(found[2]), column_number(found[1].decode())
        rows, columns = max(rows, row), max(columns, column)
        if found[3]:
            formulas.add((row, column))
    return rows, columns, formulas


def portable(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return ["d", value.isoformat()]
    if isinstance(value, time | timedelta):
        return str(value)
    return value


def choose(book: Any) -> Any:
    """The first visible sheet that holds a table; a sheet of notes in front of it is passed over."""
    visible = [m.name for m in book.sheets_metadata if "Visible" in str(m.visible) and "WorkSheet" in str(m.typ)]
    sheets = [book.get_sheet_by_name(name) for name in (visible or book.sheet_names)[:20]]
    return next((s for s in sheets if s.height >= 2 and s.width >= 2), sheets[0] if sheets else None)


def rows(path: str) -> Iterator[Any]:
    import python_calamine as calamine

    formulas: set[tuple[int, int]] = set()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    with book.open(name) as part:
                        height, width, _ = scan(part)  # type: ignore[arg-type]  # IO[bytes]
                    check(height, width)
    try:
        book_ = calamine.load_workbook(path)
        sheet = choose(book_)
    except calamine.PasswordError:
        raise Stop("file-password") from None
    except calamine.CalamineError:
        raise Stop("file-broken") from None
    if sheet is None:
        raise Stop("file-empty")
    check(sheet.total_height, sheet.total_width)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            part_name = sheet_path(book, sheet.name)
            if part_name:
                with book.open(part_name) as part:
                    formulas = scan(part)[2]  # type: ignore[arg-type]  # IO[bytes]
    yield {"sheet": sheet.name}
    places: dict[int, list[int]] = {}
    for row, column in formulas:
        places.setdefault(row, []).append(column)
    for number, values in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        line = [portable(value) for value in values]
        for column in places.get(number, ()):
            if column <= len(line):
                line[column - 1] = ["f", str(line[column - 1])]
        yield line


def check(height: int, width: int) -> None:
    if height > ROWS:
        raise Stop("file-rows")
    if width > COLUMNS:
        raise Stop("file-columns")


def main(path: str) -> int:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    except (ImportError, ValueError, OSError):
        pass  # a system without these limits still has the parent's time-out
    try:
        for row in rows(path):
            sys.stdout.write(json.dumps(row) + "\n")
    except Stop as reason:
        sys.stdout.write(json.dumps({"refused": str(reason)}) + "\n")
    except (MemoryError, zipfile.BadZipFile, OSError, ValueError, RuntimeError):
        sys.stdout.write(json.dumps({"refused": "file-broken"}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
