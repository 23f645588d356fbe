"""Who counts as trained on a day, and what may be done to a session. Pure.

Domain.md 4: expired means not trained that day; leavers, starters, outsourced and seasonal staff are what they are on
that day, so coverage falls by itself with no one pressing anything.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from uuid import UUID

import msgspec

from registry.core.calendar import add_months
from registry.core.errors import Conflict, Invalid

ALL = "all"


class Assurance(IntEnum):
    """How we know it was this person (domain.md 4)."""

    L0 = 0  # the employer says so: kept, never counted
    L1 = 1  # own card or own phone
    L2 = 2  # the facilitator saw them


class SessionState(StrEnum):
    """Where a session stands. Only an open one can be written to."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """A whole module, or the short refresher halfway through its validity. A refresher does not lengthen it."""

    FULL = "full"
    REFRESHER = "refresher"


class WorkerFact(msgspec.Struct, frozen=True):
    """A person on a roster. From `left_on` on they no longer count; `kind` is that of the business."""

    id: UUID
    kind: str
    post: str
    shift: str = "day"
    outsourced: bool = False
    started_on: date | None = None
    left_on: date | None = None


class RecordFact(msgspec.Struct, frozen=True):
    """A training record: valid on every day from `passed_on` to `expires_on`, both included."""

    worker: UUID
    module: str
    passed_on: date
    expires_on: date
    assurance: Assurance = Assurance.L2
    kind: Kind = Kind.FULL


class Parameters(msgspec.Struct, frozen=True):
    """What coverage takes from a scheme version: who needs what, who is critical, how long starters have.

    `needs` is a list of (module, kinds of business, posts); `all` stands for every one.
    """

    needs: tuple[tuple[str, frozenset[str], frozenset[str]], ...]
    critical_posts: frozenset[str]
    critical_shifts: frozenset[str]
    starter_days: int = 30


class PostCoverage(msgspec.Struct, frozen=True):
    """Coverage of one post on day or night shifts."""

    post: str
    night: bool
    critical: bool
    total: int
    valid: int


class Coverage(msgspec.Struct, frozen=True):
    """Coverage of one business on one day. `late_starters` are untrained though their first days are over."""

    total: int = 0
    valid: int = 0
    critical_total: int = 0
    critical_valid: int = 0
    by_post: tuple[PostCoverage, ...] = ()
    late_starters: int = 0
    expiring: Mapping[int, int] = {}
    """Workers valid today who, within so many days (60, 30, 7), no longer are if nobody is trained."""

    @property
    def percent(self) -> float:
        """0–100; nobody on the roster is nobody trained."""
        return 100 * self.valid / self.total if self.total else 0.0

    @property
    def critical_percent(self) -> float:
        """0–100; a roster without a critical post lacks none."""
        return 100 * self.critical_valid / self.critical_total if self.critical_total else 100.0

    def meets(self, floor: int, critical_floor: int = 100) -> bool:
        """Whether the floors hold. Whole numbers, so that 79.9 never reads as 80; an empty roster never meets one."""
        enough = self.total > 0 and self.valid * 100 >= floor * self.total
        return enough and self.critical_valid * 100 >= critical_floor * self.critical_total


def active(worker: WorkerFact, on: date) -> bool:
    """Whether somebody is on the roster on a day. A person without a first day has always been there."""
    return (worker.started_on is None or worker.started_on <= on) and (worker.left_on is None or on < worker.left_on)


def critical(worker: WorkerFact, parameters: Parameters) -> bool:
    """Whether this worker is in a critical post: by post, or because they work at night."""
    return worker.post in parameters.critical_posts or worker.shift in parameters.critical_shifts


def needed(kind: str, post: str, parameters: Parameters) -> tuple[str, ...]:
    """The modules a post needs in a kind of business, in the scheme's order."""
    return tuple(
        module for module, kinds, posts in parameters.needs
        if (ALL in kinds or kind in kinds) and (ALL in posts or post in posts)
    )  # fmt: skip


def counts(record: RecordFact, on: date) -> bool:
    """Whether a record makes somebody trained on a day."""
    full = record.assurance >= Assurance.L1 and record.kind is Kind.FULL
    return full and record.passed_on <= on <= record.expires_on


def valid_until(worker: WorkerFact, records: Iterable[RecordFact], on: date, parameters: Parameters) -> date | None:
    """The last day on which this worker is trained if nothing more happens; None if they are not trained on `on`."""
    lasting: dict[str, date] = {}
    for record in records:
        if counts(record, on):
            lasting[record.module] = max(record.expires_on, lasting.get(record.module, record.expires_on))
    modules = needed(worker.kind, worker.post, parameters)
    return (
        min((lasting.get(module, date.min) for module in modules), default=date.max)
        if all(module in lasting for module in modules)
        else None
    )


def lacking(worker: WorkerFact, records: Iterable[RecordFact], on: date, parameters: Parameters) -> tuple[str, ...]:
    """The modules this worker needs and does not hold on a day."""
    held = {record.module for record in records if counts(record, on)}
    return tuple(module for module in needed(worker.kind, worker.post, parameters) if module not in held)


def late_starter(worker: WorkerFact, on: date, parameters: Parameters) -> bool:
    """Whether the days a new worker has to be trained are over. Untrained ones count against coverage before, too."""
    return worker.started_on is not None and (on - worker.started_on).days > parameters.starter_days


def coverage(
    workers: Iterable[WorkerFact],
    records: Iterable[RecordFact],
    at: date,
    parameters: Parameters,
    warn_days: Collection[int] = (),
) -> Coverage:
    """Who is trained on a day (`at`, where the business is), in all and by post and shift."""
    of_worker: dict[UUID, list[RecordFact]] = {}
    for record in records:
        of_worker.setdefault(record.worker, []).append(record)
    cells: dict[tuple[str, bool], list[int]] = {}
    crucial: dict[tuple[str, bool], bool] = {}
    total = valid = critical_total = critical_valid = late = 0
    expiring = dict.fromkeys(warn_days, 0)
    for worker in workers:
        if not active(worker, at):
            continue
        until = valid_until(worker, of_worker.get(worker.id, ()), at, parameters)
        trained, key = until is not None, (worker.post, worker.shift != "day")
        cell = cells.setdefault(key, [0, 0])
        crucial[key] = is_critical = critical(worker, parameters)
        cell[0] += 1
        cell[1] += trained
        total, valid = total + 1, valid + trained
        critical_total += is_critical
        critical_valid += is_critical and trained
        late += not trained and late_starter(worker, at, parameters)
        for days in expiring:
            expiring[days] += until is not None and until < at + timedelta(days=days)
    ordered = sorted(cells, key=lambda key: (not crucial[key], key))
    by_post = tuple(PostCoverage(*key, crucial[key], *cells[key]) for key in ordered)
    return Coverage(total, valid, critical_total, critical_valid, by_post, late, expiring)


def expiry(passed_on: date, months: int) -> date:
    """The last day a record holds."""
    return add_months(passed_on, months)


def writable(state: SessionState) -> None:
    """Only an open session takes people, scores and corrections."""
    if state is not SessionState.OPEN:
        raise Conflict("training-session-not-open", state=state)


def closable(state: SessionState, started_at: datetime, minutes: int, people: int, now: datetime) -> None:
    """A session is closed once its time is over and somebody was there: less time is not the course."""
    writable(state)
    if not people:
        raise Conflict("training-nobody-there")
    ends = started_at + timedelta(minutes=minutes)
    if now < ends:
        raise Conflict("training-too-early", minutes=max(1, -(-int((ends - now).total_seconds()) // 60)), of=minutes)


def begun(started_at: datetime, now: datetime, late_days: int) -> None:
    """A session held on paper may be entered some days later, never one that is still to come."""
    if started_at > now:
        raise Invalid("training-starts-later", fields={"day": "training-starts-later"})
    if now - started_at > timedelta(days=late_days):
        raise Invalid("training-too-long-ago", days=late_days, fields={"day": "training-too-long-ago"})


def shown_percent(total: int, valid: int, small_group: int) -> int | None:
    """Whole percent for those who may not see who it is; None where the group is so small that they would."""
    return 100 * valid // total if total >= small_group else None
