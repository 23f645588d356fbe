"""A world with two offices."""

from datetime import datetime
from pathlib import Path

import pytest

from registry.core.context import Context
from tests.registry.reports.world import World, made


@pytest.fixture
async def world(committed: str, context: Context, now: datetime, tmp_path: Path) -> World:
    return await made(context, now, tmp_path)
