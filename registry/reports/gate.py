"""Where the form may be open. Pure: every caller (page, POST, API, operator) asks this one function.

"Generate … report mechanisms without having a proper and adequate response system in place" is what ILO 2007 tells us
not to do. So a form is closed unless the first office of the chain has, all at once: competence for the place; a record
in the signed directory with more than 14 days left; a signed agreement in force; two confirmed contacts; a drill passed
within 30 days; no report past its time (bursts do not count, or flooding would close a country); and, over 90 days,
nine in ten answered in time (under five reports: no failed drill). A second office is behind it, or it never closes.

There is no override here: an operator cannot open a gate, and nobody queues reports "until someone signs up".
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from registry.authorities.directory import Directory, Record

VERSION = 1
KEY_LEFT = timedelta(days=14)
DRILL_AGE = timedelta(days=30)
SHARE = 0.9
ENOUGH_TO_JUDGE = 5
CONTACTS = 2


class Reason(StrEnum):
    NO_DIRECTORY = "no-directory"
    NO_AUTHORITY = "no-authority"
    KEY_ENDING = "key-ending"
    NO_AGREEMENT = "no-agreement"
    FEW_CONTACTS = "few-contacts"
    NO_DRILL = "no-drill"
    DRILL_FAILED = "drill-failed"
    OVERDUE = "overdue"
    SLOW = "slow"
    NOBODY_BEHIND = "nobody-behind"


class Standing(msgspec.Struct, frozen=True):
    """How an office stands today. `due` and `on_time`: reports of 90 days, answered or out of time."""

    authority: UUID
    agreed_from: datetime | None = None
    agreed_until: datetime | None = None
    contacts: int = 0
    drill_passed_at: datetime | None = None
    drill_minutes: int | None = None
    drills_failed: int = 0
    overdue: int = 0
    due: int = 0
    on_time: int = 0
    median_minutes: int | None = None


class Facts(msgspec.Struct, frozen=True):
    """The accepted directory (None when there is none to trust) and each office's standing."""

    directory: Directory | None
    standing: dict[UUID, Standing]


class Open(msgspec.Struct, frozen=True):
    """Open, to these offices in this order."""

    chain: tuple[Record, ...]
    directory: int


class Closed(msgspec.Struct, frozen=True):
    """Closed. `reasons` are for the office and the operator; strangers read one sentence and the hotlines."""

    reasons: tuple[Reason, ...]


def availability(place: str, premises: str, now: datetime, facts: Facts) -> Open | Closed:
    """Try the office of the place, then the national one. Open with the first chain that lacks nothing."""
    if facts.directory is None or not facts.directory.issued_at <= now < facts.directory.expires_at:
        return Closed((Reason.NO_DIRECTORY,))
    reasons: list[Reason] = []
    for record in candidates(facts.directory, place, premises):
        chain = facts.directory.chain(record)
        lacking = lacks(chain, now, facts)
        if not lacking:
            return Open(chain, facts.directory.version)
        reasons += lacking
    return Closed(tuple(dict.fromkeys(reasons)) or (Reason.NO_AUTHORITY,))


def candidates(directory: Directory, place: str, premises: str) -> list[Record]:
    """Offices competent there: those that name the province before those that name the whole country."""
    able = [r for r in directory.records if r.competence.covers(place, premises)]
    return sorted(able, key=lambda r: (place not in r.competence.places, str(r.authority)))


def lacks(chain: tuple[Record, ...], now: datetime, facts: Facts) -> list[Reason]:
    """Everything that keeps this chain from being open; empty when it may be."""
    first, *behind = chain
    standing = facts.standing.get(first.authority, Standing(first.authority))
    found = {
        Reason.KEY_ENDING: not all(_keyed(r, now) for r in chain),
        Reason.NO_AGREEMENT: not all(_agreed(facts.standing.get(r.authority), now) for r in chain),
        Reason.FEW_CONTACTS: standing.contacts < CONTACTS,
        Reason.NO_DRILL: standing.drill_passed_at is None
        or not timedelta(0) <= now - standing.drill_passed_at <= DRILL_AGE,
        Reason.DRILL_FAILED: standing.due < ENOUGH_TO_JUDGE and standing.drills_failed > 0,
        Reason.OVERDUE: standing.overdue > 0,
        Reason.SLOW: standing.due >= ENOUGH_TO_JUDGE and standing.on_time < SHARE * standing.due,
        Reason.NOBODY_BEHIND: not behind and not first.always_open,
    }
    return [reason for reason, true in found.items() if true]


def _keyed(record: Record, now: datetime) -> bool:
    return record.valid_from <= now.date() and now.date() + KEY_LEFT < record.valid_until


def _agreed(standing: Standing | None, now: datetime) -> bool:
    return bool(
        standing
        and standing.agreed_from
        and standing.agreed_until
        and standing.agreed_from <= now < standing.agreed_until
    )
