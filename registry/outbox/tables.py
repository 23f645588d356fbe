"""Messages."""

from piccolo.columns import JSONB, UUID, Array, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table

from registry.outbox.rules import State


class OutboxMessage(Table, tablename="outbox_message"):
    """One event and how far telling it has come."""

    id = UUID(primary_key=True, default=None)
    event = Varchar(length=80)
    payload = JSONB(default="{}", help_text="Ids only; jobs read the rest where it is")
    announced_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None, help_text="Not before; a lease moves it forward")
    attempts = Integer(default=0)
    done_jobs = Array(base_column=Varchar(length=120), default=list, help_text="Jobs that need not run again")
    state = Varchar(length=10, choices=State, default=State.WAITING)
    error = Text(null=True, default=None, help_text="What went wrong last, for whoever looks")
