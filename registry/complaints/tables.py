"""Notices and complaints. No column of a notice says who sent it; the words of a complaint can be taken out."""

from piccolo.columns import UUID, Bytea, Date, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from registry.complaints.rules import About, Act, Outcome, State


class Complaint(Table, tablename="complaint"):
    """One complaint about a holder, an auditor or the registry."""

    id = UUID(primary_key=True, default=None, help_text="The id its form made")
    number = Varchar(length=20, unique=True, help_text="What people say and write: Q-2026-0001")
    about = Varchar(length=10, choices=About)
    named = Varchar(length=200, default="", help_text="Code, name or plate, as it was written")
    text = Text(default="", help_text="The complainant's words; taken out when it is set aside")
    contact = Varchar(length=200, default="", help_text="E-mail address, or nothing; taken out when it is closed")
    language = Varchar(length=2, default="es")
    secret_sha256 = Bytea(default=b"", help_text="Of the half of the code that only the complainant has")
    sha256 = Bytea(default=b"", help_text="Of what was sent: the same form with the same words is one complaint")
    state = Varchar(length=20, choices=State, default=State.RECEIVED, index=True)
    moved_at = Timestamptz(default=None, help_text="Since when it stands there")
    lodged_at = Timestamptz(default=None)
    lodged_on = Date(default=None, help_text="The operator's day; the clock counts from it")
    acknowledge_by = Date(default=None)
    acknowledged_on = Date(null=True, default=None)
    answer_by = Date(default=None)
    closed_on = Date(null=True, default=None)
    organisation = UUID(null=True, default=None, help_text="Holder it is about, once we know; client or association")
    organisation_name = Varchar(length=200, default="")
    person = UUID(null=True, default=None, help_text="Account it is about, once we know")
    person_name = Varchar(length=200, default="")
    investigator = UUID(null=True, default=None, index=True, help_text="Account")
    investigator_name = Varchar(length=200, default="")
    outcome = Varchar(length=12, choices=Outcome, null=True, default=None)
    answer = Text(default="", help_text="What was found, as told to the complainant")
    visit = Varchar(length=10, default="", help_text="wanted, planned or nothing: a short-notice visit")


class ComplaintYear(Table, tablename="complaint_year"):
    """The last number given in a year."""

    year = Integer(primary_key=True)
    last = Integer()


class ComplaintStep(Table, tablename="complaint_step"):
    """Every move of a complaint; only ever added."""

    id = UUID(primary_key=True, default=None)
    complaint = UUID(default=None, index=True)
    act = Varchar(length=15, choices=Act)
    state = Varchar(length=20, choices=State, help_text="After it")
    note = Text(default="", help_text="Why, for those who handle complaints; never the complainant's words")
    taken_by = UUID(default=None)
    name = Varchar(length=200, default="")
    taken_at = Timestamptz(default=None)
