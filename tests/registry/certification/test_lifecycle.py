"""The table of the whole lifecycle, by thousands of random histories with random situations."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from registry.certification import deadlines, guards, rules
from registry.certification.facts import Opposed, Requirement, Who
from registry.certification.guards import Cause, Situation
from registry.certification.impartiality import Bond, Obstacle
from registry.certification.rules import Act, State, UnitState
from registry.core.errors import Refusal

PEOPLE = [UUID(int=number) for number in range(4)]
SITUATIONS = st.builds(
    Situation,
    person=st.sampled_from(PEOPLE),
    reason=st.sampled_from(["", "no", "una razón que alguien más puede seguir"]),
    obstacles=st.sampled_from([None, (), (Obstacle("tied-trained", Bond.TRAINED),)]),
    of_the_holder=st.booleans(), is_the_holder=st.booleans(), of_the_team=st.booleans(),
    awaited=st.booleans(), objection=st.sampled_from([None, *Opposed]), too_old=st.booleans(),
    self_assessed=st.booleans(),
    lacking=st.sampled_from([None, (), (Requirement("review-missing", Who.REVIEWER),)]),
    cause=st.sampled_from([None, *Cause]), urgent=st.booleans(),
    signed_before=st.frozensets(st.sampled_from(PEOPLE), max_size=2),
    consult=st.booleans(), consulted=st.booleans(), held=st.booleans(), confirmable=st.booleans(),
    cause_verified=st.booleans(), remaining=st.integers(0, 3), added=st.integers(0, 30),
    growth_limit=st.sampled_from([None, 25]), reviewed=st.booleans(),
)  # fmt: skip
HISTORY = st.lists(st.tuples(st.sampled_from(list(Act)), SITUATIONS), max_size=60)


@given(HISTORY)
def test_whatever_is_tried_only_what_every_guard_let_pass_moves_a_case(history: list[tuple[Act, Situation]]) -> None:
    state, suspended, reviewed = State.APPLIED, False, False
    for act, situation in history:
        before = state
        try:
            state = rules.passed(state, act, situation)
        except Refusal:
            continue
        if before in rules.FINAL - {State.EXPIRED}:
            assert (act, state) == (Act.SURVEY, before)  # recorded afterwards, and moves nothing
        if act in rules.DECISIONS:  # I1, I3: nobody with an obstacle decides, nor anybody nobody looked at
            assert situation.obstacles == ()
        if act in (Act.SUSPEND, Act.WITHDRAW):
            assert not situation.held and (situation.consulted or not situation.consult)
            assert situation.urgent or situation.signed_before - {situation.person}
        if act is Act.REINSTATE:
            assert situation.cause_verified
        if act is Act.BEGIN or (state is State.IN_EVALUATION and act is not Act.REOPEN and before is State.PLANNED):
            assert situation.objection in (Opposed.NOT, Opposed.ANSWERED)  # nobody visits while the holder objects
        if act is Act.PLAN_ANEW:
            assert situation.too_old
        if act in (Act.CONFIRM, Act.LIFT):
            assert situation.person not in situation.signed_before
        if act in (Act.GRANT, Act.EXTEND, Act.WATCH):  # I4
            assert situation.lacking == ()
        reviewed = reviewed or state is State.REVIEWED
        assert state is not State.GRANTED or reviewed
        suspended = state is State.SUSPENDED or (suspended and act not in (Act.REINSTATE, Act.LIFT))
        assert not (state is State.GRANTED and suspended)


def test_every_act_that_ends_or_changes_a_certificate_gives_its_reason() -> None:
    silent = {Act.APPLY, Act.ACCEPT, Act.PLAN, Act.BEGIN, Act.OPEN_CORRECTIONS, Act.REPORT, Act.SURVEY, Act.LAPSE,
              Act.UNCOVER, Act.SUPERSEDE, Act.SELF_ASSESS, Act.PLAN_ANEW}  # fmt: skip
    assert {act for act, asked in rules.GUARDS_OF.items() if guards.reasoned not in asked} <= silent


def test_no_row_is_an_administrators_and_every_act_but_the_first_has_a_row() -> None:
    assert {row.who for row in rules.ROWS} <= set(Who)
    assert {row.act for row in rules.ROWS} == set(Act) - {Act.APPLY}
    assert all(row.guards == rules.GUARDS_OF[row.act] for row in rules.ROWS)


@given(st.lists(st.tuples(st.sampled_from(list(Act)), st.lists(st.sampled_from(PEOPLE), max_size=3)), max_size=30))
def test_a_units_past_is_told_from_the_steps_alone(steps: list[tuple[Act, list[UUID]]]) -> None:
    for unit in PEOPLE:
        whole = rules.unit_at(steps, unit)
        assert whole is rules.unit_at([step for step in steps if unit in step[1]], unit)
        if any(act is Act.WITHDRAW and unit in named for act, named in steps) and whole is UnitState.COVERED:
            seen = [act for act, named in steps if unit in named]
            assert seen.index(Act.WITHDRAW) < len(seen)  # withdrawn before it was covered is no withdrawal


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_a_second_person_has_five_working_days_and_no_weekend_or_holiday_is_one(day: date) -> None:
    by = deadlines.confirm_by(day, "CR")
    days = [day + timedelta(days=n) for n in range(1, (by - day).days + 1)]
    assert by.weekday() < 5 and sum(one.weekday() < 5 for one in days) >= deadlines.CONFIRM_WITHIN
    assert deadlines.confirm_by(day, "ZZ") <= by
    assert deadlines.confirm_by(date(2026, 12, 18), "CR") == date(2026, 12, 28)  # Christmas is none of the five
