"""The hotel and the taxis that are visited."""

from datetime import datetime

import pytest

from tests.registry.certification import scene
from tests.registry.certification.scene import Scene


@pytest.fixture
async def hotel(db: None, now: datetime) -> Scene:
    here = await scene.hotel(now, await scene.opened(now))
    await scene.ready(now, here.version, here.client)
    return here


@pytest.fixture
async def taxis(db: None, now: datetime) -> Scene:
    here = await scene.taxis(now, await scene.opened(now), 12)
    for client in here.clients:
        await scene.staffed(now, here.version, client, ["driver"])
    return here
