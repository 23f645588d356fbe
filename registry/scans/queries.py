"""Reading counts: the registry's own officers, and nobody of a business or an association."""

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.core.db import fetch
from registry.scans.rules import KEPT, NOT_VALID, STILL_SHOWN, Count, Hint, hints

MANY = 200


class Told(msgspec.Struct, frozen=True):
    """V1: look-ups by what the page said, over the days that are kept."""

    since: date
    by_state: list[tuple[str, int]]
    by_region: list[tuple[str, int]]
    total: int
    codes: int
    mismatches: int


def visible_to(actor: Actor) -> bool:
    """Whoever looks into the misuse of seals."""
    return actor.may(Permission.COMPLAINTS_MARKS)


async def hints_of(actor: Actor, codes: Iterable[str], now: datetime) -> dict[str, list[Hint]]:
    """By code; nothing for anyone else than the registry's own."""
    wanted = list(codes)
    if not wanted or not visible_to(actor):
        return {}
    return await _hints("code = ANY($2::text[])", (now - KEPT).date(), wanted)


async def remarkable(actor: Actor, now: datetime) -> dict[str, list[Hint]]:
    """The seals whose counts hint at something, at most MANY."""
    if not visible_to(actor):
        return {}
    rows = await fetch(
        "SELECT code FROM scan_count WHERE day >= $1 AND code <> '' GROUP BY code"
        " HAVING count(DISTINCT (day, region)) > count(DISTINCT day) OR max(times) >= 25"
        " OR sum(times) FILTER (WHERE state = ANY($2::text[])) >= $3 ORDER BY max(day) DESC, code LIMIT $4",
        (now - KEPT).date(), sorted(NOT_VALID), STILL_SHOWN, MANY * 10,
    )  # fmt: skip
    found = await hints_of(actor, [row["code"] for row in rows], now)
    return dict(list(found.items())[:MANY])


async def _hints(which: str, since: date, codes: list[str]) -> dict[str, list[Hint]]:
    rows = await fetch(
        f"SELECT code, day, region, state, times AS count FROM scan_count WHERE day >= $1 AND {which} ORDER BY code",
        since,
        codes,
    )
    by_code: dict[str, list[Count]] = {}
    for row in rows:
        by_code.setdefault(row["code"], []).append(Count(**row))
    found = {code: hints(counts) for code, counts in by_code.items()}
    return {code: some for code, some in found.items() if some}


async def told(actor: Actor, now: datetime) -> Told:
    """What the register's pages answered in the days that are kept."""
    actor.require(Permission.COMPLAINTS_MARKS)
    since = (now - KEPT).date()
    states = await fetch(
        "SELECT state, sum(times)::bigint AS n FROM scan_count WHERE day >= $1 GROUP BY state ORDER BY n DESC", since
    )
    regions = await fetch(
        "SELECT region, sum(times)::bigint AS n FROM scan_count WHERE day >= $1 GROUP BY region"
        " ORDER BY n DESC, region LIMIT 30",
        since,
    )
    codes = await fetch("SELECT count(DISTINCT code) AS n FROM scan_count WHERE day >= $1 AND code <> ''", since)
    wrong = await fetch("SELECT count(*) AS n FROM mismatch_notice WHERE about = 'mismatch' AND told_on >= $1", since)
    by_state = [(row["state"], row["n"]) for row in states]
    return Told(
        since, by_state, [(row["region"], row["n"]) for row in regions], sum(n for _, n in by_state), codes[0]["n"],
        wrong[0]["n"],
    )  # fmt: skip
