"""Every promise written in tests/scripts/*.txt is kept."""

from pathlib import Path

import httpx
import pytest

from tests.public_site.conftest import clock, door, house, visitor, world  # noqa: F401  fixtures
from tests.scripts import runner

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.glob("*.txt")), ids=lambda path: path.stem)
async def test_the_pages_say_what_the_script_says(path: Path, visitor: httpx.AsyncClient) -> None:  # noqa: F811  a fixture
    for step in runner.read(path):
        await runner.play(step, visitor)
