"""21. Statistics: no cell under five, no join key to a report, drills excluded; differencing rows against totals, two
quarters or two publications reveals no single report."""

import secrets
from datetime import timedelta
from random import Random

from registry.access.actor import STRANGER, SYSTEM
from registry.core.db import PUBLIC_DB, REPORTS_DB, execute, fetch
from registry.reports import counts, figures, service
from tests.channel.result import Result
from tests.registry.reports.world import World, filing

WORLDS = 3000
REPORTS = 7


async def run(world: World) -> Result:
    wrong = []
    narrow = min(_narrowest(Random(seed)) for seed in range(WORLDS))
    if narrow < 3:
        wrong.append(f"a figure that was left out can be told to {narrow} values")
    if not all(_same_look(n) for n in range(5, 400)):
        wrong.append("one report more is seen")
    for _ in range(REPORTS):
        await service.file(STRANGER, world.now, world.context, filing(nonce=secrets.token_bytes(32)))
    await service.drill(SYSTEM, world.now, world.context, world.authority)
    before = await fetch("SELECT what, sum(n) AS n FROM reports.tally GROUP BY 1", engine=REPORTS_DB)
    if [(row["what"], row["n"]) for row in before] != [("received", REPORTS)]:
        wrong.append(f"counted {before}")
    ids = {str(row["id"]) for row in await fetch("SELECT id FROM reports.envelope", engine=REPORTS_DB)}
    kept = str(await fetch("SELECT * FROM reports.tally", engine=REPORTS_DB))
    await counts.publish(SYSTEM, world.now + timedelta(days=100))
    first = await counts.published(PUBLIC_DB)
    await service.file(STRANGER, world.now, world.context, filing(nonce=secrets.token_bytes(32)))
    await counts.publish(SYSTEM, world.now + timedelta(days=101))
    if await counts.published(PUBLIC_DB) != first or len(first) != 1:
        wrong.append("two publications of one quarter differ")
    kept += str(await fetch("SELECT * FROM reports.figure", engine=REPORTS_DB)) + str(first)
    if any(one in kept for one in ids):
        wrong.append("a count names a report")
    if await fetch("SELECT * FROM reports.tally", engine=REPORTS_DB):
        wrong.append("exact counts outlived their publication")
    try:
        await execute("UPDATE reports.figure SET shown = 10", engine=REPORTS_DB)
        wrong.append("a published figure can be changed")
    except Exception as error:
        if "privilege" not in type(error).__name__.lower():
            raise
    received = first[0]["received"] if first else None
    if received not in (5, 10):
        wrong.append(f"{REPORTS} reports were shown as {received}")
    return Result(
        not wrong,
        "; ".join(wrong)
        or f"in {WORLDS} random quarters every figure left out keeps at least {narrow} possible values"
        f" after rows are held against totals; {REPORTS} reports and a drill were shown as {received}, twice alike",
    )


def _narrowest(chance: Random) -> int:
    """How many values the best informed reader is left with for any figure that was left out: every published number
    stands for a span, and a part is what the total's span leaves when all the others are taken away."""
    tallies = {part: chance.choice((0, 0, 1, 2, 3, 4, 5, 6, 9, 12, 30)) for part in figures.PARTS}
    said = figures.publish(tallies, chance.randrange)
    total = said[figures.OUTCOMES]
    spans = {part: _span(said[part], hidden=tallies[part] >= figures.SMALLEST) for part in figures.PARTS}
    low, high = _span(total, hidden=False)
    left = []
    for part, (least, most) in spans.items():
        if said[part] is not None:
            continue
        others = [spans[other] for other in figures.PARTS if other != part]
        least = max(least, low - sum(span[1] for span in others))
        most = min(most, high - sum(span[0] for span in others))
        left.append(most - least + 1)
    return min(left, default=99)


def _span(value: int | None, *, hidden: bool) -> tuple[int, int]:
    """What a published number may stand for. Whoever reads it does not know which of those left out were small: all
    are taken for small, which is the narrower guess, but for one that was left out to hide another."""
    if value is None:
        return (0, 40) if hidden else (0, 4)
    return max(5, value - 4), value + 4


def _same_look(n: int) -> bool:
    looks = [{figures.shown(count, lambda _, at=point: at) for point in range(5)} for count in (n, n + 1)]
    return bool(looks[0] & looks[1])
