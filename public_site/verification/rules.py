"""What a seal says at an instant. Pure: an entry or its absence, the time, and how fresh the copy is."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from registry.seals.snapshot import Entry, Kind
from registry.seals.snapshot import State as Published


class State(StrEnum):
    """What a stranger is told, by word, shape and colour."""

    VALID = "valid"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    COMMITTED = "committed"
    UNKNOWN = "unknown"
    MISTYPED = "mistyped"
    CANNOT_CONFIRM = "cannot_confirm"


class Reason(StrEnum):
    """Why, where one state has several sentences."""

    MEETS = "meets_criteria"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REPLACED = "replaced"  # a newer sticker exists for the same unit
    ENDED = "ended"  # no longer covered, and nobody's fault
    NOT_BEGUN = "not_begun"  # granted, and its first day is to come
    SIGNED = "signed"  # the commitment is signed, nothing was checked
    NOT_IN_REGISTER = "not_in_register"
    CHECK_CHARACTERS = "check_characters"
    WAS_VALID = "was_valid"  # so said the last copy we could confirm
    OLD_COPY = "old_copy"


class Limits(msgspec.Struct, frozen=True):
    """How old a copy may be: up to `green` it answers, up to `amber` it says what it last knew, then nothing good."""

    green: timedelta
    amber: timedelta


WEEK = timedelta(days=7)

# seals.md 3.3, for a copy that somebody carries with them (`/scan`, `registry mirror`).
CARRIED = {
    Kind.VEHICLE: Limits(timedelta(hours=24), WEEK),
    Kind.ESTABLISHMENT: Limits(timedelta(hours=72), WEEK),
}
# Ours, for the door itself. It promises that a decision shows within 60 s anywhere, so that is how long it may go
# unconfirmed before its green turns grey; the hours of the table say how long "it was valid at" is worth telling.
DOOR = {kind: Limits(timedelta(seconds=60), limits.green) for kind, limits in CARRIED.items()}

ENDINGS = {
    Published.WITHDRAWN: (State.WITHDRAWN, Reason.WITHDRAWN),
    Published.REPLACED: (State.EXPIRED, Reason.REPLACED),
    Published.ENDED: (State.EXPIRED, Reason.ENDED),
}


class Verdict(msgspec.Struct, frozen=True):
    """`as_of`: up to when the register is known to have said so. `since`: when it began to. `changes_at`: the next
    instant at which time alone may change the answer, so that nobody keeps it longer."""

    state: State
    reason: Reason
    as_of: datetime
    since: datetime | None = None
    changes_at: datetime | None = None


def verdict(entry: Entry | None, now: datetime, as_of: datetime, limits: dict[Kind, Limits] = DOOR) -> Verdict:
    """What the seal says. `entry` is None when the copy, which is complete, does not hold the code."""
    now = max(now, as_of)  # a clock behind the signed copy is wrong; time only moves on
    allowed = limits[entry.kind] if entry else limits[Kind.VEHICLE]
    if entry is None:
        return _absent(now, as_of, allowed)
    if entry.state in ENDINGS:
        state, reason = ENDINGS[entry.state]
        return Verdict(state, reason, as_of, entry.since)
    if now > entry.valid_until:
        # To the second: `valid_until` is the last valid one. Nothing has to have run for a seal to expire.
        return Verdict(State.EXPIRED, Reason.EXPIRED, as_of, entry.valid_until)
    if entry.state is Published.SUSPENDED:
        return Verdict(State.SUSPENDED, Reason.SUSPENDED, as_of, entry.since, _after(entry.valid_until))
    if now < entry.valid_from:
        return Verdict(State.COMMITTED, Reason.NOT_BEGUN, as_of, entry.valid_from, entry.valid_from)
    return _valid(entry, now, as_of, allowed)


def mistyped(now: datetime) -> Verdict:
    """The check characters do not fit: no seal has this code, and nothing was looked up."""
    return Verdict(State.MISTYPED, Reason.CHECK_CHARACTERS, now)


def listed(now: datetime, as_of: datetime, limits: dict[Kind, Limits] = DOOR) -> Verdict:
    """A business that signed the commitment and holds no seal: committed, never green."""
    if max(now, as_of) - as_of > limits[Kind.ESTABLISHMENT].amber:
        return Verdict(State.CANNOT_CONFIRM, Reason.OLD_COPY, as_of)
    return Verdict(State.COMMITTED, Reason.SIGNED, as_of)


def _absent(now: datetime, as_of: datetime, allowed: Limits) -> Verdict:
    if now - as_of > allowed.green:
        return Verdict(State.CANNOT_CONFIRM, Reason.OLD_COPY, as_of)
    return Verdict(State.UNKNOWN, Reason.NOT_IN_REGISTER, as_of, None, _after(as_of + allowed.green))


def _valid(entry: Entry, now: datetime, as_of: datetime, allowed: Limits) -> Verdict:
    age = now - as_of
    if age > allowed.amber:
        return Verdict(State.CANNOT_CONFIRM, Reason.OLD_COPY, as_of, None, _after(entry.valid_until))
    if age > allowed.green:
        turns = min(_after(entry.valid_until), _after(as_of + allowed.amber))
        return Verdict(State.CANNOT_CONFIRM, Reason.WAS_VALID, as_of, None, turns)
    turns = min(_after(entry.valid_until), _after(as_of + allowed.green))
    return Verdict(State.VALID, Reason.MEETS, as_of, entry.valid_from, turns)


def _after(last: datetime) -> datetime:
    """The first instant that is later than `last`, at the clock's own grain."""
    return last + timedelta(microseconds=1)
