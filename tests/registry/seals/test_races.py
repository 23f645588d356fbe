"""Two at once, on two connections and as two processes: what was decided last holds, and no key is half used."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from registry.access.actor import SYSTEM
from registry.certification import service as certification
from registry.certification import suspension
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.errors import Conflict
from registry.house import context_of
from registry.seals import attestation, jobs, ledger, rotation, service
from tests.registry.certification import scene
from tests.registry.certification.scene import BRUNO, DORA, REASON
from tests.registry.seals.test_rotation import holds, jwt
from tests.registry.seals.test_service import audited, granted, group, seals, told

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


async def process(context: Context) -> Context:
    """Another process of the same house: its own idea of the keys."""
    other = context_of(context.config, clock=context.clock)
    await rotation.held(other)
    return other


class Pause:
    """A function that stops after its first call until it may go on."""

    def __init__(self, function: Callable[..., Awaitable[Any]]) -> None:
        self._function = function
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def __call__(self, *args: Any, **options: Any) -> Any:
        found = await self._function(*args, **options)
        if not self.reached.is_set():
            self.reached.set()
            await self.go.wait()
        return found


@pytest.fixture
def pause() -> Iterator[Callable[..., Pause]]:
    """Makes pauses that no failure of the test leaves behind."""
    made: list[Pause] = []

    def paused(function: Callable[..., Awaitable[Any]]) -> Pause:
        made.append(Pause(function))
        return made[-1]

    yield paused
    for one in made:
        one.go.set()


async def over_or_waiting(task: asyncio.Future[Any], address: str) -> None:
    """Until it has ended, or stands in line for a row of the database."""
    connection = await asyncpg.connect(address)
    try:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while not task.done() and not await connection.fetchval(waiting):
            pass
    finally:
        await connection.close()


async def test_a_seal_issued_while_a_key_is_dropped_is_signed_by_the_next_one(
    committed: str, context: Context, now: datetime, monkeypatch: pytest.MonkeyPatch, pause: Callable[..., Pause]
) -> None:
    here, _ = await group(context, now, 2)
    case = await scene.granted(now, await scene.hotel(now, here.version))
    other, stolen = await process(context), context.keys.issuer.kid
    resigned = pause(ledger.resign)
    monkeypatch.setattr(ledger, "resign", resigned)
    dropping = asyncio.ensure_future(rotation.compromised(SYSTEM, now + HOUR, other, stolen, now))
    await resigned.reached.wait()
    issuing = asyncio.ensure_future(service.issue(SYSTEM, now + HOUR, context, case))
    await over_or_waiting(issuing, committed)
    resigned.go.set()
    await asyncio.gather(dropping, issuing)
    await service.publish(SYSTEM, now + HOUR, other)
    [seal] = await seals(case)
    assert await holds(other, await jwt(other, seal["code"]))
    assert (await audited(other)).valid == 3


@pytest.mark.parametrize("late", ["reinstatement", "issue"])
async def test_what_was_decided_last_holds_however_its_jobs_overtake_each_other(
    committed: str,
    context: Context,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    late: str,
    pause: Callable[..., Pause],
) -> None:
    here = await scene.hotel(now, await scene.opened(now))
    if late == "issue":
        case = await scene.granted(now, here)
        job: Any = jobs.issue_seals
    else:
        case = await granted(context, now, here)
        await certification.suspend(DORA, now, case, REASON)
        await told(context, now)
        await suspension.verify_cause(BRUNO, now, case, REASON)
        await certification.reinstate(DORA, now, case, REASON)
        job = jobs.reinstate_seals
    wanted = pause(attestation.wanted)
    monkeypatch.setattr(attestation, "wanted", wanted)
    first = asyncio.ensure_future(job(context, now, {"certification": str(case)}))
    await wanted.reached.wait()
    await certification.suspend(DORA, now + HOUR, case, REASON)
    second = asyncio.ensure_future(jobs.suspend_seals(context, now + HOUR, {"certification": str(case)}))
    await over_or_waiting(second, committed)
    wanted.go.set()
    await asyncio.gather(first, second)
    assert [seal["state"] for seal in await seals(case)] == ["suspended"]


async def test_a_key_is_dropped_whatever_else_happens_to_its_seals(
    committed: str, context: Context, now: datetime
) -> None:
    here, case = await group(context, now, 12)
    for hour in range(4):
        other, act = await process(context), (service.suspend, service.reinstate)[hour % 2]
        await asyncio.gather(
            rotation.compromised(SYSTEM, now + hour * HOUR, other, other.keys.issuer.kid, now),
            *(act(SYSTEM, now + hour * HOUR, case, here.units[start::4]) for start in range(3)),
            service.refresh(SYSTEM, now, case),
            service.enlist(SYSTEM, now, here.clients),
        )
    await service.publish(SYSTEM, now + 4 * HOUR, other)
    assert (await audited(other)).valid == 12


async def test_of_two_keys_put_to_use_at_once_one_is_and_the_other_is_told_why(
    committed: str, context: Context, now: datetime
) -> None:
    await group(context, now, 2)
    here = [await process(context) for _ in range(3)]
    old = context.keys.issuer.kid
    kids = [await rotation.announce(SYSTEM, now, one, "issuer") for one in here[:2]]
    answers = await asyncio.gather(
        *(rotation.activate(SYSTEM, now, one, kid, emergency=True) for one, kid in zip(here, kids, strict=False)),
        rotation.compromised(SYSTEM, now, here[2], old, now),
        rotation.compromised(SYSTEM, now, here[2], old, now),
        return_exceptions=True,
    )
    assert {type(one) for one in answers} <= {int, Conflict}
    states = [row["state"] for row in await fetch("SELECT state FROM signing_key WHERE role = 'issuer'")]
    assert states.count("active") == 1 and states.count("compromised") == 1
    await service.publish(SYSTEM, now, here[0])
    assert (await audited(here[0])).valid == 2


async def test_lists_a_dropped_key_signed_at_the_last_moment_are_signed_again(
    committed: str, context: Context, now: datetime, pause: Callable[..., Pause]
) -> None:
    case = await granted(context, now, await scene.hotel(now, await scene.opened(now)))
    await service.revoke(SYSTEM, now, case, [row["unit"] for row in await seals(case)])  # no live seal marks the lists
    writes = pause(context.published.put)
    publishing = asyncio.ensure_future(
        service.publish(SYSTEM, now + HOUR, msgspec.structs.replace(context, published=_Slow(context, writes)))
    )
    await writes.reached.wait()
    other = await process(context)
    await rotation.compromised(SYSTEM, now + HOUR, other, other.keys.issuer.kid, now)
    writes.go.set()
    await publishing
    await service.publish(SYSTEM, now + HOUR, other)
    assert (await audited(other)).revoked == 1


class _Slow:
    def __init__(self, context: Context, put: Any) -> None:
        self._inner, self.put = context.published, put

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
