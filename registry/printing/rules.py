"""The life of a print, and of what was printed when its seal is lost. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec

from registry.core.calendar import day_of
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


STOP_USE_DAYS = 5
"""Days in which a mark comes down after its seal is lost (domain.md 2; 17030 leaves it to the owner)."""


class Shown(Protocol):
    """What of a seal says whether its sticker may hang."""

    @property
    def unit(self) -> UUID: ...
    @property
    def mark(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def since(self) -> datetime: ...
    @property
    def valid_until(self) -> datetime: ...
    @property
    def zone(self) -> str: ...
    @property
    def printable(self) -> bool: ...
    @property
    def expired(self) -> bool: ...


class Down(msgspec.Struct, frozen=True):
    """A sticker that may not hang: `keep` while only suspended, because the same one may be valid again."""

    mark: str
    state: str
    by: date
    keep: bool


def down(seals: Iterable[Shown]) -> list[Down]:
    """What comes down, of a holder's seals: the newest of each place or car, unless one there is valid."""
    newest: dict[UUID, Shown] = {}
    for seal in seals:
        known = newest.get(seal.unit)
        if seal.state != "replaced" and (
            known is None or (seal.printable, seal.since) > (known.printable, known.since)
        ):
            newest[seal.unit] = seal
    found = []
    for seal in newest.values():
        if seal.printable:
            continue
        over = seal.expired and seal.state in ("valid", "suspended")
        since = day_of(seal.valid_until if over else seal.since, seal.zone)
        state = "expired" if over else str(seal.state)
        found.append(Down(seal.mark, state, since + timedelta(days=STOP_USE_DAYS), state == "suspended"))
    return found
