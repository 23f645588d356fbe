"""The knowledge check and the patterns that a person looks at."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import Invalid
from registry.schemes import content
from registry.training import checks, signals

CODE = content.load(content.DATA / "sectt-code-1")
BANKS = [module for module in CODE.modules if module.items]
AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@given(st.uuids(), st.lists(st.sampled_from(BANKS), min_size=1, max_size=6, unique_by=lambda m: m.id))
def test_a_check_asks_every_must_pass_item_and_enough_others_each_once(
    session: UUID, modules: list[content.Module]
) -> None:
    asked = checks.draw(modules, session)
    bank = {item.id for module in modules for item in module.items}
    must = {item.id for module in modules for item in module.items if item.must_pass}
    assert must <= set(asked) <= bank and len(set(asked)) == len(asked)
    assert len(asked) == max(10 + 4 * (len(modules) - 1), len(must))
    assert asked == checks.draw(modules, session), "drawn again it is the same"


def test_two_sessions_seldom_ask_in_the_same_order() -> None:
    assert len({checks.draw(BANKS[:2], UUID(int=n)) for n in range(20)}) > 15


@given(st.integers(1, 40), st.integers(0, 40), st.booleans())
def test_a_check_is_passed_with_enough_right_answers_and_every_must_pass_one(
    asked: int, score: int, must: bool
) -> None:
    score = min(score, asked)
    passed = checks.passed(score, asked, must, 80)
    assert passed == (must and score >= checks.needed_to_pass(asked, 80))
    assert not checks.passed(None, asked, True, 80)


def test_eight_of_ten_pass_and_seven_do_not() -> None:
    assert checks.passed(8, 10, True, 80) and not checks.passed(7, 10, True, 80)
    assert not checks.passed(10, 10, False, 80)


@pytest.mark.parametrize("score", [-1, 11, 92])
def test_a_score_is_the_number_of_right_answers(score: int) -> None:
    with pytest.raises(Invalid, match="training-score-out-of-range"):
        checks.checked(score, 10)


def seen(number: int, client: int = 1, score: int | None = None, active: bool = True) -> list[signals.Seen]:
    return [signals.Seen(UUID(int=client), active, score if score is not None else 8 + n % 3) for n in range(number)]


def codes(people: list[signals.Seen], others: list[signals.Span] | None = None, payroll: int = 100,
          entered: timedelta = timedelta(minutes=30)) -> dict[str, int]:  # fmt: skip
    span = signals.Span(UUID(int=1), AT, 20, "Sala", len(people))
    found = signals.signals(span, others or [], people, {UUID(int=1): payroll}, AT + entered,
                            group_limit=60, same_score_limit=8)  # fmt: skip
    return {signal.code: signal.count for signal in found}


def test_an_ordinary_session_shows_nothing() -> None:
    assert codes(seen(20)) == {}


def test_one_person_cannot_be_in_two_rooms() -> None:
    near = signals.Span(UUID(int=2), AT + timedelta(minutes=10), 20, "Otra sala", 5)
    after = signals.Span(UUID(int=3), AT + timedelta(minutes=20), 20, "Otra sala", 5)
    assert codes(seen(5), [near, after]) == {"overlap": 1}


def test_more_people_than_the_business_employs_stand_out() -> None:
    assert codes(seen(7), payroll=6) == {"larger-than-payroll": 1}


def test_certificates_for_leavers_a_burst_and_one_score_for_all_stand_out() -> None:
    assert codes(seen(2, active=False) + seen(3)) == {"leavers": 2}
    assert codes(seen(61)) == {"burst": 61}
    near = signals.Span(UUID(int=2), AT + timedelta(minutes=25), 20, "Sala", 40)
    assert codes(seen(30), [near]) == {"burst": 70}
    assert codes(seen(8, score=9)) == {"same-scores": 8}
    assert codes(seen(7, score=9)) == {}


def test_what_is_entered_days_later_is_noted() -> None:
    assert codes(seen(5), entered=timedelta(days=3)) == {"entered-late": 1}
