"""Files under keys: S3 or a folder, one contract.

A key is a relative path of letters, digits and `-_./`, never leading out of the store. `put` returns only when the
bytes would survive a power cut; `if_absent` never replaces what is there; the etag changes whenever the bytes do.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from registry.config import Config
from registry.core.errors import Conflict, Invalid

_KEY = re.compile(r"(?!/)(?!.*(^|/)\.{1,2}(/|$))[A-Za-z0-9._/-]{1,500}(?<!/)")


class Stat(msgspec.Struct, frozen=True):
    """What is known of a file without reading it. `size` is in bytes."""

    etag: str
    size: int


class Storage(Protocol):
    """A store of files."""

    async def put(
        self, key: str, data: bytes, *, content_type: str = "application/octet-stream", if_absent: bool = False
    ) -> str:
        """Keep bytes under a key and return their etag. Raises Conflict if `if_absent` and something is there."""

    async def get(self, key: str) -> bytes:
        """The bytes under a key. Raises KeyError if there are none."""

    async def stat(self, key: str) -> Stat | None:
        """Etag and size, or None."""

    def list(self, prefix: str = "") -> AsyncIterator[str]:
        """Keys that begin with a prefix, in order."""

    async def delete(self, key: str) -> None:
        """Forget a key; nothing happens if it is not there."""


def checked(key: str) -> str:
    """The key itself, if it cannot lead out of the store. Raises Invalid otherwise."""
    if not _KEY.fullmatch(key):
        raise Invalid("storage-key-not-allowed", key=key[:80])
    return key


DRAFTS, LEFT_BEHIND = ".part", 3600.0
"""Where a folder keeps what is being written, and seconds after which whoever wrote it is taken for gone."""


S3_AT_ONCE = 16
"""Requests to a bucket on their way at one time, of each store."""
T = TypeVar("T")


class FolderStorage:
    """Files in a folder; each is written beside the others, synced, and moved to its place in one step."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._tidied = folder, False

    async def put(
        self, key: str, data: bytes, *, content_type: str = "application/octet-stream", if_absent: bool = False
    ) -> str:
        """See Storage. The content type is not kept: readers know it from the key."""
        return await asyncio.to_thread(self._put, self._path(key), data, if_absent)

    async def get(self, key: str) -> bytes:
        """See Storage."""
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise KeyError(key) from None

    async def stat(self, key: str) -> Stat | None:
        """See Storage. The etag is made of inode, size and time: each put makes a new inode."""
        try:
            found = self._path(key).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return Stat(f"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}", found.st_size)

    async def list(self, prefix: str = "") -> AsyncIterator[str]:
        """See Storage."""
        start = self._folder / prefix.rpartition("/")[0] if prefix else self._folder
        found = await asyncio.to_thread(lambda: sorted(path for path in start.rglob("*") if path.is_file()))
        for path in found:
            key = path.relative_to(self._folder).as_posix()
            if key.startswith(prefix) and not key.startswith(f"{DRAFTS}/"):
                yield key

    async def delete(self, key: str) -> None:
        """See Storage."""
        self._path(key).unlink(missing_ok=True)

    async def shred(self, key: str) -> None:
        """Forget a key, overwritten first, and return only when a power cut would not bring it back."""
        await asyncio.to_thread(self._shred, self._path(key))

    def _shred(self, path: Path) -> None:
        try:
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
        except FileNotFoundError:
            return
        _sync_folder(path.parent)

    def _path(self, key: str) -> Path:
        return self._folder / checked(key)

    def _put(self, path: Path, data: bytes, if_absent: bool) -> str:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._drafts() / secrets.token_hex(8)
        try:
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if if_absent:
                try:
                    os.link(draft, path)
                except FileExistsError:
                    raise Conflict("storage-already-there", key=path.name) from None
            else:
                draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(path.parent)
        found = path.stat()
        return f"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}"

    def _drafts(self) -> Path:
        """Where to write. What a process that was killed left there goes: it may hold what was erased since."""
        drafts = self._folder / DRAFTS
        drafts.mkdir(exist_ok=True)
        if not self._tidied:
            self._tidied = True
            for draft in drafts.iterdir():
                with contextlib.suppress(FileNotFoundError):
                    if time.time() - draft.stat().st_mtime > LEFT_BEHIND:
                        draft.unlink()
        return drafts


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class S3Storage:
    """Files in a bucket under a prefix. boto3 blocks, so each call runs in a thread: one of its own, because a bucket
    that does not answer must not hold up passwords and pictures, which need threads too."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix
        self._threads = ThreadPoolExecutor(S3_AT_ONCE, "s3")

    async def _run(self, call: Callable[..., T], *args: Any, **given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(call, *args, **given))

    async def put(
        self, key: str, data: bytes, *, content_type: str = "application/octet-stream", if_absent: bool = False
    ) -> str:
        """See Storage. The server checks the SHA-256 of what arrives."""
        extra: dict[str, Any] = {"IfNoneMatch": "*"} if if_absent else {}
        with _s3_refusals(key):
            answer = await self._run(
                self._client.put_object,
                Bucket=self._bucket,
                Key=self._prefix + checked(key),
                Body=data,
                ContentType=content_type,
                ChecksumAlgorithm="SHA256",
                **extra,
            )
        return str(answer["ETag"]).strip('"')

    async def get(self, key: str) -> bytes:
        """See Storage."""
        with _s3_refusals(key):
            return await self._run(self._get, self._prefix + checked(key))

    async def stat(self, key: str) -> Stat | None:
        """See Storage."""
        try:
            with _s3_refusals(key):
                found = await self._run(self._client.head_object, Bucket=self._bucket, Key=self._prefix + checked(key))
        except KeyError:
            return None
        return Stat(str(found["ETag"]).strip('"'), int(found["ContentLength"]))

    async def list(self, prefix: str = "") -> AsyncIterator[str]:
        """See Storage."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + prefix
        )
        listed: list[Any] = await self._run(list, pages)
        for page in listed:
            for found in page.get("Contents", []):
                yield found["Key"].removeprefix(self._prefix)

    async def delete(self, key: str) -> None:
        """See Storage."""
        await self._run(self._client.delete_object, Bucket=self._bucket, Key=self._prefix + checked(key))

    def _get(self, key: str) -> bytes:
        return bytes(self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read())


@contextlib.contextmanager
def _s3_refusals(key: str) -> Any:
    from botocore.exceptions import ClientError  # AWS's library takes as long to load as a small room: not for a folder

    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in {"NoSuchKey", "404", "NotFound"}:
            raise KeyError(key) from None
        if code in {"PreconditionFailed", "412"}:
            raise Conflict("storage-already-there", key=key) from None
        raise


def open_stores(config: Config) -> tuple[Storage, Storage]:
    """The private and the published store of a house: prefixes of one bucket, or two folders."""
    if not config.s3_bucket:
        return FolderStorage(config.data / "files"), FolderStorage(config.data / "published")
    import boto3
    from botocore.config import Config as BotoConfig

    client = boto3.client(
        "s3",
        endpoint_url=config.s3_endpoint,
        config=BotoConfig(
            retries={"mode": "standard", "max_attempts": 4},
            connect_timeout=5,
            read_timeout=20,
            max_pool_connections=2 * S3_AT_ONCE,
        ),
    )
    return S3Storage(client, config.s3_bucket, "files/"), S3Storage(client, config.s3_bucket, "published/")


def content_key(data: bytes, ending: str = "") -> str:
    """A key that is the content's own: SHA-256 in hex under its first two digits. Writing it twice changes nothing."""
    digest = hashlib.sha256(data).hexdigest()
    return f"sha256/{digest[:2]}/{digest}{ending}"
