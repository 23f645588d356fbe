"""A sample nobody can steer and anybody can repeat."""

from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.certification.facts import GroupTerms
from registry.certification.sampling import Candidate, Occasion, Risk, draw, population_hash, seed_hash, size

TERMS = GroupTerms()
POPULATIONS = st.lists(
    st.builds(
        Candidate,
        id=st.uuids(),
        strata=st.frozensets(st.sampled_from(["night", "day", "rank:limon", "rank:puntarenas", "fleet"]), max_size=3),
        joined=st.booleans(),
        open_action=st.booleans(),
        seen=st.booleans(),
    ),
    max_size=120,
    unique_by=lambda one: one.id,
)
OCCASIONS, RISKS, SEEDS = (
    st.sampled_from(list(Occasion)),
    st.sampled_from(list(Risk)),
    st.binary(min_size=32, max_size=32),
)


@pytest.mark.parametrize(
    ("population", "occasion", "risk", "expected"),
    [
        (250, Occasion.INITIAL, Risk.LOW, 16),
        (250, Occasion.SURVEILLANCE, Risk.LOW, 10),
        (250, Occasion.RENEWAL, Risk.LOW, 13),
        (250, Occasion.INITIAL, Risk.RAISED, 24),
        (250, Occasion.INITIAL, Risk.AFTER_MAJOR, 32),
        (295, Occasion.INITIAL, Risk.LOW, 18),
        (295, Occasion.SURVEILLANCE, Risk.LOW, 11),
        (295, Occasion.RENEWAL, Risk.LOW, 14),
        (25, Occasion.INITIAL, Risk.LOW, 5),
        (25, Occasion.SURVEILLANCE, Risk.LOW, 3),
        (25, Occasion.RENEWAL, Risk.LOW, 4),
        (4, Occasion.SURVEILLANCE, Risk.LOW, 4),
        (1, Occasion.INITIAL, Risk.LOW, 1),
        (0, Occasion.INITIAL, Risk.LOW, 0),
    ],
)
def test_the_size_is_that_of_the_table(population: int, occasion: Occasion, risk: Risk, expected: int) -> None:
    assert size(population, occasion, risk, TERMS) == expected


@given(st.integers(0, 100_000), OCCASIONS)
def test_more_risk_or_more_members_never_make_a_smaller_sample(population: int, occasion: Occasion) -> None:
    sizes = [size(population, occasion, risk, TERMS) for risk in Risk]
    assert sizes == sorted(sizes)
    assert sizes[-1] <= population
    assert size(population + 1, occasion, Risk.LOW, TERMS) >= sizes[0] or population == 4


@given(POPULATIONS, OCCASIONS, RISKS, SEEDS)
def test_the_same_seed_draws_the_same_sample_from_a_roster_in_any_order(
    population: list[Candidate], occasion: Occasion, risk: Risk, seed: bytes
) -> None:
    shuffled = Random(1).sample(population, len(population))
    assert draw(shuffled, occasion, risk, seed, TERMS) == draw(population, occasion, risk, seed, TERMS)


@given(POPULATIONS, OCCASIONS, RISKS, SEEDS)
def test_a_sample_has_its_size_its_random_quarter_and_its_quarter_of_newcomers(
    population: list[Candidate], occasion: Occasion, risk: Risk, seed: bytes
) -> None:
    drawn = draw(population, occasion, risk, seed, TERMS)
    members = {one.id: one for one in population}
    ids = [place.id for place in drawn.drawn]
    quarter = -(-drawn.size // 4)
    assert len(ids) == len(set(ids)) == drawn.size == size(len(population), occasion, risk, TERMS)
    assert not set(ids) & set(drawn.reserve)
    assert set(ids) | set(drawn.reserve) <= members.keys()
    assert sum(place.reason == "random" for place in drawn.drawn) >= quarter
    newcomers = sum(one.joined for one in population)
    assert sum(members[id].joined for id in ids) >= min(quarter, newcomers, drawn.size - quarter)


@given(POPULATIONS, SEEDS)
def test_who_was_seen_last_time_is_not_drawn_at_random_while_others_remain(
    population: list[Candidate], seed: bytes
) -> None:
    drawn = draw(population, Occasion.SURVEILLANCE, Risk.LOW, seed, TERMS)
    members = {one.id: one for one in population}
    quarter = -(-drawn.size // 4)
    unseen = sum(not one.seen for one in population)
    first = [place.id for place in drawn.drawn][:quarter]
    assert sum(members[id].seen for id in first) <= max(0, quarter - unseen)


@given(POPULATIONS.filter(len), st.integers(0))
def test_one_changed_row_gives_another_population_hash(population: list[Candidate], which: int) -> None:
    changed = population[which % len(population)]
    other = [one for one in population if one is not changed]
    assert population_hash(other) != population_hash(population)
    flipped = Candidate(changed.id, changed.strata, not changed.joined, changed.open_action, changed.seen)
    assert population_hash([*other, flipped]) != population_hash(population)


def test_different_seeds_visit_everybody_sooner_or_later() -> None:
    population = [Candidate(UUID(int=n)) for n in range(30)]
    seen = {
        place.id
        for seed in range(200)
        for place in draw(population, Occasion.INITIAL, Risk.LOW, seed.to_bytes(32), TERMS).drawn
    }
    assert len(seen) == 30


def test_a_seed_is_recorded_by_its_hash_and_one_known_draw_stays_as_it_is() -> None:
    seed = bytes(range(32))
    assert seed_hash(seed) == "8071af241d49a984e0be08fdea72d4e3bd07420a202f2a6a35999f37cec30fa9"
    population = [
        Candidate(UUID(int=n), frozenset({"night"} if n % 3 else {"day"}), joined=n > 20) for n in range(1, 26)
    ]
    drawn = draw(population, Occasion.INITIAL, Risk.LOW, seed, TERMS)
    assert [(place.id.int, place.reason) for place in drawn.drawn] == [
        (8, "random"),
        (3, "random"),
        (21, "joined"),
        (23, "joined"),
        (19, "random"),
    ]
    assert [id.int for id in drawn.reserve] == [14, 9]
