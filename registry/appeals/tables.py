"""Appeals and all that is added to them. Who may not sit is guarded by the database itself:
migrations/registry/appeals_guards.py.
"""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from registry.appeals.rules import Act, Outcome, State
from registry.certification.tables import Certification, Decision


class Appeal(Table, tablename="appeal"):
    """One appeal of a holder against one decision."""

    id = UUID(primary_key=True, default=None)
    number = Varchar(length=20, unique=True, help_text="What people say and write: A-2026-0001")
    certification = ForeignKey(Certification, null=False, on_delete=OnDelete.restrict, index=True)
    decision = ForeignKey(Decision, null=False, on_delete=OnDelete.restrict)
    holder = UUID(default=None, index=True, help_text="The business, or the association of a group")
    holder_name = Varchar(length=200)
    appellant = UUID(default=None, help_text="Account of whoever lodged it for the holder")
    appellant_name = Varchar(length=200)
    grounds = Text(help_text="Why, in the holder's words")
    wanted = Text(default="", help_text="What the holder asks for")
    state = Varchar(length=15, choices=State, index=True)
    moved_at = Timestamptz(default=None, help_text="Since when it stands there")
    lodged_at = Timestamptz(default=None)
    lodged_on = Date(default=None, help_text="The day in the holder's zone; the clock counts from it")
    acknowledge_by = Date(default=None)
    acknowledged_on = Date(null=True, default=None)
    rule_by = Date(default=None)
    ruled_on = Date(null=True, default=None)
    stayed_at = Timestamptz(null=True, default=None, help_text="The panel stayed the decision; empty while it stands")
    outcome = Varchar(length=10, choices=Outcome, null=True, default=None)
    reasons = Text(default="", help_text="Of the ruling, as the appellant reads them")
    asked = Text(default="", help_text="What the ruling asks a decider to do")
    carried_out_by = UUID(null=True, default=None)


class AppealYear(Table, tablename="appeal_year"):
    """The last number given in a year."""

    year = Integer(primary_key=True)
    last = Integer()


class Panellist(Table, tablename="panellist"):
    """One person of the panel that hears an appeal."""

    id = UUID(primary_key=True, default=None)
    appeal = ForeignKey(Appeal, null=False, on_delete=OnDelete.restrict, index=True)
    person = UUID(default=None, index=True)
    name = Varchar(length=200)
    chair = Boolean(default=False)
    seated_at = Timestamptz(default=None)
    declared_at = Timestamptz(null=True, default=None, help_text="Declared to have no interest in this case")
    ended_at = Timestamptz(null=True, default=None, help_text="Replaced before the ruling; nothing is deleted")


class Ruling(Table, tablename="ruling"):
    """A ruling the chair proposed. It is the panel's once a majority has agreed."""

    id = UUID(primary_key=True, default=None)
    appeal = ForeignKey(Appeal, null=False, on_delete=OnDelete.restrict, index=True)
    outcome = Varchar(length=10, choices=Outcome)
    reasons = Text()
    asked = Text(default="", help_text="What a decider is asked to do, when it is upheld in whole or part")
    proposed_by = UUID(default=None)
    proposed_at = Timestamptz(default=None)
    carried_at = Timestamptz(null=True, default=None, help_text="A majority agreed: this is the ruling")
    ended_at = Timestamptz(null=True, default=None, help_text="Lost its vote, or its panel changed")


class RulingVote(Table, tablename="ruling_vote"):
    """What one member said of a proposed ruling; only ever added."""

    id = UUID(primary_key=True, default=None)
    ruling = ForeignKey(Ruling, null=False, on_delete=OnDelete.restrict, index=True)
    person = UUID(default=None)
    name = Varchar(length=200)
    agrees = Boolean()
    note = Text(default="", help_text="Why not; kept with the ruling")
    voted_at = Timestamptz(default=None)


class AppealStep(Table, tablename="appeal_step"):
    """Every move of an appeal; only ever added."""

    id = UUID(primary_key=True, default=None)
    appeal = ForeignKey(Appeal, null=False, on_delete=OnDelete.restrict, index=True)
    act = Varchar(length=15, choices=Act)
    state = Varchar(length=15, choices=State, help_text="After it")
    reason = Text(default="")
    taken_by = UUID(default=None)
    name = Varchar(length=200)
    taken_at = Timestamptz(default=None)
