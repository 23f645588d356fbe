"""Notices and complaints. No column of a notice says who sent it; the words of a complaint can be taken out."""

from piccolo.columns import UUID, Boolean, Bytea, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from registry.complaints import misuse as marks
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
    subject = Varchar(length=240, default="", help_text="What it speaks of: an issued seal's code, or about and name")
    burst = Boolean(default=False, help_text="It came in a flood: more spoke of this that day than people write")


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


class MismatchNotice(Table, tablename="mismatch_notice"):
    """What a stranger told us about a mark."""

    id = UUID(primary_key=True, default=None, help_text="Made from its content: the same notice twice is one row")
    about = Varchar(length=20, choices=marks.About)
    code = Varchar(length=40, index=True, help_text="The seal's code, or a listing's id, or what was typed")
    seen = Varchar(length=200, default="", help_text="Plate, name or place the stranger saw; may be empty")
    what = Varchar(length=10, default="", help_text="What differs: plate, place, vehicle or other")
    region = Varchar(length=6, default="", help_text="Province (ISO 3166-2) or nothing")
    note = Varchar(length=500, default="", help_text="One free sentence; nothing about a person belongs here")
    told_on = Date(
        default=None, help_text="The register's day, not the minute: that and a place would point at somebody"
    )
    state = Varchar(length=10, choices=marks.Told, default=marks.Told.OPEN, index=True)
    outcome = Varchar(length=1000, default="", help_text="What was found, in the officer's words")
    closed_at = Timestamptz(null=True, default=None)
    closed_by = UUID(null=True, default=None, help_text="Account")
    misuse = UUID(null=True, default=None, index=True, help_text="The case it is evidence in")
    again = Integer(default=0, help_text="How many more that day said so; of those nothing else is kept")
    known = Boolean(default=True, help_text="Whether the code was one we gave when it was told")


class Misuse(Table, tablename="misuse"):
    """One misuse of the mark: a mark where none may be, or one that still hangs after it was lost."""

    id = UUID(primary_key=True, default=None)
    number = Varchar(length=20, unique=True, help_text="What people say and write: M-2026-0001")
    kind = Varchar(length=10, choices=marks.Kind, default=marks.Kind.MISUSE)
    code = Varchar(length=40, default="", index=True, help_text="Code on the mark, when there is one")
    certification = UUID(null=True, default=None, help_text="The certificate that was lost, of a removal")
    holder = UUID(null=True, default=None, index=True, help_text="Business it is about; none when never certified")
    holder_name = Varchar(length=200, help_text="Name, or what is known of whoever shows the mark")
    place = Varchar(length=200, default="", help_text="Where it was seen, or the plate it was seen on")
    state = Varchar(length=10, choices=marks.State, index=True)
    moved_at = Timestamptz(default=None)
    opened_at = Timestamptz(default=None)
    opened_on = Date(default=None)
    warned_on = Date(null=True, default=None)
    stop_by = Date(null=True, default=None, help_text="Last day the mark may still hang")
    published_on = Date(null=True, default=None)
    removed_on = Date(null=True, default=None)
    closed_on = Date(null=True, default=None)
    outcome = Varchar(length=12, choices=marks.Outcome, null=True, default=None)


class MisuseYear(Table, tablename="misuse_year"):
    """The last number given in a year."""

    year = Integer(primary_key=True)
    last = Integer()


class MisuseStep(Table, tablename="misuse_step"):
    """Every move of a case; only ever added."""

    id = UUID(primary_key=True, default=None)
    misuse = ForeignKey(Misuse, null=False, on_delete=OnDelete.restrict, index=True)
    act = Varchar(length=10, choices=marks.Act)
    state = Varchar(length=10, choices=marks.State, help_text="After it")
    note = Text(default="", help_text="Why; the letter's words, of a letter")
    taken_by = UUID(default=None)
    name = Varchar(length=200)
    taken_at = Timestamptz(default=None)


class MisuseEvidence(Table, tablename="misuse_evidence"):
    """A photograph or document of a case; only ever added."""

    id = UUID(primary_key=True, default=None)
    misuse = ForeignKey(Misuse, null=False, on_delete=OnDelete.restrict, index=True)
    shows = Varchar(length=10, choices=marks.Shows)
    note = Varchar(length=500, default="")
    taken_on = Date(default=None, help_text="The day it shows")
    nobody_in_it = Boolean(default=False, help_text="Whoever added it looked: no child, no guest can be known in it")
    storage_key = Varchar(length=200)
    content_type = Varchar(length=60)
    sha256 = Varchar(length=64, help_text="Of what is stored, which holds nothing a camera wrote into it")
    added_by = UUID(default=None)
    name = Varchar(length=200)
    added_at = Timestamptz(default=None)
    gone_on = Date(null=True, default=None, help_text="The day its picture and note were deleted; a year after the end")
