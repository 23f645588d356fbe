"""Earlier versions of status lists, for `?timestamp=`, as a mirror copies them.

Their signatures are left to whoever asks for one: the key of an old list may have retired. But nothing is kept that was
signed by a key which was dropped since: the house makes those again from its log, under the next key.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any

import msgspec

from registry.core.storage import Storage
from registry.seals import history, jose
from registry.seals.jose import Untrusted
from registry.seals.watch.head import Get

TOGETHER = 32
JSON, JWT = "application/json", "application/vc+jwt"


async def versions(get: Get, to: Storage, purpose: str, number: int) -> int:
    """Each before the index that tells of it, and that before the newest list; how many were new."""
    index_key = history.index_key(purpose, number)
    try:
        data = await get(index_key)
    except KeyError:  # a house of before there were versions
        return 0
    index = _index(data)
    chunks = {history.index_key(purpose, number, place): None for place in range(len(index.older))}
    fresh = [key for key in chunks if await to.stat(key) is None]
    files = {key: await get(key) for key in fresh}
    times = [second for chunk in files.values() for second in _index(chunk).times] + list(index.times)
    known = set(history.read(await to.get(index_key)).times) if await to.stat(index_key) else set[int]()
    wanted = [key for second in times if second not in known
              if await to.stat(key := history.key(purpose, number, second)) is None]  # fmt: skip
    copied = sum(await each([_version(get, to, key) for key in wanted]))
    for key, chunk in files.items():
        await to.put(key, chunk, content_type=JSON)
    await to.put(index_key, data, content_type=JSON)
    return copied


def _index(data: bytes) -> history.Index:
    try:
        return history.read(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Untrusted("not an index of a list's versions") from error


async def _version(get: Get, to: Storage, key: str) -> int:
    try:
        await to.put(key, await get(key), content_type=JWT)
    except KeyError:  # a house that lost one; the others are worth having
        return 0
    return 1


async def dropped_keys(to: Storage, document: bytes) -> frozenset[str]:
    """Keys of the copy that did.json names no more: somebody else had them. While its jwks.json names one, what that
    key signed may still be here, however early the run before ended."""
    known: set[str] = set()
    for key, listed, kid in (("did.json", "verificationMethod", "id"), ("jwks.json", "keys", "kid")):
        try:
            known |= _kids(await to.get(key), listed, kid)
        except KeyError:
            continue
    return frozenset(known - _kids(document, "verificationMethod", "id"))


def _kids(data: bytes, listed: str, kid: str) -> set[str]:
    try:
        document = msgspec.json.decode(data, type=dict[str, Any])
        return {one[kid] for one in document[listed]}
    except (msgspec.DecodeError, RecursionError, LookupError, TypeError):
        return set()  # whoever needs it to be right says so (head.py)


async def made_again(get: Get, to: Storage, dropped: frozenset[str]) -> tuple[int, bool]:
    """What a dropped key signed, as the house made it again; how many versions, and whether none is left. One that the
    house has not made again yet is asked for in the next run; one that it lost is worth nothing here either."""
    copied, settled = 0, True
    for key in [key async for key in to.list("status/at/")] if dropped else []:
        if _signer(await to.get(key)) not in dropped:
            continue
        try:
            data = await get(key)
        except KeyError:
            await to.delete(key)
            continue
        if _signer(data) in dropped:
            settled = False
            continue
        await to.put(key, data, content_type=JWT)
        copied += 1
    return copied, settled


def _signer(jws: bytes) -> str:
    """The kid that a version names, or nothing."""
    try:
        return jose.header(jws.decode()).kid
    except ValueError:
        return ""


async def each(work: Iterable[Awaitable[int]]) -> list[int]:
    gate = asyncio.Semaphore(TOGETHER)

    async def one(step: Awaitable[int]) -> int:
        async with gate:
            return await step

    return await asyncio.gather(*(one(step) for step in work))
