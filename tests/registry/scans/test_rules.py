"""A region is never finer than a province; a hint needs a reason."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.scans.rules import Count, Hint, Kind, hints, region_of

DAY = date(2026, 11, 20)


def counted(number: int, region: str = "CR-SJ", state: str = "valid", back: int = 0) -> Count:
    return Count("7K3M9QXT2W4HVN8C", DAY - timedelta(days=back), region, state, number)


@pytest.mark.parametrize(
    ("said", "region"),
    [("cr", "CR"), (" CR-SJ ", "CR-SJ"), ("", "unknown"), ("XX", "unknown"), ("T1", "unknown"),
     ("9.93,-84.08", "unknown"), ("San José", "unknown"), ("201.191.0.1", "unknown"), ("CR-SJ-101", "unknown")],
)  # fmt: skip
def test_a_region_is_a_country_or_a_province_or_unknown(said: str, region: str) -> None:
    assert region_of(said) == region


@given(st.text(max_size=40))
def test_nothing_finer_can_be_written_down(said: str) -> None:
    assert len(region_of(said)) <= 7


def test_three_regions_on_one_day_hint_at_a_copy() -> None:
    two = [counted(9), counted(4, "CR-P"), counted(80, "unknown")]
    assert [hint for hint in hints(two) if hint.kind is Kind.REGIONS] == []
    assert Hint(Kind.REGIONS, DAY, 3) in hints([*two, counted(1, "CR-L")])
    spread = [counted(3, region, back=number) for number, region in enumerate(("CR-SJ", "CR-P", "CR-L"))]
    assert hints(spread) == [], "three regions on three days are a road"


def test_a_day_far_busier_than_usual_is_a_hint_and_a_busy_seal_is_not() -> None:
    quiet = [counted(4, back=back) for back in range(1, 29)]
    assert hints([*quiet, counted(49)]) == []
    assert hints([*quiet, counted(60)]) == [Hint(Kind.BURST, DAY, 60)]
    busy = [counted(40, back=back) for back in range(1, 29)]
    assert hints([*busy, counted(120)]) == []


def test_a_seal_that_is_looked_up_while_not_valid_may_still_hang_there() -> None:
    assert hints([counted(4, state="suspended")]) == []
    stale = [counted(4, state="suspended"), counted(1, state="expired", back=3)]
    assert hints(stale) == [Hint(Kind.STILL_SHOWN, DAY - timedelta(days=3), 5)]
