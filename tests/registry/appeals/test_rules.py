"""The life of an appeal in any order of acts, its clock, who may sit, and what a majority is."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.appeals import rules
from registry.appeals.rules import Act, Count, State, Terms
from registry.certification.impartiality import Bond, Tie
from registry.core.calendar import add_months
from registry.core.errors import Conflict, Forbidden, Invalid

TERMS = Terms()
ON = date(2026, 11, 20)
PERSON = UUID(int=5)


@given(st.lists(st.sampled_from(Act), max_size=15))
def test_no_history_rules_without_a_panel_and_none_leaves_the_end(acts: list[Act]) -> None:
    state, seated = State.LODGED, False
    for act in acts:
        try:
            state = rules.after(state, act)
        except Conflict:
            continue
        seated = seated or act is Act.SEAT
        if state is State.TO_CARRY_OUT or act is Act.DISMISS:
            assert seated
    if state is State.CLOSED:
        for act in Act:
            with pytest.raises(Conflict):
                rules.after(state, act)


@given(st.dates(date(2025, 1, 1), date(2035, 1, 1)))
def test_the_clock_is_five_working_days_and_sixty_days(day: date) -> None:
    clock = rules.clock(day, TERMS, "CR")
    assert timedelta(5) <= clock.acknowledge_by - day <= timedelta(14)
    assert clock.acknowledge_by.weekday() < 5
    assert clock.rule_by - day == timedelta(60)


def test_the_thirtieth_day_is_in_time_and_the_next_is_not() -> None:
    rules.appealable("suspend", ON, ON + timedelta(30), TERMS)
    with pytest.raises(Conflict, match="appeal-too-late"):
        rules.appealable("suspend", ON, ON + timedelta(31), TERMS)
    for act in ("grant", "reinstate", "lift"):
        with pytest.raises(Conflict, match="decision-not-appealable"):
            rules.appealable(act, ON, ON, TERMS)


@given(st.sampled_from(Bond), st.integers(0, 40))
def test_a_tie_keeps_a_member_away_for_two_years_and_a_part_in_the_case_for_ever(bond: Bond, months: int) -> None:
    ended = add_months(ON, -months)
    tie = Tie(bond, uuid4(), ended - timedelta(100), ended)
    kept = rules.obstacles(PERSON, (), (), [tie], ON, 24)
    assert bool(kept) == (bond is not Bond.HEARD and add_months(ended, 24) > ON)
    assert rules.obstacles(PERSON, {PERSON}, (), [], ON, 24)[0].code == "panel-touched-this-case"
    assert rules.obstacles(PERSON, (), {PERSON}, [], ON, 24)[0].code == "panel-is-party"


def test_a_tie_that_ended_23_months_ago_keeps_away_and_one_of_25_does_not() -> None:
    for months, kept in ((23, True), (25, False)):
        tie = Tie(Bond.EMPLOYED, uuid4(), date(2020, 1, 1), add_months(ON, -months))
        assert bool(rules.obstacles(PERSON, (), (), [tie], ON, 24)) is kept


@given(st.lists(st.booleans(), max_size=5), st.sampled_from([3, 5]))
def test_a_majority_of_the_whole_panel_rules(votes: list[bool], size: int) -> None:
    votes = votes[:size]
    found = rules.counted(votes, size)
    assert (found is Count.CARRIED) == (2 * sum(votes) > size)
    if len(votes) == size:
        assert found is not Count.WAITING
    if found is Count.LOST:
        assert 2 * (size - votes.count(False)) <= size


def test_a_panel_has_its_size_a_chair_of_its_own_and_nobody_twice() -> None:
    people = [uuid4(), uuid4(), uuid4()]
    rules.seatable(people, people[0], 3)
    for panel, chair in ((people[:2], people[0]), ([*people[:2], people[0]], people[0]), (people, uuid4())):
        with pytest.raises(Invalid):
            rules.seatable(panel, chair, 3)


def test_only_members_who_declared_hear() -> None:
    rules.hears({PERSON}, PERSON, {PERSON})
    rules.hears({PERSON}, PERSON, (), declaring=True)
    for seated, declared in (((), {PERSON}), ({PERSON}, ())):
        with pytest.raises(Forbidden):
            rules.hears(seated, PERSON, declared)
