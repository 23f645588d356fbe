"""The life of a complaint and of a misuse: no act out of its turn, final is final, codes survive being written down."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.complaints import misuse, rules
from registry.core.calendar import working_days_after
from registry.core.errors import Conflict, Invalid

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
ABOUT = st.sampled_from(misuse.About)


@given(st.lists(st.sampled_from(rules.Act), max_size=12))
def test_no_history_of_a_complaint_leaves_the_end(acts: list[rules.Act]) -> None:
    state = rules.State.RECEIVED
    for act in acts:
        try:
            state = rules.after(state, act)
        except Conflict:
            continue
        assert not (act is rules.Act.CONCLUDE and state is not rules.State.CLOSED)
    if state is rules.State.CLOSED:
        for act in rules.Act:
            with pytest.raises(Conflict):
                rules.after(state, act)


@given(st.lists(st.sampled_from(misuse.Act), max_size=12))
def test_nobody_is_published_without_a_letter_first(acts: list[misuse.Act]) -> None:
    state, warned = misuse.State.OPEN, False
    for act in acts:
        try:
            state = misuse.after(state, act)
        except Conflict:
            continue
        warned = warned or act is misuse.Act.WARN
        if state is misuse.State.PUBLISHED:
            assert warned
    if state is misuse.State.CLOSED:
        for act in misuse.Act:
            with pytest.raises(Conflict):
                misuse.after(state, act)


def test_a_name_is_published_on_the_sixth_day_and_not_before() -> None:
    last = misuse.stop_by(date(2026, 11, 20))
    assert last == date(2026, 11, 25)
    with pytest.raises(Conflict):
        misuse.publishable(last, last)
    misuse.publishable(last, last + timedelta(days=1))
    with pytest.raises(Conflict):
        misuse.publishable(None, last)


def test_working_days_leave_out_weekends_and_costa_rican_holidays() -> None:
    assert working_days_after(date(2026, 11, 20), 3, "CR") == date(2026, 11, 25)  # a Friday
    assert working_days_after(date(2026, 12, 24), 1, "CR") == date(2026, 12, 28)  # Christmas on a Friday
    assert working_days_after(date(2027, 3, 24), 1, "CR") == date(2027, 3, 29)  # Holy Thursday and Friday
    assert working_days_after(date(2026, 9, 14), 1, "CR") == date(2026, 9, 16)  # Independence
    assert working_days_after(date(2026, 12, 24), 1, "ZZ") == date(2026, 12, 25)  # no calendar: only weekends


@given(st.dates(date(2024, 1, 1), date(2039, 12, 1)))
def test_a_complaint_is_acknowledged_on_a_weekday_soon(day: date) -> None:
    clock = rules.clock(day, "CR")
    assert timedelta(3) <= clock.acknowledge_by - day <= timedelta(12)
    assert clock.acknowledge_by.weekday() < 5
    assert clock.answer_by == day + timedelta(days=60)


@given(st.integers(2024, 2099), st.integers(1, 99_999), st.integers(), st.sampled_from("- .\u2013 "))
def test_a_code_survives_being_copied_by_hand(year: int, number: int, seed: int, between: str) -> None:
    called, secret = f"Q-{year}-{number:04d}", rules.new_secret(random.Random(seed).randrange)
    written = rules.code(called, secret).lower().replace("-", between).replace("0", "o").replace("1", "l")
    assert rules.read_code(written) == (called, secret)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_code_or_told_kindly(typed: str) -> None:
    try:
        number, secret = rules.read_code(typed)
    except Invalid as refusal:
        assert refusal.code == "complaint-code-mistyped"
    else:
        assert number.startswith("Q-")
        assert len(secret) == 16


@given(ABOUT, st.text(max_size=20), st.text(max_size=40), st.integers(0, 599))
def test_a_form_sent_twice_is_one_notice(about: misuse.About, code: str, seen: str, seconds: int) -> None:
    later = NOW + timedelta(seconds=seconds)
    assert misuse.same(about, code, seen, NOW) == misuse.same(about, code, f" {seen}\n", later)
    assert misuse.same(about, code, seen, NOW) != misuse.same(about, code, seen, NOW + timedelta(seconds=600))


@given(ABOUT, ABOUT, st.text("ABC", min_size=1, max_size=3), st.text("ABC", min_size=1, max_size=3))
def test_different_words_are_different_notices(one: misuse.About, other: misuse.About, first: str, second: str) -> None:
    same = misuse.same(one, first, "", NOW) == misuse.same(other, second, "", NOW)
    assert same == ((one, first) == (other, second))


@given(st.text(max_size=1000))
def test_what_is_kept_of_a_line_is_short_and_printable(text: str) -> None:
    kept = rules.line(text)
    assert len(kept) <= rules.LONGEST_LINE
    assert kept.isprintable()
