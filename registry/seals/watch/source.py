"""Where published files are read from: this house, a folder, a bucket, another house or a mirror.

A house serves them under /log, and did.json where did:web wants it; a mirror is the plain files under any address.
Whoever holds that address is who is watched: it must not fill our memory or keep us waiting. So each kind of file has a
longest length, each answer a time, and nobody sends us on to another address.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec

from registry.config import Config
from registry.core.outgoing import Unfit, ask
from registry.core.phrase import Phrase
from registry.core.storage import FolderStorage, S3Storage, Storage, open_stores
from registry.seals import policy
from registry.seals.jose import Untrusted
from registry.seals.policy import Policy, Witness
from registry.seals.watch.comparing import Other
from registry.seals.watch.head import NOBODY, Get

TRIES = 3
PAUSE = 0.5
PATIENCE = 60.0
"""Seconds for one whole file, the largest over a slow line included."""
LONGEST = (
    ("checkpoint", 256 << 10),  # a note with more witnesses than there are, each with a post-quantum line
    ("tile/entries/", 1 << 20),  # 256 leaves of 4 KiB; ours are some 300 bytes long
    ("tile/", 8 << 10),  # 256 hashes
    ("status/versions/", 256 << 10),  # two thousand seconds
    ("status/", 64 << 10),  # 131,072 bits that cannot be packed are 30 kB
    ("credentials/", 64 << 10),
    ("snapshot/manifest", 16 << 10),
    ("snapshot/", 32 << 20),  # a shard of a thousand seals is 600 kB; everybody who only signed stands in one
    ("", 8 << 20),
)
"""No file of this kind is longer, in bytes; the first beginning that fits counts."""


class Source(msgspec.Struct, frozen=True):
    """`store` where the files can also be listed."""

    get: Get
    store: Storage | None = None


def store_of(place: str, config: Config | None = None) -> Storage:
    """A folder, or s3://bucket/prefix."""
    if place.startswith("s3://"):
        import boto3

        bucket, _, prefix = place.removeprefix("s3://").partition("/")
        endpoint = config.s3_endpoint if config else None
        return S3Storage(boto3.client("s3", endpoint_url=endpoint), bucket, f"{prefix.strip('/')}/" if prefix else "")
    return FolderStorage(Path(place))


@contextlib.asynccontextmanager
async def opened(config: Config, place: str | None) -> AsyncIterator[Source]:
    """None is this house's own store."""
    if place is None:
        store = open_stores(config)[1]
        yield Source(store.get, store)
    elif "://" not in place or place.startswith("s3://"):
        store = store_of(place, config)
        yield Source(bounded(store), store)
    else:
        async with client() as http:
            yield Source(await over_http(http, place))


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(limits=httpx.Limits(max_connections=32), follow_redirects=False)


def longest(key: str) -> int:
    """How many bytes a file may have."""
    return next(most for start, most in LONGEST if key.startswith(start))


def bounded(store: Storage) -> Get:
    """What somebody else put into a folder or bucket, if it is no longer than such a file may be."""

    async def get(key: str) -> bytes:
        found = await store.stat(key)
        if found and found.size > longest(key):
            raise Untrusted("%(key)s is longer than such a file can be (%(size)s bytes)", key=key, size=found.size)
        return await store.get(key)

    return get


async def over_http(http: httpx.AsyncClient, address: str) -> Get:
    """A house answers under /log; what does not is taken for a mirror's plain files."""
    base = address.rstrip("/").removesuffix("/log")
    house = await _get(http, f"{base}/log/checkpoint", longest("checkpoint")) is not None

    async def get(key: str) -> bytes:
        place = "/.well-known/did.json" if house and key == "did.json" else f"/log/{key}" if house else f"/{key}"
        if (data := await _get(http, base + place, longest(key))) is None:
            raise KeyError(key)
        return data

    return get


async def _get(http: httpx.AsyncClient, address: str, most: int) -> bytes | None:
    """A file, or None when it is not there. What fails on the way is tried again; what is unfit, or too slow, is not:
    whoever answers like that would do so again."""
    host = urlsplit(address).netloc
    for last in (False,) * (TRIES - 1) + (True,):
        try:
            told = await ask(http, "GET", address, most=most, within=PATIENCE)
        except TimeoutError as error:
            raise ConnectionError(
                Phrase("%(host)s does not answer within %(seconds)s seconds", host=host, seconds=round(PATIENCE))
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            why: Exception = ConnectionError(f"{host}: {type(error).__name__}")
        else:
            if told.status == httpx.codes.OK:
                return told.body
            if told.status == httpx.codes.NOT_FOUND:
                return None
            why = Unfit(Phrase("%(host)s answers with status %(status)s", host=host, status=told.status))
            last = last or told.status < 500
        if last:
            raise why
        await asyncio.sleep(PAUSE)
    return None


def read_policy(path: Path | None) -> Policy:
    return NOBODY if path is None else policy.read(path.read_text())


async def others(http: httpx.AsyncClient, believed: Policy, origin: str, mirrors: tuple[str, ...]) -> list[Other]:
    """Who else is shown this log: the policy's witnesses that have an address, and mirrors."""
    found = [Other(witness.name, _shown(http, witness, origin), tiles=False)
             for witness in believed.witnesses if witness.url]  # fmt: skip
    for mirror in mirrors:
        found.append(Other(mirror, await _of(http, mirror)))
    return found


async def _of(http: httpx.AsyncClient, mirror: str) -> Get:
    """One that does not answer is told as such when it is asked for a file, and ends nothing."""
    if not mirror.startswith(("http://", "https://")):
        return bounded(store_of(mirror))
    try:
        return await over_http(http, mirror)
    except OSError as error:
        return _away(error)


def _away(error: OSError) -> Get:
    async def get(key: str) -> bytes:
        raise error

    return get


def _shown(http: httpx.AsyncClient, witness: Witness, origin: str) -> Get:
    async def get(key: str) -> bytes:
        if key != "checkpoint" or (signed := await _get(http, witness.shows(origin), longest(key))) is None:
            raise KeyError(key)
        return signed

    return get
