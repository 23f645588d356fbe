"""Who may not touch a case. No role lifts it."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.certification.impartiality import Bond, Part, Tie, impartial, obstacles
from registry.core.errors import Forbidden

BRUNO, DORA, HOTEL = UUID(int=1), UUID(int=2), UUID(int=3)
TODAY = date(2026, 11, 20)
TEAM = frozenset({BRUNO})


def codes(person: UUID, part: Part, *ties: Tie) -> list[str]:
    return [obstacle.code for obstacle in obstacles(person, part, TEAM, ties, TODAY, 24)]


def test_who_evaluated_a_case_neither_reviews_nor_decides_it() -> None:
    assert codes(BRUNO, Part.REVIEW) == ["reviewer-evaluated-this-case"]
    assert codes(BRUNO, Part.DECIDE) == ["decider-evaluated-this-case"]
    assert codes(BRUNO, Part.EVALUATE) == []
    assert codes(DORA, Part.DECIDE) == []
    with pytest.raises(Forbidden, match="decider-evaluated-this-case"):
        impartial(BRUNO, Part.DECIDE, TEAM, (), TODAY, 24)


@given(st.sampled_from(list(Bond)), st.sampled_from(list(Part)))
def test_every_tie_that_lasts_keeps_somebody_away(bond: Bond, part: Part) -> None:
    tie = Tie(bond, HOTEL, date(2020, 1, 1))
    may_evaluate_again = bond is Bond.EVALUATED and part is Part.EVALUATE
    assert bool(codes(DORA, part, tie)) != may_evaluate_again


@pytest.mark.parametrize(
    ("ended", "kept_away"),
    [
        (date(2024, 12, 20), True),  # 23 months ago
        (date(2024, 11, 21), True),
        (date(2024, 11, 20), False),  # two years ago today
        (date(2024, 10, 20), False),  # 25 months ago
    ],
)
def test_a_tie_keeps_somebody_away_for_two_years_after_it_ended(ended: date, kept_away: bool) -> None:
    tie = Tie(Bond.TRAINED, HOTEL, date(2024, 1, 1), ended)
    for part in Part:
        assert bool(codes(DORA, part, tie)) is kept_away
    if kept_away:
        assert obstacles(DORA, Part.EVALUATE, TEAM, [tie], TODAY, 24)[0].ends_on == date(
            ended.year + 2, ended.month, ended.day
        )


@given(
    st.lists(st.builds(Tie, st.sampled_from(list(Bond)), st.just(HOTEL), st.dates(date(2020, 1, 1), TODAY))),
    st.frozensets(st.sampled_from([BRUNO, DORA])),
    st.sampled_from(list(Part)),
)
def test_more_ties_never_make_anybody_freer(ties: list[Tie], team: frozenset[UUID], part: Part) -> None:
    all_of_them = obstacles(DORA, part, team, ties, TODAY, 24)
    assert len(all_of_them) >= max((len(obstacles(DORA, part, team, [tie], TODAY, 24)) for tie in ties), default=0)
    assert all(obstacle in all_of_them for tie in ties for obstacle in obstacles(DORA, part, team, [tie], TODAY, 24))
