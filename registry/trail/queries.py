"""Reading the trail and checking its chain."""

import json
from typing import Any
from uuid import UUID

from registry.core.db import fetch
from registry.trail import rules

_CHECKED_AT_ONCE = 10_000


def fact(row: dict[str, Any]) -> rules.Fact:
    """A row of the trail as the chain sees it."""
    return rules.Fact(row["id"], row["at"], row["actor"], row["event"], row["subject"], json.loads(row["details"]))


async def head() -> tuple[int, bytes]:
    """Number and hash of the last link; 0 and zeros before the first."""
    rows = await fetch("SELECT number, hash FROM trail_link ORDER BY number DESC LIMIT 1")
    return (rows[0]["number"], bytes(rows[0]["hash"])) if rows else (0, rules.START)


async def latest(limit: int, before: int | None = None, subject: UUID | None = None) -> list[rules.Fact]:
    """The newest entries, older than an id if given; all of them, or what was done to one thing."""
    about = "subject = $3" if subject else "$3::uuid IS NULL"
    rows = await fetch(
        f"SELECT * FROM trail_entry WHERE id < $2 AND {about} ORDER BY id DESC LIMIT $1",
        limit,
        before or (1 << 63) - 1,
        subject,
    )
    return [fact(row) for row in rows]


async def broken() -> int | None:
    """The first entry at which the chain does not hold, or None if it holds from the first link to the last."""
    number, before = 0, rules.START
    while rows := await fetch(
        "SELECT e.*, l.hash FROM trail_link l LEFT JOIN trail_entry e ON e.id = l.entry WHERE l.number > $1"
        " ORDER BY l.number LIMIT $2",
        number,
        _CHECKED_AT_ONCE,
    ):
        if any(row["id"] is None for row in rows):
            return -1
        found = rules.broken([(fact(row), bytes(row["hash"])) for row in rows], before)
        if found is not None:
            return found
        number, before = number + len(rows), bytes(rows[-1]["hash"])
    return None
