"""What a seal says over time, by properties: green needs every one of its reasons, at every instant."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from public_site.verification import rules
from public_site.verification.rules import CARRIED, DOOR, Reason, State, Verdict
from registry.seals.snapshot import Entry, Kind
from registry.seals.snapshot import State as Published
from tests.public_site.world import BOAT_FACTS, HOTEL, HOTEL_FACTS, NOW, entry

SECONDS = st.integers(-(10**8), 10**8).map(lambda n: timedelta(seconds=n))
AGES = st.one_of(
    st.integers(0, 200).map(lambda n: timedelta(seconds=n)), st.integers(0, 400).map(lambda n: timedelta(hours=n))
)
ENTRY = st.builds(
    lambda state, facts, began, lasts, since: entry(
        HOTEL, state, facts, valid_from=NOW + began, valid_until=NOW + began + abs(lasts), since=NOW + since
    ),
    st.sampled_from(Published), st.sampled_from([HOTEL_FACTS, BOAT_FACTS]), SECONDS, SECONDS, SECONDS,
)  # fmt: skip
LIMITS = st.sampled_from([DOOR, CARRIED])


def said(seal: Entry | None, age: timedelta, limits: dict[Kind, rules.Limits] = DOOR) -> Verdict:
    return rules.verdict(seal, NOW, NOW - age, limits)


@given(ENTRY, AGES, LIMITS)
def test_valid_only_when_granted_begun_not_ended_and_freshly_confirmed(seal, age, limits):  # type: ignore[no-untyped-def]
    good = (
        seal.state is Published.VALID
        and seal.valid_from <= NOW <= seal.valid_until
        and age <= limits[seal.kind].green
    )  # fmt: skip
    assert (said(seal, age, limits).state is State.VALID) == good


@given(ENTRY, AGES, LIMITS)
def test_what_ended_is_told_however_old_the_copy(seal, age, limits):  # type: ignore[no-untyped-def]
    fresh, old = said(seal, timedelta(0), limits), said(seal, age, limits)
    if fresh.state in (State.SUSPENDED, State.WITHDRAWN, State.EXPIRED):
        assert (old.state, old.reason, old.since) == (fresh.state, fresh.reason, fresh.since)


@given(st.none() | ENTRY, AGES, LIMITS)
def test_the_answer_holds_until_the_instant_it_names(seal, age, limits):  # type: ignore[no-untyped-def]
    """Nothing prepared before may still be given at `changes_at`, and until then nothing changes."""
    as_of = NOW - age
    first = rules.verdict(seal, NOW, as_of, limits)
    if first.changes_at is None:
        for later in (timedelta(hours=30), timedelta(days=9), timedelta(days=4000)):
            assert rules.verdict(seal, NOW + later, as_of, limits).state is first.state
        return
    assert first.changes_at > NOW
    before = rules.verdict(seal, first.changes_at - timedelta(microseconds=1), as_of, limits)
    after = rules.verdict(seal, first.changes_at, as_of, limits)
    assert before.state is first.state
    assert after != first


@given(AGES, LIMITS)
def test_an_absent_code_is_unknown_only_while_the_copy_is_fresh(age, limits):  # type: ignore[no-untyped-def]
    fresh = age <= limits[Kind.VEHICLE].green
    assert said(None, age, limits).state is (State.UNKNOWN if fresh else State.CANNOT_CONFIRM)


def test_a_seal_ends_at_its_last_second_and_not_before() -> None:
    seal = entry(HOTEL, valid_until=NOW)
    assert rules.verdict(seal, NOW, NOW).state is State.VALID
    late = NOW + timedelta(microseconds=1)
    assert rules.verdict(seal, late, late) == Verdict(State.EXPIRED, Reason.EXPIRED, late, NOW)


def test_a_carried_copy_follows_the_table() -> None:
    hours = [1, 24, 25, 72, 73, 168, 169]
    taxi = [said(entry(HOTEL, facts=BOAT_FACTS), timedelta(hours=n), CARRIED).reason for n in hours]
    hotel = [said(entry(HOTEL), timedelta(hours=n), CARRIED).reason for n in hours]
    meets, was, old = Reason.MEETS, Reason.WAS_VALID, Reason.OLD_COPY
    assert taxi == [meets, meets, was, was, was, was, old]
    assert hotel == [meets, meets, meets, meets, was, was, old]


def test_the_door_itself_stays_green_for_a_minute_only() -> None:
    assert said(entry(HOTEL), timedelta(seconds=60)).state is State.VALID
    assert said(entry(HOTEL), timedelta(seconds=61)).reason is Reason.WAS_VALID


def test_a_clock_behind_the_copy_does_not_make_it_younger() -> None:
    seal = entry(HOTEL, valid_until=NOW)
    assert rules.verdict(seal, NOW - timedelta(days=3), NOW + timedelta(seconds=1)).state is State.EXPIRED


def test_a_business_that_only_signed_is_never_green() -> None:
    assert rules.listed(NOW, NOW).state is State.COMMITTED
    assert rules.listed(NOW, NOW - timedelta(days=9)).state is State.CANNOT_CONFIRM
