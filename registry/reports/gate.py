"""Where the form may be open. Pure: every caller (page, POST, API, embed, operator) asks this one function.

"Generate … report mechanisms without having a proper and adequate response system in place" is what ILO 2007 tells us
not to do. So a form is closed unless the first office of the chain has, all at once: competence for the place; a record
in the signed directory with more than 14 days left and no key revoked; a signed agreement in force; two confirmed
contacts; a drill passed within 30 days; no report past its time (bursts do not count, or flooding would close a
country); and, over 90 days, nine in ten answered in time (under five reports: no failed drill). A second office is
behind it, or it never closes.

It closes by itself and after a silence does not open by itself: a person has to say why it may. Two people with a
reason may lift what an office can mend within a day; nobody lifts a missing signature, key or agreement, and nobody
queues reports "until someone signs up".
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from registry.authorities.directory import Directory, Offence, Record

VERSION = 2
ABOUT = Offence.SEXUAL_EXPLOITATION
"""What the form is about. An office for other acts alone may stand behind another in a chain, never before it."""
KEY_LEFT = timedelta(days=14)
DRILL_AGE = timedelta(days=30)
SHARE = 0.9
ENOUGH_TO_JUDGE = 5
CONTACTS = 2
LONGEST_OVERRIDE = timedelta(hours=24)


class Reason(StrEnum):
    CANNOT_TELL = "cannot-tell"
    NO_DIRECTORY = "no-directory"
    NO_AUTHORITY = "no-authority"
    KEY_ENDING = "key-ending"
    KEY_REVOKED = "key-revoked"
    NO_AGREEMENT = "no-agreement"
    FEW_CONTACTS = "few-contacts"
    NO_DRILL = "no-drill"
    DRILL_FAILED = "drill-failed"
    OVERDUE = "overdue"
    SILENT = "silent"
    SLOW = "slow"
    NOBODY_BEHIND = "nobody-behind"


NEVER = frozenset({Reason.NO_DIRECTORY, Reason.NO_AUTHORITY, Reason.NO_AGREEMENT})
"""Nobody has agreed to receive anything there; every other reason is a pause."""
NEVER_LIFTED = NEVER | {Reason.CANNOT_TELL, Reason.KEY_ENDING, Reason.KEY_REVOKED}
"""What no two people can put in the place of: who may read, and their promise."""


class Override(msgspec.Struct, frozen=True):
    """Somebody asked to lift what an office lacks, and perhaps a second person agreed. It ends by itself."""

    id: UUID
    asked_by: UUID
    asked_at: datetime
    ends_at: datetime
    reasoned: bool
    agreed_by: UUID | None = None
    agreed_at: datetime | None = None

    def stands(self, now: datetime) -> bool:
        """Asked again here although the database refuses it too: a false row alone opens nothing."""
        return (
            self.reasoned
            and self.agreed_by is not None
            and self.agreed_at is not None
            and self.agreed_by != self.asked_by
            and self.asked_at <= self.agreed_at <= now < self.ends_at <= self.asked_at + LONGEST_OVERRIDE
        )


class Standing(msgspec.Struct, frozen=True):
    """How an office stands today. `due` and `on_time`: reports of 90 days, answered or out of time. `silent_at`: the
    last time a report ran out without a word, answered later or not; `opened_at`: when a person last opened it."""

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
    silent_at: datetime | None = None
    opened_at: datetime | None = None
    revoked: tuple[str, ...] = ()
    override: Override | None = None


class Facts(msgspec.Struct, frozen=True):
    """The accepted directory (None when there is none to trust) and each office's standing."""

    directory: Directory | None
    standing: dict[UUID, Standing]


class Open(msgspec.Struct, frozen=True):
    """Open, to these offices in this order. `lifted`: what two people let pass, by the override of that id."""

    chain: tuple[Record, ...]
    directory: int
    lifted: tuple[Reason, ...] = ()
    override: UUID | None = None


class Closed(msgspec.Struct, frozen=True):
    """Closed. `reasons` are for the office and the operator; strangers read one sentence and the hotlines."""

    reasons: tuple[Reason, ...]

    @property
    def paused(self) -> bool:
        """Somebody agreed to receive reports there and does not now; otherwise nobody has agreed yet."""
        return not NEVER & set(self.reasons)


def availability(place: str, premises: str, now: datetime, facts: Facts, home: str = "") -> Open | Closed:
    """Try the office of the place, then the national one, then the one of the country where the reporter lives if it
    answers for acts abroad. Open with the first chain that lacks nothing, or nothing that was not lifted."""
    if facts.directory is None or not facts.directory.issued_at <= now < facts.directory.expires_at:
        return Closed((Reason.NO_DIRECTORY,))
    reasons: list[Reason] = []
    for record in candidates(facts.directory, place, premises, home):
        chain = facts.directory.chain(record)
        lacking = lacks(chain, now, facts)
        if not lacking:
            return Open(chain, facts.directory.version)
        if override := lifts(record, lacking, now, facts):
            return Open(chain, facts.directory.version, tuple(lacking), override.id)
        reasons += lacking
    return Closed(tuple(dict.fromkeys(reasons)) or (Reason.NO_AUTHORITY,))


def candidates(directory: Directory, place: str, premises: str, home: str = "") -> list[Record]:
    """Offices competent there, those that name the place most closely first; then those of the home country."""
    near = [r for r in directory.records if _competent(r, place, premises)]
    away = [r for r in directory.records if home and r.abroad and r not in near and _competent(r, home, premises)]
    near.sort(key=lambda r: (-r.competence.nearness(place), str(r.authority)))
    return near + sorted(away, key=lambda r: str(r.authority))


def homes(directory: Directory) -> tuple[str, ...]:
    """The countries whose office answers for what their residents see abroad."""
    return tuple(sorted({p for r in directory.records if r.abroad for p in r.competence.places if len(p) == 2}))


def lacks(chain: tuple[Record, ...], now: datetime, facts: Facts) -> list[Reason]:
    """Everything that keeps this chain from being open; empty when it may be."""
    first, *behind = chain
    standing = facts.standing.get(first.authority, Standing(first.authority))
    found = {
        Reason.KEY_ENDING: not all(_keyed(r, now) for r in chain),
        Reason.KEY_REVOKED: any(_revoked(r, facts.standing.get(r.authority)) for r in chain),
        Reason.NO_AGREEMENT: not all(_agreed(facts.standing.get(r.authority), now) for r in chain),
        Reason.FEW_CONTACTS: standing.contacts < CONTACTS,
        Reason.NO_DRILL: standing.drill_passed_at is None
        or not timedelta(0) <= now - standing.drill_passed_at <= DRILL_AGE,
        Reason.DRILL_FAILED: standing.due < ENOUGH_TO_JUDGE and standing.drills_failed > 0,
        Reason.OVERDUE: standing.overdue > 0,
        Reason.SILENT: _silent(standing, now),
        Reason.SLOW: standing.due >= ENOUGH_TO_JUDGE and standing.on_time < SHARE * standing.due,
        Reason.NOBODY_BEHIND: not behind and not first.always_open,
    }
    return [reason for reason, true in found.items() if true]


def lifts(record: Record, lacking: list[Reason], now: datetime, facts: Facts) -> Override | None:
    """The override that lets all of this pass, if there is one."""
    override = facts.standing.get(record.authority, Standing(record.authority)).override
    return override if override and override.stands(now) and not NEVER_LIFTED & set(lacking) else None


def _competent(record: Record, place: str, premises: str) -> bool:
    """Where the kind of premises is not known, an office of some kinds only may be the wrong one."""
    return (
        record.answers(ABOUT)
        and record.competence.covers(place, premises)
        and bool(premises or not record.competence.premises)
    )


def _keyed(record: Record, now: datetime) -> bool:
    return record.valid_from <= now.date() and now.date() + KEY_LEFT < record.valid_until


def _revoked(record: Record, standing: Standing | None) -> bool:
    return bool(standing and {*record.recipients, record.signing} & set(standing.revoked))


def _agreed(standing: Standing | None, now: datetime) -> bool:
    return bool(
        standing
        and standing.agreed_from
        and standing.agreed_until
        and standing.agreed_from <= now < standing.agreed_until
    )


def _silent(standing: Standing, now: datetime) -> bool:
    """Whether it was silent and no person has opened it since."""
    silent, opened = standing.silent_at, standing.opened_at
    return silent is not None and silent <= now and not (opened is not None and silent < opened <= now)
