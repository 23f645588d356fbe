"""The figures of the channel: counted by the database as things happen, published once a quarter, read by everybody.

What is counted names no report (`reports.tally`, written by a trigger at each change of state; drills and floods are
not counted). Publishing writes the rounded figures and destroys the counts in one transaction.
"""

import json
import secrets
from collections import defaultdict
from datetime import date, datetime
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core.db import PUBLIC_DB, REPORTS_DB, Database, execute, fetch
from registry.reports import figures
from registry.reports.steps import record


class Quarter(msgspec.Struct, frozen=True):
    """What was published about one country and quarter. None: left out, or nothing."""

    country: str
    quarter: date
    published_on: date
    figures: dict[str, int | None]

    def __getitem__(self, what: str) -> int | None:
        return self.figures.get(what)

    @property
    def name(self) -> str:
        """`2026-Q4`."""
        return f"{self.quarter.year}-Q{(self.quarter.month + 2) // 3}"


@verb(Permission.REPORTS_DELIVER, engine=REPORTS_DB)
async def publish(actor: Actor, now: datetime) -> int:
    """Publish every quarter that is ripe, once; returns how many countries' quarters were new."""
    rows = await fetch(
        "SELECT country, quarter, what, sum(n)::int AS n FROM reports.tally WHERE quarter <= $1 GROUP BY 1, 2, 3",
        figures.quarter(now.date()),
        engine=REPORTS_DB,
    )
    found: dict[tuple[str, date], dict[str, int]] = defaultdict(dict)
    for row in rows:
        if figures.publishable(row["quarter"], now):
            found[row["country"], row["quarter"]][row["what"]] = row["n"]
    new = 0
    for (country, quarter), tallies in found.items():
        new += await _publish(now, country, quarter, tallies)
    return new


async def _publish(now: datetime, country: str, quarter: date, tallies: dict[str, int]) -> bool:
    """What was published stays: a count that comes for such a quarter is only destroyed."""
    before = await fetch(
        "SELECT 1 FROM reports.figure WHERE country = $1 AND quarter = $2 LIMIT 1", country, quarter, engine=REPORTS_DB
    )
    if not before:
        for what, value in figures.publish(tallies, secrets.randbelow).items():
            await execute(
                "INSERT INTO reports.figure (id, country, quarter, what, shown, published_on)"
                " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5)",
                country,
                quarter,
                what,
                value,
                now.date(),
                engine=REPORTS_DB,
            )
        await record(UUID(int=0), "reports.figures_published", now, None, f"{country} {quarter}")
    await execute("DELETE FROM reports.tally WHERE country = $1 AND quarter = $2", country, quarter, engine=REPORTS_DB)
    return not before


async def published(engine: Database = PUBLIC_DB) -> list[Quarter]:
    """Everything that was published, the newest quarter first."""
    (row,) = await fetch("SELECT reports.figures() AS said", engine=engine)
    found: dict[tuple[str, str], Quarter] = {}
    for one in json.loads(row["said"]):
        key = (one["quarter"], one["country"])
        if key not in found:
            found[key] = Quarter(
                one["country"], date.fromisoformat(key[0]), date.fromisoformat(one["published_on"]), {}
            )
        found[key].figures[one["what"]] = one["shown"]
    return list(found.values())
