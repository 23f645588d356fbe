"""Clocks, states and retries, by properties."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authorities.directory import Terms
from registry.core.errors import Conflict
from registry.reports import rules
from registry.reports.rules import State

NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
TERMS = st.builds(
    Terms, acknowledge_hours=st.integers(1, 72), urgent_hours=st.integers(1, 72), outcome_days=st.integers(1, 180)
)


@given(st.sampled_from(State), st.lists(st.sampled_from(State), max_size=8))
def test_an_envelope_only_moves_forward(state: State, events: list[State]) -> None:
    for to in events:
        if state is State.PURGED:
            with pytest.raises(Conflict):
                rules.forward(state, to)
            return
        after = rules.forward(state, to)
        assert rules.ORDER.index(after) >= rules.ORDER.index(state)
        state = after


@given(TERMS, st.booleans())
def test_an_agreement_may_tighten_our_clocks_and_never_loosen_them(terms: Terms, urgent: bool) -> None:
    time = rules.within(terms, urgent)
    assert timedelta(hours=1) <= time <= timedelta(hours=rules.URGENT_HOURS if urgent else rules.NORMAL_HOURS)


@given(st.lists(TERMS, min_size=1, max_size=4), st.booleans(), st.integers(0, 400))
def test_whose_turn_it_is_follows_the_deadlines(chain: list[Terms], urgent: bool, hours: int) -> None:
    due = rules.deadlines(NOW, urgent, tuple(chain))
    assert list(due) == sorted(due) and due[0] > NOW
    turn = rules.link(NOW + timedelta(hours=hours), due)
    assert 0 <= turn <= len(due)
    assert all(at <= NOW + timedelta(hours=hours) for at in due[:turn])


@given(st.lists(TERMS, min_size=1, max_size=4), st.booleans())
def test_every_office_of_a_chain_has_its_turn_within_a_day_or_a_week(chain: list[Terms], urgent: bool) -> None:
    due = rules.deadlines(NOW, urgent, tuple(chain))
    assert due[-1] <= NOW + (timedelta(hours=24) if urgent else timedelta(days=7))
    turns = [after - before for before, after in zip((NOW, *due), due, strict=False)]
    least = rules.LEAST[urgent]
    assert all(min(rules.within(terms, urgent), least) <= turn for terms, turn in zip(chain, turns, strict=True))
    assert due[0] == NOW + rules.within(chain[0], urgent)


@given(st.integers(1, 500), st.integers())
def test_a_failed_notice_is_always_tried_again_within_a_day(attempt: int, seed: int) -> None:
    again = rules.retry(attempt, NOW, Random(seed))
    assert timedelta(seconds=29) <= again - NOW <= timedelta(days=1)


DAYS = st.integers(0, 2000).map(lambda days: timedelta(days=days))


@given(st.sampled_from(State), DAYS, st.none() | DAYS, st.none() | DAYS)
def test_what_nobody_acknowledged_is_never_purged(
    state: State, age: timedelta, answered: timedelta | None, imported: timedelta | None
) -> None:
    said = NOW + answered if answered is not None else None
    kept = NOW + imported if imported is not None else None
    if rules.purgeable(state, NOW, said, kept, NOW + age):
        assert state in rules.ANSWERED and answered is not None
        assert (imported is not None and age - imported >= timedelta(days=30)) or (
            age >= timedelta(days=180) and age - answered >= timedelta(days=30)
        )


@given(st.sampled_from(State), DAYS, st.none() | DAYS)
def test_a_reply_box_stays_a_year_and_a_season_after_the_last_word(
    state: State, age: timedelta, ended: timedelta | None
) -> None:
    if rules.box_over(state, NOW, NOW + ended if ended is not None else None, NOW + age):
        assert age >= timedelta(days=365) and (ended is None or age - ended >= timedelta(days=90))
    assert not (rules.last_resort(state, NOW, NOW + age) and rules.box_over(state, NOW, None, NOW + age))


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_filing_is_remembered_to_the_hour(at: datetime) -> None:
    hour = rules.hour(at)
    assert hour <= at and (hour.minute, hour.second, hour.microsecond) == (0, 0, 0)
