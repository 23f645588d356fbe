"""The stranger's door over a published folder of its own; no database anywhere."""

from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest

from public_site.app import Door, create_app
from registry.config import Config
from registry.core.context import Context
from registry.house import context_of
from tests.public_site.world import NOW, World


class Hands:
    """A clock that tests move."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def house(config: Config, clock: Hands) -> Context:
    return context_of(config, clock=clock)


@pytest.fixture
def world(house: Context) -> World:
    return World(house.published, house.keys.snapshot, house.config.did)


@pytest.fixture
def door(house: Context) -> Door:
    """Not following by itself: a test says `await door.following.step()`."""
    return create_app(house)


@pytest.fixture
async def visitor(door: Door, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a browser, after one publication was seen."""
    await world.publish()
    assert await door.following.step(), door.following.trouble
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://localhost:8000") as client:
        client.headers["accept-language"] = "es"
        yield client
