"""Schemes and their versions. A version is never changed (migrations: schemes_guards)."""

from piccolo.columns import UUID, Date, ForeignKey, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from registry.core.ids import uuid7


class Scheme(Table, tablename="scheme"):
    """A code of conduct."""

    id = UUID(primary_key=True, default=uuid7)
    key = Varchar(length=60, unique=True, help_text="Named in addresses, credentials and commands")
    created_at = Timestamptz(default=None)


class SchemeVersion(Table, tablename="scheme_version"):
    """One published text of a scheme."""

    id = UUID(primary_key=True, default=uuid7)
    scheme = ForeignKey(Scheme, null=False)
    number = Varchar(length=20, help_text="As printed: 1.0")
    content = Text(default="", help_text="Canonical JSON (RFC 8785): the very bytes that sha256 is of")
    sha256 = Varchar(length=64, unique=True, help_text="Hex; also keeps one text from being published twice")
    effective_on = Date(default=None, help_text="Applies from 00:00 UTC of this day")
    published_at = Timestamptz(default=None)
    published_by = UUID(default=None, help_text="Account")
    published_name = Varchar(length=200, help_text="The name that account had then")

    unique_number = Unique(columns=["scheme", "number"])
