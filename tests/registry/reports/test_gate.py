"""The gate over many random worlds: never open when any condition fails, and never closed when all hold."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from registry.authorities.directory import Competence, Directory, Record, Terms
from registry.reports import gate
from registry.reports.gate import Closed, Facts, Open, Reason, Standing

NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
FIRST, SECOND, NATIONAL = UUID(int=1), UUID(int=2), UUID(int=3)
PLACES = ("CR-G", "CR-P", "CR-L", "NI-GR")


def age(i: int) -> str:
    return "age1" + "q" * 57 + "qpzry9x8gf2tvdw0s3jn54khce6mua7l"[i % 32]


def record(authority: UUID, **changes: object) -> Record:
    base = Record(
        authority,
        {"es": "Unidad"},
        "police",
        Competence(("CR-G",)),
        (age(1), age(2)),
        age(3),
        "A" * 43,
        ("es",),
        True,
        Terms(),
        "X-1",
        NOW.date() - timedelta(days=10),
        NOW.date() + timedelta(days=300),
    )
    return msgspec.structs.replace(base, **changes)


def good(authority: UUID) -> Standing:
    return Standing(authority, NOW - timedelta(days=30), NOW + timedelta(days=300), 2, NOW - timedelta(days=5), 41)


def directory(*records: Record) -> Directory:
    return Directory("resguardo-directory/2", 1, NOW - timedelta(days=1), NOW + timedelta(days=300), "", records)


STANDINGS = st.builds(
    Standing,
    st.just(FIRST),
    agreed_from=st.sampled_from([None, NOW - timedelta(days=30), NOW + timedelta(days=1)]),
    agreed_until=st.sampled_from([None, NOW + timedelta(days=1), NOW, NOW - timedelta(days=1)]),
    contacts=st.integers(0, 4),
    drill_passed_at=st.sampled_from(
        [None, NOW, NOW - timedelta(days=30), NOW - timedelta(days=30, seconds=1), NOW + timedelta(hours=1)]
    ),
    drills_failed=st.integers(0, 2),
    overdue=st.integers(0, 2),
    due=st.integers(0, 20),
    on_time=st.integers(0, 20),
)
RECORDS = st.builds(
    record,
    st.just(FIRST),
    competence=st.lists(st.sampled_from([*PLACES, "CR"]), min_size=1, max_size=3).map(lambda p: Competence(tuple(p))),
    always_open=st.booleans(),
    then=st.sampled_from([None, SECOND]),
    valid_until=st.sampled_from([NOW.date() + timedelta(days=d) for d in (-1, 0, 14, 15, 200)]),
    valid_from=st.sampled_from([NOW.date() - timedelta(days=100), NOW.date() + timedelta(days=1)]),
)


@given(RECORDS, STANDINGS, st.booleans(), st.sampled_from(PLACES))
def test_it_is_open_exactly_when_every_condition_holds(
    first: Record, standing: Standing, behind: bool, place: str
) -> None:
    second = record(SECOND, competence=Competence(("ZZ",)))
    known = {FIRST: standing} | ({SECOND: good(SECOND)} if behind else {})
    answer = gate.availability(place, "", NOW, Facts(directory(first, second), known))
    has_second = first.then == SECOND
    holds = (
        (place in first.competence.places or place[:2] in first.competence.places)
        and first.valid_from <= NOW.date()
        and first.valid_until > NOW.date() + timedelta(days=14)
        and standing.agreed_from is not None
        and standing.agreed_from <= NOW
        and standing.agreed_until is not None
        and standing.agreed_until > NOW
        and standing.contacts >= 2
        and standing.drill_passed_at is not None
        and NOW - timedelta(days=30) <= standing.drill_passed_at <= NOW
        and standing.overdue == 0
        and standing.silent_at is None
        and (standing.drills_failed == 0 if standing.due < 5 else standing.on_time >= 0.9 * standing.due)
        and (has_second or first.always_open)
        and (behind if has_second else True)
    )
    assert isinstance(answer, Open) is holds
    if isinstance(answer, Closed):
        assert answer.reasons


def test_without_a_directory_to_trust_it_is_closed_everywhere() -> None:
    for place in PLACES:
        assert gate.availability(place, "", NOW, Facts(None, {FIRST: good(FIRST)})) == Closed((Reason.NO_DIRECTORY,))


def test_an_expired_directory_closes_everything() -> None:
    old = msgspec.structs.replace(directory(record(FIRST)), expires_at=NOW)
    assert isinstance(gate.availability("CR-G", "", NOW, Facts(old, {FIRST: good(FIRST)})), Closed)


def test_the_office_of_the_province_comes_before_the_national_one() -> None:
    local, national = record(FIRST), record(NATIONAL, competence=Competence(("CR",)))
    facts = Facts(directory(national, local), {FIRST: good(FIRST), NATIONAL: good(NATIONAL)})
    opened = gate.availability("CR-G", "", NOW, facts)
    assert isinstance(opened, Open) and opened.chain[0].authority == FIRST
    elsewhere = gate.availability("CR-P", "", NOW, facts)
    assert isinstance(elsewhere, Open) and elsewhere.chain[0].authority == NATIONAL


def test_when_the_local_office_is_silent_the_national_one_takes_over() -> None:
    local, national = record(FIRST), record(NATIONAL, competence=Competence(("CR",)))
    silent = msgspec.structs.replace(good(FIRST), overdue=1)
    opened = gate.availability(
        "CR-G", "", NOW, Facts(directory(local, national), {FIRST: silent, NATIONAL: good(NATIONAL)})
    )
    assert isinstance(opened, Open) and opened.chain[0].authority == NATIONAL


def test_a_chain_names_every_office_that_will_be_able_to_open() -> None:
    facts = Facts(
        directory(record(FIRST, then=SECOND, always_open=False), record(SECOND, competence=Competence(("ZZ",)))),
        {FIRST: good(FIRST), SECOND: good(SECOND)},
    )
    opened = gate.availability("CR-G", "", NOW, facts)
    assert isinstance(opened, Open) and [r.authority for r in opened.chain] == [FIRST, SECOND]


def test_premises_outside_the_competence_are_closed() -> None:
    only_taxis = record(FIRST, competence=Competence(("CR-G",), ("taxi",)))
    facts = Facts(directory(only_taxis), {FIRST: good(FIRST)})
    assert isinstance(gate.availability("CR-G", "taxi", NOW, facts), Open)
    assert isinstance(gate.availability("CR-G", "lodging", NOW, facts), Closed)
    assert isinstance(gate.availability("CR-G", "", NOW, facts), Closed), "it may be a hotel"


def test_the_country_where_the_reporter_lives_comes_last_and_only_where_it_answers_for_acts_abroad() -> None:
    home = record(FIRST, competence=Competence(("CR",)), abroad=True)
    silent = msgspec.structs.replace(home, abroad=False)
    for office, opened in ((home, True), (silent, False)):
        facts = Facts(directory(office), {FIRST: good(FIRST)})
        assert isinstance(gate.availability("ZZ", "", NOW, facts, "CR"), Open) is opened
        assert isinstance(gate.availability("ZZ", "", NOW, facts), Closed)
        assert isinstance(gate.availability("ZZ", "", NOW, facts, "NI"), Closed)
    there = record(SECOND, competence=Competence(("NI-GR",)))
    facts = Facts(directory(home, there), {FIRST: good(FIRST), SECOND: good(SECOND)})
    said = gate.availability("NI-GR", "", NOW, facts, "CR")
    assert isinstance(said, Open) and said.chain[0].authority == SECOND
    assert gate.homes(directory(home, there)) == ("CR",)


def test_the_office_that_names_the_canton_comes_before_the_one_of_the_province() -> None:
    offices = [record(NATIONAL, competence=Competence(("CR",))), record(FIRST)]
    assert [r.authority for r in gate.candidates(directory(*offices), "CR-G", "")] == [FIRST, NATIONAL]


def test_a_silence_that_was_answered_late_waits_for_a_person() -> None:
    late = msgspec.structs.replace(good(FIRST), silent_at=NOW - timedelta(hours=2))
    facts = Facts(directory(record(FIRST)), {FIRST: late})
    assert gate.availability("CR-G", "", NOW, facts) == Closed((Reason.SILENT,))
    for opened, reasons in ((NOW - timedelta(hours=3), (Reason.SILENT,)), (NOW + timedelta(hours=1), (Reason.SILENT,))):
        standing = {FIRST: msgspec.structs.replace(late, opened_at=opened)}
        assert gate.availability("CR-G", "", NOW, Facts(facts.directory, standing)) == Closed(reasons)
    standing = {FIRST: msgspec.structs.replace(late, opened_at=NOW - timedelta(hours=1))}
    assert isinstance(gate.availability("CR-G", "", NOW, Facts(facts.directory, standing)), Open)


def test_a_revoked_key_closes_at_once() -> None:
    standing = {FIRST: msgspec.structs.replace(good(FIRST), revoked=(age(2),))}
    assert gate.availability("CR-G", "", NOW, Facts(directory(record(FIRST)), standing)) == Closed(
        (Reason.KEY_REVOKED,)
    )
