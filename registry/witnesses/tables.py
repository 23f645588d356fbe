"""What each witness last said. Nothing here is needed to ask again: a witness that is asked too much says so."""

from piccolo.columns import BigInt, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table


class LogWitness(Table, tablename="log_witness"):
    """One witness of the policy file, by its key."""

    vkey = Varchar(length=2000, primary_key=True)
    name = Varchar(length=200, help_text="In the policy")
    size = BigInt(default=0, help_text="Of the last tree of ours that it cosigned")
    cosigned_at = Timestamptz(null=True, default=None, help_text="By its own clock")
    tried_at = Timestamptz(null=True, default=None)
    failures = Integer(default=0, help_text="In a row; none after an answer")
    trouble = Text(default="", help_text="Why it did not cosign the last time it was asked")
