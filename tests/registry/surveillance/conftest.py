"""The hotel and the taxis that are certified."""

from datetime import datetime

import pytest

from tests.registry.certification import scene
from tests.registry.certification.scene import Scene


@pytest.fixture
async def hotel(db: None, now: datetime) -> Scene:
    return await scene.hotel(now, await scene.opened(now))


@pytest.fixture
async def taxis(db: None, now: datetime) -> Scene:
    here = await scene.taxis(now, await scene.opened(now), 6)
    for client in here.clients:
        await scene.signed(now, here.version, client)
        await scene.staffed(now, here.version, client, ["driver"])
    return here
