"""Hotlines: which are shown, how old they may be, how a number is written."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authorities import hotlines as h
from registry.authorities import places
from registry.authorities.hours import Hours
from registry.core.errors import Invalid

TODAY = date(2026, 11, 20)


def line(kind: h.Kind, place: str, days: int, country: str = "CR") -> h.Hotline:
    return h.Hotline(
        uuid4(),
        kind,
        country,
        {"es": "Línea"},
        ("+50625550147",),
        Hours(),
        "America/Costa_Rica",
        ("es",),
        TODAY - timedelta(days=days),
        "Operación",
        place,
    )


LINES = st.lists(
    st.builds(line, st.sampled_from(h.Kind), st.sampled_from(["", "CR-G", "CR-L"]), st.integers(0, 800)), max_size=8
)


@given(LINES)
def test_old_lines_are_marked_older_ones_hidden_and_a_place_never_loses_its_last(lines: list[h.Hotline]) -> None:
    shown = h.shown(tuple(lines), "CR-G", TODAY)
    here = [x for x in lines if x.covers("CR-G")]
    assert bool(shown) is bool(here)
    for s in shown:
        age = TODAY - s.hotline.checked_on
        assert s.stale is (age > h.MARKED_AFTER)
        assert age <= h.HIDDEN_AFTER or all(TODAY - x.checked_on > h.HIDDEN_AFTER for x in here)


@given(LINES)
def test_the_emergency_number_comes_first_and_other_places_do_not_show(lines: list[h.Hotline]) -> None:
    kinds = [s.hotline.kind for s in h.shown(tuple(lines), "CR-G", TODAY)]
    assert sorted(kinds, key=lambda k: k is not h.Kind.EMERGENCY) == kinds
    assert all(s.hotline.place in ("", "CR-G") for s in h.shown(tuple(lines), "CR-G", TODAY))
    assert h.shown(tuple(lines), "NI-GR", TODAY) == []


@pytest.mark.parametrize(
    ("typed", "kept", "local"),
    [
        ("2555-0147", "+50625550147", "2555-0147"),
        ("+506 2555 0147", "+50625550147", "2555-0147"),
        ("911", "911", "911"),
    ],
)
def test_numbers_are_kept_in_one_form_and_written_as_people_write_them(typed: str, kept: str, local: str) -> None:
    assert h.number(typed, "CR") == kept and h.local(kept) == local


@pytest.mark.parametrize("typed", ["", "12", "+1", "call me", "0" * 40])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="hotline-number"):
        h.number(typed, "CR")


def test_a_published_file_reads_back() -> None:
    published = h.Published(h.FORMAT, datetime(2026, 11, 20, tzinfo=UTC), (line(h.Kind.POLICE, "CR-G", 3),))
    assert h.decode(msgspec.json.encode(published)) == published
    for broken in (b"", b"{}", b"[]", b"\xff"):
        with pytest.raises(Invalid, match="hotlines-unreadable"):
            h.decode(broken)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("CR-G", "CR-G"),
        ("guanacaste", "CR-G"),
        ("San Jose", "CR-SJ"),
        (" LIMÓN ", "CR-L"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_a_place_is_found_by_code_or_name(typed: str, code: str | None) -> None:
    assert places.found(typed) == code
