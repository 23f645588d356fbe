"""A year of a certificate: due, overdue, drawn, warned. Pure."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.certification.facts import Kind, Parameters
from registry.certification.sampling import Risk
from registry.core.errors import Conflict
from registry.surveillance import rules
from registry.surveillance.rules import Figures, Stage, Year

TERMS = Parameters()
DUE = date(2027, 11, 20)
DAYS = st.integers(-400, 800).map(lambda days: DUE + timedelta(days=days))


@given(DAYS)
def test_a_year_opens_ninety_days_before_and_fails_sixty_days_after_its_day(today: date) -> None:
    left = (DUE - today).days
    expected = Stage.NOT_YET if left > 90 else Stage.OPEN if left >= 0 else Stage.OVERDUE
    assert rules.stage(DUE, today, TERMS) is (Stage.FAILED if left < -60 else expected)


def test_one_in_ten_is_drawn_the_same_ones_every_time() -> None:
    seeds = [number.to_bytes(32) for number in range(3000)]
    drawn = [seed for seed in seeds if rules.drawn(seed, DUE, 10)]
    assert 230 < len(drawn) < 370
    assert drawn == [seed for seed in seeds if rules.drawn(seed, DUE, 10)]
    assert {rules.drawn(seed, DUE, 0) for seed in seeds} == {False}
    assert {rules.drawn(seed, DUE, 100) for seed in seeds} == {True}


def test_groups_and_whoever_is_more_than_low_risk_are_visited_every_year() -> None:
    assert rules.visit_needed(Kind.GROUP, Risk.LOW, b"", DUE, TERMS)
    for risk in (Risk.NEW, Risk.RAISED, Risk.AFTER_MAJOR):
        assert rules.visit_needed(Kind.SINGLE, risk, b"", DUE, TERMS)


@given(DAYS)
def test_a_warning_comes_sixty_thirty_and_seven_days_before_and_none_after(today: date) -> None:
    left = (DUE - today).days
    expected = None if left < 0 or left > 60 else 60 if left > 30 else 30 if left > 7 else 7
    assert rules.warning(DUE, today, (60, 30, 7)) == expected


def test_the_next_anniversary_does_not_move_with_the_day_a_year_was_closed() -> None:
    assert rules.next_on(DUE, date(2028, 11, 20), TERMS) == date(2028, 11, 20)
    assert rules.next_on(date(2024, 2, 29), date(2026, 2, 28), TERMS) == date(2025, 2, 28)
    assert rules.next_on(DUE, date(2028, 6, 1), TERMS) == date(2028, 6, 1)


def test_figures_that_are_not_the_registrys_are_refused_by_name() -> None:
    known = Figures(people=40, trained=36, critical=10, critical_trained=10, units=1)
    rules.equal(known, known)
    with pytest.raises(Conflict) as refusal:
        rules.equal(Figures(people=40, trained=40, critical=10, critical_trained=10, units=2), known)
    assert [one["figure"] for one in refusal.value.details["differs"]] == ["trained", "units"]


def test_what_is_missing_is_said_in_the_order_of_its_steps() -> None:
    codes = [one.code for one in rules.lacking(Year(due_on=DUE, visit=True))]
    assert codes == ["report-missing", "surveillance-visit-missing"]
    assert rules.lacking(Year(due_on=DUE, reported=True, visit=True, visited=True)) == []
    assert rules.told_late(DUE, DUE + timedelta(days=31)) and not rules.told_late(DUE, DUE + timedelta(days=30))
