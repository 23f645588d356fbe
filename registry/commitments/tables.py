"""Signed terms. What was signed is never changed; only its end may be written once (migrations: commitments_guards)."""

from piccolo.columns import UUID, Date, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from registry.clients.tables import Client
from registry.commitments.rules import Method, Power
from registry.core.ids import uuid7
from registry.schemes.tables import SchemeVersion


class Commitment(Table, tablename="commitment"):
    """One signature of one business under one text."""

    id = UUID(primary_key=True, default=uuid7)
    client = ForeignKey(Client, null=False, on_delete=OnDelete.restrict, index=True)
    scheme_version = ForeignKey(SchemeVersion, null=False, on_delete=OnDelete.restrict)
    language = Varchar(length=2)
    signatory_name = Varchar(length=200)
    signatory_position = Varchar(length=200)
    power = Varchar(length=30, choices=Power)
    method = Varchar(length=20, choices=Method)
    signed_by = UUID(default=None, help_text="Account")
    signed_at = Timestamptz(default=None)
    last_on = Date(default=None, help_text="Last day it holds, where the business is")
    sha256 = Varchar(length=64, help_text="Of the signed document: its key in the private store")
    fingerprint = Varchar(length=64, help_text="Of the text as it was read")
    ended_at = Timestamptz(null=True, default=None)
    ended_by = UUID(null=True, default=None)
    end_reason = Varchar(length=2000, default="", help_text="In the business's own words; never shown in public")
