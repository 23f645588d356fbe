"""A publication writes what changed and nothing else, and what it leaves alone is still whole."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from registry.access.actor import SYSTEM
from registry.core.context import Context
from registry.core.crypto import sha256, verified
from registry.core.db import execute, fetch, transaction
from registry.seals import (
    credential,
    did,
    edition,
    history,
    lists,
    outside,
    queries,
    register,
    service,
    sharding,
    snapshot,
    status_list,
)
from registry.seals.history import Index
from registry.seals.publication import Press
from registry.seals.snapshot import State
from tests.registry.seals.test_failures import Faulty, over
from tests.registry.seals.test_service import audited, group

pytestmark = pytest.mark.anyio


class Noting(Faulty):
    """A store that remembers what was written and read."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.published)
        self.put_keys: list[str] = []
        self.got: list[str] = []

    async def put(self, key: str, data: bytes, **options: Any) -> str:
        self.put_keys.append(key)
        return await super().put(key, data, **options)

    async def get(self, key: str) -> bytes:
        self.got.append(key)
        return await super().get(key)


async def noted(context: Context, now: datetime) -> Noting:
    store = Noting(context)
    await service.publish(SYSTEM, now, over(context, store))
    return store


async def table(context: Context) -> dict[str, snapshot.ShardRef]:
    return {ref.name: ref for ref in (await outside.read(context.published.get)).table.shards}


async def test_the_pulse_writes_the_manifest_alone_and_reads_no_shard(
    db: None, context: Context, now: datetime
) -> None:
    await group(context, now, 3)
    before = await table(context)
    store = await noted(context, now + timedelta(minutes=2))
    assert store.put_keys == ["snapshot/manifest"]
    assert not {f"snapshot/{ref.sha256}" for ref in before.values()} & set(store.got)
    assert (await audited(context)).as_of == now + timedelta(minutes=2)


async def test_a_change_in_a_crowded_region_writes_its_own_shard_and_its_own_list(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharding, "SHARD_LIMIT", 1)
    here, case = await group(context, now, 12)
    before = await table(context)
    assert len(before) > 4
    await service.suspend(SYSTEM, now + timedelta(hours=1), case, [here.units[0]])
    store = await noted(context, now + timedelta(hours=1))
    after = await table(context)
    changed = {name for name in after if before.get(name) != after[name]}
    [seal] = await fetch("SELECT code, region FROM seal WHERE state = 'suspended'")
    assert changed == {sharding.shard_of(seal["region"], sharding.place(seal["code"]), 1)}
    written = [key for key in store.put_keys if key.startswith("snapshot/")]
    assert len(written) == 3  # one shard, the table, the manifest
    assert not any(key.startswith("status/revocation") or key.startswith("credentials/") for key in store.put_keys)
    assert (await audited(context)).suspended == 1


async def test_a_region_that_outgrows_its_shards_is_split_and_loses_nobody(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, case = await group(context, now, 6)
    assert len(await table(context)) == 1
    monkeypatch.setattr(sharding, "SHARD_LIMIT", 2)
    await service.suspend(SYSTEM, now, case, [])
    await execute("INSERT INTO unpublished (region, place, seal) SELECT region, place, id FROM seal LIMIT 1")
    await service.publish(SYSTEM, now + timedelta(hours=1), context)
    assert len(await table(context)) > 1
    assert (await audited(context)).valid == 6


async def test_what_comes_in_while_rows_are_read_is_read_again_and_one_moment_is_published(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, case = await group(context, now, 4)
    honest, late = register.shown, [here.units[1]]

    async def interrupted(stretches: Any) -> Any:
        async for rows in honest(stretches):
            yield rows
        if late:
            await service.suspend(SYSTEM, now, case, [late.pop()])

    monkeypatch.setattr(register, "shown", interrupted)
    await service.suspend(SYSTEM, now, case, [here.units[0]])
    await service.publish(SYSTEM, now, context)
    assert (await audited(context)).suspended == 2
    assert (await register.waiting()).ids == []


async def test_a_publication_that_was_cut_short_forgets_nothing(db: None, context: Context, now: datetime) -> None:
    here, case = await group(context, now, 3)
    await service.suspend(SYSTEM, now, case, [here.units[0]])
    with pytest.raises(OSError):
        async with transaction():
            store = Faulty(context.published, 1)
            await service.publish(SYSTEM, now, over(context, store))
    assert len((await register.waiting()).seals) == 1
    await service.publish(SYSTEM, now, context)
    assert (await audited(context)).suspended == 1


@pytest.mark.parametrize("edit", ["plate", "holder", "name"])
async def test_a_name_or_plate_that_was_edited_is_shown_as_it_was_signed(
    db: None, context: Context, now: datetime, edit: str, caplog: pytest.LogCaptureFixture
) -> None:
    await group(context, now, 2)
    [row, _] = await fetch("SELECT id, code, facts FROM seal ORDER BY serial")
    honest = msgspec.json.decode(row["facts"], type=snapshot.Facts)
    edited = msgspec.json.encode(msgspec.structs.replace(honest, **{edit: "ZZZ999"})).decode()
    await execute("UPDATE seal SET facts = $1 WHERE id = $2", edited, row["id"])
    await service.publish(SYSTEM, now + timedelta(minutes=5), context)
    shown = (await outside.look_up(context.published.get, row["code"])).entry.facts
    assert (shown.plate, shown.holder) == (honest.plate, honest.holder) and "ZZZ999" not in str(shown)
    assert shown.canton == "", "what was not signed is not said"
    assert "names another unit than its credential" in caplog.text


async def test_a_credential_that_was_exchanged_takes_its_seal_out_of_the_snapshot(
    db: None, context: Context, now: datetime
) -> None:
    await group(context, now, 2)
    await execute("UPDATE seal SET jws = (SELECT jws FROM seal WHERE serial = 1)")
    await service.publish(SYSTEM, now + timedelta(minutes=5), context)
    assert (await outside.audit(context.published.get)).seals == 1


# Status lists.


async def bits(context: Context, purpose: str, number: int, name: str = "") -> frozenset[int]:
    press = Press.of(context)
    jws = (await context.published.get(name or status_list.key(purpose, number))).decode()
    return credential.verified_list(jws, did.keys(press.document()).verifier("issuer", verified), purpose)


async def test_seals_past_the_first_list_stand_in_the_second_and_everything_holds(
    db: None, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(range(status_list.LENGTH - 2, status_list.LENGTH + 4))
    monkeypatch.setattr(status_list.Free, "draw", lambda self: next(drawn))
    monkeypatch.setattr(status_list, "most", lambda leaves: 2)  # as if a hundred thousand had been issued before
    here, case = await group(context, now, 4)
    await service.suspend(SYSTEM, now, case, [here.units[0]])
    await service.revoke(SYSTEM, now, case, [here.units[3]])
    await service.publish(SYSTEM, now, context)
    rows = await fetch("SELECT status_index, state FROM seal ORDER BY serial")
    both = {(status_list.list_of(row["status_index"]), row["state"]) for row in rows}
    assert {number for number, _ in both} == {1, 2}
    for purpose, state in (("suspension", "suspended"), ("revocation", "withdrawn")):
        [one] = [row["status_index"] for row in rows if row["state"] == state]
        assert await bits(context, purpose, status_list.list_of(one)) == {one % status_list.LENGTH}
    await audited(context)
    assert await queries.status_indexes() == {row["status_index"] for row in rows if row["status_index"] >= 131_072}


async def test_every_version_of_a_list_stays_and_says_what_held_then(db: None, context: Context, now: datetime) -> None:
    here, case = await group(context, now, 2)
    seen = []
    for act in (service.suspend, service.reinstate, service.revoke):
        now += timedelta(hours=1)
        await act(SYSTEM, now, case, [here.units[0]])
        await service.publish(SYSTEM, now, context)
        seen.append(int(now.timestamp()))
    index = await lists.read_index(Press.of(context), "suspension", 1)
    assert index.times[1:] == tuple(seen[:2])  # the last one moved a bit of the other list
    [row] = await fetch("SELECT status_index FROM seal WHERE state = 'withdrawn'")
    held = [await bits(context, "suspension", 1, history.key("suspension", 1, second)) for second in index.times]
    assert held == [frozenset(), {row["status_index"]}, frozenset()]


async def test_lists_are_signed_anew_before_their_life_ends_and_a_lost_one_is_made_again(
    db: None, context: Context, now: datetime
) -> None:
    here, case = await group(context, now, 2)
    await service.suspend(SYSTEM, now, case, [here.units[0]])
    await service.publish(SYSTEM, now, context)
    before = await bits(context, "suspension", 1)
    await context.published.delete("status/suspension/1")
    later = now + status_list.RENEW
    await service.publish(SYSTEM, later, context)
    assert await bits(context, "suspension", 1) == before and len(before) == 1
    for purpose in status_list.PURPOSES:
        _, since = await lists.published(Press.of(context), purpose, 1)
        assert since == later
    await audited(context)


async def test_a_published_revocation_is_cleared_by_no_later_change(db: None, context: Context, now: datetime) -> None:
    here, case = await group(context, now, 2)
    await service.revoke(SYSTEM, now, case, [here.units[0]])
    await service.publish(SYSTEM, now, context)
    [row] = await fetch("SELECT status_index FROM seal WHERE state = 'withdrawn'")
    moves = {row["status_index"]: State.VALID}
    await lists.write(Press.of(context), now, moves, [1], _never)
    assert await bits(context, "revocation", 1) == {row["status_index"]}


async def _never(number: int) -> lists.Moves:
    raise AssertionError("the published list is there")


def test_an_index_of_versions_grows_in_chunks_and_finds_each_instant() -> None:
    index, chunks = Index(), {}
    for second in range(10, 10 + 4 * history.CHUNK * 2, 2):
        index, full = history.added(index, second)
        if full:
            chunks[len(index.older) - 1] = full
    assert history.added(index, index.times[-1])[0] == index
    assert len(chunks) == 2 and len(index.times) == 2 * history.CHUNK
    for second in (9, 10, 11, 2009, 2010, 4500, 5000, 99999):
        chunk = index.chunk_of(second)
        found = history.at(index.times if chunk is None else chunks[chunk], second)
        assert found == (None if second < 10 else min(second - second % 2, 10 + 4 * history.CHUNK * 2 - 2))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21T20:00:00Z", datetime(2026, 11, 21, 20, tzinfo=UTC)),
        ("2026-11-21T14:00:00-06:00", datetime(2026, 11, 21, 20, tzinfo=UTC)),
        ("2026-11-21T21:00:00 01:00", datetime(2026, 11, 21, 20, tzinfo=UTC)),
        ("2026-11-21T20:00:00", None),
        ("2026-11-21", None),
        ("yesterday", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_an_instant_is_asked_for_as_rfc_3339_writes_it(text: str, expected: datetime | None) -> None:
    assert history.asked(text) == expected


# Files of other rooms that the manifest answers for.


async def test_bound_bytes_stand_under_their_hash_and_the_manifest_names_them(
    db: None, context: Context, now: datetime
) -> None:
    await group(context, now, 1)
    await edition.bind(now, edition.HOTLINES, b'{"a":1}')
    store = await noted(context, now)
    name = sha256(b'{"a":1}').hex()
    copy = await outside.read(context.published.get)
    assert copy.manifest.hotlines == name and f"snapshot/{name}" in store.put_keys
    await edition.bind(now, edition.HOTLINES, b'{"a":1}')
    assert (await noted(context, now)).put_keys == []
    await edition.bind(now, edition.HOTLINES, b'{"a":2}')
    await service.publish(SYSTEM, now, context)
    await service.publish(SYSTEM, now + timedelta(hours=2), context)
    await service.publish(SYSTEM, now + timedelta(hours=4), context)
    left = [key async for key in context.published.list("snapshot/")]
    assert f"snapshot/{name}" not in left and "snapshot/" + sha256(b'{"a":2}').hex() in left
