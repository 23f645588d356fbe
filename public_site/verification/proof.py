"""That a seal's latest event stands in the public log: computed from the published tiles, as any outsider would.

Reads only the tiles the proof needs: at a million entries three or four, not four thousand.
"""

from base64 import b64decode
from collections.abc import Awaitable, Callable

import msgspec

from registry.core.storage import Storage
from registry.seals import log
from registry.seals.jose import Untrusted
from registry.seals.log import WIDTH, tile_path
from registry.seals.snapshot import Entry

Get = Callable[[str], Awaitable[bytes]]
HASH = 32


class Proof(msgspec.Struct, frozen=True):
    """`path`: sibling hashes from the leaf up, hex. `text`: the whole as a tlog-proof file."""

    index: int
    size: int
    root: str
    leaf: str
    path: list[str]
    text: str
    checkpoint: str


async def prove(published: Storage, entry: Entry) -> Proof | None:
    """The proof for a seal's latest event, verified before it is shown; None while the log does not hold it yet."""
    try:
        note = (await published.get("checkpoint")).decode()
        size, root = int(note.split("\n")[1]), note.split("\n")[2]
        if not entry.log_index < size:
            return None
        tiles = Tiles(published.get, size)
        leaf = await tiles.leaf(entry.log_index)
        path = await tiles.inclusion(entry.log_index)
    except (KeyError, ValueError, IndexError, Untrusted):
        return None
    if not log.included(log.leaf_hash(leaf), entry.log_index, size, path, b64decode(root)):
        return None
    text = log.proof(entry.log_index, path, note)
    return Proof(entry.log_index, size, root, leaf.decode(), [step.hex() for step in path], text, note)


class Tiles:
    """A tree of `size` leaves, read tile by tile."""

    def __init__(self, get: Get, size: int) -> None:
        self._get, self._size = get, size
        self._read: dict[tuple[int, int], bytes] = {}

    async def leaf(self, index: int) -> bytes:
        number = index // WIDTH
        width = min(WIDTH, self._size - number * WIDTH)
        return log.unbundle(await self._get(tile_path("entries", number, width)))[index % WIDTH]

    async def inclusion(self, index: int) -> list[bytes]:
        """From the leaf's sibling up to the root's child (RFC 6962, 2.1.1)."""
        start, end, path = 0, self._size, []
        while end - start > 1:
            middle = start + (1 << (end - start - 1).bit_length() - 1)
            if index < middle:
                path.append(await self._node(middle, end))
                end = middle
            else:
                path.append(await self._node(start, middle))
                start = middle
        return path[::-1]

    async def _node(self, start: int, end: int) -> bytes:
        """The hash over leaves start..end, from the highest tiles that hold it."""
        width = end - start
        if width & (width - 1) or start % width:
            middle = start + (1 << (width - 1).bit_length() - 1)
            return log.node_hash(await self._node(start, middle), await self._node(middle, end))
        level = (width.bit_length() - 1) // 8
        each = 1 << 8 * level
        first, last = start // each, end // each
        hashes = [await self._hash(level, number) for number in range(first, last)]
        return log.root(hashes)

    async def _hash(self, level: int, number: int) -> bytes:
        tile, place = divmod(number, WIDTH)
        if (level, tile) not in self._read:
            width = min(WIDTH, (self._size >> 8 * level) - tile * WIDTH)
            self._read[level, tile] = await self._get(tile_path(level, tile, width))
        found = self._read[level, tile][place * HASH : (place + 1) * HASH]
        if len(found) != HASH:
            raise Untrusted("a tile is cut short")
        return found
