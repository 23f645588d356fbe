"""Check 8: ten thousand random worlds, and another way of finding what the gate must say of each."""

from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.reports import gate
from registry.reports.gate import NEVER_LIFTED, Closed, Open
from tests.registry.reports import worlds

SEEDS = st.integers(0, 2**48)


@settings(max_examples=10_000)
@given(SEEDS)
def test_the_gate_says_of_every_world_what_another_hand_says(seed: int) -> None:
    world = worlds.draw(Random(seed))
    said, first = gate.availability(*worlds.arguments(world)), worlds.answer(world)
    if isinstance(said, Open):
        assert first is not None and said.chain[0].authority == UUID(int=first + 1), world
        assert not NEVER_LIFTED & set(said.lifted) and bool(said.lifted) == (said.override is not None)
    else:
        assert first is None and said.reasons, world


@settings(max_examples=2_000)
@given(SEEDS)
def test_nobodys_override_opens_what_is_open_only_by_it_once_it_is_over(seed: int) -> None:
    world = worlds.draw(Random(seed))
    for office in world["offices"]:
        office["lifted"] = None
    said = gate.availability(*worlds.arguments(world))
    assert isinstance(said, Closed) or (said.lifted == () and said.override is None)


def test_the_worlds_are_of_every_kind() -> None:
    """Or the two tests above would agree about nothing."""
    told = {"open": 0, "closed": 0, "lifted": 0, "national": 0, "home": 0}
    for seed in range(2_000):
        world = worlds.draw(Random(seed))
        said = gate.availability(*worlds.arguments(world))
        told["open" if isinstance(said, Open) else "closed"] += 1
        if isinstance(said, Open):
            places = said.chain[0].competence.places
            told["lifted"] += said.override is not None
            told["national"] += world["place"] not in places and world["place"][:2] in places
            told["home"] += world["place"][:2] not in {p[:2] for p in places}
    assert all(count >= 8 for count in told.values()), told
