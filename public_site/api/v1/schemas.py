"""What crosses the wire. Instants are UTC; places are ISO 3166-2."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from public_site.open_data.rows import Public

State = Literal["valid", "suspended", "withdrawn", "expired", "committed", "cannot_confirm"]


class Copy(msgspec.Struct, frozen=True):
    """The copy that answers: only what it says up to `confirmed_at` is known."""

    number: int
    issued_at: datetime
    confirmed_at: datetime
    log_size: int
    fresh: Annotated[bool, msgspec.Meta(description="False: nothing is told as valid until it is confirmed again")]


class Listed(msgspec.Struct, frozen=True):
    """A page of the directory. `next` is an address, or null after the last page."""

    copy: Copy
    total: int
    seals: list[Public]
    next: str | None = None


class PlateFound(msgspec.Struct, frozen=True):
    """What a whole plate tells: the state of its vehicle's newest seal and nothing else."""

    plate: str
    state: State
    since: datetime | None = None


class SearchFound(msgspec.Struct, frozen=True):
    copy: Copy
    total: int
    seals: list[Public]
    vehicle: PlateFound | None = None


class Changed(msgspec.Struct, frozen=True):
    """`next` is the sequence to go on from."""

    copy: Copy
    seals: list[Public]
    next: int
    more: bool


class Line(msgspec.Struct, frozen=True):
    """`stale`: not rung for more than six months, and it may have changed."""

    name: str
    kind: str
    numbers: list[str]
    languages: list[str]
    checked_on: date
    stale: bool
    fictitious: bool


class Lines(msgspec.Struct, frozen=True):
    place: str
    lines: list[Line]
