"""Reading results: the floor of each criterion, one taxi's major and the group's, and what is recommended."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.findings.rules import State as FindingState
from audit.visits import reading
from audit.visits.reading import Fact, Limits
from audit.visits.rules import Given, Item, Reply
from registry.certification.facts import Criterion, Grade
from registry.certification.requirements import score
from registry.certification.rules import Recommendation

LIMITS = Limits()
NOTHING_READ = reading.read_sample([], 0, LIMITS)
UNITS = [UUID(int=n) for n in range(1, 17)]


def fact(question: str, grade: Grade, state: FindingState = FindingState.RAISED, unit: UUID | None = None) -> Fact:
    return Fact(Item(question, unit), question.split(".")[0], grade, state)


def one(question: str, reply: Reply, grade: Grade | None = None, unit: UUID | None = None) -> Given:
    return Given(Item(question, unit), reply, grade)


def score_of(given: list[Given], facts: list[Fact], items: list[Item]) -> int | None:
    [tally] = reading.tally([("C1", items)], given, facts, NOTHING_READ)
    return int(score(tally)) if tally.assessed else None


def test_a_blank_and_what_could_not_be_evaluated_are_never_a_pass_and_not_applicable_leaves() -> None:
    items = [Item("C1.01"), Item("C1.02"), Item("C1.03"), Item("C1.04")]
    given = [one("C1.01", Reply.CONFORMS), one("C1.02", Reply.NOT_EVALUABLE), one("C1.03", Reply.NOT_APPLICABLE)]
    assert score_of(given, [], items) == 33
    assert score_of([one(item.question, Reply.NOT_APPLICABLE) for item in items], [], items) is None


@pytest.mark.parametrize(
    ("grade", "state", "expected"),
    [
        (Grade.MINOR, FindingState.RAISED, 50),
        (Grade.MINOR, FindingState.ANSWERED, 50),
        (Grade.MINOR, FindingState.PLANNED, 75),
        (Grade.MINOR, FindingState.REOPENED, 50),
        (Grade.MINOR, FindingState.VERIFIED, 100),
        (Grade.MAJOR, FindingState.PLANNED, 50),
        (Grade.MAJOR, FindingState.VERIFIED, 100),
        (Grade.CRITICAL, FindingState.VERIFIED, 50),
    ],
)
def test_a_minor_with_an_accepted_plan_counts_half(grade: Grade, state: FindingState, expected: int) -> None:
    given = [one("C1.01", Reply.CONFORMS), one("C1.02", Reply.NONCONFORMITY, grade)]
    assert score_of(given, [fact("C1.02", grade, state)], [Item("C1.01"), Item("C1.02")]) == expected


def test_one_taxis_major_is_that_taxis() -> None:
    read = reading.read_sample([fact("C4.02", Grade.MAJOR, unit=UNITS[0])], 16, LIMITS)
    assert read.excluded == {UNITS[0]} and not read.group_majors and not read.sample_doubles


def test_two_equal_majors_of_sixteen_are_the_groups() -> None:
    read = reading.read_sample([fact("C4.02", Grade.MAJOR, unit=unit) for unit in UNITS[:2]], 16, LIMITS)
    assert read.group_majors == ("C4.02",) and read.sample_doubles


def test_two_different_majors_of_sixteen_show_that_the_internal_checks_failed() -> None:
    read = reading.read_sample(
        [fact("C4.02", Grade.MAJOR, unit=UNITS[0]), fact("C1.06", Grade.MAJOR, unit=UNITS[1])], 16, LIMITS
    )
    assert not read.group_majors and read.internal_checks_failed and read.sample_doubles


@given(st.integers(1, 40), st.data())
def test_the_same_major_is_the_groups_only_in_more_than_a_tenth_and_in_two(sampled: int, data: st.DataObject) -> None:
    hit = data.draw(st.integers(0, sampled))
    read = reading.read_sample([fact("C1.06", Grade.MAJOR, unit=UUID(int=n + 1)) for n in range(hit)], sampled, LIMITS)
    assert bool(read.group_majors) == (hit >= 2 and hit * 10 > sampled)
    assert len(read.excluded) == hit


def test_what_was_verified_no_longer_speaks_against_the_group() -> None:
    facts = [fact("C4.02", Grade.MAJOR, FindingState.VERIFIED, unit) for unit in UNITS[:3]]
    assert reading.read_sample(facts, 16, LIMITS) == reading.Reading(False, (), False, frozenset())


def test_a_units_own_nonconformity_leaves_the_groups_score_and_a_systemic_one_does_not() -> None:
    items = [Item("C4.02", unit) for unit in UNITS] + [Item("C4.05")]

    def given_with(bad: int) -> list[Given]:
        return [one("C4.05", Reply.CONFORMS)] + [
            one("C4.02", Reply.NONCONFORMITY, Grade.MAJOR, unit) if n < bad else one("C4.02", Reply.CONFORMS, unit=unit)
            for n, unit in enumerate(UNITS)
        ]

    for bad, expected in ((0, 100), (1, 100), (2, 50)):
        facts = [fact("C4.02", Grade.MAJOR, unit=unit) for unit in UNITS[:bad]]
        read = reading.read_sample(facts, len(UNITS), LIMITS)
        [tally] = reading.tally([("C4", items)], given_with(bad), facts, read)
        assert (tally.assessed, score(tally)) == (2, expected)


@pytest.mark.parametrize(
    ("facts", "scores", "expected"),
    [
        ([], [100, None, 70], Recommendation.GRANT),
        ([], [100, 69], Recommendation.RETURN),
        ([fact("C1.11", Grade.CRITICAL)], [90], Recommendation.REFUSE),
        ([fact("C1.01", Grade.MAJOR)], [90], Recommendation.RETURN),
        ([fact("C1.01", Grade.MAJOR, FindingState.VERIFIED)], [90], Recommendation.GRANT),
        ([fact("C1.01", Grade.MINOR, FindingState.ANSWERED)], [90], Recommendation.RETURN),
        ([fact("C1.01", Grade.MINOR, FindingState.PLANNED)], [90], Recommendation.GRANT),
        ([fact("C1.01", Grade.OBSERVATION)], [90], Recommendation.GRANT),
        ([fact(f"C1.0{n}", Grade.MINOR, FindingState.PLANNED) for n in (1, 2, 3)], [90], Recommendation.RETURN),
        ([fact("C4.02", Grade.MAJOR, unit=UNITS[0])], [90], Recommendation.GRANT),
        ([fact("C4.02", Grade.MAJOR, unit=unit) for unit in UNITS[:2]], [90], Recommendation.RETURN),
    ],
)
def test_the_recommendation_follows_from_what_is_open(
    facts: list[Fact], scores: list[int | None], expected: Recommendation
) -> None:
    criteria = [Criterion("C1", conform=one or 0, assessed=0 if one is None else 100) for one in scores]
    assert reading.recommend(facts, criteria, reading.read_sample(facts, 16, LIMITS), LIMITS) is expected
