"""Many rows in few statements: a list of members or a roster is one trip to the database, not thousands."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from piccolo.table import Table

CHUNK = 1000


async def insert_many(rows: Iterable[Table], *, chunk: int = CHUNK) -> int:
    """Insert rows of one table, `chunk` at a time, in the transaction we are in. Returns how many."""
    iterator, count = iter(rows), 0
    while some := list(islice(iterator, chunk)):
        table = type(some[0])
        # PostgreSQL takes at most 32,767 bound values a statement.
        width = max(1, 30_000 // max(1, len(table._meta.columns)))
        for start in range(0, len(some), width):
            await table.insert(*some[start : start + width])
        count += len(some)
    return count


async def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], connection: Any) -> int:
    """COPY rows into a table over the connection of a transaction: for tens of thousands. Returns how many."""
    done = await connection.copy_records_to_table(table, records=rows, columns=list(columns))
    return int(str(done).rsplit(" ", 1)[-1])
