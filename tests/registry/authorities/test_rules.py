"""Competence, fingerprints, what ends and when somebody is told. Properties; no database."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authorities import hotlines, places, rules
from registry.authorities.directory import Competence, Terms, aloud
from registry.authorities.hours import Hours
from registry.authorities.rules import Key, Lack, Use
from registry.core.errors import Invalid

TODAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
AREAS = ["CR", "NI", *places.PROVINCES["CR"], *places.cantons("CR-SJ"), "CR-SJ/10101", "NI-GR"]


@given(st.sampled_from(AREAS), st.sampled_from(AREAS), st.sampled_from(AREAS))
def test_lying_within_is_an_order(one: str, two: str, three: str) -> None:
    assert places.within(one, one)
    if places.within(one, two) and places.within(two, one):
        assert one == two
    if places.within(one, two) and places.within(two, three):
        assert places.within(one, three)


def test_a_country_holds_its_provinces_a_province_its_cantons_and_never_another_country() -> None:
    assert places.within("CR", "CR-SJ") and places.within("CR-SJ", "CR-SJ/101") and places.within("CR", "CR-SJ/10101")
    assert places.within("CR-SJ/101", "CR-SJ/10101")
    for area, place in (("CR-S", "CR-SJ"), ("CR-SJ", "CR"), ("CR-SJ/101", "CR-SJ"), ("C", "CR"), ("CR", "CRI")):
        assert not places.within(area, place)


@given(st.lists(st.sampled_from(AREAS), min_size=1, max_size=5), st.sampled_from(AREAS))
def test_the_nearest_area_decides_how_near_an_office_is(areas: list[str], place: str) -> None:
    found = Competence(tuple(areas)).nearness(place)
    assert found == max((len(a) for a in areas if places.within(a, place)), default=0)
    assert Competence(tuple(areas)).covers(place) == (found > 0)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("guanacaste", "CR-G"), ("Escazú", "CR-SJ/102"), ("escazu, san jose", "CR-SJ/102"), ("cr-sj/101", "CR-SJ/101"),
     ("San José", "CR-SJ"), ("CR", "CR"), ("NI-GR", "NI-GR"), ("Atlantis", None), ("", None)],
)  # fmt: skip
def test_an_area_is_written_by_code_or_name(typed: str, code: str | None) -> None:
    assert places.area(typed) == code


def test_every_canton_has_a_name_that_leads_back_or_a_code() -> None:
    found = [c for province in places.PROVINCES["CR"] for c in places.cantons(province)]
    assert len(found) == len(set(found)) == 84
    assert places.name("CR-P/613") == "Puerto Jiménez, Puntarenas" and places.name("CR-P/699") == "CR-P/699"


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80))
def test_a_fingerprint_is_forty_digits_and_another_keys_is_another(one: str, two: str) -> None:
    assert len(aloud(one)) == 47 and aloud(one).replace(" ", "").isdigit()
    assert (aloud(one) == aloud(two)) == (one == two)


def key(use: Use, holder: str, *, opened: bool = True, read: bool = True) -> Key:
    return Key(use, f"{use}-{holder}", holder, AT if opened else None, None, AT if read else None)


FULL = (key(Use.WORKING, "Día"), key(Use.WORKING, "Noche"), key(Use.RECOVERY, "Legal"), key(Use.SIGNING, "Agente"))


def dossier(keys: tuple[Key, ...]) -> rules.Dossier:
    agreed = rules.Agreed("X", Terms(), TODAY, TODAY + timedelta(days=300))
    return rules.Dossier(UUID(int=1), {"es": "U"}, rules.Kind.POLICE, ("es",), True, None, Competence(("CR",)), keys,
                         agreed)  # fmt: skip


def test_whoever_lacks_nothing_is_ready() -> None:
    assert rules.lacks(dossier(FULL), TODAY) == []


@given(st.integers(0, 3), st.booleans(), st.booleans())
def test_no_key_is_listed_that_was_not_opened_and_read_back(which: int, opened: bool, read: bool) -> None:
    keys = list(FULL)
    keys[which] = key(keys[which].use, keys[which].holder, opened=opened, read=read)
    found = dossier(tuple(keys))
    assert (rules.lacks(found, TODAY) == []) == (opened and read)
    assert (keys[which] in rules.live(found)) == (opened and read)
    assert (Lack.READ_BACK in rules.lacks(found, TODAY)) == (opened and not read)


def test_three_keys_have_three_holders() -> None:
    same = (FULL[0], key(Use.WORKING, "día"), *FULL[2:])
    assert Lack.TWO_HOLDERS in rules.lacks(dossier(same), TODAY)
    both = (*FULL[:2], key(Use.RECOVERY, "NOCHE"), FULL[3])
    assert rules.lacks(dossier(both), TODAY) == [Lack.RECOVERY_HOLDER]


@given(st.integers(-40, 400))
def test_a_warning_is_due_at_every_stage_and_never_before_the_first(left: int) -> None:
    stage = rules.stage(TODAY + timedelta(days=left), TODAY)
    assert (stage is None) == (left > max(rules.WARNED_BEFORE))
    assert stage is None or left <= stage or stage == 0
    if left <= 0:
        assert stage == 0


@given(st.integers(0, 500), st.one_of(st.none(), st.integers(0, 500)))
def test_an_owner_is_asked_before_a_line_is_marked_and_not_every_day(age: int, asked: int | None) -> None:
    last = None if asked is None else TODAY - timedelta(days=asked)
    due = hotlines.to_ring(TODAY - timedelta(days=age), last, TODAY)
    assert not due or timedelta(days=age) >= hotlines.ASKED_AFTER
    if timedelta(days=age) > hotlines.MARKED_AFTER and last is None:
        assert due
    if asked is not None and asked < hotlines.ASKED_EVERY.days:
        assert not due


def test_day_and_night_is_said_in_one_way() -> None:
    rules.hours_sensible(Hours(), "UTC", always_open=True)
    rules.hours_sensible(None, "", always_open=True)
    with pytest.raises(Invalid, match="authority-hours"):
        rules.hours_sensible(Hours("weekdays", "08:00", "16:00"), "UTC", always_open=True)
    with pytest.raises(Invalid, match="authority-zone"):
        rules.hours_sensible(Hours(), "", always_open=True)
