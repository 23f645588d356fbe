"""What holders tell between two evaluations, and what they were warned of. Reports and notices are only ever added."""

from piccolo.columns import JSONB, UUID, Boolean, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from registry.certification.tables import Certification
from registry.clients.tables import Client
from registry.surveillance.rules import ChangeKind, Ending


class AnnualReport(Table, tablename="annual_report"):
    """A year as its holder signed it; the figures are those the registry had at that moment."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict, index=True)
    due_on = Date(default=None, help_text="The surveillance it is for")
    figures = JSONB(help_text="rules.Figures, equal to the registry's")
    done = Text(help_text="What was done this year, in the holder's own words; no child's story")
    signed_by = UUID(default=None)
    name = Varchar(length=200, help_text="Name when it was signed")
    signed_at = Timestamptz(default=None)


class ChangeNotice(Table, tablename="change_notice"):
    """A change that touches what was certified; an officer's answer is written once."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict, index=True)
    unit_id = UUID(null=True, default=None)
    kind = Varchar(length=15, choices=ChangeKind)
    happened_on = Date(default=None)
    text = Text()
    told_by = UUID(default=None)
    told_at = Timestamptz(default=None)
    evaluate = Boolean(null=True, default=None, help_text="The officer's answer: a team looks at it, or it needs none")
    answer = Text(default="")
    answered_by = UUID(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)


class Warned(Table, tablename="warned"):
    """A letter that said what ends when, so that it is sent once."""

    id = UUID(primary_key=True, default=None)
    client = ForeignKey(Client, null=True, default=None, on_delete=OnDelete.restrict, help_text="Whose training ends")
    certification = ForeignKey(Certification, null=True, default=None, on_delete=OnDelete.restrict)
    ending = Varchar(length=15, choices=Ending)
    ends_on = Date(default=None)
    days = Integer(help_text="60, 30 or 7 before")
    warned_at = Timestamptz(default=None)
