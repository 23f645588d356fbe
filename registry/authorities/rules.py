"""What must be true before an authority may stand in the directory. Pure."""

from collections import Counter
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from registry.authorities.directory import FORMAT, Competence, Directory, Record, Seen, Terms
from registry.core.errors import Conflict, Invalid

YEAR = timedelta(days=365)
DIRECTORY_LASTS = timedelta(days=396)
PROOF_LENGTH = 26


class Kind(StrEnum):
    POLICE = "police"
    CHILD_PROTECTION = "child_protection"
    LABOUR_INSPECTORATE = "labour_inspectorate"
    HOTLINE = "hotline"


class Use(StrEnum):
    """What a key is for. Two people hold the working keys; the recovery key lies in a sealed envelope."""

    WORKING = "working"
    RECOVERY = "recovery"
    SIGNING = "signing"


class Key(msgspec.Struct, frozen=True):
    """A key as recorded. `proven_at`: when its holder showed that it opens (or signs)."""

    use: Use
    public: str
    holder: str
    proven_at: datetime | None
    revoked_at: datetime | None = None


class Agreed(msgspec.Struct, frozen=True):
    """An agreement in force."""

    reference: str
    terms: Terms
    valid_from: date
    valid_until: date


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


class Lack(StrEnum):
    """What keeps an authority out of the next directory."""

    WORKING_KEYS = "working-keys"
    RECOVERY_KEY = "recovery-key"
    SIGNING_KEY = "signing-key"
    TWO_HOLDERS = "two-holders"
    AGREEMENT = "agreement"
    COMPETENCE = "competence"


def lacks(dossier: Dossier, today: date) -> list[Lack]:
    """Everything that is missing; empty when a record can be written. Only proven keys count."""
    count = Counter(k.use for k in live(dossier))
    holders = {k.holder.casefold() for k in live(dossier) if k.use is Use.WORKING}
    agreement = dossier.agreement
    found = {
        Lack.WORKING_KEYS: count[Use.WORKING] < 2,
        Lack.RECOVERY_KEY: count[Use.RECOVERY] != 1,
        Lack.SIGNING_KEY: count[Use.SIGNING] != 1,
        Lack.TWO_HOLDERS: len(holders) < 2,
        Lack.AGREEMENT: agreement is None or not agreement.valid_from <= today < agreement.valid_until,
        Lack.COMPETENCE: not dossier.competence.places,
    }
    return [lack for lack, true in found.items() if true]


def live(dossier: Dossier) -> list[Key]:
    """Keys that were proven and not revoked."""
    return [k for k in dossier.keys if k.proven_at and not k.revoked_at]


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
    )


def following(seen: Seen | None, records: list[Record], now: datetime) -> Directory:
    """The next version, unsigned, chained to the last one."""
    version, previous = (seen.version + 1, seen.digest) if seen else (1, "")
    ids = {r.authority for r in records}
    kept = tuple(msgspec.structs.replace(r, then=r.then if r.then in ids else None) for r in records)
    return Directory(FORMAT, version, now, now + DIRECTORY_LASTS, previous, kept)


def agreement_sensible(agreed: Agreed) -> None:
    """An agreement may tighten our clocks and never loosen them; the shape of Terms already holds the ceilings."""
    if agreed.valid_until <= agreed.valid_from:
        raise Invalid("agreement-dates", fields={"valid_until": "agreement-dates"})
    if agreed.terms.urgent_hours > agreed.terms.acknowledge_hours:
        raise Invalid("agreement-urgent-slower", fields={"urgent_hours": "agreement-urgent-slower"})
