"""The checks of the authority's side, as pytest runs them."""

import pytest

from tests.channel import check_12, check_13, check_19, check_24, check_27
from tests.registry.reports.conftest import world
from tests.registry.reports.world import World

__all__ = ["world"]


@pytest.mark.parametrize("check", [check_12, check_13, check_19, check_24, check_27], ids=lambda c: c.__name__[-8:])
async def test_the_check_passes(world: World, check) -> None:  # type: ignore[no-untyped-def]
    result = await check.run(world)
    assert result.passed, result.figure
