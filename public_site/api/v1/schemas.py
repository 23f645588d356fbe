"""What crosses the wire. Instants are UTC; places are ISO 3166-2."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from public_site.open_data.rows import Public
from registry.seals.snapshot import Facts

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


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Where one bit of a seal stands (Bitstring Status List v1.0): the same in every form we give."""

    id: str
    type: Literal["BitstringStatusListEntry"]
    statusPurpose: Literal["revocation", "suspension"]  # noqa: N815  the names of the standard
    statusListIndex: Annotated[str, msgspec.Meta(description="In the list, from 0")]  # noqa: N815
    statusListCredential: Annotated[str, msgspec.Meta(description="Address of the list")]  # noqa: N815


class CopySeen(msgspec.Struct, frozen=True):
    seq: int
    issued_at: datetime


class LogSeen(msgspec.Struct, frozen=True):
    """`entry`: the last change of this seal; `issued`: its first; of a log of `size` under `root`."""

    entry: int
    issued: int
    size: int
    root: str


class Seal(msgspec.Struct, frozen=True, omit_defaults=True):
    """A verdict. Of a code that is unknown or mistyped, and while nothing can be confirmed, only the first six."""

    code: str
    state: Literal["valid", "suspended", "withdrawn", "expired", "committed", "unknown", "mistyped", "cannot_confirm"]
    reason: str
    since: datetime | None
    checked_at: datetime | None
    copy: CopySeen
    kind: Literal["establishment", "vehicle"] | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    region: str | None = None
    scheme: str | None = None
    version: str | None = None
    serial: int | None = None
    year: int | None = None
    zone: str | None = None
    facts: Facts | None = None
    log: LogSeen | None = None
    status_index: Annotated[
        int | None,
        msgspec.Meta(description="One number for life; in list n // 131072 + 1 of either purpose at n % 131072"),
    ] = None
    status: list[Status] | None = None
    credential_sha256: str | None = None
    links: dict[str, str] | None = None


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


class Office(msgspec.Struct, frozen=True):
    """Who would read a report, and what it promised: hours to acknowledge, and when it is happening now."""

    name: str
    acknowledge_hours: int
    urgent_hours: int


class Availability(msgspec.Struct, frozen=True):
    """Whether a report can be filed for a place at this moment. Closed: call one of `lines`; none may be known."""

    place: str
    open: bool
    closed: Annotated[
        Literal["", "nobody", "paused"],
        msgspec.Meta(description="nobody: no authority has agreed yet; paused: one has and does not answer now"),
    ]
    offices: list[Office]
    form: Annotated[str | None, msgspec.Meta(description="Address of the form, or null while it is closed")]
    emergency: Annotated[str, msgspec.Meta(description="To be shown first, open or closed")]
    lines: list[Line]
    rules: Annotated[int, msgspec.Meta(description="Version of the rules by which this was decided")]
    checked_at: datetime


class Lines(msgspec.Struct, frozen=True):
    place: str
    lines: list[Line]
