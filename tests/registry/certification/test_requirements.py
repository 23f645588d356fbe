"""What a seal needs: nothing passes while something is missing, and each lack is named once."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from registry.certification.facts import (
    Criterion,
    Evaluated,
    Facts,
    Finding,
    Grade,
    Kind,
    Member,
    Mending,
    Parameters,
    Unit,
    Who,
)
from registry.certification.rules import missing, ready, score

V1, V2 = UUID(int=1), UUID(int=2)
SIX = ("C1", "C2", "C3", "C4", "C5", "C6")
P = Parameters()
TODAY = date(2026, 11, 20)
HOTEL = Member(signed=V1, roster=10, trained=8, critical=3, critical_trained=3)
CLEAN = Evaluated(V1, tuple(Criterion(name, conform=5, assessed=5) for name in SIX))
COMPLETE = Facts(V1, SIX, on=TODAY, applied=True, accepted=True, member=HOTEL, evaluation=CLEAN, reviewed=True)
DRIVER = Member(signed=V1, roster=1, trained=1, critical=1, critical_trained=1)


def taxis(count: int) -> Facts:
    """A group of taxis that lacks nothing."""
    cars = tuple(Unit(UUID(int=100 + n), DRIVER, date(2026, 9, 1), passed=True) for n in range(count))
    evaluated = replace(CLEAN, sampled=4, sample_size=4)
    return replace(COMPLETE, kind=Kind.GROUP, member=None, units=cars, evaluation=evaluated)


def codes(facts: Facts) -> list[str]:
    return [requirement.code for requirement in missing(facts, P)]


def found(*findings: Finding) -> Facts:
    return replace(COMPLETE, evaluation=replace(CLEAN, findings=findings))


def test_a_complete_case_lacks_nothing() -> None:
    assert missing(COMPLETE, P) == []


def test_somebody_who_only_just_enrolled_lacks_every_step_in_its_order() -> None:
    assert codes(Facts(V1, SIX, member=Member())) == [
        "commitment-missing", "roster-empty", "application-missing", "evaluation-missing", "review-missing",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "code", "who"),
    [
        (replace(COMPLETE, applied=False, accepted=False), "application-missing", Who.REPRESENTATIVE),
        (replace(COMPLETE, accepted=False), "application-waiting", Who.OFFICER),
        (replace(COMPLETE, member=replace(HOTEL, signed=None)), "commitment-missing", Who.REPRESENTATIVE),
        (replace(COMPLETE, member=replace(HOTEL, signed=V2)), "commitment-of-other-version", Who.REPRESENTATIVE),
        (replace(COMPLETE, member=Member(signed=V1)), "roster-empty", Who.REPRESENTATIVE),
        (replace(COMPLETE, member=replace(HOTEL, trained=7)), "coverage-low", Who.TRAINER),
        (replace(COMPLETE, member=replace(HOTEL, critical_trained=2)), "coverage-critical-low", Who.TRAINER),
        (replace(COMPLETE, evaluation=None), "evaluation-missing", Who.AUDITOR),
        (replace(COMPLETE, evaluation=replace(CLEAN, version=V2)), "evaluation-of-other-version", Who.AUDITOR),
        (replace(COMPLETE, evaluation=replace(CLEAN, unanswered=1)), "questions-unanswered", Who.AUDITOR),
        (replace(COMPLETE, evaluation=replace(CLEAN, visited_on=date(2026, 5, 23))), "evaluation-too-old", Who.OFFICER),
        (found(Finding(Grade.CRITICAL, Mending.PLANNED)), "finding-critical-open", Who.REPRESENTATIVE),
        (found(Finding(Grade.MAJOR, Mending.PLANNED)), "finding-major-open", Who.REPRESENTATIVE),
        (found(Finding(Grade.MINOR, Mending.OPEN)), "finding-minor-unplanned", Who.REPRESENTATIVE),
        (replace(COMPLETE, reviewed=False), "review-missing", Who.REVIEWER),
    ],
)
def test_each_single_lack_is_named_once_with_who_takes_the_step(facts: Facts, code: str, who: Who) -> None:
    assert [(requirement.code, requirement.who) for requirement in missing(facts, P)] == [(code, who)]
    assert missing(facts, P)[0].blocks


def test_planned_minors_closed_majors_and_observations_do_not_stand_in_the_way() -> None:
    findings = [
        Finding(Grade.MINOR, Mending.PLANNED),
        Finding(Grade.MAJOR, Mending.CLOSED),
        Finding(Grade.CRITICAL, Mending.CLOSED),
        Finding(Grade.OBSERVATION, Mending.OPEN),
    ]
    assert codes(found(*findings)) == []


def test_not_applicable_needs_a_reason_and_never_assessed_is_neither() -> None:
    results = {result.criterion: result for result in CLEAN.criteria}
    results["C6"] = Criterion("C6", not_applicable=3)
    assert codes(replace(COMPLETE, evaluation=replace(CLEAN, criteria=tuple(results.values())))) == []
    results["C6"] = Criterion("C6", not_applicable=3, without_reason=2)
    assert codes(replace(COMPLETE, evaluation=replace(CLEAN, criteria=tuple(results.values())))) == [
        "not-applicable-without-reason"
    ]
    del results["C6"]
    assert codes(replace(COMPLETE, evaluation=replace(CLEAN, criteria=tuple(results.values())))) == [
        "criterion-not-assessed"
    ]


@given(st.integers(0, 10), st.integers(0, 10), st.integers(1, 20))
def test_the_lowest_criterion_decides_not_the_average(conform: int, planned: int, assessed: int) -> None:
    weak = Criterion("C3", conform=min(conform, assessed), planned=min(planned, assessed), assessed=assessed)
    criteria = tuple(weak if result.criterion == "C3" else result for result in CLEAN.criteria)
    lacking = codes(replace(COMPLETE, evaluation=replace(CLEAN, criteria=criteria)))
    assert ("criterion-below-floor" in lacking) == (score(weak) < 70)


@given(st.integers(1, 400), st.integers(0, 400))
def test_eighty_per_cent_is_never_reached_with_fewer_people_than_eighty_per_cent(roster: int, trained: int) -> None:
    trained = min(trained, roster)
    member = replace(HOTEL, roster=roster, trained=trained)
    lacking = missing(replace(COMPLETE, member=member), P)
    assert bool(lacking) == (trained * 100 < roster * 80)
    for requirement in lacking:  # training exactly that many people mends it
        mended = replace(member, trained=trained + requirement.count)
        assert missing(replace(COMPLETE, member=mended), P) == []


def test_a_group_needs_every_unit_checked_within_the_year_the_office_and_the_whole_sample() -> None:
    group = taxis(16)
    assert codes(group) == []
    stale = replace(group.units[0], checked_on=date(2025, 11, 19))
    lacking = missing(replace(group, units=(stale, *group.units[1:])), P)
    assert [(one.code, one.count, one.of, one.blocks) for one in lacking] == [
        ("units-unchecked", 1, 16, True),
        ("members-not-ready", 1, 16, False),
    ]
    assert group.evaluation is not None
    assert codes(replace(group, evaluation=replace(group.evaluation, office=False))) == ["office-not-evaluated"]
    assert codes(replace(group, evaluation=replace(group.evaluation, sampled=3))) == ["sample-short"]
    assert codes(replace(group, evaluation=replace(group.evaluation, sample_size=0))) == ["sample-short"]
    assert codes(replace(group, units=())) == ["units-unchecked"]


def test_members_who_did_not_sign_or_train_stay_outside_without_keeping_the_group_out() -> None:
    group = taxis(16)
    unsigned = replace(group.units[0], member=replace(DRIVER, signed=None))
    untrained = replace(group.units[1], member=replace(DRIVER, trained=0, critical_trained=0))
    failed = replace(group.units[2], passed=False)
    mixed = replace(group, units=(unsigned, untrained, failed, *group.units[3:]))
    assert [(one.code, one.count, one.blocks) for one in missing(mixed, P)] == [("members-not-ready", 3, False)]
    assert [ready(unit, mixed, P) for unit in mixed.units[:4]] == [False, False, False, True]
    nobody = replace(group, units=tuple(replace(unit, member=Member()) for unit in group.units))
    assert missing(nobody, P)[0].blocks


def test_a_member_sees_its_own_lacks_and_those_of_its_group() -> None:
    group = taxis(16)
    car = replace(group.units[0], passed=False)
    seen = replace(group, member=replace(DRIVER, signed=None), units=(car,), reviewed=False)
    assert codes(seen) == ["commitment-missing", "unit-not-passed", "review-missing"]


def test_one_members_major_keeps_that_member_out_and_the_same_in_more_than_a_tenth_the_group() -> None:
    group = taxis(16)
    assert group.evaluation is not None
    first, second = (Finding(Grade.MAJOR, Mending.OPEN, "C2.02", unit.id) for unit in group.units[:2])
    one = replace(group, evaluation=replace(group.evaluation, findings=(first,)))
    assert codes(one) == ["members-not-ready"]
    assert not ready(one.units[0], one, P)
    assert ready(one.units[1], one, P)
    two = replace(group, evaluation=replace(group.evaluation, findings=(first, second)))
    assert "finding-major-open" in codes(two)
    critical = Finding(Grade.CRITICAL, Mending.OPEN, "C1.03", group.units[0].id)
    stopped = replace(group, evaluation=replace(group.evaluation, findings=(critical,)))
    assert "finding-critical-open" in codes(stopped)


def test_a_scheme_version_moves_its_own_bars_and_leaves_the_rest() -> None:
    parameters = Parameters.of({"coverage_total": 90, "appeal_days": 30, "group": {"growth_percent": 10}})
    assert parameters.coverage_total == 90
    assert parameters.criterion_floor == 70
    assert [requirement.code for requirement in missing(COMPLETE, parameters)] == ["coverage-low"]
