"""A large register is packed by several processes: one moment, the same bytes."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from registry.access.actor import SYSTEM
from registry.core.context import Context
from registry.core.db import fetch, transaction
from registry.core.storage import FolderStorage
from registry.seals import hands, reading, register, service, sharding, shards
from registry.seals.reading import Seen
from registry.seals.shards import Plan, Stretch
from tests.registry.seals.test_service import audited, group

pytestmark = pytest.mark.anyio


async def test_many_hands_write_the_very_bytes_that_one_would(
    committed: str, context: Context, now: datetime, tmp_path: Path
) -> None:
    holder, case = await group(context, now, 12)
    await service.suspend(SYSTEM, now, case, holder.units[:2])
    plan = Plan(None, dict.fromkeys(await register.counts(None), 1), {})  # as if there were thousands
    alone, together = Seen(None), Seen(None)
    async with transaction():
        listed = await reading.listings(plan)
        one = await reading.write(FolderStorage(tmp_path), 7, plan, register.shown(None), listed, alone)
        assert await hands.seen_by_all()
        many = await hands.write(context.config, 7, plan, listed, together)
    assert len(one) > 4 and many == one
    assert (together.moves, together.versions, together.tail) == (alone.moves, alone.versions, alone.tail)
    for ref in many:
        assert (
            await context.published.get(f"snapshot/{ref.sha256}") == (tmp_path / "snapshot" / ref.sha256).read_bytes()
        )


async def test_a_change_of_everything_goes_the_way_of_everything_and_says_every_new_credential(
    committed: str, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Plan] = []
    honest = hands.write

    async def noting(config: Any, seq: int, plan: Plan, *rest: Any) -> Any:
        asked.append(plan)
        return await honest(config, seq, plan, *rest)

    monkeypatch.setattr(hands, "write", noting)
    monkeypatch.setattr(hands, "MANY", 3)
    here, case = await group(context, now, 4)
    codes = [row["code"] for row in await fetch("SELECT code FROM seal")]
    for code in codes:
        assert await context.published.stat(f"credentials/{code}.jwt")
    await service.suspend(SYSTEM, now, case, here.units[:1])
    await service.publish(SYSTEM, now, context)
    assert len(asked) == 1, "one change is not everything"
    assert (await audited(context)).suspended == 1


async def test_what_only_this_transaction_has_written_is_left_to_no_other(
    committed: str, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands, "MANY", 1)
    monkeypatch.setattr(hands, "write", None)
    async with transaction():
        await group(context, now, 2)
    assert (await audited(context)).valid == 2


def test_parts_cover_every_place_once_and_listings_go_with_the_first() -> None:
    parts = hands.parted(shards.everything({"CR-A": 3, "CR-SJ": sharding.SHARD_LIMIT * 2}))
    stretches = [stretch for part in parts for stretch in part.stretches or []]
    split = sorted(stretch for stretch in stretches if stretch.region == "CR-SJ")
    assert [stretch for stretch in stretches if stretch.region == "CR-A"] == [Stretch("CR-A", 0, 0xFFFF)]
    assert [one.first for one in split] == [0, *(one.last + 1 for one in split[:-1])] and split[-1].last == 0xFFFF
