"""Prints. No sticker's content is kept here, only which seals."""

from piccolo.columns import JSONB, UUID, Integer, Timestamptz, Varchar
from piccolo.table import Table

from registry.printing.rules import State


class PrintJob(Table, tablename="print_job"):
    """One file somebody asked for."""

    id = UUID(primary_key=True, default=None)
    asked_by = UUID(default=None, index=True)
    association = UUID(null=True, default=None)
    client = UUID(null=True, default=None)
    title = Varchar(length=250)
    language = Varchar(length=2, help_text="Of the words beside the stickers: the asker's")
    layout = Varchar(length=20)
    seals = JSONB(help_text="Ids, in the order of the pages")
    total = Integer(help_text="Seals in it")
    done = Integer(default=0, help_text="Seals whose pages are made and kept")
    state = Varchar(length=10, choices=State, default=State.WAITING, index=True)
    asked_at = Timestamptz(default=None)
    leased_until = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
