"""Notices about the use of a seal. No column says who sent one."""

from piccolo.columns import UUID, Date, Timestamptz, Varchar
from piccolo.table import Table

from registry.notices.rules import About, State


class MismatchNotice(Table, tablename="mismatch_notice"):
    """One notice."""

    id = UUID(primary_key=True, default=None, help_text="Made from its content: the same notice twice is one row")
    about = Varchar(length=20, choices=About)
    code = Varchar(length=40, index=True, help_text="The seal's code, or a listing's id, or what was typed")
    seen = Varchar(length=200, default="", help_text="Plate, name or place the stranger saw; may be empty")
    what = Varchar(length=10, default="", help_text="What differs: plate, place, vehicle or other")
    region = Varchar(length=6, default="", help_text="Province (ISO 3166-2) or nothing")
    note = Varchar(length=500, default="", help_text="One free sentence; nothing about a person belongs here")
    told_on = Date(default=None, help_text="The day, not the minute: a minute and a place would point at somebody")
    state = Varchar(length=10, choices=State, default=State.OPEN, index=True)
    outcome = Varchar(length=1000, default="", help_text="What was found, in the officer's words")
    closed_at = Timestamptz(null=True, default=None)
    closed_by = UUID(null=True, default=None, help_text="Account")
