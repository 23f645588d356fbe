"""The transparency log: RFC 6962 trees served as C2SP tlog-tiles; checkpoints are signed notes (note.py). Pure.

    checkpoint           origin, size, root, signed: the only file that changes
    tile/<L>/<N>[.p/<W>] 256 hashes (or W of them) of level L
    tile/entries/<N>…    the leaves, each with its length before it

A leaf is canonical JSON (RFC 8785) that names a seal only by SHA-256(salt || code): the log can stay whole for ever
while a person's salt, and with it the link, is erased. No reason, name or plate stands in a leaf.
What the log stops and what it does not: seals.md 4.4. Without outside witnesses it proves order and integrity to
whoever keeps an older checkpoint, not that everybody is shown the same tree.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import rfc8785

from registry.seals.jose import Untrusted
from registry.seals.note import Checkpoint

WIDTH = 256
EMPTY = hashlib.sha256(b"").digest()


class Event:
    ISSUED = "seal.issued"
    SUSPENDED = "seal.suspended"
    REINSTATED = "seal.reinstated"
    REVOKED = "seal.revoked"
    RENEWED = "seal.renewed"  # the same code and sticker with new dates: a new decision stands behind it
    RESIGNED = "seal.resigned"  # the same words under another key
    ERASED = "seal.erased"  # it was over, and nothing says any more whose it was; its bits stay
    KEY_ADDED = "key.added"
    KEY_ACTIVE = "key.active"  # signs from now on
    KEY_RETIRED = "key.retired"


KEY_EVENTS = frozenset({Event.KEY_ADDED, Event.KEY_ACTIVE, Event.KEY_RETIRED})
"""Leaves that speak of a key and of no seal."""
KEPT = frozenset({Event.RENEWED, Event.RESIGNED})
"""Leaves that change the credential and keep the state, which they name: a last leaf alone then tells it."""


# -- leaves --------------------------------------------------------------------------------------------------------


def commitment(salt: bytes, code: str) -> str:
    """What stands for a seal in the log. `salt` is 16 random bytes, kept with the seal."""
    return hashlib.sha256(salt + code.encode()).hexdigest()


def seal_leaf(
    event: str,
    at: datetime,
    seal: str,
    *,
    vc: str,
    valid_from: datetime,
    valid_until: datetime,
    index: int,
    prev: int | None,
    state: str = "",
    replaces: int | None = None,
) -> bytes:
    """`seal` is a commitment, `index` the place in the status lists, `prev` this seal's event before this one; `state`
    is said by the leaves that keep it (KEPT) and by no other; `replaces` is the leaf that revoked the code which this
    one takes the place of, whose dates it keeps."""
    leaf: dict[str, Any] = {
        "v": 1, "t": event, "at": instant(at), "seal": seal, "vc": vc,
        "from": instant(valid_from), "until": instant(valid_until), "status": index,
    }  # fmt: skip
    if prev is not None:
        leaf["prev"] = prev
    if state:
        leaf["state"] = state
    if replaces is not None:
        leaf["replaces"] = replaces
    return rfc8785.dumps(leaf)


def key_leaf(
    event: str, at: datetime, role: str, kid: str, document: str = "", compromised_at: datetime | None = None
) -> bytes:
    """`document`: SHA-256 of the did.json that came with it, hex. `compromised_at`: what this key signed from then on
    proves nothing; what stands in the log before that stays provable."""
    leaf: dict[str, Any] = {"v": 1, "t": event, "at": instant(at), "role": role, "kid": kid}
    if document:
        leaf["did"] = document
    if compromised_at:
        leaf["compromised"] = instant(compromised_at)
    return rfc8785.dumps(leaf)


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


# -- trees and proofs (RFC 6962, 2.1) --------------------------------------------------------------------------------


def root(hashes: Sequence[bytes]) -> bytes:
    """Merkle tree hash over leaf hashes (or over whole subtrees of one height)."""
    return _root(hashes, 0, len(hashes)) if hashes else EMPTY


def _root(hashes: Sequence[bytes], start: int, end: int) -> bytes:
    if end - start == 1:
        return hashes[start]
    middle = start + _split(end - start)
    return node_hash(_root(hashes, start, middle), _root(hashes, middle, end))


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def inclusion(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """From the leaf's sibling up to the root's child."""
    start, end, path = 0, len(hashes), []
    if not start <= index < end:
        raise ValueError("no such leaf")
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_root(hashes, middle, end))
            end = middle
        else:
            path.append(_root(hashes, start, middle))
            start = middle
    return path[::-1]


def included(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> bool:
    """Whether this leaf hash stands at `index` in the tree of `size` with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or len(leaf) != 32:
        return False
    node, last, result = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            result = node_hash(step, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, step)
        node, last = node >> 1, last >> 1
    return last == 0 and result == expected


def consistency(hashes: Sequence[bytes], old: int) -> list[bytes]:
    """That the tree over the first `old` leaves is the beginning of this one."""
    if not 0 < old <= len(hashes):
        raise ValueError("no such size")
    return _consistency(hashes, 0, len(hashes), old, True)


def _consistency(hashes: Sequence[bytes], start: int, end: int, old: int, whole: bool) -> list[bytes]:
    size = end - start
    if old == size:
        return [] if whole else [_root(hashes, start, end)]
    middle = start + _split(size)
    if old <= middle - start:
        return [*_consistency(hashes, start, middle, old, whole), _root(hashes, middle, end)]
    return [*_consistency(hashes, middle, end, old - (middle - start), False), _root(hashes, start, middle)]


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """RFC 9162, 2.1.4.2. From the empty tree nothing can be proven, so that is refused: check the leaves instead."""
    if not 0 < old <= new:
        return False
    if old == new:
        return old_root == new_root and not path
    steps = list(path)
    if not old & (old - 1):
        steps.insert(0, old_root)
    if not steps:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, step)
        node, last = node >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


# -- tiles -----------------------------------------------------------------------------------------------------------


def tile_path(level: int | str, number: int, width: int = WIDTH) -> str:
    """tile/0/x001/x234/067.p/8; `level` is "entries" for bundles of leaves."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < WIDTH else "")


Edge = list[list[bytes]]
"""The unfinished tile of each level, the leaves' first: all that is needed to go on."""


def edge_paths(size: int) -> list[str]:
    """Where the edge of a published tree of this size stands, level by level; "" where that level's tile is empty."""
    paths = []
    level = 0
    while size >> 8 * level:
        number, width = divmod(size >> 8 * level, WIDTH)
        paths.append(tile_path(level, number, width) if width else "")
        level += 1
    return paths


def edge_root(edge: Edge) -> bytes:
    """The root of the tree whose edge this is."""
    peaks: list[bytes] = []
    for hashes in reversed(edge):
        start = 0
        while start < len(hashes):
            # Within a tile the perfect subtrees go from the largest to the smallest, as in the whole tree.
            width = 1 << (len(hashes) - start).bit_length() - 1
            peaks.append(_root(hashes, start, start + width))
            start += width
    if not peaks:
        return EMPTY
    top = peaks.pop()
    while peaks:
        top = node_hash(peaks.pop(), top)
    return top


def grow(edge: Edge, size: int, hashes: Sequence[bytes]) -> tuple[Edge, dict[str, bytes]]:
    """The edge of the tree of `size` leaves after these were added, and the tile files that are new."""
    edge, files = [list(level) for level in edge], {}
    coming, level = list(hashes), 0
    while coming:
        if level == len(edge):
            edge.append([])
        number = (size >> 8 * level) // WIDTH
        tile, full = edge[level] + coming, []
        while len(tile) >= WIDTH:
            files[tile_path(level, number)] = b"".join(tile[:WIDTH])
            full.append(_root(tile, 0, WIDTH))
            tile, number = tile[WIDTH:], number + 1
        if tile:
            files[tile_path(level, number, len(tile))] = b"".join(tile)
        edge[level], coming, level = tile, full, level + 1
    return edge, files


def bundles(leaves: Sequence[bytes], start: int, old: int) -> Iterator[tuple[str, bytes]]:
    """The entry files. `leaves[0]` has index `start`, which is a multiple of 256 and not above `old`."""
    for offset in range(0, len(leaves), WIDTH):
        part = leaves[offset : offset + WIDTH]
        if start + offset + len(part) > old:
            data = b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in part)
            yield tile_path("entries", (start + offset) // WIDTH, len(part)), data


def unbundle(data: bytes) -> list[bytes]:
    leaves, place = [], 0
    while place < len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2], "big")
        if place + 2 > len(data) or end > len(data):
            raise Untrusted("a bundle of entries is cut short")
        leaves.append(data[place + 2 : end])
        place = end
    return leaves


async def read_leaves(get: Callable[[str], Awaitable[bytes]], checkpoint: Checkpoint) -> list[bytes]:
    """Every leaf of a published log, checked against the checkpoint's root."""
    leaves: list[bytes] = []
    for number in range((checkpoint.size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, checkpoint.size - number * WIDTH)
        part = unbundle(await get(tile_path("entries", number, width)))
        if len(part) != width:
            raise Untrusted(
                "bundle %(number)s holds %(held)s entries, not %(width)s", number=number, held=len(part), width=width
            )
        leaves.extend(part)
    if root([leaf_hash(leaf) for leaf in leaves]) != checkpoint.root:
        raise Untrusted("the entries do not give the checkpoint's root")
    return leaves


def instant(moment: datetime) -> str:
    """As leaves and credentials write it."""
    there = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return there.isoformat()[:19] + "Z"
