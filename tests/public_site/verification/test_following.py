"""The copy: only what proves itself is taken, it never goes back, and what is doubtful makes it age."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from public_site.verification.copy import Copy, load_shard
from public_site.verification.following import PULSE, Following
from registry.core import crypto
from registry.core.storage import FolderStorage
from registry.seals import sharding, snapshot
from registry.seals.code import completed
from registry.seals.snapshot import LogRef, Manifest, Table
from tests.public_site.world import HOTEL, HOTEL_FACTS, NOW, TAXI, TAXI_FACTS, UNKNOWN, World, entries, entry, hotlines

pytestmark = pytest.mark.anyio


class Now:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self):  # type: ignore[no-untyped-def]
        return self.at


@pytest.fixture
def store(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "published")


@pytest.fixture
def made(store: FolderStorage, tmp_path: Path) -> World:
    return World(store, crypto.FileSigner.load_or_make(tmp_path / "key.pem"))


@pytest.fixture
def clock() -> Now:
    return Now()


@pytest.fixture
def following(store: FolderStorage, made: World, clock: Now, tmp_path: Path) -> Following:
    return Following(store, made.verify, clock, memory=tmp_path / "seq")


async def test_before_anything_is_published_nothing_is_confirmed(following: Following) -> None:
    assert not await following.step()
    assert following.as_of.year == 1970
    assert following.copy.find(TAXI) is None


async def test_a_publication_is_taken_whole_and_found_by_code(made: World, following: Following) -> None:
    await made.publish()
    assert await following.step()
    seal = following.copy.find(TAXI)
    assert seal is not None
    assert seal.facts.plate == "TSJ4417"
    assert following.copy.find(UNKNOWN) is None
    assert following.as_of == NOW


async def test_only_changed_shards_are_read_again(made: World, following: Following) -> None:
    seals = entries()
    await made.publish(seals)
    await following.step()
    before = {shard.sha256: shard for shard in following.copy.shards}
    await made.publish(seals[:-1], seq=1)  # same number: unchanged shards keep their bytes
    made.seq = 1
    assert not await following.step(), "one number, two snapshots: a fork"
    await made.publish(seals, seq=2)
    assert await following.step()
    assert {s.sha256 for s in following.copy.shards}.isdisjoint(before), "another number is another keystream"


async def test_an_older_number_is_refused_also_after_a_restart(
    made: World, following: Following, store: FolderStorage, clock: Now, tmp_path: Path
) -> None:
    await made.publish(seq=7)
    assert await following.step()
    clock.at += timedelta(seconds=5)
    await made.publish([], [], seq=6)
    assert not await following.step()
    assert following.copy.seq == 7
    assert following.as_of == NOW, "no longer confirmed"
    again = Following(store, made.verify, clock, memory=tmp_path / "seq")
    assert not await again.step()
    assert again.copy.seq == 0


async def test_a_manifest_of_another_key_is_refused(made: World, following: Following, tmp_path: Path) -> None:
    await made.publish()
    await following.step()
    stranger = World(made.store, crypto.FileSigner.load_or_make(tmp_path / "other.pem"), made.did)
    await stranger.publish([], seq=9)
    assert not await following.step()
    assert following.copy.find(HOTEL) is not None


@pytest.mark.parametrize("broken", [b"", b"{}", b"a.b.c", b"\xff\xfe", b"eyJhbGciOiJub25lIn0.e30."])
async def test_what_is_no_manifest_is_refused(made: World, following: Following, broken: bytes) -> None:
    await made.publish()
    await following.step()
    await made.store.put("snapshot/manifest", broken)
    assert not await following.step()
    assert following.copy.seq == 1


async def test_a_half_written_publication_changes_nothing_until_it_is_whole(
    made: World, following: Following, clock: Now
) -> None:
    await made.publish()
    await following.step()
    clock.at += timedelta(seconds=1)
    await made.publish(entries()[:3], manifest_only=True)
    assert not await following.step(), "the table and the shards are not there yet"
    assert (following.copy.seq, following.as_of) == (1, NOW)
    await made.publish(entries()[:3], seq=2)
    assert await following.step()
    assert following.copy.seq == 2


async def test_an_altered_shard_is_refused(made: World, following: Following) -> None:
    await made.publish()
    manifest = snapshot.read_manifest((await made.store.get("snapshot/manifest")).decode(), made.verify)
    table = snapshot.decode_table(await made.store.get(f"snapshot/{manifest.root}"), manifest.root)
    name = f"snapshot/{table.shards[0].sha256}"
    await made.store.put(name, (await made.store.get(name)).replace(b"2026", b"2025"))
    assert not await following.step()
    assert following.copy.seq == 0


async def test_a_registry_that_stopped_publishing_makes_the_copy_old(
    made: World, following: Following, clock: Now
) -> None:
    await made.publish()
    clock.at += PULSE
    assert await following.step()
    assert following.age(clock.at) == 0
    clock.at += timedelta(hours=4)
    assert await following.step()
    assert following.age(clock.at) == 4 * 3600


async def test_a_store_that_is_away_makes_the_copy_age_and_comes_back(
    made: World, following: Following, clock: Now, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made.publish()
    await following.step()

    async def away(key: str) -> None:
        raise OSError("no route to the store")

    with monkeypatch.context() as patch:
        patch.setattr(made.store, "stat", away)
        clock.at += timedelta(minutes=3)
        assert not await following.step()
        assert following.age(clock.at) == 180
    assert await following.step()
    assert following.age(clock.at) == 0


async def test_followers_never_see_a_mixture_while_publications_race(made: World, clock: Now) -> None:
    """One seal's state and the listing's name always come from the same publication."""
    following = Following(made.store, made.verify, clock)
    await made.publish()
    seen = set()

    async def publish() -> None:
        for number in range(2, 12):
            await made.publish(entries()[: number % 3 + 1], seq=number)

    async def follow() -> None:
        while following.copy.seq < 11:
            await following.step()
            copy = following.copy
            seen.add((copy.seq, sum(len(shard) for shard in copy.shards)))
            await asyncio.sleep(0)

    await asyncio.gather(publish(), follow())
    assert all(count == (8 if seq == 1 else seq % 3 + 1) for seq, count in seen)


@pytest.mark.parametrize("broken", [b"{", b"", hotlines().replace(b"911", b"666")])
async def test_hotlines_that_are_not_the_ones_that_were_signed_are_refused_and_stop_no_verdict(
    made: World, following: Following, broken: bytes
) -> None:
    await made.publish()
    name = f"snapshot/{snapshot.name_of(hotlines())}"
    await made.store.put(name, broken)
    await made.store.put("hotlines.json", broken)
    assert await following.step()
    assert following.copy.find(TAXI) is not None
    assert following.copy.hotlines is None
    await made.store.put(name, hotlines())
    assert await following.step()
    assert following.copy.hotlines is not None and following.copy.hotlines.hotlines[0].numbers == ("911",)


async def test_an_entry_is_found_wherever_its_shard_is_and_what_is_absent_is_absent_everywhere(
    made: World, following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharding, "SHARD_LIMIT", 1)
    codes = [completed(f"{number:014d}") for number in range(60)]
    await made.publish([entry(code, facts=TAXI_FACTS if n % 2 else HOTEL_FACTS) for n, code in enumerate(codes)], [])
    assert await following.step()
    copy = following.copy
    assert len(copy.shards) > 20 and copy.strays == ()
    for code in codes:
        found = copy.find(code)
        assert found is not None and found.code == code
    assert copy.find(UNKNOWN) is None
    assert len(list(copy.clear())) == 30
    assert len(list(copy.tagged(snapshot.plate_tag("TSJ4417")))) == 30
    assert list(copy.tagged(snapshot.plate_tag("TSJ4418"))) == []


async def test_a_record_in_another_shard_than_its_own_is_found_too(made: World, following: Following) -> None:
    seals = [entry(completed(f"{number:014d}")) for number in range(8)]
    shard = snapshot.write_shard("CR-G-0", 1, seals, [])
    loaded = load_shard(data := snapshot.encode_shard(shard), snapshot.name_of(data))
    assert loaded.strays
    table = Table(1, (snapshot.refer(shard, data),))
    manifest = Manifest(1, 1, 0, 1, 8, LogRef(1, ""), "")
    copy = Copy.of(manifest, table, [loaded], Copy.empty())
    assert all(copy.find(seal.code) == seal for seal in seals)
