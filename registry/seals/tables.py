"""Seals, the log and what was published last. What may never change is guarded by the database itself:
migrations/registry/seals_guards.py.
"""

from piccolo.columns import JSONB, UUID, BigInt, BigSerial, Bytea, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from registry.core.keyring import KeyState
from registry.seals.snapshot import Kind, State


class Seal(Table, tablename="seal"):
    """One printed code and what it stands for."""

    id = UUID(primary_key=True, default=None)
    code = Varchar(length=16, unique=True)
    certification = UUID(default=None, index=True)
    unit = UUID(default=None, index=True)
    kind = Varchar(length=15, choices=Kind)
    client = UUID(default=None, index=True)
    association = UUID(null=True, default=None, index=True)
    state = Varchar(length=10, choices=State, help_text="Expiry is no state: valid_until decides at reading time")
    since = Timestamptz(default=None)
    issued_at = Timestamptz(default=None)
    valid_from = Timestamptz(default=None)
    valid_until = Timestamptz(default=None, help_text="Last valid second")
    zone = Varchar(length=60)
    region = Varchar(length=10, help_text="ISO 3166-2: which shard")
    place = Integer(default=0, help_text="sharding.place of the code: which shard of its region; the database fills it")
    scheme = Varchar(length=60)
    scheme_version = UUID(default=None)
    version = Varchar(length=20)
    language = Varchar(length=2, help_text="Of the words on the sticker, beside English")
    serial = Integer(unique=True, help_text="Printed on the sticker")
    year = Integer(help_text="The band's colour")
    status_index = Integer(
        unique=True, help_text="Status number, drawn at random: the bit in both lists (status_list.py)"
    )
    salt = Bytea(null=True, default=None, help_text="Opens the log's commitment; forgotten with the holder's data")
    facts = JSONB(help_text="snapshot.Facts without the salt: as certified")
    plate_tag = Varchar(length=24, default="")
    jws = Text(help_text="The signed credential")
    credential = Varchar(length=64, help_text="SHA-256 of jws, hex")
    issued_index = BigInt(help_text="Of seal.issued in the log")
    log_index = BigInt(help_text="Of its latest event in the log")
    replaces = UUID(null=True, default=None, help_text="The seal whose sticker this one takes the place of")


class SigningKey(Table, tablename="signing_key"):
    """A key that signs for the house, its public half and where its private half is kept. What became of it is kept."""

    kid = Varchar(length=43, primary_key=True, help_text="RFC 7638 thumbprint; one key, one use")
    role = Varchar(length=10, help_text="issuer, snapshot or log")
    source = Text(help_text="file:…, env:… or kms:…; never the key itself")
    jwk = JSONB(help_text="The public half")
    state = Varchar(length=12, choices=KeyState)
    announced_at = Timestamptz(default=None)
    active_at = Timestamptz(null=True, default=None)
    replaced_at = Timestamptz(null=True, default=None, help_text="Another took its place; it retires 30 days later")
    retired_at = Timestamptz(null=True, default=None)
    compromised_at = Timestamptz(null=True, default=None, help_text="From then on its signatures prove nothing")


class LogEntry(Table, tablename="log_entry"):
    """One leaf of the public log. Only ever appended to, without a gap."""

    number = BigInt(primary_key=True, default=0)
    leaf = Bytea(help_text="The exact bytes that are hashed")
    hash = Bytea(help_text="RFC 6962 leaf hash, 32 bytes")
    event = Varchar(length=40)
    seal = ForeignKey(Seal, null=True, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(default=None)


class LogTail(Table, tablename="log_tail"):
    """One row, locked by whoever appends: so the order of commits is the order of the log."""

    id = Integer(primary_key=True, default=1)
    size = BigInt(default=0, help_text="Leaves so far")
    serial = Integer(default=0, help_text="Last one given to a sticker")
    changed = BigInt(default=0, help_text="Grows with every change that a publication must show")


class LogHead(Table, tablename="log_head"):
    """One row: what was signed and published last. It moves only from what it was (compare and swap)."""

    id = Integer(primary_key=True, default=1)
    size = BigInt(default=0)
    root = Bytea(default=b"", help_text="Of the tree of that size; empty before the first publication")
    seq = BigInt(default=0, help_text="Of the last manifest")
    changed = BigInt(default=0, help_text="log_tail.changed that the last publication showed")
    published_at = Timestamptz(null=True, default=None)
    cosigned_size = BigInt(default=0, help_text="Of the largest tree that enough witnesses cosigned")
    cosigned_at = Timestamptz(null=True, default=None, help_text="When the earliest of them did")
    cosigners = Integer(default=0, help_text="How many did")
    ahead = BigInt(default=0, help_text="Size of a larger tree with our signature that a witness showed us")
    superseded = JSONB(default="[]", help_text="Files of earlier snapshots and since when nothing refers to them")
    lists_at = Timestamptz(
        null=True, default=None, help_text="When the status lists were last signed anew, all of them"
    )


class CommittedListing(Table, tablename="committed_listing"):
    """A business that signed. Shown to strangers as long as it holds no seal; never green."""

    id = UUID(primary_key=True, default=None)
    client = UUID(unique=True, default=None)
    name = Varchar(length=200)
    kind = Varchar(length=20)
    region = Varchar(length=10)
    province = Varchar(length=100, default="")
    canton = Varchar(length=100, default="")
    association = Varchar(length=200, default="")
    signed_on = Date(default=None)
    scheme = Varchar(length=60)
    scheme_version = UUID(default=None)
    version = Varchar(length=20)
    ended_at = Timestamptz(null=True, default=None, help_text="The commitment ended or the business left")


class Unpublished(Table, tablename="unpublished"):
    """What a publication has yet to show; written by triggers, so that no hand forgets it."""

    id = BigSerial(primary_key=True)
    region = Varchar(length=10)
    place = Integer(help_text="sharding.place of the code: which shard of the region; listings stand at 0")
    seal = UUID(null=True, default=None, help_text="Empty where a listing changed")


class BoundFile(Table, tablename="bound_file"):
    """A published file that the manifest answers for: readers take no other bytes under its name."""

    name = Varchar(length=60, primary_key=True)
    data = Bytea(default=b"")
    sha256 = Varchar(length=64)
