"""That a seal's latest event stands in the public log: computed from the published tiles, as any outsider would.

Reads only the tiles the proof needs: at a million entries three or four, not four thousand.
"""

from base64 import b64decode

import msgspec

from registry.core.storage import Storage
from registry.seals import log
from registry.seals.jose import Untrusted
from registry.seals.snapshot import Entry
from registry.seals.tiles import Tiles


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
