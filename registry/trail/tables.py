"""Entries and the chain over them. A trigger (migrations: trail_guards) refuses to change or delete either."""

from piccolo.columns import JSONB, UUID, BigInt, BigSerial, Bytea, Timestamptz, Varchar
from piccolo.table import Table


class TrailEntry(Table, tablename="trail_entry"):
    """One act."""

    id = BigSerial(primary_key=True)
    at = Timestamptz(default=None, help_text="The verb's own `now`")
    actor = UUID(default=None, index=True, help_text="Account, device or the system (all zeros)")
    event = Varchar(length=80, index=True)
    subject = UUID(default=None, null=True, index=True, help_text="What it was done to")
    details = JSONB(default="{}")


class TrailLink(Table, tablename="trail_link"):
    """One link of the chain: SHA-256 over the link before, and the entry."""

    number = BigInt(primary_key=True, default=0)
    entry = BigInt(unique=True, default=0)
    hash = Bytea(default=b"", help_text="32 bytes")
