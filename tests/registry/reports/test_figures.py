"""What is published of reports: rounded, small numbers left out, and nothing that subtracting would bring back."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from registry.access.actor import STRANGER, SYSTEM
from registry.core.db import PUBLIC_DB, REPORTS_DB, fetch
from registry.reports import answers, counts, delivery, figures, notary, rules, service
from registry.reports.schemas import Conclude, Imported
from tests.registry.reports.looks import only
from tests.registry.reports.world import World, filing

PARTS = st.fixed_dictionaries({part: st.integers(0, 40) for part in figures.PARTS})
COUNTS = st.fixed_dictionaries({what: st.integers(0, 60) for what in ("received", "acknowledged", "in_time")})


@given(COUNTS, PARTS, st.integers())
def test_nothing_under_five_is_shown_and_all_else_is_a_multiple_of_five_near_it(
    counted: dict[str, int], parts: dict[str, int], seed: int
) -> None:
    tallies = counted | parts
    said = figures.publish(tallies, Random(seed).randrange)
    assert set(said) == set(figures.SHOWN)
    for what, value in said.items():
        if what == figures.MEDIAN or value is None:
            continue
        n = sum(parts.values()) if what == figures.OUTCOMES else tallies[what]
        assert n >= 5 and value % 5 == 0 and value >= 5 and abs(value - n) < 5


@given(PARTS, st.integers())
def test_a_total_never_stands_beside_all_its_parts_but_one(parts: dict[str, int], seed: int) -> None:
    said = figures.publish(parts, Random(seed).randrange)
    assert sum(said[part] is None for part in figures.PARTS) != 1


@given(st.integers(5, 500))
def test_one_report_more_or_less_can_give_the_same_figure(n: int) -> None:
    """Whoever knows all reports but one learns nothing for certain: both numbers can look the same."""

    def looks(count: int) -> set[int | None]:
        return {figures.shown(count, lambda _, at=point: at) for point in range(figures.STEP)}

    assert looks(n) & looks(n + 1)


@given(st.dates(date(2020, 1, 1), date(2090, 12, 31)))
def test_a_quarter_is_published_a_month_after_its_end_at_the_earliest(day: date) -> None:
    start = figures.quarter(day)
    assert start <= day < figures.after(start) and figures.quarter(start) == start
    now = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert not figures.publishable(start, now)
    assert not figures.publishable(start, now + (figures.after(start) - day) + timedelta(days=29))
    assert figures.publishable(start, now + (figures.after(start) - day) + timedelta(days=30))


def test_the_median_is_a_step_of_hours() -> None:
    assert figures.median({"hours:1": 3, "hours:4": 4, "hours:24": 1}) == 4
    assert figures.median({}) is None


async def test_what_happens_is_counted_without_a_report_and_a_drill_not_at_all(world: World) -> None:
    assert await fetch("SELECT * FROM reports.tally", engine=REPORTS_DB) == [], "the world's own drill"
    await service.file(STRANGER, world.now, world.context, filing())
    await world.agent().once()
    row = await only(world)
    await answers.conclude(world.officer, world.now, world.context, row["id"], Conclude(rules.Outcome.INSPECTION_DONE))  # type: ignore[arg-type]
    await answers.conclude(world.officer, world.now, world.context, row["id"], Conclude(rules.Outcome.CHILD_PROTECTED))  # type: ignore[arg-type]
    rows = await fetch("SELECT * FROM reports.tally ORDER BY what", engine=REPORTS_DB)
    assert [(r["country"], str(r["quarter"]), r["what"], r["n"]) for r in rows] == [
        ("CR", "2026-10-01", what, 1)
        for what in ("acknowledged", "hours:1", "in_time", "outcome:inspection_done", "received")
    ]
    assert await counts.publish(SYSTEM, world.now + timedelta(days=60)) == 0
    assert await counts.publish(SYSTEM, world.now + timedelta(days=90)) == 1
    assert await counts.publish(SYSTEM, world.now + timedelta(days=91)) == 0
    assert await fetch("SELECT * FROM reports.tally", engine=REPORTS_DB) == [], "the exact counts are gone"
    (said,) = await counts.published(PUBLIC_DB)
    assert said.name == "2026-Q4" and set(said.figures.values()) == {None}


async def test_the_offices_word_that_it_keeps_a_report_is_signed_and_counts_once(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    await world.agent().once()
    row = await only(world)
    said = notary.statement("imported", row["id"], bytes(row["sha256"]))  # type: ignore[arg-type]
    from registry.core import crypto
    from registry.reports.agent import keys

    signed = Imported(crypto.b64url(keys.signer(world.folder).sign(said)))
    await answers.imported(world.officer, world.now + timedelta(days=9), world.context, row["id"], signed)  # type: ignore[arg-type]
    assert (await only(world))["imported_at"] == world.now, "the first word counts"
    assert await delivery.purge(SYSTEM, world.now + timedelta(days=30), world.context) >= 1
