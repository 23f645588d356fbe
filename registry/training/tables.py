"""Sessions, who was there, and the records they made. A record is never changed (migrations: training_guards)."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Unique
from piccolo.table import Table

from registry.clients.tables import Client, Worker
from registry.core.ids import uuid7
from registry.schemes.tables import SchemeVersion
from registry.training.rules import Kind, SessionState


class TrainingSession(Table, tablename="training_session"):
    """One class: facilitator, place, modules, and whose people it is for."""

    id = UUID(primary_key=True, default=uuid7)
    facilitator = UUID(default=None, index=True, help_text="Account; may not audit these businesses afterwards (I3)")
    facilitator_name = Varchar(length=200, help_text="The name that account had then")
    clients = Array(base_column=UUID(), help_text="Businesses whose people may attend")
    scheme_version = ForeignKey(SchemeVersion, null=False, on_delete=OnDelete.restrict)
    modules = Array(base_column=Varchar(length=10))
    kind = Varchar(length=10, choices=Kind, default=Kind.FULL)
    language = Varchar(length=2)
    place = Varchar(length=200)
    room_code = Varchar(length=6, help_text="Six digits, on the board and on every sheet of this session")
    items = Array(base_column=Varchar(length=20), help_text="What the knowledge check asks, in order")
    started_at = Timestamptz(default=None, index=True)
    minutes = Integer(help_text="Planned; a session is not closed before they are over")
    state = Varchar(length=10, choices=SessionState, default=SessionState.OPEN, index=True)
    opened_at = Timestamptz(default=None)
    closed_at = Timestamptz(null=True, default=None)
    signals = JSONB(default="[]", help_text="signals.Signal at closing: for a person to look at")


class Attendance(Table, tablename="attendance"):
    """One person in one session, confirmed by its facilitator."""

    id = UUID(primary_key=True, default=uuid7)
    session = ForeignKey(TrainingSession, null=False, on_delete=OnDelete.restrict)
    worker = ForeignKey(Worker, null=False, on_delete=OnDelete.restrict, index=True)
    client = ForeignKey(Client, null=False, on_delete=OnDelete.restrict)
    present = Boolean(default=True, help_text="False: written down by mistake; the row stays")
    score = SmallInt(null=True, default=None, help_text="Right answers; empty while the check was not taken")
    must_pass = Boolean(default=False, help_text="Every must-pass item was right")
    assisted = Boolean(default=False, help_text="Read aloud; counts the same")
    assurance = SmallInt(default=2, help_text="0 employer says so, 1 own card or phone, 2 the facilitator saw them")
    recorded_at = Timestamptz(default=None)
    recorded_by = UUID(default=None)

    unique_person = Unique(columns=["session", "worker"])


class TrainingRecord(Table, tablename="training_record"):
    """One module passed by one person. It stays theirs when they change employer."""

    id = UUID(primary_key=True, default=uuid7)
    session = ForeignKey(TrainingSession, null=False, on_delete=OnDelete.restrict)
    worker = ForeignKey(Worker, null=False, on_delete=OnDelete.restrict)
    client = ForeignKey(Client, null=False, on_delete=OnDelete.restrict, help_text="Employer on that day", index=True)
    module = Varchar(length=10)
    kind = Varchar(length=10, choices=Kind, default=Kind.FULL)
    scheme_version = ForeignKey(SchemeVersion, null=False, on_delete=OnDelete.restrict)
    assurance = SmallInt(default=2)
    assisted = Boolean(default=False)
    score = SmallInt(help_text="Right answers of `asked`")
    asked = SmallInt()
    passed_on = Date(default=None, help_text="Where the business is")
    expires_on = Date(default=None, help_text="Last day it holds; the next day this person is not trained")
    made_at = Timestamptz(default=None)

    unique_module = Unique(columns=["session", "worker", "module"])
