"""Identifiers made by whoever creates the thing (RFC 9562, UUID version 7): sortable by time, unique without asking."""

import os
import time
from typing import Any
from uuid import UUID


def uuid7(at_ms: int | None = None) -> UUID:
    """A new UUIDv7. Two made in one millisecond have no order between them: never sort by id where order matters."""
    milliseconds = time.time_ns() // 1_000_000 if at_ms is None else at_ms
    value = (milliseconds & 0xFFFFFFFFFFFF) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def read(text: Any) -> UUID | None:
    """The id in a field of a form; None where there is none, or what stands there is none."""
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None
