"""How counts are told: pure."""

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from registry.certification.facts import Requirement, Who
from registry.indicators import rules
from registry.indicators.rules import Filter, Row, Seal, Standing

TODAY = date(2026, 11, 20)
DAYS = st.dates(date(2024, 1, 1), date(2030, 1, 1))
seals = st.lists(
    st.builds(
        Seal,
        state=st.sampled_from(["valid", "suspended", "withdrawn", "replaced", "ended"]),
        expired=st.booleans(),
        last_on=DAYS,
    ),
    max_size=5,
)
requirements = st.builds(
    Requirement,
    code=st.sampled_from(["commitment-missing", "coverage-low", "evaluation-missing"]),
    who=st.sampled_from(list(Who)),
)
rows = st.builds(
    Row,
    id=st.uuids(),
    name=st.text(max_size=8),
    place=st.just("Osa"),
    province=st.sampled_from(["CR-P", "CR-L", None]),
    association=st.none(),
    standing=st.sampled_from(list(Standing)),
    until=st.none() | DAYS,
    units=st.just(1),
    seals=st.just(0),
    total=st.integers(0, 9),
    valid=st.just(0),
    critical_total=st.just(0),
    critical_valid=st.just(0),
    lacking=st.lists(requirements, max_size=3).map(tuple),
)


@given(seals, st.booleans())
def test_only_a_valid_seal_that_has_not_ended_makes_a_member_valid(held: list[Seal], signed: bool) -> None:
    standing, until, valid = rules.standing(held, signed)
    good = [seal for seal in held if seal.state == "valid" and not seal.expired]
    assert (standing is Standing.VALID) == bool(good) == (valid > 0)
    assert standing is not Standing.COMMITTED or signed
    if good:
        assert until == min(seal.last_on for seal in good)


@given(st.lists(rows, max_size=30))
def test_each_member_without_a_seal_counts_once_at_its_first_step(members: list[Row]) -> None:
    told = rules.first_steps(members)
    without = [row for row in members if row.standing is not Standing.VALID and row.lacking]
    assert sum(one.members for one in told) == len(without)


@given(st.lists(rows, max_size=30), st.sampled_from(["name", "standing", "training", "until", "nonsense"]))
def test_an_order_loses_and_doubles_nobody(members: list[Row], order: str) -> None:
    found = rules.ordered(members, order)
    assert sorted(row.id for row in found) == sorted(row.id for row in members)


@given(rows)
def test_an_empty_filter_keeps_everybody(row: Row) -> None:
    assert Filter().keeps(row, TODAY)
    assert not Filter(province="CR-XX").keeps(row, TODAY)


@given(st.lists(requirements, max_size=9))
def test_now_and_later_are_all_of_it(lacking: list[Requirement]) -> None:
    now, later = rules.now_and_later(lacking)
    assert len(now) + len(later) == len(lacking)
    assert all(one.who not in rules.REGISTRY for one in now)


def test_a_valid_member_whose_training_drops_is_told_of() -> None:
    low = Requirement("coverage-low", Who.TRAINER)
    row = Row(
        id=UUID(int=1), name="a", place="", province=None, association=None, standing=Standing.VALID,
        until=date(2026, 12, 1), units=1, seals=1, total=4, valid=1, critical_total=0, critical_valid=0, lacking=(low,),
    )  # fmt: skip
    assert rules.dropping([row]) == [row] == rules.expiring([row], TODAY)
