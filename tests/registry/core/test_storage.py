"""One contract, two real stores: whatever holds for the folder holds for S3."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.core.errors import Conflict, Invalid
from registry.core.storage import FolderStorage, S3Storage, Storage, content_key
from tests.registry.core import s3


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with s3.serving(tmp_path_factory.mktemp("s3")) as address:
        yield s3.client(address)


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return FolderStorage(tmp_path / "files")
    return S3Storage(request.getfixturevalue("bucket"), "resguardo", f"{tmp_path.name}/")


async def test_what_was_put_is_there(store: Storage) -> None:
    etag = await store.put("a/b.txt", b"one", content_type="text/plain")
    assert await store.get("a/b.txt") == b"one"
    found = await store.stat("a/b.txt")
    assert found is not None
    assert (found.etag, found.size) == (etag, 3)


async def test_what_was_never_put_is_not(store: Storage) -> None:
    with pytest.raises(KeyError):
        await store.get("nothing")
    assert await store.stat("nothing") is None
    await store.delete("nothing")


async def test_the_etag_changes_with_the_bytes(store: Storage) -> None:
    assert await store.put("a", b"one") != await store.put("a", b"two")
    assert await store.get("a") == b"two"


async def test_if_absent_never_replaces(store: Storage) -> None:
    await store.put("a", b"one", if_absent=True)
    with pytest.raises(Conflict):
        await store.put("a", b"two", if_absent=True)
    assert await store.get("a") == b"one"


async def test_of_ten_at_once_if_absent_one_wins(store: Storage) -> None:
    async def put(number: int) -> bool:
        try:
            await store.put("a", str(number).encode(), if_absent=True)
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*(put(number) for number in range(10)))) == 1


async def test_lists_by_prefix_in_order(store: Storage) -> None:
    for key in ("x/2", "x/1", "y/1", "x/sub/3"):
        await store.put(key, b"1")
    assert [key async for key in store.list("x/")] == ["x/1", "x/2", "x/sub/3"]
    await store.delete("x/1")
    assert [key async for key in store.list()] == ["x/2", "x/sub/3", "y/1"]


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../../x", "a/..", "a//../x", "ñ", "a b", "a\x00b", "x/"])
async def test_a_key_cannot_lead_out_of_the_store(store: Storage, key: str) -> None:
    with pytest.raises(Invalid):
        await store.put(key, b"1")


async def test_a_bucket_that_does_not_answer_holds_up_nothing_else() -> None:
    answers = threading.Event()

    class Silent:
        def get_object(self, **_: Any) -> Any:
            answers.wait()
            raise ConnectionError

    store = S3Storage(Silent(), "resguardo", "")
    asked = [asyncio.ensure_future(store.get("a")) for _ in range(40)]
    try:
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "done"), 5) == "done"
    finally:
        answers.set()
    assert {type(one) for one in await asyncio.gather(*asked, return_exceptions=True)} == {ConnectionError}


async def test_what_a_killed_process_was_writing_goes_after_an_hour(tmp_path: Path) -> None:
    (drafts := tmp_path / ".part").mkdir()
    for name, age in (("old", 4000), ("young", 60)):
        (drafts / name).write_bytes(b"half")
        os.utime(drafts / name, (time.time() - age,) * 2)
    store = FolderStorage(tmp_path)
    await store.put("a", b"1")
    assert [path.name for path in drafts.iterdir()] == ["young"]
    assert [key async for key in store.list()] == ["a"]


def test_a_content_key_is_the_content(tmp_path: Path) -> None:
    assert content_key(b"", ".pdf").endswith("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.pdf")
