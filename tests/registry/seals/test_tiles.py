"""Proofs from a few tiles are the whole tree's proofs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.seals import log
from registry.seals.jose import Untrusted
from registry.seals.tiles import Tiles

pytestmark = pytest.mark.anyio
HASHES = [log.leaf_hash(b"%d" % number) for number in range(70_000)]
FILES = log.grow([], 0, HASHES)[1]


async def get(path: str) -> bytes:
    return FILES[path]


@given(st.data())
async def test_a_tree_read_by_tiles_proves_that_it_continues_an_older_one(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, 900))
    old = data.draw(st.integers(1, new))
    files = log.grow([], 0, HASHES[:new])[1]

    async def small(path: str) -> bytes:
        return files[path]

    path = await Tiles(small, new).consistency(old)
    assert path == log.consistency(HASHES[:new], old)
    assert log.consistent(old, log.root(HASHES[:old]), new, log.root(HASHES[:new]), path)


@pytest.mark.parametrize("old", [1, 255, 256, 257, 65_535, 65_536, 65_537, 69_999, 70_000])
async def test_a_large_tree_is_proven_from_a_handful_of_tiles(old: int) -> None:
    asked = []

    async def counted(path: str) -> bytes:
        asked.append(path)
        return FILES[path]

    tiles = Tiles(counted, 70_000)
    path = await tiles.consistency(old)
    assert log.consistent(old, log.root(HASHES[:old]), 70_000, await tiles.root(), path)
    assert len(asked) <= 7, asked


async def test_where_a_part_of_a_tile_is_not_kept_the_whole_tile_serves() -> None:
    async def pruned(path: str) -> bytes:
        if ".p/" in path:
            raise KeyError(path)
        return FILES[path]

    path = await Tiles(pruned, 300).inclusion(3)
    assert log.included(HASHES[3], 3, 300, path, log.root(HASHES[:300]))


async def test_a_tile_cut_short_and_a_leaf_outside_are_refused() -> None:
    async def cut(path: str) -> bytes:
        return FILES[path][:40]

    with pytest.raises(Untrusted):
        await Tiles(cut, 1000).inclusion(0)
    with pytest.raises(KeyError):
        await Tiles(get, 5).leaf(5)
    with pytest.raises(ValueError, match="size"):
        await Tiles(get, 5).consistency(6)
