"""Who signed and holds no seal: a line in the public list, no code, never green."""

from datetime import datetime

from registry.access.actor import SYSTEM
from registry.core.context import Context
from registry.core.db import execute
from registry.seals import outside, service
from tests.registry.certification import scene
from tests.registry.certification.scene import Scene
from tests.registry.seals.test_service import audited, changed, hotel, told

__all__ = ["hotel"]


async def test_who_signed_and_holds_no_seal_is_listed_and_leaves_the_list_with_its_seal(
    hotel: Scene, context: Context, now: datetime
) -> None:
    await scene.signed(now, hotel.version, hotel.client)
    await service.enlist(SYSTEM, now, [hotel.client])
    await told(context, now)
    [shard] = (await outside.read(context.published.get)).shards
    [listing] = shard.listings
    assert (listing.name, listing.region, listing.province) == ("Hotel Río Manso", "CR-A", "Alajuela")
    assert (await audited(context)).listings == 1


async def test_listing_the_same_signature_again_publishes_nothing_and_its_end_does(
    hotel: Scene, context: Context, now: datetime
) -> None:
    await scene.signed(now, hotel.version, hotel.client)
    await service.enlist(SYSTEM, now, [hotel.client])
    await told(context, now)
    before = await changed()
    await service.enlist(SYSTEM, now, [hotel.client])
    assert await changed() == before
    await execute("UPDATE client SET state = 'left' WHERE id = $1", hotel.client)
    await service.enlist(SYSTEM, now, [hotel.client])
    await told(context, now)
    assert (await audited(context)).listings == 0
