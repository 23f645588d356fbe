"""Which shards a publication has to write, and writing them: a change touches its own shard and no other.

Rows come in the order of the shards from one statement, and so from one moment, however many they are; they are packed
in a thread while the next ones are on their way.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from registry.core.storage import Storage
from registry.seals import evidence, sharding, snapshot
from registry.seals.snapshot import Entry, Listing, ShardRef

Rows = Sequence[Mapping[str, Any]]
AT_ONCE = 4  # files on their way while the next shard is packed


class Stretch(NamedTuple):
    region: str
    first: int
    last: int


class Plan(NamedTuple):
    """What to read (None: everything), into how many shards each region goes, and the references that stay."""

    stretches: list[Stretch] | None
    digits: dict[str, int]
    kept: dict[str, ShardRef]


def everything(counts: Mapping[str, int]) -> Plan:
    """`counts`: seals by region, of every region that has seals or listings."""
    return Plan(None, {region: sharding.digits_for(count) for region, count in counts.items()}, {})


def split(before: Sequence[ShardRef]) -> dict[str, int]:
    """Into how many shards each region is split now, as a number of hex digits."""
    return {ref.region: len(ref.name.removeprefix(ref.region).removeprefix("-")) for ref in before}


def crowded(before: Sequence[ShardRef], places: Mapping[str, Mapping[int, int]]) -> list[str]:
    """Regions that may have outgrown their split by as many changes as these, and have to be counted."""
    digits, seals = split(before), dict.fromkeys(places, 0)
    for ref in before:
        if ref.region in seals:
            seals[ref.region] += ref.seals
    return [
        region
        for region, here in places.items()
        if region not in digits or sharding.digits_for(seals[region] + sum(here.values())) != digits[region]
    ]


def changes(before: Sequence[ShardRef], places: Mapping[str, Mapping[int, int]], counts: Mapping[str, int]) -> Plan:
    """Only what these places touch. `counts`: seals of the regions that were crowded."""
    now = split(before)
    digits = now | {region: max(now.get(region, 0), sharding.digits_for(count)) for region, count in counts.items()}
    wanted: set[tuple[str, str]] = set()
    whole: set[str] = set()
    for region, here in places.items():
        if digits[region] != now.get(region):
            whole.add(region)
        wanted |= {(region, sharding.shard_of(region, place, digits[region])) for place in here}
    stretches = [Stretch(region, 0, 0xFFFF) for region in sorted(whole)]
    stretches += [
        Stretch(region, *sharding.stretch(region, name)) for region, name in sorted(wanted) if region not in whole
    ]
    gone = {name for region, name in wanted if region not in whole}
    kept = {ref.name: ref for ref in before if ref.name not in gone and ref.region not in whole}
    return Plan(stretches, digits, kept)


async def write(
    store: Storage, seq: int, plan: Plan, rows: AsyncIterator[Rows], listings: Mapping[str, Sequence[Listing]],
    seen: Callable[[Rows, Sequence[Entry]], Awaitable[None]], aside: Callable[..., Awaitable[Any]] = asyncio.to_thread,
) -> tuple[ShardRef, ...]:  # fmt: skip
    """Write the shards of a plan; references to all there are now, by name. `listings`: of the regions that are read,
    by region. `seen` is told of every batch of rows with what of them is shown. `aside`: where long work is done."""
    refs = dict(plan.kept)
    waiting: set[asyncio.Task[Any]] = set()
    listed = {sharding.shard_of(region, sharding.LISTED, plan.digits[region]): found
              for region, found in listings.items() if found}  # fmt: skip

    async def pack(name: str, entries: Sequence[Entry]) -> None:
        found = listed.pop(name, ())
        if not entries and not found:
            return
        ref, data = await aside(snapshot.pack, name, seq, entries, found)
        refs[name] = ref
        while len(waiting) >= AT_ONCE:
            await _some(waiting)
        waiting.add(asyncio.create_task(store.put(f"snapshot/{ref.sha256}", data, content_type="application/json")))

    name, gathered = "", list[Entry]()
    try:
        async for some in rows:
            shown = await aside(evidence.entries, some)
            await seen(some, shown)
            for entry in shown:
                here = sharding.shard_of(entry.region, sharding.place(entry.code), plan.digits[entry.region])
                if here != name:
                    await pack(name, gathered)
                    name, gathered = here, []
                gathered.append(entry)
        await pack(name, gathered)
        for name in list(listed):  # regions where nobody holds a seal yet
            await pack(name, ())
        while waiting:
            await _some(waiting)
    finally:
        for task in waiting:
            task.cancel()
    return tuple(sorted(refs.values(), key=lambda ref: (ref.region, ref.name)))


async def _some(waiting: set[asyncio.Task[Any]]) -> None:
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    waiting -= done
    for task in done:
        task.result()
