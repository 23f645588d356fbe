"""Checks 16 and 17, as pytest runs them."""

import pytest

from tests.channel import check_16, check_17
from tests.channel.result import Result
from tests.registry.reports.conftest import world
from tests.registry.reports.world import World

__all__ = ["world"]


async def test_a_small_flood_stops_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check 16 with a tenth of its flood; the runner sends all of it."""
    for name, smaller in {"FLOOD": 900, "WORKED": 300, "PLAIN": 10}.items():
        monkeypatch.setattr(check_16, name, smaller)
    monkeypatch.setattr("registry.reports.queries.MOST", 100)
    result: Result = await check_16.run(world)
    assert result.passed, result.figure


async def test_nothing_is_used_twice_and_every_word_comes_back(world: World) -> None:
    result: Result = await check_17.run(world)
    assert result.passed, result.figure
