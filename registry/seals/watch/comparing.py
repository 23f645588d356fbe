"""Whether everybody is shown the same log: our checkpoint beside what witnesses and mirrors show.

Two notes of one size with two roots, both signed by the log, are a split view and prove it by themselves. Of different
sizes, the smaller must be a beginning of the larger.
"""

from collections.abc import Sequence

import msgspec

from registry.core.phrase import Phrase
from registry.seals import log, note
from registry.seals.jose import Untrusted
from registry.seals.note import Checkpoint
from registry.seals.tiles import Tiles
from registry.seals.watch.head import Finding, Get, why_not

UNTOLD = frozenset({"away", "unseen", "unproven"})
"""Findings that say nothing about the log: somebody could not be asked."""


class Other(msgspec.Struct, frozen=True):
    """Somebody else's view. `tiles` where they also serve the tree."""

    name: str
    get: Get
    tiles: bool = True


class Compared(msgspec.Struct, frozen=True):
    name: str
    size: int
    findings: list[Finding] = []
    evidence: dict[str, str] = {}


async def compare(get: Get, signed: str, key: note.Key, verify: note.Verify, others: Sequence[Other]) -> list[Compared]:
    return [await _one(get, signed, key, verify, other) for other in others]


async def _one(get: Get, signed: str, key: note.Key, verify: note.Verify, other: Other) -> Compared:
    try:
        shown = (await other.get("checkpoint")).decode()
        theirs = note.read_checkpoint(shown, key.name, key.public, verify)
    except KeyError:
        return Compared(
            other.name, 0, [Finding("unseen", Phrase("%(name)s shows no checkpoint of this log", name=other.name))]
        )
    except OSError as error:
        return Compared(other.name, 0, [Finding(
            "away", Phrase("%(name)s does not answer: %(why)s", name=other.name, why=type(error).__name__)
        )])  # fmt: skip
    except ValueError as error:
        return Compared(other.name, 0, [Finding("unseen", Phrase(
            "what %(name)s shows is not this log's: %(why)s", name=other.name, why=why_not(error)))])  # fmt: skip
    ours = note.read_checkpoint(signed, key.name, key.public, verify)
    if theirs.size > ours.size:  # it may have been published while we looked
        signed = (await get("checkpoint")).decode()
        ours = note.read_checkpoint(signed, key.name, key.public, verify)
    try:
        same = await _same(get, other, ours, theirs)
    except (KeyError, OSError, Untrusted) as error:
        why = Phrase("what %(name)s shows (%(size)s entries) cannot be compared: %(why)s", name=other.name,
                     size=theirs.size, why=why_not(error))  # fmt: skip
        return Compared(other.name, theirs.size, [Finding("unproven", why)])
    if same:
        if theirs.size > ours.size:
            why = Phrase("%(name)s has seen %(size)s entries, and here only %(ours)s are shown", name=other.name,
                         size=theirs.size, ours=ours.size)  # fmt: skip
            return Compared(other.name, theirs.size, [Finding("frozen", why)])
        return Compared(other.name, theirs.size)
    why = Phrase("SPLIT VIEW: %(name)s was shown another log than this one: %(size)s and %(ours)s entries",
                 name=other.name, size=theirs.size, ours=ours.size)  # fmt: skip
    return Compared(other.name, theirs.size, [Finding("split", why)], {"here": signed, other.name: shown})


async def _same(get: Get, other: Other, ours: Checkpoint, theirs: Checkpoint) -> bool:
    """Whether the smaller is the beginning of the larger, where there are tiles to prove it."""
    if ours.size == theirs.size:
        return ours.root == theirs.root
    small, large = sorted((ours, theirs), key=lambda one: one.size)
    if not small.size or (large is theirs and not other.tiles):
        return True
    path = await Tiles(get if large is ours else other.get, large.size).consistency(small.size)
    return log.consistent(small.size, small.root, large.size, large.root, path)
