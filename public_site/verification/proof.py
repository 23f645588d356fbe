"""That a seal's latest event stands in the public log: computed from the published tiles, as any outsider would.

Reads only the tiles the proof needs: at a million entries three or four, not four thousand.
"""

import msgspec

from registry.core.storage import Storage
from registry.seals import note, tlog_proof
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
    """The proof for a seal's latest event, verified before it is shown; None while the log does not hold it yet.

    Against the newest checkpoint that enough witnesses cosigned, where that holds the event: what is a minute old and
    believed by others is worth more than what is new and said by us alone.
    """
    for key in ("checkpoint.cosigned", "checkpoint"):
        if (proved := await _prove(published, entry, key)) is not None:
            return proved
    return None


async def _prove(published: Storage, entry: Entry, key: str) -> Proof | None:
    try:
        signed = (await published.get(key)).decode()
        # The log's name is its own affair here: we read what our own registry wrote, and the reader checks the note.
        checkpoint = note.parse_checkpoint(note.split(signed)[0], signed.partition("\n")[0])
        tiles = Tiles(published.get, checkpoint.size)
        leaf = await tiles.leaf(entry.log_index)
        proof = tlog_proof.Proof(entry.log_index, await tiles.inclusion(entry.log_index), signed, leaf)
    except (KeyError, ValueError):
        return None
    if not proof.holds(checkpoint):
        return None
    root = checkpoint.text().split("\n")[2]
    path = [step.hex() for step in proof.path]
    return Proof(entry.log_index, checkpoint.size, root, leaf.decode(), path, proof.text(), signed)
