"""Findings: any history of acts ends somewhere sane, dates follow the grade, and nobody verifies their own answer."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.findings import rules
from audit.findings.rules import OPEN, Act, Due, Plan, State, Terms
from registry.certification.facts import Grade
from registry.core.errors import Conflict, Forbidden, Invalid

TERMS = {Grade.CRITICAL: Terms(0, 0), Grade.MAJOR: Terms(14, 60), Grade.MINOR: Terms(30, 90)}
DAY = date(2026, 11, 21)
GOOD = Plan(
    correction="Nobody works the night shift alone.",
    cause="Relief staff skip the induction list.",
    action="Relief staff go through the induction list too.",
    responsible="Front desk manager",
    due_on=DAY + timedelta(days=30),
)
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@given(st.lists(st.sampled_from(Act), max_size=12))
def test_any_history_of_acts_never_closes_a_finding_without_verification(acts: list[Act]) -> None:
    state, history = State.RAISED, []
    for act in acts:
        try:
            state = rules.after(state, act)
        except Conflict as refused:
            assert refused.code == f"finding-not-{act}"
        else:
            history.append(act)
    if state is State.VERIFIED:
        assert history[-1] is Act.VERIFY and Act.ANSWER in history
    if state is State.DROPPED:
        assert history == [Act.DROP]
    assert (state in OPEN) == (state not in {State.VERIFIED, State.DROPPED})


@given(days)
def test_a_major_has_14_and_60_days_and_a_minor_30_and_90(closed_on: date) -> None:
    assert rules.due(Grade.MAJOR, closed_on, TERMS) == Due(
        closed_on + timedelta(days=14), closed_on + timedelta(days=60)
    )
    assert rules.due(Grade.MINOR, closed_on, TERMS) == Due(
        closed_on + timedelta(days=30), closed_on + timedelta(days=90)
    )


@given(days, st.sampled_from([Grade.CRITICAL, Grade.OBSERVATION]))
def test_no_plan_buys_time_for_a_critical_and_an_observation_owes_nothing(closed_on: date, grade: Grade) -> None:
    assert rules.due(grade, closed_on, TERMS) == Due()


@given(st.sampled_from(State), st.sampled_from(Grade), st.integers(-200, 200))
def test_only_what_is_open_and_owes_an_answer_can_be_late(state: State, grade: Grade, offset: int) -> None:
    dates = rules.due(grade, DAY, TERMS)
    today = DAY + timedelta(days=offset)
    if rules.late(state, grade, dates, today):
        assert state in OPEN and grade in {Grade.MAJOR, Grade.MINOR} and offset > 14
        assert state in rules.WAITS_FOR_CLIENT or today > (dates.close_on or date.max)


def test_the_day_itself_is_in_time() -> None:
    dates = rules.due(Grade.MAJOR, DAY, TERMS)
    assert not rules.late(State.RAISED, Grade.MAJOR, dates, DAY + timedelta(days=14))
    assert rules.late(State.RAISED, Grade.MAJOR, dates, DAY + timedelta(days=15))
    assert not rules.late(State.ANSWERED, Grade.MAJOR, dates, DAY + timedelta(days=60))
    assert rules.late(State.ANSWERED, Grade.MAJOR, dates, DAY + timedelta(days=61))


def test_a_whole_answer_is_taken() -> None:
    rules.complete(GOOD, rules.due(Grade.MAJOR, DAY, TERMS), DAY)


def test_an_answer_with_things_to_mend_names_every_one_of_them() -> None:
    empty = Plan(correction=" ", cause="why", action="", responsible=" ", due_on=None, disagreement="x" * 5000)
    with pytest.raises(Invalid) as refused:
        rules.complete(empty, Due(), DAY)
    assert refused.value.details["fields"] == {
        "correction": "finding-correction-short",
        "cause": "finding-cause-short",
        "action": "finding-action-short",
        "responsible": "finding-responsible-missing",
        "due_on": "finding-date-missing",
        "disagreement": "text-too-long",
    }


@given(st.integers(-400, 400))
def test_the_action_fits_between_the_closing_and_the_limit(offset: int) -> None:
    plan = Plan(GOOD.correction, GOOD.cause, GOOD.action, GOOD.responsible, DAY + timedelta(days=offset))
    dates = rules.due(Grade.MAJOR, DAY, TERMS)
    if 0 <= offset <= 60:
        rules.complete(plan, dates, DAY)
        return
    with pytest.raises(Invalid) as refused:
        rules.complete(plan, dates, DAY)
    assert refused.value.details["fields"] == {"due_on": "finding-date-late" if offset > 0 else "finding-date-early"}


@given(st.uuids(), st.frozensets(st.uuids(), max_size=4), st.one_of(st.none(), st.uuids()))
def test_only_somebody_of_the_team_who_did_not_write_the_answer_verifies(
    verifier: UUID, team: frozenset[UUID], author: UUID | None
) -> None:
    if verifier in team and verifier != author:
        rules.independent(verifier, team, author)
    else:
        with pytest.raises(Forbidden):
            rules.independent(verifier, team, author)


def test_an_evaluator_who_answered_for_the_client_cannot_verify_it() -> None:
    someone = uuid4()
    with pytest.raises(Forbidden, match="verifier-wrote-the-answer"):
        rules.independent(someone, {someone}, someone)
