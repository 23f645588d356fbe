"""Counts of look-ups. No column could say who looked."""

from piccolo.columns import BigInt, BigSerial, Date, Varchar
from piccolo.table import Table


class ScanCount(Table, tablename="scan_count"):
    """How often one code was looked up on one day from one region, by what the page said. One row for each."""

    id = BigSerial(primary_key=True)
    code = Varchar(length=20, default="", index=True, help_text="The seal's code; empty where the register knows none")
    day = Date(default=None, index=True, help_text="The operator's day; no hour is kept")
    region = Varchar(length=10, default="unknown", help_text="Country or province as the operator's proxy says it")
    state = Varchar(length=20, help_text="What the page said")
    times = BigInt(default=0)
