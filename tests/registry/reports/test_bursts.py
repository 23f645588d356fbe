"""A flood closes no office, from its first report on; a report that came in no flood closes one as it always did."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.access.actor import STRANGER, SYSTEM
from registry.core.db import REPORTS_DB, execute, fetch
from registry.reports import bursts, delivery, gate, queries, rules, service
from registry.reports.bursts import DAY, HOUR, LEAST_DAY, LEAST_HOUR, a_day, an_hour, flooded
from tests.registry.reports.world import World, filing

START = datetime(2026, 11, 20, tzinfo=UTC)
USUAL = st.floats(0, 100)
TRAFFIC = st.dictionaries(st.integers(0, 95).map(lambda h: START + h * HOUR), st.integers(1, 40), max_size=96)


def most(came: dict[datetime, int]) -> int:
    """The most of any 24 hours."""
    return max((sum(n for h, n in came.items() if first <= h < first + DAY) for first in came), default=0)


@given(TRAFFIC, USUAL)
def test_nothing_is_marked_where_no_hour_and_no_day_is_over_its_measure(
    came: dict[datetime, int], usual: float
) -> None:
    if max(came.values(), default=0) <= an_hour(usual) and most(came) <= a_day(usual):
        assert flooded(came, usual) == frozenset()


@given(TRAFFIC, USUAL)
def test_what_stays_unmarked_is_never_more_than_the_measure(came: dict[datetime, int], usual: float) -> None:
    left = {hour: many for hour, many in came.items() if hour not in flooded(came, usual)}
    assert max(left.values(), default=0) <= an_hour(usual) and most(left) <= a_day(usual)


@given(TRAFFIC, USUAL)
def test_an_hour_is_marked_only_for_itself_or_for_a_day_around_it_that_is_over_its_measure(
    came: dict[datetime, int], usual: float
) -> None:
    slow = {hour: many for hour, many in came.items() if many <= an_hour(usual)}
    for hour in flooded(came, usual):
        around = [sum(n for h, n in slow.items() if s <= h < s + DAY) for s in slow if s <= hour < s + DAY]
        assert came[hour] > an_hour(usual) or max(around) > a_day(usual)


@given(TRAFFIC, st.integers(13, 5000), USUAL)
def test_a_rush_excuses_no_report_of_another_hour(came: dict[datetime, int], rush: int, usual: float) -> None:
    at = START + 200 * HOUR
    near = {at + (hour - START) % DAY: 1 for hour in came if (hour - START) % DAY}
    calm = dict(sorted(near.items())[: int(a_day(usual))])
    marked = flooded(calm | {at: rush + int(an_hour(usual))}, usual)
    assert marked == {at}


async def filed(world: World, now: datetime, count: int, *, start: int = 0, urgent: bool = False) -> None:
    for i in range(count):
        nonce = f"{now.isoformat()} {start + i}".encode().ljust(40)[:40]
        await service.file(STRANGER, now, world.context, filing(nonce=nonce, urgent=urgent))


async def open_at(world: World, when: datetime) -> bool:
    return isinstance(await queries.availability(world.context, "CR-G", "", when), gate.Open)


async def marks(world: World) -> tuple[int, int]:
    (row,) = await fetch(
        "SELECT count(*) FILTER (WHERE burst) AS burst, count(*) FILTER (WHERE NOT burst) AS rest"
        " FROM reports.envelope WHERE id NOT IN (SELECT envelope FROM reports.drill)",
        engine=REPORTS_DB,
    )
    return row["burst"], row["rest"]


async def test_the_first_of_a_flood_are_marked_too_and_close_nothing(world: World) -> None:
    await filed(world, world.now, LEAST_HOUR)
    assert await delivery.mark_bursts(SYSTEM, world.now) == 0
    assert not await open_at(world, world.now + 80 * HOUR)
    await filed(world, world.now, 1, start=LEAST_HOUR)
    assert await delivery.mark_bursts(SYSTEM, world.now) == LEAST_HOUR + 1
    assert await marks(world) == (LEAST_HOUR + 1, 0)
    assert await open_at(world, world.now + 80 * HOUR)
    (row,) = await fetch(
        "SELECT coalesce(sum(n), 0)::int AS n FROM reports.tally WHERE what = 'received'", engine=REPORTS_DB
    )
    assert row["n"] == 0, "the figures count no flood"


async def test_a_slow_flood_is_marked_and_closes_nothing(world: World) -> None:
    for hour in range(LEAST_DAY + 2):
        await filed(world, world.now + hour * HOUR * 0.9, 1)
    await delivery.mark_bursts(SYSTEM, world.now + 24 * HOUR)
    assert await marks(world) == (LEAST_DAY + 2, 0)
    assert await open_at(world, world.now + 100 * HOUR)


async def test_a_single_report_beside_a_flood_closes_the_gate_as_ever(world: World) -> None:
    await filed(world, world.now, 1)
    await filed(world, world.now + 5 * HOUR, 3 * LEAST_HOUR)
    await delivery.mark_bursts(SYSTEM, world.now + 5 * HOUR)
    assert await marks(world) == (3 * LEAST_HOUR, 1)
    assert not await open_at(world, rules.hour(world.now) + 72 * HOUR)


async def test_what_rots_already_is_not_taken_back_by_a_flood(world: World) -> None:
    await filed(world, world.now, 1, urgent=True)
    late = world.now + 5 * HOUR
    await filed(world, world.now, 2 * LEAST_HOUR, start=50)
    await delivery.mark_bursts(SYSTEM, late)
    assert await marks(world) == (2 * LEAST_HOUR, 1)
    assert not await open_at(world, late)


async def test_a_drill_in_a_flood_is_marked_with_it_and_its_silence_is_not_held_against_the_office(
    world: World,
) -> None:
    await service.drill(SYSTEM, world.now, world.context, world.authority)
    await filed(world, world.now, 2 * LEAST_HOUR)
    await delivery.mark_bursts(SYSTEM, world.now)
    (row,) = await fetch(
        "SELECT count(*) AS n FROM reports.envelope WHERE NOT burst AND state = 'sealed'", engine=REPORTS_DB
    )
    assert row["n"] == 0, "nobody tells it from the rest"
    assert await open_at(world, world.now + 80 * HOUR)
    assert not await open_at(world, world.now + timedelta(days=31)), "who passes no drill is closed in the end"


async def test_an_office_is_held_to_what_it_has_shown_it_can_answer(world: World) -> None:
    await filed(world, world.now, 10 * LEAST_HOUR)
    await execute(
        "UPDATE reports.envelope SET state = 'acknowledged', acknowledged_at = $1, answered_by = chain[1]"
        " WHERE state = 'sealed'",
        world.now + HOUR,
        engine=REPORTS_DB,
    )
    usual = await delivery._usual(world.authority, world.now + 10 * DAY)
    assert usual == pytest.approx(10 * LEAST_HOUR / 28, abs=0.01)
    assert bursts.an_hour(usual) == LEAST_HOUR and bursts.an_hour(28) == 56
