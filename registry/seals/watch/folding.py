"""The leaves, streamed: the tree grown from them must be the checkpoint's, and each must honestly follow.

Between two runs only what is new is read: the unfinished tiles of the last tree are enough to go on, and a tree grown
from them continues it by construction. Where that does not give the checkpoint's root, somebody rewrote the past.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from registry.core.phrase import Phrase
from registry.seals import log, rules, status_list
from registry.seals.jose import Untrusted
from registry.seals.log import EMPTY, KEY_EVENTS, WIDTH, Edge, Event
from registry.seals.note import Checkpoint
from registry.seals.rules import BACKDATED, FINAL
from registry.seals.tiles import Tiles
from registry.seals.watch.head import UNREADABLE, Finding, Get
from registry.seals.watch.memory import Memory

TOGETHER = 32
"""Bundles and tiles on their way at one time: 8,192 leaves, some 2 MB."""
SLACK = BACKDATED
"""How far before the last thing signed about the log a seal's dates may begin."""

Told = Callable[[int], None]
Number = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]


class _OfKey(msgspec.Struct, frozen=True):
    """A leaf about a key, as far as it is looked at. Who writes the log may write anything into it."""

    kid: str
    role: str
    did: str = ""


class _OfSeal(msgspec.Struct, frozen=True):
    """The shape of a leaf about a seal."""

    seal: str
    vc: str
    begins: Annotated[str, msgspec.Meta(max_length=40)] = msgspec.field(name="from")
    until: Annotated[str, msgspec.Meta(max_length=40)]
    status: Number
    prev: Number | None = None
    replaces: Number | None = None
    state: str = ""


async def fold(
    get: Get, memory: Memory, edge: Edge, start: int, to: Checkpoint, told: Told
) -> tuple[Edge, list[Finding]]:  # fmt: skip
    """Read the leaves from `start` on. Returns the tree's new edge and what does not hold; raises Untrusted when the
    leaves do not give the checkpoint's root, and then nothing that was remembered of them may be kept."""
    tiles, found = Tiles(get, to.size), []
    moments = memory.moments()
    for first in range(start // WIDTH, -(-to.size // WIDTH), TOGETHER):
        numbers = range(first, min(first + TOGETHER, -(-to.size // WIDTH)))
        bundles = await asyncio.gather(*(tiles.bundle(number) for number in numbers))
        leaves = [leaf for bundle in bundles for leaf in bundle]
        begin = max(start, first * WIDTH)
        leaves = leaves[begin - first * WIDTH :]
        edge, files = log.grow(edge, begin, [log.leaf_hash(leaf) for leaf in leaves])
        found += await _tiles(get, files, to.size)
        for number, leaf in enumerate(leaves, begin):
            found += _leaf(memory, number, leaf, moments)
        told(begin + len(leaves))
    if (log.edge_root(edge) if to.size else EMPTY) != to.root:
        raise Untrusted("the entries do not give the checkpoint's root")
    return edge, found


async def beginning(get: Get, memory: Memory, to: Checkpoint, count: int) -> None:
    """What the first leaves of this tree, as its own files give them, say of each seal. Proves nothing by itself."""
    tiles = Tiles(get, to.size)
    for number in range(-(-min(count, to.size) // WIDTH)):
        for place, leaf in enumerate((await tiles.bundle(number))[: count - number * WIDTH], number * WIDTH):
            _leaf(memory, place, leaf, ())


async def _tiles(get: Get, files: dict[str, bytes], size: int) -> list[Finding]:
    """The hashes that proofs are made from are those of the leaves. Parts that only a batch of ours has are not asked
    for."""
    last = set(log.edge_paths(size))
    asked = [path for path in files if ".p/" not in path or path in last]

    async def one(path: str) -> list[Finding]:
        try:
            same = await get(path) == files[path]
        except KeyError:
            return [Finding("tile", Phrase("%(key)s is not there", key=path))]
        return [] if same else [Finding("tile", Phrase("%(key)s does not hold what its leaves give", key=path))]

    return [finding for part in await asyncio.gather(*map(one, asked)) for finding in part]


def _leaf(memory: Memory, number: int, data: bytes, moments: Sequence[tuple[int, int]]) -> list[Finding]:
    try:
        leaf = msgspec.json.decode(data, type=dict[str, Any])
        event = leaf["t"]
        if event in KEY_EVENTS:
            _key(memory, number, event, msgspec.convert(leaf, _OfKey))
            return []
        shape = msgspec.convert(leaf, _OfSeal)
        if status_list.list_of(shape.status) > status_list.most(number + 1):
            raise ValueError("a status index in a list that nobody can have begun")
        known = memory.seal(leaf["seal"])
        folded, why = rules.follow(known, number, leaf)
        first = folded.first if folded else number
        if event == Event.ISSUED and (taken := memory.on_status(leaf["status"])) is not None:
            why = [*why, Phrase("on the status index of the seal of leaf %(leaf)s", leaf=taken)]
        why = [*why, *_backdated(memory, number, leaf, known, moments)]
    except UNREADABLE as error:
        return [_kept(memory, number, Phrase("not understood: %(kind)s", kind=type(error).__name__), ())]
    if folded:
        memory.put(leaf["seal"], folded)
    return [_kept(memory, number, one, (first,)) for one in why]


def _key(memory: Memory, number: int, event: str, leaf: _OfKey) -> None:
    if event == Event.KEY_RETIRED:
        memory.drop_key(leaf.kid)
    else:
        memory.add_key(leaf.kid, leaf.role, number)
    if leaf.did:
        memory.add_document(number, leaf.did)


def _kept(memory: Memory, number: int, why: str, leaves: tuple[int, ...]) -> Finding:
    """The log cannot unsay it, so it is remembered."""
    said = Phrase("leaf %(leaf)s: %(why)s", leaf=number, why=why)
    memory.add_found(number, "leaf", said, leaves)
    return Finding("leaf", said, leaves)


def _backdated(
    memory: Memory, number: int, leaf: dict[str, Any], known: rules.Fold | None, moments: Sequence[tuple[int, int]]
) -> list[str]:
    """A seal's dates may not begin before the log was last seen without it (less SLACK).

    What accounts for an earlier beginning: the same seal had it already, or it takes the place of one that had it.
    """
    before = max((seconds for size, seconds in moments if size <= number), default=None)
    if leaf["t"] not in (Event.ISSUED, Event.RENEWED) or before is None:
        return []
    begins, latest = datetime.fromisoformat(leaf["from"]), datetime.fromtimestamp(before, UTC)
    if begins >= latest - SLACK or (known and known.valid_from == leaf["from"]):
        return []
    if "replaces" in leaf:
        old = memory.ended_by(leaf["replaces"])
        if old and old.state in FINAL and (old.valid_from, old.valid_until) == (leaf["from"], leaf["until"]):
            return []
    return [Phrase("backdated: valid from %(begins)s, but the log did not have it at %(when)s", begins=leaf["from"],
                   when=log.instant(latest))]  # fmt: skip
