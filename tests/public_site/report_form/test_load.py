"""What came lately: budgets by way, office and network, that raise the work and never refuse."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from public_site.report_form import load
from public_site.report_form.load import Load, Networks

NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
OFFICE, OTHER = UUID(int=1), UUID(int=2)


def took(into: Load, many: int, network: bytes = b"hotel", office: UUID = OFFICE, *, plain: bool = False) -> None:
    for _ in range(many):
        with into.taking(office, network, NOW, plain=plain) as met:
            met.kept = True


@given(st.integers(0, 300))
def test_the_work_grows_with_what_one_network_sends_and_has_an_end(others: int) -> None:
    lately = Load()
    took(lately, others)
    met = lately.look(OTHER, b"hotel", NOW)
    assert met.burst is (others >= load.NETWORK)
    assert met.level == sum(others + 1 > step * load.NETWORK for step in load.STEPS) <= len(load.STEPS)
    assert lately.look(OTHER, b"elsewhere", NOW) == load.Pressure(), "another network and another office pay nothing"


@given(st.integers(0, 300))
def test_the_work_of_one_office_grows_for_every_network(others: int) -> None:
    lately = Load()
    for number in range(others):
        took(lately, 1, str(number).encode())
    met = lately.look(OFFICE, b"new", NOW)
    assert met.burst is (others >= load.OFFICE) and (met.level > 0) is (others >= load.OFFICE)


def test_forms_without_a_program_are_asked_for_no_work_and_share_a_smaller_budget() -> None:
    lately = Load()
    took(lately, 5_000, plain=True)
    met = lately.look(OFFICE, b"elsewhere", NOW, plain=True)
    assert (met.level, met.burst, met.late) == (0, True, False)
    assert lately.look(OFFICE, b"hotel", NOW, plain=True).late, "only that network waits behind the others"
    assert lately.look(OFFICE, b"hotel", NOW) == load.Pressure(), "a flood by one way is none by the other"
    assert load.PLAIN < load.OFFICE


def test_what_was_not_kept_counts_for_nothing() -> None:
    lately = Load()
    for _ in range(500):
        with lately.taking(OFFICE, b"hotel", NOW):
            pass
        with pytest.raises(ZeroDivisionError), lately.taking(OFFICE, b"hotel", NOW):
            raise ZeroDivisionError
    assert lately.look(OFFICE, b"hotel", NOW) == load.Pressure()


def test_many_at_the_same_instant_count_each_other() -> None:
    lately = Load()
    inside = [lately.taking(OFFICE, b"hotel", NOW) for _ in range(load.NETWORK + 1)]
    met = [one.__enter__() for one in inside]
    assert [one.burst for one in met] == [False] * load.NETWORK + [True]


def test_a_budget_forgets_after_ten_minutes() -> None:
    lately = Load()
    took(lately, 500)
    assert lately.look(OFFICE, b"hotel", NOW + timedelta(minutes=9)).level == 3
    assert lately.look(OFFICE, b"hotel", NOW + timedelta(minutes=10)) == load.Pressure()


def test_more_networks_than_we_remember_fill_no_memory() -> None:
    lately = Load()
    for number in range(load.MANY + 10):
        took(lately, 1, number.to_bytes(4), OTHER)
    assert len(lately._networks) <= load.MANY and lately.look(OTHER, b"x", NOW).level == 3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.200", True),
        ("192.0.2.7", "192.0.3.7", False),
        ("::ffff:192.0.2.7", "192.0.2.9", True),
        ("2001:db8:1::1", "2001:db8:1:ffff::2", True),
        ("2001:db8::1", "2001:db8:0:1::1", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("nonsense", "", True),
    ],
)
def test_a_network_is_a_street_and_not_a_house(one: str, other: str, same: bool) -> None:
    networks = Networks()
    assert (networks.name(one, NOW) == networks.name(other, NOW)) is same


def test_its_name_lives_an_hour_in_one_process_and_does_not_hold_the_address() -> None:
    networks = Networks()
    name = networks.name("192.0.2.7", NOW)
    assert (
        name
        == networks.name("192.0.2.7", NOW.replace(minute=59))
        != networks.name("192.0.2.7", NOW + timedelta(hours=1))
    )
    assert name != Networks().name("192.0.2.7", NOW) and b"\xc0\x00\x02" not in name


def test_offices_that_are_none_are_not_remembered() -> None:
    """A stranger's program may name any office; what it names is only counted while it is looked at."""
    into = Load()
    for n in range(2000):
        with into.taking(UUID(int=n), b"one", NOW):
            pass
    assert not into._offices and not into._networks
    took(into, 3)
    assert len(into._offices) == len(into._networks) == 1
