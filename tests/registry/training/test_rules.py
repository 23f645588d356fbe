"""Coverage: who is trained on a day, and what takes them off the count with no one pressing anything."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import Conflict, Invalid
from registry.schemes import content
from registry.training import rules
from registry.training.rules import Assurance, Kind, Parameters, RecordFact, SessionState, WorkerFact

CODE = content.load(content.DATA / "sectt-code-1")
PARAMETERS = Parameters(
    needs=tuple((m.id, frozenset(a.kinds), frozenset(a.posts)) for m in CODE.modules for a in m.audience),
    critical_posts=frozenset(CODE.parameters.training.critical_posts),
    critical_shifts=frozenset(CODE.parameters.training.critical_shifts),
)
TODAY = date(2026, 11, 20)
POSTS = ("reception", "housekeeping", "food_service", "security", "supervisor", "driver", "guide", "other")
around = st.integers(-900, 900).map(lambda days: TODAY + timedelta(days=days))


@st.composite
def workers(draw: st.DrawFn) -> WorkerFact:
    started, left = draw(st.none() | around), draw(st.none() | around)
    return WorkerFact(draw(st.uuids()), draw(st.sampled_from(["lodging", "taxi"])), draw(st.sampled_from(POSTS)),
                      draw(st.sampled_from(["day", "night", "both"])), draw(st.booleans()), started, left)  # fmt: skip


@st.composite
def rosters(draw: st.DrawFn) -> tuple[list[WorkerFact], list[RecordFact]]:
    people = draw(st.lists(workers(), max_size=12, unique_by=lambda w: w.id))
    records = []
    for person in people:
        for module in draw(st.lists(st.sampled_from(["M0", "M1", "M2", "M3", "M4", "M5", "M8"]), max_size=5)):
            passed = draw(around)
            records.append(RecordFact(person.id, module, passed, rules.expiry(passed, 24),
                                      draw(st.sampled_from(Assurance)), draw(st.sampled_from(Kind))))  # fmt: skip
    return people, records


def whole(person: WorkerFact, passed: date) -> list[RecordFact]:
    return [RecordFact(person.id, module, passed, rules.expiry(passed, 24))
            for module in rules.needed(person.kind, person.post, PARAMETERS)]  # fmt: skip


@given(rosters())
def test_the_posts_add_up_and_nobody_is_counted_who_is_not_there(
    given_: tuple[list[WorkerFact], list[RecordFact]],
) -> None:
    people, records = given_
    found = rules.coverage(people, records, TODAY, PARAMETERS)
    assert found.total == sum(rules.active(person, TODAY) for person in people)
    assert found.total == sum(post.total for post in found.by_post)
    assert found.valid == sum(post.valid for post in found.by_post)
    assert found.critical_total == sum(post.total for post in found.by_post if post.critical)
    assert found.critical_valid == sum(post.valid for post in found.by_post if post.critical)
    assert 0 <= found.valid <= found.total and 0 <= found.percent <= 100


@given(rosters(), st.integers(0, 11))
def test_when_somebody_leaves_coverage_falls_by_itself(
    given_: tuple[list[WorkerFact], list[RecordFact]], which: int
) -> None:
    people, records = given_
    stayers = [person for person in people if rules.active(person, TODAY)]
    if not stayers:
        return
    leaver = stayers[which % len(stayers)]
    after = [msgspec.structs.replace(p, left_on=TODAY) if p.id == leaver.id else p for p in people]
    before, now = (rules.coverage(one, records, TODAY, PARAMETERS) for one in (people, after))
    assert now.total == before.total - 1
    assert now.valid in (before.valid, before.valid - 1)


@given(workers(), around)
def test_a_record_holds_to_the_end_of_its_last_day_and_not_one_day_longer(person: WorkerFact, passed: date) -> None:
    person = msgspec.structs.replace(person, started_on=None, left_on=None)
    records = whole(person, passed)
    last = rules.expiry(passed, 24)
    assert rules.coverage([person], records, last, PARAMETERS).valid == 1
    assert rules.coverage([person], records, last + timedelta(days=1), PARAMETERS).valid == 0
    assert rules.coverage([person], records, passed - timedelta(days=1), PARAMETERS).valid == 0
    assert rules.valid_until(person, records, last, PARAMETERS) == last


@given(rosters())
def test_what_only_the_employer_says_never_counts_nor_does_a_refresher(
    given_: tuple[list[WorkerFact], list[RecordFact]],
) -> None:
    people, records = given_
    weaker = [r for r in records if r.assurance is not Assurance.L0 and r.kind is Kind.FULL]
    assert rules.coverage(people, records, TODAY, PARAMETERS) == rules.coverage(people, weaker, TODAY, PARAMETERS)


@given(rosters())
def test_outsourced_people_are_in_the_denominator_like_anybody(
    given_: tuple[list[WorkerFact], list[RecordFact]],
) -> None:
    people, records = given_
    own = [msgspec.structs.replace(person, outsourced=False) for person in people]
    assert rules.coverage(people, records, TODAY, PARAMETERS) == rules.coverage(own, records, TODAY, PARAMETERS)


@given(rosters())
def test_whoever_lacks_a_module_is_not_trained_and_whoever_lacks_none_is(
    given_: tuple[list[WorkerFact], list[RecordFact]],
) -> None:
    people, records = given_
    for person in people:
        own = [record for record in records if record.worker == person.id]
        missing = rules.lacking(person, own, TODAY, PARAMETERS)
        assert (rules.valid_until(person, own, TODAY, PARAMETERS) is not None) == (missing == ())


def test_a_starter_counts_from_the_first_day_and_is_late_after_thirty() -> None:
    starter = WorkerFact(UUID(int=1), "lodging", "reception", started_on=TODAY)
    assert rules.coverage([starter], [], TODAY - timedelta(days=1), PARAMETERS).total == 0
    assert rules.coverage([starter], [], TODAY, PARAMETERS).total == 1
    assert rules.coverage([starter], [], TODAY + timedelta(days=30), PARAMETERS).late_starters == 0
    assert rules.coverage([starter], [], TODAY + timedelta(days=31), PARAMETERS).late_starters == 1


def test_a_hotel_at_eighty_percent_with_one_night_guard_missing_does_not_meet_the_floors() -> None:
    staff = [WorkerFact(UUID(int=n), "lodging", "housekeeping") for n in range(1, 10)]
    guard = WorkerFact(UUID(int=99), "lodging", "security", "night")
    records = [record for person in staff for record in whole(person, TODAY)]
    found = rules.coverage([*staff, guard], records, TODAY, PARAMETERS)
    assert (found.total, found.valid, found.critical_total, found.critical_valid) == (10, 9, 1, 0)
    assert found.meets(80, 0) and not found.meets(80, 100)
    assert found.by_post[0].post == "security" and found.by_post[0].night


def test_nothing_rounds_up_to_a_floor() -> None:
    assert not rules.Coverage(total=1000, valid=799).meets(80)
    assert rules.Coverage(total=1000, valid=800).meets(80)
    assert not rules.Coverage().meets(0), "an empty roster is not a trained one"


def test_what_expires_soon_is_counted_for_each_warning() -> None:
    person = WorkerFact(UUID(int=1), "taxi", "driver")
    records = [RecordFact(person.id, m, TODAY - timedelta(days=700), TODAY + timedelta(days=6)) for m in ("M0", "M5")]
    assert rules.coverage([person], records, TODAY, PARAMETERS, (60, 30, 7)).expiring == {60: 1, 30: 1, 7: 1}
    later = [*records, *whole(person, TODAY)]
    assert rules.coverage([person], later, TODAY, PARAMETERS, (60, 30, 7)).expiring == {60: 0, 30: 0, 7: 0}


def test_a_driver_needs_what_drivers_need_where_they_drive() -> None:
    assert rules.needed("taxi", "driver", PARAMETERS) == ("M0", "M5")
    assert rules.needed("freight", "driver", PARAMETERS) == ("M0", "M6")
    assert rules.needed("lodging", "manager", PARAMETERS) == ("M0", "M4")
    assert rules.needed("taxi", "other", PARAMETERS) == ("M0",)


def test_the_last_of_february_is_two_years_after_a_leap_day() -> None:
    assert rules.expiry(date(2024, 2, 29), 24) == date(2026, 2, 28)
    assert rules.expiry(date(2024, 12, 31), 2) == date(2025, 2, 28)


AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def test_a_session_is_closed_when_its_time_is_over_and_somebody_was_there() -> None:
    with pytest.raises(Conflict, match="training-too-early") as refusal:
        rules.closable(SessionState.OPEN, AT, 20, 3, AT + timedelta(minutes=19, seconds=30))
    assert refusal.value.details["minutes"] == 1
    with pytest.raises(Conflict, match="training-nobody-there"):
        rules.closable(SessionState.OPEN, AT, 20, 0, AT + timedelta(minutes=20))
    with pytest.raises(Conflict, match="training-session-not-open"):
        rules.closable(SessionState.CLOSED, AT, 20, 3, AT + timedelta(minutes=20))
    rules.closable(SessionState.OPEN, AT, 20, 3, AT + timedelta(minutes=20))


def test_a_session_on_paper_is_entered_within_its_days_and_never_ahead() -> None:
    rules.begun(AT - timedelta(days=14), AT, 14)
    for wrong in (AT + timedelta(seconds=1), AT - timedelta(days=14, seconds=1)):
        with pytest.raises(Invalid):
            rules.begun(wrong, AT, 14)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_small_group_shows_no_figure_to_its_association(total: int, valid: int) -> None:
    shown = rules.shown_percent(total, min(valid, total), 5)
    assert (shown is None) == (total < 5)
