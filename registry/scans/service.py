"""Adding counts, and forgetting them. No verbs: nobody asked for either and neither says anything about anybody, and an
entry in the trail for each batch would drown the trail."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from registry.core.db import PUBLIC_DB, execute
from registry.scans.counter import Counter, Key
from registry.scans.rules import KEPT


async def flush(counter: Counter, now: datetime, zone: str) -> int:
    """Keep what was counted; what could not be kept is counted again. Returns how many look-ups were kept."""
    counts = counter.taken()
    if not counts:
        return 0
    try:
        await add(counts, now.astimezone(ZoneInfo(zone)).date())
    except BaseException:
        counter.put_back(counts)
        raise
    return sum(counts.values())


async def add(counts: Mapping[Key, int], day: date) -> None:
    """By one function: the stranger's role may run it, and read or change nothing."""
    rows = [[code, region, state, count] for (code, state, region), count in counts.items()]
    await execute("SELECT add_scans($1, $2)", day, msgspec.json.encode(rows).decode(), engine=PUBLIC_DB)


async def forget(now: datetime) -> str:
    """Counts older than KEPT are gone. For the worker, whose role may delete."""
    return await execute("DELETE FROM scan_count WHERE day < $1", (now - KEPT).date())
