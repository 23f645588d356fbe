"""The person's own file again, with one more column: what to mend. Pure.

A workbook comes back as XLSX, anything else as CSV with the separator it had. Nothing in it can run: text cells of a
CSV that a program would take for a formula get an apostrophe, which the importer takes off again.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import xlsxwriter

from registry.clients import spreadsheet
from registry.clients.cells import Raw, escaped, typed
from registry.clients.spreadsheet import Shape


def returned(
    data: bytes, shape: Shape, header_row: int, reasons: Mapping[int, str], title: str, *, only_bad: bool = False
) -> tuple[bytes, str]:
    """The file and its ending. `reasons` are by row as the person counts; `only_bad` leaves the good rows out."""
    lines = _lines(data, shape, header_row, reasons, title, only_bad)
    if shape.format in ("xlsx", "xls", "ods"):
        return _workbook(lines), "xlsx"
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=shape.separator or ",", lineterminator="\r\n")
    for line in lines:
        writer.writerow([escaped(typed(cell)) for cell in line])
    return text.getvalue().encode("utf-8-sig", "replace"), "csv"


def _lines(
    data: bytes, shape: Shape, header_row: int, reasons: Mapping[int, str], title: str, only_bad: bool
) -> Iterator[list[Raw]]:
    width = 0
    for number, row in spreadsheet.rows(data, shape):
        if number <= header_row:
            width = len(row)
            yield [*row, title] if number == header_row else row
        elif not only_bad or number in reasons:
            yield [*row, *[""] * (width - len(row)), reasons.get(number, "")]


def _workbook(lines: Iterator[list[Raw]]) -> bytes:
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                _write(sheet, number, column, cell, day)
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Raw, day: Any) -> None:
    if isinstance(cell, datetime | date):
        sheet.write_datetime(row, column, cell, day)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell[:32_000])
    elif cell is not None:
        sheet.write(row, column, cell)
