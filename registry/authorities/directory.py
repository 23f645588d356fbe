"""The signed directory of authorities: who may be a recipient of a sealed report, and nobody else.

A directory is a JSON object in canonical form (RFC 8785), signed with Ed25519 by custodians whose private keys never
touch a server (root.py: two of three). Each version carries the hash of the one before it, and each record the hash of
that authority's record before it: an authority's agent that keeps what it saw notices any key served to others in its
name. Dropped versions, rolled back ones, forks, another root, an expired or unsigned file: all are refused, and a
refused directory closes every form.

Served as /log/authorities/directory.json; old versions stay at /log/authorities/directory/<version>.json.
"""

import functools
import hashlib
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import rfc8785

from registry.authorities.hours import Hours
from registry.authorities.places import within
from registry.authorities.root import MOST, Root, Signature, made_by
from registry.core import crypto
from registry.core.errors import Invalid

FORMAT: Literal["resguardo-directory/2"] = "resguardo-directory/2"
LONGEST_RECORD = timedelta(days=396)
"""reporting.md 5.3: at most 13 months; ours is one year and a month of grace to meet again."""
LONGEST_CHAIN = 4
TAKE_FILES = ("police", "hotline")
"""reporting.md 5.12: only these may be given a mandate to receive files."""

Place = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}(-[A-Z0-9]{1,3}(/[0-9A-Z]{1,8})?)?$")]
"""A country, a province (ISO 3166-2), or a canton or district: the province, a stroke and the official code."""
Recipient = Annotated[str, msgspec.Meta(pattern="^age1[0-9a-z]{58}$")]
Hash = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Offence(StrEnum):
    """Kinds of acts an authority may answer for. Named as the Luxembourg Guidelines name them."""

    SEXUAL_EXPLOITATION = "sexual_exploitation"
    ABUSE_MATERIAL = "abuse_material"
    TRAFFICKING = "trafficking"
    CHILD_LABOUR = "child_labour"
    OTHER_VIOLENCE = "other_violence"


class Competence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The places an authority answers for, and the kinds of premises there; no premises means every kind."""

    places: Annotated[tuple[Place, ...], msgspec.Meta(min_length=1, max_length=400)]
    premises: tuple[Annotated[str, msgspec.Meta(max_length=40)], ...] = ()

    def covers(self, place: str, premises: str = "") -> bool:
        """Whether a place (it lies in one of these) and a kind of premises fall under it."""
        return self.nearness(place) > 0 and (not self.premises or not premises or premises in self.premises)

    def nearness(self, place: str) -> int:
        """How closely it names the place: the longer the code, the nearer the office; 0 when it does not at all."""
        return max((len(area) for area in self.places if within(area, place)), default=0)


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the agreement promises: hours to acknowledge, days to an outcome."""

    acknowledge_hours: Annotated[int, msgspec.Meta(ge=1, le=72)] = 72
    urgent_hours: Annotated[int, msgspec.Meta(ge=1, le=72)] = 4
    outcome_days: Annotated[int, msgspec.Meta(ge=1, le=180)] = 90


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One authority: what it answers for and the keys it holds. At least two working keys, and one for recovery.

    `offences` empty: every kind of act. `abroad`: it also answers for acts of its residents in other countries, and is
    the focal point that a reporter's home country gives. `hours` in `timezone`: when somebody is there. `attachments`:
    its written mandate lets it receive files; not written where it does not, so that what was signed before there was
    such a word still reads as it was signed.
    """

    authority: UUID
    names: dict[Annotated[str, msgspec.Meta(max_length=12)], Words]
    kind: Literal["police", "child_protection", "labour_inspectorate", "hotline", "ombudsman"]
    competence: Competence
    working: Annotated[tuple[Recipient, ...], msgspec.Meta(min_length=2, max_length=6)]
    recovery: Recipient
    signing: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{43}$")]
    languages: tuple[Annotated[str, msgspec.Meta(max_length=12)], ...]
    always_open: bool
    terms: Terms
    agreement: Words
    valid_from: date
    valid_until: date
    then: UUID | None = None
    previous: Hash = ""
    offences: tuple[Offence, ...] = ()
    abroad: bool = False
    hours: Hours | None = None
    timezone: Annotated[str, msgspec.Meta(max_length=40)] = ""
    attachments: bool | msgspec.UnsetType = msgspec.UNSET

    @property
    def takes_files(self) -> bool:
        """Whether its agreement lets it receive pictures and documents."""
        return self.attachments is True

    def answers(self, offence: Offence | None) -> bool:
        """Whether it is competent for this kind of act; a record that names none is for all, and so is an act that
        nobody could name."""
        return offence is None or not self.offences or offence in self.offences

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every key that a report is sealed to."""
        return (*self.working, self.recovery)

    def name(self, language: str) -> str:
        """Its name for readers of a language."""
        return self.names.get(language) or self.names.get("es") or next(iter(self.names.values()))


class Directory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version: all records in force when it was issued."""

    format: Literal["resguardo-directory/2"]
    version: Annotated[int, msgspec.Meta(ge=1)]
    issued_at: datetime
    expires_at: datetime
    previous: Hash
    records: Annotated[tuple[Record, ...], msgspec.Meta(max_length=2000)]

    def record(self, authority: UUID | None) -> Record | None:
        return next((r for r in self.records if r.authority == authority), None)

    def chain(self, first: Record) -> tuple[Record, ...]:
        """The offices a report goes to, one after the other, as their records name each other."""
        links = [first]
        while (following := self.record(links[-1].then)) and following not in links and len(links) < LONGEST_CHAIN:
            links.append(following)
        return tuple(links)


class Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The published file; without signatures, what is exported for the custodians to sign."""

    directory: Directory
    signatures: Annotated[tuple[Signature, ...], msgspec.Meta(max_length=MOST)] = ()


class Seen(msgspec.Struct, frozen=True):
    """The newest version a reader has accepted, so that an older one is never accepted again."""

    version: int
    digest: str


def canonical(thing: Directory | Record) -> bytes:
    """The exact bytes that are signed and hashed."""
    built: dict[str, Any] = msgspec.to_builtins(thing)
    return rfc8785.dumps(built)


def digest(thing: Directory | Record) -> str:
    return hashlib.sha256(canonical(thing)).hexdigest()


def aloud(public: str) -> str:
    """The fingerprint of a public key as people read it to each other: 40 digits in groups of five, good in every
    language. 132 bits of its SHA-256: nobody makes a second key that reads the same."""
    number = int.from_bytes(hashlib.sha256(public.encode()).digest()) % 10**40
    digits = f"{number:040d}"
    return " ".join(digits[at : at + 5] for at in range(0, 40, 5))


def mark(public: str) -> str:
    """By which a test says whose it is. No part of the fingerprint: that comes from its holder's mouth alone."""
    return crypto.b64url(crypto.sha256(f"test of {public}".encode()))[:10]


def sign(document: Directory | Signed, *custodians: crypto.Signer) -> bytes:
    """The file with one more signature for each custodian, made where their keys are: never on a server."""
    signed = document if isinstance(document, Signed) else Signed(document)
    sensible(signed.directory)
    data = canonical(signed.directory)
    added = tuple(made_by(custodian, data) for custodian in custodians)
    kept = tuple(s for s in signed.signatures if s.root not in {a.root for a in added})
    return msgspec.json.encode(Signed(signed.directory, kept + added))


def read(document: bytes) -> Signed:
    """An exported or a signed file as a custodian is given it, nothing verified; Invalid `directory-unreadable`."""
    try:
        return msgspec.json.decode(document, type=Signed)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("directory-unreadable") from error


def accept(document: bytes, root: Root, now: datetime, seen: Seen | None = None) -> Directory:
    """The directory in `document`, or Invalid saying why it must not be used. `root`: the pinned custodians."""
    directory = signed_by(document, root)
    if not directory.issued_at <= now < directory.expires_at:
        raise Invalid("directory-expired")
    follows(directory, seen)
    return directory


@functools.lru_cache(maxsize=8)
def signed_by(document: bytes, root: Root) -> Directory:
    """The directory in `document`, if the root signed it. Kept for the next caller: it asks nothing of the time."""
    signed = read(document)
    if not root.signed(canonical(signed.directory), signed.signatures):
        raise Invalid("directory-not-signed")
    sensible(signed.directory)
    return signed.directory


def follows(directory: Directory, seen: Seen | None) -> None:
    """Refuse what is older than, or another than, what was seen. A gap is allowed: the root signed both ends of it."""
    if seen is None:
        return
    if directory.version < seen.version:
        raise Invalid("directory-rolled-back")
    if directory.version == seen.version and digest(directory) != seen.digest:
        raise Invalid("directory-forked")
    if directory.version == seen.version + 1 and directory.previous != seen.digest:
        raise Invalid("directory-forked")


def sensible(directory: Directory) -> None:
    """What the shape cannot say: one record an authority, keys that differ, chains that end, no record for ever."""
    ids = [r.authority for r in directory.records]
    if len(set(ids)) != len(ids):
        raise Invalid("directory-not-sensible", why="authority twice")
    if directory.issued_at.tzinfo is None or directory.expires_at.tzinfo is None:
        raise Invalid("directory-not-sensible", why="time zone")
    for record in directory.records:
        if len(set(record.recipients)) != len(record.recipients):
            raise Invalid("directory-not-sensible", why="same key twice")
        if not timedelta(0) < record.valid_until - record.valid_from <= LONGEST_RECORD:
            raise Invalid("directory-not-sensible", why="validity")
        if record.then is not None and (record.then == record.authority or record.then not in ids):
            raise Invalid("directory-not-sensible", why="next office")
        if not record.names:
            raise Invalid("directory-not-sensible", why="no name")
        if record.hours is not None and (not record.timezone or record.hours.always != record.always_open):
            raise Invalid("directory-not-sensible", why="hours")
        if record.takes_files and record.kind not in TAKE_FILES:
            raise Invalid("directory-not-sensible", why="attachments")
