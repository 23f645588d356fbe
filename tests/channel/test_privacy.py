"""The checks of what is kept, counted and said, as pytest runs them."""

import pytest

from tests.channel import check_18, check_21, check_22, check_26
from tests.registry.reports.conftest import world
from tests.registry.reports.world import World

__all__ = ["world"]


@pytest.mark.parametrize("check", [check_18, check_21, check_22, check_26], ids=lambda c: c.__name__[-8:])
async def test_the_check_passes(world: World, check) -> None:  # type: ignore[no-untyped-def]
    result = await check.run(world)
    assert result.passed, result.figure
