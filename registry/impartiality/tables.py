"""What the committee said of ties, and every glass that was broken."""

from piccolo.columns import UUID, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from registry.certification.impartiality import Bond
from registry.certification.tables import Certification
from registry.impartiality.rules import Treatment


class TieReview(Table, tablename="tie_review"):
    """One look of the committee at one tie; only ever added."""

    id = UUID(primary_key=True, default=None)
    person = UUID(default=None, index=True)
    organisation = UUID(default=None)
    bond = Varchar(length=15, choices=Bond)
    treatment = Varchar(length=15, choices=Treatment)
    note = Text(default="")
    reviewed_by = UUID(default=None)
    name = Varchar(length=200)
    reviewed_at = Timestamptz(default=None)


class Glass(Table, tablename="glass"):
    """A glass that a decider broke, the second person who agreed, and when the committee saw it."""

    id = UUID(primary_key=True, default=None)
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict, index=True)
    person = UUID(default=None, help_text="The decider who may sign for a day")
    name = Varchar(length=200)
    reason = Text()
    broken_at = Timestamptz(default=None)
    second = UUID(null=True, default=None)
    second_name = Varchar(length=200, default="")
    second_reason = Text(default="")
    agreed_at = Timestamptz(null=True, default=None)
    ends_at = Timestamptz(default=None)
    seen_by = UUID(null=True, default=None)
    seen_at = Timestamptz(null=True, default=None)
