"""A form with files, read in memory and bounded; never a file of ours. (The framework's own reader writes what is
longer than a megabyte to the disk.)

Words stand before the files on the page, so they are there also where a file is too much. What is too much is read on
and dropped, so that whoever sent it can read the answer; nothing of it is kept.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from public_site.report_form import rules
from registry.core.errors import Busy, Invalid, Refusal, TooLarge
from registry.reports import files

SCRIPT, FILES = "report", "files"
"""Names of parts: what a browser sealed, as JSON; a file, in clear from the form or sealed from its script."""
READ_ON = 64 * 1024 * 1024
PATIENCE = 300.0
ROOM = 192 * 1024 * 1024
"""Bytes of files that one process holds at once, of everybody together: six of the largest reports."""
_PARTS = 140


class Sent(msgspec.Struct):
    """What was sent. `had`: files came with it, also where they were dropped; `trouble`: why they are not here, though
    its words are."""

    fields: dict[str, list[str]] = msgspec.field(default_factory=dict)
    files: list[bytes] = msgspec.field(default_factory=list)
    script: bytes = b""
    whole: bool = True
    had: bool = False
    trouble: Refusal | None = None


class Place:
    """How much of it one form holds."""

    def __init__(self, room: "Room") -> None:
        self._room, self.size = room, 0

    def take(self, size: int) -> bool:
        if size > self._room.left:
            return False
        self._room.left -= size
        self.size += size
        return True


class Room:
    """How much of files is in memory now."""

    def __init__(self, most: int = ROOM) -> None:
        self.left = most

    @contextmanager
    def place(self) -> Iterator[Place]:
        """For one form, until it is answered."""
        held = Place(self)
        try:
            yield held
        finally:
            self.left += held.size


class Reading:
    """The parts of one body as they come."""

    def __init__(self, place: Place | None) -> None:
        self.sent, self._place = Sent(), place
        self._at: MultipartSegment | None = None
        self._parts: list[bytes] = []
        self._size = self._words = 0

    def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self._at, self._parts, self._size = event, [], 0
        elif event is None:
            self._end()
        elif self._at is not None and self._at.name == FILES:
            self._file(bytes(event))
        else:
            self._words += len(event)
            self.sent.whole = self._words <= rules.BODY
            if self._words <= rules.GIVEN_BACK:
                self._parts.append(bytes(event))

    def drop(self, why: Refusal) -> None:
        """No file of it is taken any more."""
        self.sent.trouble, self._parts = self.sent.trouble or why, []
        self.sent.files.clear()

    def _file(self, part: bytes) -> None:
        self._size += len(part)
        self.sent.had = self.sent.had or bool(part)
        if self._place is None or self.sent.trouble is not None:
            return
        if self._size > files.LONGEST_SEALED:
            self.drop(TooLarge("report-file-large", limit_mb=10, fields={FILES: "report-file-large"}))
        elif len(self.sent.files) >= files.MOST:
            self.drop(Invalid("report-files-many", most=files.MOST, fields={FILES: "report-files-many"}))
        elif not self._place.take(len(part)):
            self.drop(Busy("report-files-busy", retry_after=60, fields={FILES: "report-files-busy"}))
        else:
            self._parts.append(part)

    def _end(self) -> None:
        name, data = (self._at.name or "" if self._at else ""), b"".join(self._parts)
        self._parts = []
        if name == FILES and data:  # a browser sends an empty part where nothing was chosen
            self.sent.files.append(data)
        elif name == SCRIPT:
            self.sent.script = data
        elif name != FILES:
            self.sent.fields.setdefault(name[:40], []).append(data.decode("utf-8", "replace"))


async def read(request: Request[Any, Any, Any], place: Place | None) -> Sent:
    """The parts of a form. Without a place to hold files only its words are read, and no more than those."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Invalid("not-ours")
    reading, most, size = Reading(place), READ_ON if place else rules.GIVEN_BACK, 0
    parser = PushMultipartParser(options["boundary"], max_segment_count=_PARTS)
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    break
                for event in parser.parse(chunk) if chunk else ():
                    reading.take(event)
            else:
                parser.close()  # complains of what is not at its end
                return reading.sent
    except (MultipartError, InternalServerException, TimeoutError):  # what broke off: nobody is told, no log has it
        if not reading.sent.fields:
            raise Invalid("not-readable") from None
    reading.drop(Invalid("report-file-broken", fields={FILES: "report-file-broken"}))
    return reading.sent
