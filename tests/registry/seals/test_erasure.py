"""A person's name leaves every published file; the log stays whole and nothing comes back to life."""

from datetime import datetime, timedelta

import httpx
import pytest

from registry.access.actor import SYSTEM
from registry.asgi import House
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.errors import Conflict, Forbidden
from registry.seals import jobs, outside, service
from registry.seals.erasure import Reason, erase
from registry.seals.watch.memory import Memory
from registry.seals.watch.monitor import watch
from tests.registry.certification.scene import ADA, OLGA
from tests.registry.seals.test_service import audited, group, told

pytestmark = pytest.mark.anyio


async def test_an_erased_owner_driver_is_found_nowhere_and_the_leaf_still_proves_consistency(
    db: None, context: Context, now: datetime
) -> None:
    here, case = await group(context, now, 3)
    client, unit = here.clients[1], here.units[1]
    [seal] = await fetch("SELECT code, salt, facts, status_index FROM seal WHERE unit = $1", unit)
    plate, memory = "TAL0001", Memory()
    assert plate in seal["facts"]
    assert (await watch(context.published.get, memory, now)).wrong == []
    memory.keep()
    with pytest.raises(Conflict, match="erase-seal-live"):
        await erase(ADA, now, context, client, Reason.REQUEST)
    await service.revoke(SYSTEM, now, case, [unit])
    await told(context, now)
    now += timedelta(minutes=5)
    await erase(OLGA, now, context, client, Reason.REQUEST)
    await erase(OLGA, now, context, client, Reason.REQUEST)
    await told(context, now)

    with pytest.raises(KeyError, match=seal["code"]):
        await outside.look_up(context.published.get, seal["code"])
    found = await audited(context)
    assert (found.seals, found.valid) == (2, 2)
    report = await watch(context.published.get, memory, now)
    assert (report.wrong, report.read) == ([], 2), "revoked and erased: the tree continues the one it followed"
    await service.publish(SYSTEM, now + timedelta(hours=2), context)  # copies that nobody refers to are gone by then
    await service.publish(SYSTEM, now + timedelta(hours=4), context)
    name = f"Taxista {1}".encode()
    async for key in context.published.list():
        data = await context.published.get(key)
        assert plate.encode() not in data and seal["code"].encode() not in data and seal["code"] not in key, key
        assert not key.startswith("tile/entries") or (name not in data and bytes(seal["salt"]) not in data)
    [row] = await fetch("SELECT salt, facts, jws, plate_tag FROM seal WHERE unit = $1", unit)
    assert row["salt"] is None and plate not in row["facts"] and (row["jws"], row["plate_tag"]) == ("", "")


async def test_its_bit_stays_set_when_every_file_is_written_again(db: None, context: Context, now: datetime) -> None:
    here, case = await group(context, now, 2)
    await service.revoke(SYSTEM, now, case, here.units[:1])
    await erase(ADA, now, context, here.clients[0], Reason.ORDER)
    await told(context, now)
    await service.publish(SYSTEM, now, context, whole=True)
    assert (await audited(context)).seals == 1  # the lists are held bit by bit against the leaves


async def test_a_seal_that_ended_by_time_alone_can_be_erased_and_nothing_follows(
    db: None, context: Context, now: datetime
) -> None:
    here, case = await group(context, now, 2)
    late = now + timedelta(days=1200)
    await erase(ADA, late, context, here.clients[0], Reason.RETENTION)
    events = [row["event"] for row in await fetch("SELECT event FROM log_entry WHERE seal IS NOT NULL ORDER BY number")]
    assert events[-2:] == ["seal.revoked", "seal.erased"]
    await service.suspend(SYSTEM, late, case, here.units)
    await told(context, late)
    assert (await audited(context)).seals == 1


async def test_an_erased_seals_page_is_gone_and_nobody_else_may_erase(
    db: None, context: Context, now: datetime, house: House, client: httpx.AsyncClient
) -> None:
    here, case = await group(context, now, 2)
    [seal] = await fetch("SELECT code FROM seal WHERE unit = $1", here.units[0])
    assert await house.strangers.following.step()
    assert "TAL" in (await client.get(f"/s/{seal['code']}")).text
    with pytest.raises(Forbidden):
        await erase(here.irene, now, context, here.clients[0], Reason.REQUEST)
    await service.revoke(SYSTEM, now, case, here.units[:1])
    await erase(ADA, now, context, here.clients[0], Reason.REQUEST)
    await told(context, now)
    await jobs.withdraw_credentials(context, now, {"codes": [seal["code"]]})
    assert await context.published.stat(f"credentials/{seal['code']}.jwt") is None
    assert await house.strangers.following.step()
    gone = await client.get(f"/s/{seal['code']}")
    assert gone.status_code == 404 and "TAL" not in gone.text
