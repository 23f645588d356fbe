"""Where published files are read from: this house, a folder, a bucket, another house or a mirror.

A house serves them under /log, and did.json where did:web wants it; a mirror is the plain files under any address.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import httpx
import msgspec

from registry.config import Config
from registry.core.storage import FolderStorage, S3Storage, Storage, open_stores
from registry.seals import policy
from registry.seals.policy import Policy, Witness
from registry.seals.watch.comparing import Other
from registry.seals.watch.head import NOBODY, Get

TRIES = 3
PAUSE = 0.5


class Source(msgspec.Struct, frozen=True):
    """`store` where the files can also be listed."""

    get: Get
    store: Storage | None = None


def store_of(place: str, config: Config | None = None) -> Storage:
    """A folder, or s3://bucket/prefix."""
    if place.startswith("s3://"):
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
        yield Source(store.get, store)
    else:
        limits = httpx.Limits(max_connections=32)
        async with httpx.AsyncClient(timeout=30, limits=limits, follow_redirects=True) as http:
            yield Source(await over_http(http, place))


async def over_http(http: httpx.AsyncClient, address: str) -> Get:
    """A house answers under /log; what does not is taken for a mirror's plain files."""
    base = address.rstrip("/").removesuffix("/log")
    house = await _get(http, f"{base}/log/checkpoint") is not None

    async def get(key: str) -> bytes:
        place = "/.well-known/did.json" if house and key == "did.json" else f"/log/{key}" if house else f"/{key}"
        if (data := await _get(http, base + place)) is None:
            raise KeyError(key)
        return data

    return get


async def _get(http: httpx.AsyncClient, address: str) -> bytes | None:
    """A file, or None when it is not there. What fails on the way is tried again."""
    for last in (False,) * (TRIES - 1) + (True,):
        try:
            answer = await http.get(address)
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            return answer.raise_for_status().content
        except httpx.HTTPError as error:
            if last:
                raise ConnectionError(f"{urlsplit(address).netloc}: {type(error).__name__}") from error
        await asyncio.sleep(PAUSE)
    return None


def read_policy(path: Path | None) -> Policy:
    return NOBODY if path is None else policy.read(path.read_text())


async def others(http: httpx.AsyncClient, believed: Policy, origin: str, mirrors: tuple[str, ...]) -> list[Other]:
    """Who else is shown this log: the policy's witnesses that have an address, and mirrors."""
    found = [Other(witness.name, _shown(http, witness, origin), tiles=False)
             for witness in believed.witnesses if witness.url]  # fmt: skip
    for mirror in mirrors:
        get = await over_http(http, mirror) if mirror.startswith("http") else store_of(mirror).get
        found.append(Other(mirror, get))
    return found


def _shown(http: httpx.AsyncClient, witness: Witness, origin: str) -> Get:
    async def get(key: str) -> bytes:
        if key != "checkpoint" or (signed := await _get(http, witness.shows(origin))) is None:
            raise KeyError(key)
        return signed

    return get
