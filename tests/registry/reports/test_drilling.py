"""Drills come at least weekly, at an hour nobody can know, through the real path, and count in no statistic."""

import itertools
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from registry.access.actor import SYSTEM
from registry.authorities import queries as authorities
from registry.core.db import REPORTS_DB, fetch
from registry.reports import drilling, queries
from registry.reports.drilling import BEAT, RESTS, WEEK, chance
from tests.registry.reports.world import World

NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
BEATS = st.timedeltas(timedelta(seconds=1), timedelta(hours=6))


@given(st.timedeltas(timedelta(0), timedelta(days=30)), BEATS)
def test_never_within_a_day_and_always_after_a_week(gone: timedelta, since: timedelta) -> None:
    found = chance(NOW - gone, NOW, since)
    assert 0 <= found <= 1
    if gone <= RESTS:
        assert found == 0
    if gone >= WEEK:
        assert found == 1


@given(BEATS)
def test_every_hour_of_the_span_is_as_likely_as_any_other(beat: timedelta) -> None:
    """However often it is drawn: what survives until t is what is left of the span."""
    alive, at = 1.0, NOW + RESTS
    while at + beat < NOW + WEEK:
        at += beat
        alive *= 1 - chance(NOW, at, beat)
        left = (NOW + WEEK - at) / (WEEK - RESTS)
        assert abs(alive - left) < 1e-6


def test_the_hours_drawn_fall_on_day_and_night_alike() -> None:
    draws, hours = Random(7), []
    for _ in range(400):
        at, step = NOW, timedelta(minutes=30)
        while draws.random() >= chance(NOW, at, step):
            at += step
        hours.append(at.hour)
        assert RESTS <= at - NOW <= WEEK
    assert len(set(hours)) == 24 and sum(hour < 6 for hour in hours) > 60


async def test_a_year_of_drills_is_sent_through_the_outbox_and_counts_nowhere(world: World) -> None:
    draws, now = Random(11), world.now
    before = (await queries.facts(world.context, now, REPORTS_DB)).standing[world.authority]
    sent: list[datetime] = [now]
    for _ in range(8 * 21):
        now += timedelta(hours=3)
        if await drilling.drill(world.context, now, timedelta(hours=3), draws):
            sent.append(now)
    gaps = [after - first for first, after in itertools.pairwise(sent)]
    assert len(gaps) >= 3 and max(gaps) <= WEEK + timedelta(hours=3) and min(gaps) > RESTS - timedelta(hours=3)
    (row,) = await fetch(
        "SELECT count(*) AS n FROM reports.drill d JOIN reports.delivery o ON o.envelope = d.envelope",
        engine=REPORTS_DB,
    )
    assert row["n"] == len(sent), "each goes the way of a report"
    after = (await queries.facts(world.context, now, REPORTS_DB)).standing[world.authority]
    assert (after.due, after.on_time, after.overdue) == (before.due, before.on_time, before.overdue)


async def test_two_workers_send_one_drill_and_whoever_keeps_authorities_sees_only_what_is_over(world: World) -> None:
    later = world.now + WEEK
    first = await drilling.drill(world.context, later, BEAT)
    second = await drilling.drill(world.context, later, BEAT)
    assert (first, second) == ([world.authority], [])
    seen = await authorities.drills(SYSTEM, world.authority, later)
    assert [one.passed for one in seen] == [True], "the one on its way is not told"
    over = await authorities.drills(SYSTEM, world.authority, later + timedelta(days=4))
    assert [one.passed for one in over] == [False, True]
