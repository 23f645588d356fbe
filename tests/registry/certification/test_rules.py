"""The life of a case, by thousands of random histories."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.certification import guards, rules
from registry.certification.facts import Evaluated, Finding, Grade, Kind, Mending, Parameters, Who
from registry.certification.rules import Act, State, UnitState
from registry.certification.validity import end_of, last_day, validity
from registry.core.calendar import add_months
from registry.core.errors import Conflict, Invalid, Refusal

NOON = datetime(2026, 11, 20, 18, tzinfo=UTC)
ZONES = st.sampled_from(["America/Costa_Rica", "Europe/Madrid", "America/Havana", "America/Asuncion", "UTC"])
INSTANTS = st.integers(0, 4000 * 86400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def walk(acts: list[Act], state: State = State.APPLIED) -> list[State]:
    """The states a history passes; acts that are refused change nothing."""
    passed = [state]
    for act in acts:
        try:
            passed.append(rules.after(passed[-1], act))
        except Refusal:
            continue
    return passed


@given(st.lists(st.sampled_from(list(Act)), max_size=40))
def test_a_final_state_stays_final_whatever_is_tried(acts: list[Act]) -> None:
    passed = walk(acts)
    assert all(state not in rules.FINAL for state in passed[:-1])


@given(st.lists(st.sampled_from(list(Act)), max_size=60))
def test_nobody_is_granted_without_acceptance_evaluation_and_review_in_that_order(acts: list[Act]) -> None:
    passed = walk(acts)
    if State.GRANTED in passed:
        before = passed[: passed.index(State.GRANTED)]
        order = [State.ACCEPTED, State.PLANNED, State.IN_EVALUATION, State.EVALUATED, State.REVIEWED]
        assert [state for state in dict.fromkeys(before) if state in order] == order


@given(st.lists(st.sampled_from(list(Act)), max_size=60))
def test_only_a_granted_case_is_ever_suspended_or_withdrawn(acts: list[Act]) -> None:
    passed = walk(acts)
    for state in (State.SUSPENDED, State.WITHDRAWN):
        assert state not in passed or State.GRANTED in passed[: passed.index(state)]


def test_every_state_either_waits_for_somebody_or_is_in_force_or_is_final() -> None:
    groups = [rules.UNDECIDED, rules.IN_FORCE, rules.FINAL]
    assert frozenset.union(*groups) == frozenset(State)
    assert sum(len(group) for group in groups) == len(State)


def test_every_open_state_has_a_way_on_and_a_way_out() -> None:
    for state in rules.UNDECIDED:
        assert len(rules.possible(state)) >= 2
        assert Act.CANCEL in rules.possible(state)


def test_a_refused_act_names_what_was_possible() -> None:
    with pytest.raises(Conflict) as refusal:
        rules.after(State.APPLIED, Act.GRANT)
    assert refusal.value.details["possible"] == [
        Act.RETURN, Act.ACCEPT, Act.DECLINE, Act.SELF_ASSESS, Act.CANCEL, Act.UNCOVER,
    ]  # fmt: skip


@given(st.sampled_from(list(UnitState)), st.lists(st.sampled_from(list(Act)), max_size=20))
def test_a_withdrawn_unit_comes_back_only_when_it_is_asked_for_and_decided_again(
    state: UnitState, acts: list[Act]
) -> None:
    since: list[Act] | None = None
    for act in acts:
        since = [] if state is UnitState.WITHDRAWN and since is None else since
        try:
            state = rules.unit_after(state, act)
        except Conflict:
            continue
        if since is not None:
            since.append(act)
            assert since[0] is Act.ASK_EXTENSION
            assert state is not UnitState.COVERED or {Act.EXTEND, Act.GRANT} & set(since)


@given(st.lists(st.tuples(st.sampled_from([Act.SUSPEND, Act.ANNUL]), st.booleans()), max_size=8))
def test_only_what_a_stay_gave_back_last_is_taken_again(acts: list[tuple[Act, bool]]) -> None:
    back = rules.given_back(acts)
    assert back == (bool(acts) and acts[-1] == (Act.ANNUL, True))
    assert not rules.given_back([*acts, (Act.SUSPEND, False)]), "taken again"
    assert not rules.given_back([*acts, (Act.ANNUL, False)]), "annulled for good"


@given(st.sampled_from(list(State)), st.sampled_from(list(UnitState)))
def test_a_seal_is_never_better_than_its_group_nor_than_itself(case: State, unit: UnitState) -> None:
    says = rules.unit_standing(case, unit)
    assert (says is State.GRANTED) == (case is State.GRANTED and unit is UnitState.COVERED)


@given(INSTANTS, INSTANTS, st.sampled_from(sorted(rules.IN_FORCE)))
def test_expiry_holds_at_its_instant_without_a_job(until: datetime, at: datetime, state: State) -> None:
    assert rules.standing(state, until, at) is (State.EXPIRED if at >= until else state)


@given(st.integers(0, 400))
def test_a_case_that_waits_for_a_silent_applicant_lapses(days: int) -> None:
    at = NOON + timedelta(days=days)
    assert (rules.standing(State.RETURNED, None, at, NOON) is State.LAPSED) == (days >= 180)
    assert rules.standing(State.EVALUATED, None, at, NOON) is State.EVALUATED  # it waits for us
    accepted = rules.standing(State.ACCEPTED, None, at, NOON, self_assessed=False)
    assert (accepted is State.LAPSED) == (days >= 180)
    assert rules.standing(State.ACCEPTED, None, at, NOON, self_assessed=True) is State.ACCEPTED


@given(st.sampled_from(list(State)), st.booleans())
def test_silence_closes_only_what_waits_for_its_holder(state: State, assessed: bool) -> None:
    if rules.silent(state, assessed):
        assert (state, Act.LAPSE) in rules.AFTER
        assert rules.WAITS_FOR[state] is Who.REPRESENTATIVE or not assessed


@given(INSTANTS, ZONES, st.integers(1, 36))
def test_validity_begins_with_the_decision_and_ends_at_the_end_of_a_day(at: datetime, zone: str, months: int) -> None:
    given_ = validity(at, zone, months, 12)
    assert given_.from_at == at
    assert given_.until_at > at
    assert given_.until_at.astimezone(ZoneInfo(zone)).date() > given_.last_on
    assert last_day(given_.until_at, zone) == given_.last_on
    assert given_.surveillance_on <= given_.last_on


@given(INSTANTS, ZONES, st.integers(-180, 180))
def test_a_renewal_keeps_its_last_day_and_is_surveyed_within_a_year_of_its_decision(
    at: datetime, zone: str, early: int
) -> None:
    decided = at.astimezone(ZoneInfo(zone)).date()
    kept = decided + timedelta(days=early)
    given_ = validity(at, zone, 24, 12, kept)
    assert given_.last_on == add_months(kept, 24)
    assert given_.surveillance_on == add_months(min(kept, decided), 12)


def test_midnight_in_costa_rica_is_the_same_instant_for_a_traveller_in_madrid() -> None:
    until = end_of(date(2028, 11, 20), "America/Costa_Rica")
    assert until == datetime(2028, 11, 21, 6, tzinfo=UTC)
    assert until == datetime(2028, 11, 21, 7, tzinfo=ZoneInfo("Europe/Madrid"))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 11, 20), 24, date(2028, 11, 20)),
        (date(2026, 1, 31), 0, date(2026, 1, 31)),
    ],
)
def test_months_are_added_as_people_count_them(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_a_clean_evaluation_goes_straight_to_review() -> None:
    version = UUID(int=1)
    assert rules.outcome(Evaluated(version)) is Act.REPORT
    assert rules.outcome(Evaluated(version, findings=(Finding(Grade.OBSERVATION, Mending.OPEN),))) is Act.REPORT
    major = Evaluated(version, findings=(Finding(Grade.MAJOR, Mending.PLANNED),))
    assert rules.outcome(major) is Act.OPEN_CORRECTIONS
    assert rules.outcome(major, refusal_advised=True) is Act.REPORT


@pytest.mark.parametrize(
    ("client_kind", "rooms", "fits"),
    [
        ("taxi", None, True),
        ("waterway", None, True),
        ("lodging", 15, True),
        ("lodging", 16, False),
        ("freight", None, False),
    ],
)
def test_only_taxis_boats_and_the_smallest_lodging_go_in_a_group(
    client_kind: str, rooms: int | None, fits: bool
) -> None:
    if fits:
        guards.suits(Kind.GROUP, client_kind, rooms, Parameters())
    else:
        with pytest.raises(Invalid):
            guards.suits(Kind.GROUP, client_kind, rooms, Parameters())
    guards.suits(Kind.SINGLE, client_kind, rooms, Parameters())
