"""Reading a published tree tile by tile: leaves, inclusion and consistency without the rest of the log.

At a million leaves a proof needs three or four tiles, not four thousand. What is read is not believed here: a proof is
checked against a checkpoint by log.included and log.consistent.
"""

from collections.abc import Awaitable, Callable

from registry.seals import log
from registry.seals.jose import Untrusted
from registry.seals.log import WIDTH, tile_path

Get = Callable[[str], Awaitable[bytes]]
HASH = 32


async def read(get: Get, level: int | str, number: int, width: int) -> bytes:
    """A tile or bundle, from the full file where the part is not kept any more (tlog-tiles allows that)."""
    try:
        return await get(tile_path(level, number, width))
    except KeyError:
        if width == WIDTH:
            raise
    data = await get(tile_path(level, number))
    return data if level == "entries" else data[: width * HASH]


class Tiles:
    """A tree of `size` leaves. Raises KeyError where a file is not there, Untrusted where one is cut short."""

    def __init__(self, get: Get, size: int) -> None:
        self._get, self._size = get, size
        self._read: dict[tuple[int, int], bytes] = {}

    async def bundle(self, number: int) -> list[bytes]:
        """The leaves from 256 * number on."""
        width = min(WIDTH, self._size - number * WIDTH)
        leaves = log.unbundle(await read(self._get, "entries", number, width))[:width]
        if len(leaves) != width:
            raise Untrusted(
                "bundle %(number)s holds %(held)s entries, not %(width)s", number=number, held=len(leaves), width=width
            )
        return leaves

    async def leaf(self, index: int) -> bytes:
        if not 0 <= index < self._size:
            raise KeyError(f"leaf {index}")
        return (await self.bundle(index // WIDTH))[index % WIDTH]

    async def root(self) -> bytes:
        """What the tiles' own hashes give."""
        return await self._node(0, self._size) if self._size else log.EMPTY

    async def inclusion(self, index: int) -> list[bytes]:
        """From the leaf's sibling up to the root's child (RFC 6962, 2.1.1)."""
        start, end, path = 0, self._size, []
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(await self._node(middle, end))
                end = middle
            else:
                path.append(await self._node(start, middle))
                start = middle
        return path[::-1]

    async def consistency(self, old: int) -> list[bytes]:
        """That the tree of the first `old` leaves is the beginning of this one (RFC 6962, 2.1.2)."""
        if not 0 < old <= self._size:
            raise ValueError("no such size")
        start, end, whole, path = 0, self._size, True, []
        while old != end - start:
            middle = start + _split(end - start)
            if old <= middle - start:
                path.append(await self._node(middle, end))
                end = middle
            else:
                path.append(await self._node(start, middle))
                old, start, whole = old - (middle - start), middle, False
        if not whole:
            path.append(await self._node(start, end))
        return path[::-1]

    async def _node(self, start: int, end: int) -> bytes:
        """The hash over leaves start..end, from the highest tiles that hold it."""
        width = end - start
        if width & (width - 1) or start % width:
            middle = start + _split(width)
            return log.node_hash(await self._node(start, middle), await self._node(middle, end))
        level = (width.bit_length() - 1) // 8
        each = 1 << 8 * level
        hashes = [await self._hash(level, number) for number in range(start // each, end // each)]
        return log.root(hashes)

    async def _hash(self, level: int, number: int) -> bytes:
        tile, place = divmod(number, WIDTH)
        if (level, tile) not in self._read:
            width = min(WIDTH, (self._size >> 8 * level) - tile * WIDTH)
            self._read[level, tile] = await read(self._get, level, tile, width)
        found = self._read[level, tile][place * HASH : (place + 1) * HASH]
        if len(found) != HASH:
            raise Untrusted("a tile is cut short")
        return found


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1
