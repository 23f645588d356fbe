"""Erasure keys of nothing go; the key of a stored envelope never does, whoever files while it is looked at."""

import asyncio
import os
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registry.access.actor import STRANGER, SYSTEM
from registry.core import db as databases
from registry.core.db import PUBLIC_DB, REPORTS_DB, execute
from registry.reports import erasing, service
from tests.registry.reports.looks import only
from tests.registry.reports.test_carry import carried
from tests.registry.reports.world import World, filing


def aged(world: World, days: int = 400) -> set[str]:
    """Every key made old; their names."""
    folder = world.context.config.erasure_folder
    for path in folder.iterdir():
        if path.is_file():
            os.utime(path, (0, (world.now - timedelta(days=days)).timestamp()))
    return {path.name for path in folder.iterdir() if path.is_file()}


async def orphan(world: World) -> str:
    name = str(uuid4())
    await service.erasure(world.context).put(name, secrets.token_bytes(32))
    return name


async def test_a_key_of_nothing_goes_once_no_backup_can_hold_its_row(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    lost = await orphan(world)
    kept = aged(world, 35) - {lost}
    assert await erasing.sweep(SYSTEM, world.now, world.context) == 0
    aged(world, 37)
    assert await erasing.sweep(SYSTEM, world.now, world.context) == 1
    assert aged(world) == kept and (await world.agent().once()).opened == 1


async def test_the_key_of_a_body_that_is_gone_goes_at_once(world: World) -> None:
    await service.file(STRANGER, world.now, world.context, filing())
    await world.agent().once()  # acknowledged: what nobody answered can lose its body by no statement
    which: UUID = (await only(world))["id"]  # type: ignore[assignment]
    await execute("UPDATE reports.envelope SET body = NULL WHERE id = $1", which, engine=REPORTS_DB)
    assert await erasing.sweep(SYSTEM, world.now, world.context) == 1
    assert str(which) not in aged(world)


@pytest.mark.parametrize("ends", ["commit", "rollback"])
async def test_a_filing_in_progress_keeps_its_key_however_old_it_is(world: World, ends: str) -> None:
    """Its row is written and seen by nobody yet: the only thing that holds the key is the lock."""
    sent = await carried(world)
    name = str(sent.envelope)
    await service.erasure(world.context).put(name, secrets.token_bytes(32))  # of a first try that was cut off
    aged(world)
    filed, go_on = asyncio.Event(), asyncio.Event()

    class Broken(Exception):
        pass

    async def slowly() -> None:
        async with databases.transaction(PUBLIC_DB):
            await service.carry(STRANGER, world.now, world.context, sent, b"n" * 32, False)
            filed.set()
            await go_on.wait()
            if ends == "rollback":
                raise Broken

    filing_now = asyncio.create_task(slowly())
    await filed.wait()
    assert await erasing.sweep(SYSTEM, world.now, world.context) == 0
    go_on.set()
    await asyncio.gather(filing_now, return_exceptions=True)
    assert await erasing.sweep(SYSTEM, world.now, world.context) == (ends == "rollback")
    assert (name in aged(world)) is (ends == "commit")
    assert (await world.agent().once()).opened == (ends == "commit")


async def test_whatever_else_lies_there_is_left_alone(world: World) -> None:
    folder = world.context.config.erasure_folder
    for name in ("README", str(uuid4()).upper(), "x" * 36):
        (folder / name).write_bytes(b"x")
    before = aged(world)
    assert await erasing.sweep(SYSTEM, world.now, world.context) == 0 and aged(world) == before
