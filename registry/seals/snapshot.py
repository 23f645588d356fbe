"""The snapshot: a complete, signed copy of every seal, from which verdicts are read (seals.md 3.2 and 3.3). Pure.

    snapshot/manifest   compact JWS over Manifest: small, signed, changes with every publication
    snapshot/<sha256>   the table (Table): which shards there are, and the words of the schemes
    snapshot/<sha256>   one shard (Shard) per region: JSON, named by its own hash, immutable

Complete means that absence proves something: a code that is in no shard was not in the register at `iat`.
A vehicle's facts are XOR-ed with a keystream that only its code opens, so a downloaded snapshot is no list of plates,
while whoever stands before the sticker reads its record. Establishments are public anyway and stand in clear. The
keystream depends on the sequence number of the *shard*: an unchanged shard keeps its bytes and its name from one
publication to the next, and a changed one never meets the same keystream again (no two-time pad).
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from typing import TypeVar

import msgspec

from registry.core.crypto import Signer, b64url, unb64url
from registry.seals import jose
from registry.seals.jose import Untrusted as Untrusted

T = TypeVar("T")
VERSION = 1
MANIFEST = "seal-snapshot+jwt"


class Kind(StrEnum):
    ESTABLISHMENT = "establishment"
    VEHICLE = "vehicle"


class State(StrEnum):
    VALID = "valid"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"  # the certification was taken away
    REPLACED = "replaced"  # a newer sticker exists for the same unit
    ENDED = "ended"  # no longer covered: left the group, sold, or ended by its holder; nobody's fault


class Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person compares with what stands before them, and what was checked and when. Opened by the code alone
    where the unit is a vehicle."""

    name: str  # establishment's name; for a vehicle the licence, line or boat's name, may be empty
    holder: str  # the business that is answerable
    plate: str = ""
    description: str = ""  # "Toyota Yaris 2019", "12 habitaciones"
    colour: str = ""
    premises: str = ""  # hotel, hostel, guesthouse …: the kind of establishment
    rooms: int = 0
    address: str = ""
    district: str = ""
    canton: str = ""
    province: str = ""  # its name; Entry.region is the code
    association: str = ""
    committed_on: date | None = None
    trained_on: date | None = None
    audited_on: date | None = None
    surveillance_on: date | None = None  # next one
    renewed_on: date | None = None  # the day of the decision that gave the same sticker new dates
    salt: str = ""  # opens the log's commitment; empty once the holder's data were erased


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One seal. Valid now = state VALID and valid_from <= now <= valid_until; the reader decides, at reading time."""

    code: str
    kind: Kind
    state: State
    since: datetime  # when it entered this state
    region: str  # ISO 3166-2, "CR-SJ"
    valid_from: datetime
    valid_until: datetime  # last valid second, UTC
    scheme: str  # "sectt-code"
    version: str
    serial: int  # printed on the sticker
    year: int  # the band's colour
    status_index: int  # in both status lists
    issued_index: int  # position of seal.issued in the log
    log_index: int  # position of its latest event
    credential: str  # SHA-256 of the compact JWS, hex
    facts: Facts
    zone: str = "UTC"  # the holder's time zone, for the dates shown
    plate_tag: str = ""  # see plate_tag(): finds a vehicle by its exact plate, tells its state and nothing else


class Listing(msgspec.Struct, frozen=True, omit_defaults=True):
    """A business that signed the commitment and holds no seal yet: never green."""

    id: str  # UUID of the listing, for /find/committed/{id}
    name: str
    kind: str  # lodging, taxi, freight, waterway, operator, entertainment
    region: str
    province: str
    canton: str
    signed_on: date
    scheme: str
    version: str
    association: str = ""


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """An Entry as it travels. `facts` and `code` stand in clear or, for vehicles, `sealed` holds both XOR-ed."""

    key: str  # address(code)
    kind: Kind
    state: State
    since: datetime
    region: str
    valid_from: datetime
    valid_until: datetime
    scheme: str
    version: str
    year: int
    serial: int
    status_index: int
    issued_index: int
    log_index: int
    credential: str
    zone: str = "UTC"
    plate_tag: str = ""
    code: str = ""
    facts: Facts | None = None
    sealed: str = ""


class Shard(msgspec.Struct, frozen=True, omit_defaults=True):
    v: int
    seq: int  # of the publication that wrote these bytes; part of the keystream
    name: str  # "CR-SJ" or "CR-SJ-a"
    region: str
    records: tuple[Record, ...] = ()
    listings: tuple[Listing, ...] = ()


class ShardRef(msgspec.Struct, frozen=True):
    name: str
    region: str
    sha256: str
    seq: int
    seals: int
    listings: int
    size: int  # bytes


class Words(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the public page says of a scheme's version, by language: its name, and the slogan by kind of unit."""

    scheme: str
    version: str
    name: dict[str, str]
    slogan: dict[str, dict[str, str]]
    attestation: str = "certification"  # or "recognition"
    valid_from: date | None = None


class KeyFact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key of the house, for whoever wants to tell strangers that one was replaced."""

    role: str  # issuer, snapshot or log
    kid: str
    state: str  # announced, active, retiring, retired or compromised
    since: datetime  # when it entered this state
    compromised_at: datetime | None = None


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    v: int
    shards: tuple[ShardRef, ...] = ()
    schemes: tuple[Words, ...] = ()
    keys: tuple[KeyFact, ...] = ()


class LogRef(msgspec.Struct, frozen=True, omit_defaults=True):
    size: int
    root: str  # base64, as in the checkpoint
    cosigned: int = 0  # size of the largest tree that enough witnesses had cosigned by then: `checkpoint.cosigned`
    cosigners: int = 0
    cosigned_at: int = 0  # seconds


class Manifest(msgspec.Struct, frozen=True):
    v: int
    seq: int
    iat: int  # seconds; the copy is as of then
    exp: int  # after this the copy proves nothing; the registry republishes long before
    count: int  # seals in all shards
    log: LogRef  # the tree that every log index points into
    root: str  # SHA-256 of the table's bytes, hex
    hotlines: str = ""  # SHA-256 of hotlines.json, hex; the same bytes stand under that name in snapshot/


_KEYED = Record.__struct_fields__[1:-3]  # what an Entry and its Record both say, in a Record's order
_keyed = attrgetter(*_KEYED)


class _Inside(msgspec.Struct, frozen=True):
    code: str
    facts: Facts


def unit_name(kind: Kind, facts: Facts) -> str:
    """For machines, and signed in the credential: what the thing is, and enough to tell it from another."""
    parts = [facts.name, facts.address, facts.canton] if kind is Kind.ESTABLISHMENT else [facts.name]
    return ", ".join(part for part in parts if part) or facts.plate


def name_of(data: bytes) -> str:
    """The file name under snapshot/: whoever holds the name can check the bytes."""
    return hashlib.sha256(data).hexdigest()


def address(code: str) -> str:
    """Where a code's record is found, without the code standing in the file. 128 bits, base64url."""
    return b64url(hashlib.sha256(b"resguardo-seal\n" + code.encode()).digest()[:16])


def plate_tag(plate: str) -> str:
    """A slow, unsalted-by-seal hash of a plate: finds one plate one knows; listing them all costs days, not seconds.

    Plates are few (26^3 * 10^3), so this slows a collector and stops none; it is why a tag leads to a state only.
    """
    spelled = "".join(letter for letter in plate.upper() if letter.isalnum())
    if not spelled:
        return ""
    return b64url(hashlib.scrypt(spelled.encode(), salt=b"resguardo-plate-1", n=1024, r=8, p=1, dklen=15))


def seal(entry: Entry, seq: int) -> Record:
    """As it travels in a shard written at `seq`."""
    if entry.kind is not Kind.VEHICLE:
        return Record(*(address(entry.code), *_keyed(entry), entry.code, entry.facts))
    plain = msgspec.json.encode(_Inside(entry.code, entry.facts))
    return Record(*(address(entry.code), *_keyed(entry), "", None, b64url(_xor(plain, seq, entry.code))))


def reveal(record: Record, seq: int, code: str) -> Entry:
    """The Entry behind a Record. `code` is what the traveller holds; `seq` is the shard's."""
    facts = record.facts
    if facts is None:
        try:
            inside = msgspec.json.decode(_xor(unb64url(record.sealed), seq, code), type=_Inside)
        except (msgspec.DecodeError, ValueError) as error:
            raise Untrusted("this code does not open this record") from error
        facts = inside.facts
        if inside.code != code:
            raise Untrusted("this record belongs to another code")
    elif record.code != code:
        raise Untrusted("this record belongs to another code")
    return Entry(code=code, facts=facts, **dict(zip(_KEYED, _keyed(record), strict=True)))


def encode_shard(shard: Shard) -> bytes:
    return msgspec.json.encode(shard, order="deterministic")


def decode_shard(data: bytes, expected: str | None = None) -> Shard:
    """`expected`: the name under which the table promised these bytes."""
    return _decode(data, Shard, expected)


def encode_table(table: Table) -> bytes:
    return msgspec.json.encode(table, order="deterministic")


def decode_table(data: bytes, expected: str | None = None) -> Table:
    return _decode(data, Table, expected)


def sign_manifest(manifest: Manifest, signer: Signer, did: str) -> str:
    return jose.sign(msgspec.json.encode(manifest), signer, f"{did}#{signer.kid}", MANIFEST)


def read_manifest(jws: str, verify: jose.Verify, highest_seq: int = 0) -> Manifest:
    """`highest_seq`: the highest this reader ever saw; an older manifest is refused (rollback). Ages are for the reader
    to judge by `iat` and `exp`: an old copy is grey, not forged."""
    try:
        manifest = msgspec.json.decode(jose.read(jws, verify, MANIFEST), type=Manifest)
    except msgspec.DecodeError as error:
        raise Untrusted("not a manifest") from error
    if manifest.v != VERSION:
        raise Untrusted("a manifest of another version")
    if manifest.seq < highest_seq:
        raise Untrusted("an older manifest than one already seen")
    return manifest


def write_shard(name: str, seq: int, entries: Sequence[Entry], listings: Sequence[Listing]) -> Shard:
    region = (entries[0] if entries else listings[0]).region
    # Sorted by key, not by code: a vehicle's place in the file says nothing about its code.
    records = sorted((seal(entry, seq) for entry in entries), key=lambda record: record.key)
    return Shard(VERSION, seq, name, region, tuple(records), tuple(listings))


def refer(shard: Shard, data: bytes) -> ShardRef:
    return ShardRef(
        shard.name, shard.region, name_of(data), shard.seq, len(shard.records), len(shard.listings), len(data)
    )


def pack(name: str, seq: int, entries: Sequence[Entry], listings: Sequence[Listing]) -> tuple[ShardRef, bytes]:
    """A shard's file and how the table refers to it."""
    shard = write_shard(name, seq, entries, sorted(listings, key=lambda listing: listing.id))
    data = encode_shard(shard)
    return refer(shard, data), data


def clear_entries(shard: Shard) -> Iterator[Entry]:
    """The entries that need no code: establishments, for the directory."""
    return (reveal(record, shard.seq, record.code) for record in shard.records if record.code)


_NUMBERS = [number.to_bytes(4, "big") for number in range(64)]


def _xor(data: bytes, seq: int, code: str) -> bytes:
    """Keystream block i = SHA-256(label, seq as 8 bytes, code, i as 4 bytes), big endian."""
    key, sha256 = b"resguardo-snapshot\n" + seq.to_bytes(8, "big") + code.encode(), hashlib.sha256
    blocks = (len(data) + 31) // 32
    numbers = _NUMBERS[:blocks] if blocks <= len(_NUMBERS) else [n.to_bytes(4, "big") for n in range(blocks)]
    stream = b"".join([sha256(key + number).digest() for number in numbers])
    whole = int.from_bytes(data, "big") ^ int.from_bytes(stream[: len(data)], "big")
    return whole.to_bytes(len(data), "big")


def _decode(data: bytes, shape: type[T], expected: str | None) -> T:
    if expected is not None and name_of(data) != expected:
        raise Untrusted("the bytes of %(name)s are not the ones that were signed", name=expected)
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.DecodeError as error:
        raise Untrusted("not a %(shape)s", shape=shape.__name__) from error
