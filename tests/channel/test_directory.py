"""Check 7, as one of the tests."""

from tests.channel import check_07
from tests.registry.reports.conftest import world
from tests.registry.reports.world import World

__all__ = ["world"]


async def test_no_other_directory_is_used_by_anybody(world: World) -> None:
    result = await check_07.run(world)
    assert result.passed, result.figure
