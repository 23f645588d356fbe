"""The life of a print. Pure."""

from datetime import timedelta
from enum import StrEnum

from registry.core.errors import Conflict, Invalid


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


OPEN = frozenset({State.WAITING, State.RUNNING})
PART = 20
"""Seals made at a time: about half a second, so that the page that counts them moves."""
LEASE = timedelta(minutes=2)
"""After this long without a part, whoever was making a print is taken for gone."""
KEPT = timedelta(days=7)
MOST = 2000
"""Seals in one file; a larger fleet is printed by province or list."""
AT_ONCE = 3
"""Open prints of one person."""


def parts(total: int) -> int:
    """How many parts a print is made in."""
    return -(-total // PART)


def askable(ready: int, open_now: int) -> None:
    """Raise unless there is something to print, not too much, and not too many prints are being made already."""
    if not ready:
        raise Conflict("seals-none-to-print")
    if ready > MOST:
        raise Invalid("print-too-large", most=MOST, count=ready)
    if open_now >= AT_ONCE:
        raise Conflict("prints-too-many", most=AT_ONCE)


def cancellable(state: State) -> None:
    if state not in OPEN:
        raise Conflict("print-not-open")
