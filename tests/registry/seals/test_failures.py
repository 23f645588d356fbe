"""When writing goes wrong: whatever fails, and whenever, the next attempt is whole and no log is forked."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from registry.access.actor import SYSTEM
from registry.certification import service as certification
from registry.core.context import Context
from registry.core.crypto import FileSigner, verified
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict
from registry.core.storage import Stat, Storage
from registry.seals import edition, jose, log, note, outside, publication, register, rules, service
from tests.registry.certification import scene
from tests.registry.certification.scene import DORA, REASON, Scene
from tests.registry.seals.test_service import audited, granted, group, told

pytestmark = pytest.mark.anyio


class Faulty:
    """A store whose write number `at` fails, before the bytes are kept or after; it remembers every checkpoint."""

    def __init__(self, inner: Storage, at: int = 0, kept: bool = False, error: type[BaseException] = OSError) -> None:
        self.inner, self.at, self.kept, self.error = inner, at, kept, error
        self.writes = 0
        self.checkpoints: list[bytes] = []

    async def put(self, key: str, data: bytes, **options: Any) -> str:
        self.writes += 1
        failing = self.writes == self.at
        if failing and not self.kept:
            raise self.error(f"write {self.at}")
        etag = await self.inner.put(key, data, **options)
        if key == "checkpoint":
            self.checkpoints.append(data)
        if failing:
            raise self.error(f"write {self.at}, kept")
        return etag

    async def get(self, key: str) -> bytes:
        return await self.inner.get(key)

    async def stat(self, key: str) -> Stat | None:
        return await self.inner.stat(key)

    async def list(self, prefix: str = "") -> AsyncIterator[str]:
        async for key in self.inner.list(prefix):
            yield key

    async def delete(self, key: str) -> None:
        await self.inner.delete(key)


def over(context: Context, store: Faulty) -> Context:
    return msgspec.structs.replace(context, published=store)


async def never_forked(context: Context, checkpoints: list[bytes]) -> None:
    """Every checkpoint that was ever shown is a beginning of the log as it is now."""
    hashes = await register.hashes(10_000)
    name = publication.log_name(context.config)
    for signed in checkpoints:
        text = note.open_note(signed.decode(), name, context.keys.log.public_bytes(), verified)
        checkpoint = note.parse_checkpoint(text, name)
        assert log.root(hashes[: checkpoint.size]) == checkpoint.root


async def writes_of(context: Context, now: datetime) -> int:
    """How many writes the publication that is due would take; it is taken back."""
    counting = Faulty(context.published)
    try:
        async with transaction():
            await service.publish(SYSTEM, now, over(context, _Dry(counting)))  # type: ignore[arg-type]
            raise InterruptedError
    except InterruptedError:
        return counting.writes


class _Dry(Faulty):
    def __init__(self, counting: Faulty) -> None:
        super().__init__(counting.inner)
        self.counting = counting

    async def put(self, key: str, data: bytes, **options: Any) -> str:
        self.counting.writes += 1
        return ""


@pytest.mark.parametrize("kept", [False, True], ids=["lost", "kept"])
@pytest.mark.parametrize("error", [OSError, asyncio.CancelledError], ids=["refused", "killed"])
async def test_a_write_that_fails_leaves_the_last_copy_whole_and_the_next_attempt_says_it_all(
    db: None, context: Context, now: datetime, kept: bool, error: type[BaseException]
) -> None:
    here, case = await group(context, now, 3)
    checkpoints = [await context.published.get("checkpoint")]
    at = 1
    while True:
        now += timedelta(minutes=1)
        act = service.suspend if at % 2 else service.reinstate
        await act(SYSTEM, now, case, [here.units[1]])
        due = await writes_of(context, now)
        if at > due:
            break
        store = Faulty(context.published, at, kept, error)
        with pytest.raises(error):
            await service.publish(SYSTEM, now, over(context, store))  # type: ignore[arg-type]
        await outside.read(context.published.get)  # what a reader finds in between proves itself
        healthy = Faulty(context.published)
        await service.publish(SYSTEM, now, over(context, healthy))  # type: ignore[arg-type]
        checkpoints += store.checkpoints + healthy.checkpoints
        await audited(context)
        at += 1
    assert at > 6
    await never_forked(context, checkpoints)


@pytest.mark.parametrize("at", range(1, 12))
async def test_a_first_publication_that_fails_anywhere_is_made_whole_by_the_next_decision(
    db: None, context: Context, now: datetime, at: int
) -> None:
    hotel = await scene.hotel(now, await scene.opened(now))
    case = await scene.granted(now, hotel)
    await service.issue(SYSTEM, now, context, case)
    store = Faulty(context.published, at, kept=at % 2 == 0)
    with pytest.raises(OSError):
        await service.publish(SYSTEM, now, over(context, store))  # type: ignore[arg-type]
    await certification.suspend(DORA, now, case, REASON)  # life goes on before the retry
    await told(context, now)
    found = await audited(context)
    assert (found.suspended, found.size) == (1, 5)
    await never_forked(context, [*store.checkpoints, await context.published.get("checkpoint")])


async def test_a_database_restored_from_a_backup_refuses_to_sign(db: None, context: Context, now: datetime) -> None:
    hotel = await scene.hotel(now, await scene.opened(now))
    case = await granted(context, now, hotel)

    async def after_the_backup() -> None:
        await certification.suspend(DORA, now, case, REASON)
        await told(context, now)

    await rolled_back(after_the_backup())
    shown = await context.published.get("checkpoint")
    with pytest.raises(Conflict, match="log-would-fork"):
        await service.publish(SYSTEM, now + timedelta(hours=2), context)
    other = await scene.hotel(now, hotel.version, "Hotel Otro")
    with pytest.raises(Conflict, match="log-would-fork"):
        await service.issue(SYSTEM, now, context, await _granted_elsewhere(now, other))
    # Growing past the signed size does not help: what would be signed there is another history.
    await service.reinstate(SYSTEM, now, case, hotel.units)
    for act in (service.suspend, service.reinstate, service.suspend):
        await act(SYSTEM, now + timedelta(hours=1), case, hotel.units)
    with pytest.raises(Conflict, match="log-would-fork"):
        await service.publish(SYSTEM, now + timedelta(hours=2), context)
    assert await context.published.get("checkpoint") == shown


async def _granted_elsewhere(now: datetime, here: Scene) -> UUID:
    return await scene.granted(now, here)


async def rolled_back(work: Any) -> None:
    try:
        async with transaction():
            await work
            raise InterruptedError
    except InterruptedError:
        pass


@pytest.mark.parametrize("at", ["table", "manifest", "after"])
async def test_what_a_killed_publication_wrote_goes_with_what_came_before_it(
    db: None, context: Context, now: datetime, at: str
) -> None:
    """A shard that nobody refers to may name somebody whose data are erased later."""
    here, case = await group(context, now, 2)
    await service.suspend(SYSTEM, now, case, here.units[:1])
    due = await writes_of(context, now)
    store = Faulty(context.published, due - (at == "table"), kept=at == "after", error=asyncio.CancelledError)
    with pytest.raises(asyncio.CancelledError):
        await service.publish(SYSTEM, now, over(context, store))  # type: ignore[arg-type]
    for hours in (1, 3, 5):
        await service.publish(SYSTEM, now + timedelta(hours=hours), context)
    copy = await outside.read(context.published.get)
    left = {key.removeprefix("snapshot/") async for key in context.published.list("snapshot/")}
    (head,) = await fetch("SELECT superseded FROM log_head")
    assert {name for name in left if name not in head["superseded"]} == {
        "manifest", copy.manifest.root, *(ref.sha256 for ref in copy.table.shards),
    }  # fmt: skip


async def test_hotlines_put_back_as_they_were_are_not_forgotten(db: None, context: Context, now: datetime) -> None:
    await group(context, now, 2)
    for minute, data in enumerate((b"one", b"two", b"one")):
        await edition.bind(now, edition.HOTLINES, data)
        await service.publish(SYSTEM, now + timedelta(minutes=minute), context)
    await service.publish(SYSTEM, now + timedelta(hours=2), context)
    name = (await outside.read(context.published.get)).manifest.hotlines
    assert await context.published.get(f"snapshot/{name}") == b"one"


async def test_a_clock_that_was_a_day_ahead_leaves_nothing_dated_ahead(
    db: None, context: Context, now: datetime
) -> None:
    await group(context, now, 2)
    await service.publish(SYSTEM, now + timedelta(days=1), context, whole=True)
    await service.publish(SYSTEM, now + timedelta(minutes=1), context)
    assert (await audited(context)).as_of == now + timedelta(minutes=1)
    for purpose in ("revocation", "suspension"):
        listed = jose.payload((await context.published.get(f"status/{purpose}/1")).decode())
        assert datetime.fromisoformat(listed["validFrom"]) == now + timedelta(minutes=1)


async def test_lost_files_are_written_again_from_our_own_leaves(db: None, context: Context, now: datetime) -> None:
    _, case = await group(context, now, 3)
    before = await context.published.get("checkpoint")
    for key in [key async for key in context.published.list()]:
        await context.published.delete(key)
    await service.publish(SYSTEM, now, context, whole=True)
    assert await context.published.get("checkpoint") == before
    assert (await audited(context)).valid == 3
    await context.published.delete("tile/0/000.p/6")
    await certification.suspend(DORA, now, case, REASON)
    await told(context, now)
    assert (await audited(context)).suspended == 3


async def test_a_published_store_restored_to_yesterday_catches_up(db: None, context: Context, now: datetime) -> None:
    hotel = await scene.hotel(now, await scene.opened(now))
    case = await granted(context, now, hotel)
    yesterday = {key: await context.published.get(key) async for key in context.published.list()}
    await certification.suspend(DORA, now, case, REASON)
    await told(context, now)
    for key in [key async for key in context.published.list()]:
        await context.published.delete(key)
    for key, data in yesterday.items():
        await context.published.put(key, data)
    await service.publish(SYSTEM, now + timedelta(hours=2), context)
    assert (await audited(context)).suspended == 1


async def test_another_houses_files_are_never_overwritten(db: None, context: Context, now: datetime) -> None:
    hotel = await scene.hotel(now, await scene.opened(now))
    await granted(context, now, hotel)
    other = FileSigner.make(context.config.data / "other.pem")
    name = publication.log_name(context.config)
    theirs = note.sign_note(note.Checkpoint(name, 9, b"\0" * 32).text(), name, other.public_bytes(), other.sign)
    await context.published.put("checkpoint", theirs.encode())
    with pytest.raises(Conflict, match="published-not-ours"):
        await service.publish(SYSTEM, now + timedelta(hours=2), context)
    assert await context.published.get("checkpoint") == theirs.encode()


async def test_two_publishers_at_once_write_one_publication(committed: str, context: Context, now: datetime) -> None:
    hotel = await scene.hotel(now, await scene.opened(now))
    case = await scene.granted(now, hotel)
    await service.issue(SYSTEM, now, context, case)
    stores = [Faulty(context.published) for _ in range(3)]
    await asyncio.gather(*(service.publish(SYSTEM, now, over(context, store)) for store in stores))  # type: ignore[arg-type]
    assert sorted(len(store.checkpoints) for store in stores) == [0, 0, 1]
    assert (await audited(context)).valid == 1
    await asyncio.gather(
        service.suspend(SYSTEM, now, case, hotel.units),
        *(service.publish(SYSTEM, now, context) for _ in range(3)),
    )
    await service.publish(SYSTEM, now, context)
    assert (await audited(context)).suspended == 1


# What an outsider notices.


async def test_a_restored_database_goes_on_above_what_was_published_since(
    db: None, context: Context, now: datetime
) -> None:
    """Manifests are signed anew every two minutes: a backup of this morning knows none of today's numbers."""
    await granted(context, now, await scene.hotel(now, await scene.opened(now)))
    (before,) = await fetch("SELECT last_value FROM publication_seq")
    for beat in (1, 2, 3):
        await service.publish(SYSTEM, now + beat * rules.REFRESH, context)
    seen = (await audited(context)).seq
    await execute("SELECT setval('publication_seq', $1)", before["last_value"])
    await execute("UPDATE log_head SET seq = $1, published_at = $2", before["last_value"], now)
    await service.publish(SYSTEM, now + 4 * rules.REFRESH, context)
    assert (await audited(context)).seq > seen
