"""What must be true before an authority may stand in the directory. Pure."""

from collections import Counter
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

import msgspec

from registry.authorities.directory import FORMAT, TAKE_FILES, Competence, Directory, Offence, Record, Seen, Terms
from registry.authorities.hours import Hours
from registry.core.errors import Conflict, Invalid

YEAR = timedelta(days=365)
DIRECTORY_LASTS = timedelta(days=396)
PROOF_LENGTH = 26
CALL_LASTS = timedelta(hours=12)
"""A test envelope is opened in the call in which it was made, before its key can be listed (reporting.md 5.3)."""
WARNED_BEFORE = (60, 30, 21, 14, 7, 1)
"""Days before something ends at which the register's officers are told. At 14 the gate closes (gate.KEY_LEFT)."""


class Kind(StrEnum):
    POLICE = "police"
    CHILD_PROTECTION = "child_protection"
    LABOUR_INSPECTORATE = "labour_inspectorate"
    HOTLINE = "hotline"
    OMBUDSMAN = "ombudsman"


class Use(StrEnum):
    """What a key is for. Two people hold the working keys; the recovery key lies in a sealed envelope."""

    WORKING = "working"
    RECOVERY = "recovery"
    SIGNING = "signing"


class Key(msgspec.Struct, frozen=True):
    """A key as recorded. `proven_at`: when its holder showed that it opens (or signs); `read_back_at`: when its holder
    read its fingerprint to us over another channel. `task` is what its holder still has to open or sign."""

    use: Use
    public: str
    holder: str
    proven_at: datetime | None
    revoked_at: datetime | None = None
    read_back_at: datetime | None = None
    read_back_over: str = ""
    id: UUID | None = None
    task: str = ""

    @property
    def listed(self) -> bool:
        """Whether it may stand in the directory: opened, read back, not ended."""
        return self.proven_at is not None and self.read_back_at is not None and self.revoked_at is None


class Channel(StrEnum):
    """Over which a fingerprint was read back: never the one by which the key came, which is a file."""

    PHONE = "phone"
    VIDEO = "video"
    IN_PERSON = "in_person"
    LETTER = "letter"


class Agreed(msgspec.Struct, frozen=True):
    """An agreement in force."""

    reference: str
    terms: Terms
    valid_from: date
    valid_until: date
    attachments: bool = False


class Dossier(msgspec.Struct, frozen=True):
    """Everything known of one authority."""

    id: UUID
    names: dict[str, str]
    kind: Kind
    languages: tuple[str, ...]
    always_open: bool
    then: UUID | None
    competence: Competence
    keys: tuple[Key, ...]
    agreement: Agreed | None
    contacts: int = 0
    offences: tuple[Offence, ...] = ()
    abroad: bool = False
    hours: Hours | None = None
    timezone: str = ""
    country: str = ""

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names.get("es") or next(iter(self.names.values()), "")


class Lack(StrEnum):
    """What keeps an authority out of the next directory."""

    WORKING_KEYS = "working-keys"
    RECOVERY_KEY = "recovery-key"
    SIGNING_KEY = "signing-key"
    TWO_HOLDERS = "two-holders"
    RECOVERY_HOLDER = "recovery-holder"
    READ_BACK = "read-back"
    AGREEMENT = "agreement"
    COMPETENCE = "competence"


def lacks(dossier: Dossier, today: date) -> list[Lack]:
    """Everything that is missing; empty when a record can be written. Only keys opened with and read back count."""
    count = Counter(k.use for k in live(dossier))
    holders = {k.holder.casefold() for k in live(dossier) if k.use is Use.WORKING}
    keepers = {k.holder.casefold() for k in live(dossier) if k.use is Use.RECOVERY}
    agreement = dossier.agreement
    found = {
        Lack.WORKING_KEYS: count[Use.WORKING] < 2,
        Lack.RECOVERY_KEY: count[Use.RECOVERY] != 1,
        Lack.SIGNING_KEY: count[Use.SIGNING] != 1,
        Lack.TWO_HOLDERS: len(holders) < 2,
        Lack.RECOVERY_HOLDER: bool(holders & keepers),
        Lack.READ_BACK: any(k.proven_at and not k.revoked_at and not k.read_back_at for k in dossier.keys),
        Lack.AGREEMENT: agreement is None or not agreement.valid_from <= today < agreement.valid_until,
        Lack.COMPETENCE: not dossier.competence.places,
    }
    return [lack for lack, true in found.items() if true]


def live(dossier: Dossier) -> list[Key]:
    """Keys that were proven, read back and not revoked."""
    return [k for k in dossier.keys if k.listed]


def record(dossier: Dossier, today: date, previous: str) -> Record:
    """The record to be signed; Conflict with what is missing when it cannot be written yet."""
    if missing := lacks(dossier, today):
        raise Conflict("authority-not-ready", authority=str(dossier.id), missing=[str(m) for m in missing])
    agreement = dossier.agreement
    keys = live(dossier)
    if agreement is None:
        raise Conflict("authority-not-ready", authority=str(dossier.id), missing=[str(Lack.AGREEMENT)])
    return Record(
        authority=dossier.id,
        names=dossier.names,
        kind=dossier.kind.value,
        competence=dossier.competence,
        working=tuple(k.public for k in keys if k.use is Use.WORKING),
        recovery=next(k.public for k in keys if k.use is Use.RECOVERY),
        signing=next(k.public for k in keys if k.use is Use.SIGNING),
        languages=dossier.languages,
        always_open=dossier.always_open,
        terms=agreement.terms,
        agreement=agreement.reference,
        valid_from=today,
        valid_until=min(agreement.valid_until, today + YEAR),
        then=dossier.then,
        previous=previous,
        offences=dossier.offences,
        abroad=dossier.abroad,
        hours=dossier.hours,
        timezone=dossier.timezone,
        attachments=True if agreement.attachments and dossier.kind.value in TAKE_FILES else msgspec.UNSET,
    )


def following(seen: Seen | None, records: list[Record], now: datetime) -> Directory:
    """The next version, unsigned, chained to the last one."""
    version, previous = (seen.version + 1, seen.digest) if seen else (1, "")
    ids = {r.authority for r in records}
    kept = tuple(msgspec.structs.replace(r, then=r.then if r.then in ids else None) for r in records)
    return Directory(FORMAT, version, now, now + DIRECTORY_LASTS, previous, kept)


def agreement_sensible(agreed: Agreed, kind: Kind) -> None:
    """An agreement may tighten our clocks and never loosen them; the shape of Terms already holds the ceilings. It may
    let only police and hotlines receive files."""
    if agreed.attachments and kind.value not in TAKE_FILES:
        raise Invalid("agreement-attachments", fields={"attachments": "agreement-attachments"})
    if agreed.valid_until <= agreed.valid_from:
        raise Invalid("agreement-dates", fields={"valid_until": "agreement-dates"})
    if agreed.terms.urgent_hours > agreed.terms.acknowledge_hours:
        raise Invalid("agreement-urgent-slower", fields={"urgent_hours": "agreement-urgent-slower"})


def in_time(recorded_at: datetime, now: datetime) -> None:
    """A task answered after the call says only that somebody has the key now, not that its holder had it then."""
    if now - recorded_at > CALL_LASTS:
        raise Conflict("key-task-old", fields={"answer": "key-task-old"})


def hours_sensible(hours: Hours | None, timezone: str, *, always_open: bool) -> None:
    """Hours are said in a time zone, and day and night is said in one way."""
    if hours is not None and not timezone:
        raise Invalid("authority-zone", fields={"timezone": "authority-zone"})
    if hours is not None and hours.always != always_open:
        raise Invalid("authority-hours", fields={"opens": "authority-hours"})


class Ending(msgspec.Struct, frozen=True):
    """Something of an authority, or the directory itself (no authority), that ends soon."""

    what: Literal["directory", "record", "agreement"]
    authority: UUID | None
    name: str
    ends_on: date

    def key(self, days: int) -> str:
        return f"{self.what}:{self.authority or ''}:{self.ends_on}:{days}"


def endings(directory: Directory | None, dossiers: list[Dossier]) -> list[Ending]:
    """Everything that will end by itself, the soonest first."""
    found = [Ending("directory", None, "", directory.expires_at.date())] if directory else []
    records = directory.records if directory else ()
    found += [Ending("record", r.authority, r.name("es"), r.valid_until) for r in records]
    found += [
        Ending("agreement", d.id, next(iter(d.names.values()), ""), d.agreement.valid_until)
        for d in dossiers
        if d.agreement is not None
    ]
    return sorted(found, key=lambda e: (e.ends_on, e.what, str(e.authority)))


def stage(ends_on: date, today: date) -> int | None:
    """Which warning is due: the smallest of WARNED_BEFORE not yet passed; 0 once it has ended; None: none yet."""
    left = (ends_on - today).days
    return 0 if left <= 0 else next((days for days in reversed(WARNED_BEFORE) if left <= days), None)
