"""The few published files that change, read and held against their signatures."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from registry.core.crypto import verified
from registry.core.phrase import Phrase
from registry.seals import did, log, note, snapshot
from registry.seals.did import Keys
from registry.seals.jose import Untrusted
from registry.seals.note import Checkpoint
from registry.seals.policy import Policy
from registry.seals.snapshot import Manifest, Table
from registry.seals.tiles import Tiles

Get = Callable[[str], Awaitable[bytes]]
NOBODY = Policy()
UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError, OSError)
"""What a file that was made to hurt may raise where it is read, besides Untrusted: who watches must outlive it."""


class Finding(msgspec.Struct, frozen=True):
    """Something that does not hold. `leaves`: the places in the log of the seals it is about (their seal.issued)."""

    what: str
    why: str
    leaves: tuple[int, ...] = ()


class Head(msgspec.Struct, frozen=True):
    keys: Keys
    document: str  # SHA-256 of did.json, hex
    manifest: Manifest
    table: Table
    signed: str  # the checkpoint's note
    checkpoint: Checkpoint
    jws: str  # the manifest's


async def read(get: Get, believed: Policy = NOBODY, pinned: note.Key | None = None, seq: int = 0) -> Head:
    """Raises Untrusted at the first file that does not prove what it claims; KeyError where one is not there.

    `pinned`: the log's key as this reader knows it; without one, did.json is believed, or one of the policy's logs.
    """
    document = await get("did.json")
    keys = read_keys(document)
    # The manifest first: what it refers to was written before it, so nothing newer is needed to understand it.
    jws = (await get("snapshot/manifest")).decode()
    manifest = snapshot.read_manifest(jws, keys.verifier("snapshot", verified), seq)
    table = snapshot.decode_table(await get(f"snapshot/{manifest.root}"), manifest.root)
    signed = (await get("checkpoint")).decode()
    checkpoint = checkpoint_of(signed, keys, believed, pinned)
    if pinned is not None:  # through a change of keys both sign; the new one is what will be pinned next
        note.read_checkpoint(signed, keys.log_name, keys.log_key, verified)
    return Head(keys, hashlib.sha256(document).hexdigest(), manifest, table, signed, checkpoint, jws)


def read_keys(document: bytes) -> Keys:
    """did.json's. Raises Untrusted."""
    try:
        return did.keys(msgspec.json.decode(document, type=dict[str, Any]))
    except (msgspec.DecodeError, RecursionError) as error:
        raise Untrusted("did.json cannot be read") from error


def why_not(error: Exception) -> str:
    """In a sentence, why files were not believed."""
    if isinstance(error, KeyError) and error.args and isinstance(error.args[0], str):
        return Phrase("%(key)s is not there", key=error.args[0])
    if error.args and isinstance(error.args[0], Phrase):
        return error.args[0]
    known = isinstance(error, Untrusted | OSError)
    return str(error) if known else Phrase("a file cannot be understood (%(kind)s)", kind=type(error).__name__)


def checkpoint_of(signed: str, keys: Keys | None, believed: Policy, pinned: note.Key | None = None) -> Checkpoint:
    """The checkpoint of a note that a log we believe signed: the pinned one, else the policy's, else did.json's."""
    if pinned is not None:
        return note.read_checkpoint(signed, pinned.name, pinned.public, verified)
    for one in believed.logs:
        if signed.startswith(f"{one.key.name}\n") and one.key.kind == note.ED25519:
            return note.read_checkpoint(signed, one.key.name, one.key.public, verified)
    if keys is None or not believed.knows(keys.log_name, keys.log_key):
        raise Untrusted("a log that the policy does not name")
    return note.read_checkpoint(signed, keys.log_name, keys.log_key, verified)


def pin(keys: Keys) -> note.Key:
    return note.Key(keys.log_name, note.ED25519, keys.log_key)


async def manifest_in_log(get: Get, head: Head) -> list[Finding]:
    """The manifest's tree is a beginning of the checkpoint's."""
    ref, size = head.manifest.log, head.checkpoint.size
    claimed = note.parse_checkpoint(f"{head.checkpoint.origin}\n{ref.size}\n{ref.root}\n", head.checkpoint.origin)
    if 0 < ref.size <= size:
        path = await Tiles(get, size).consistency(ref.size)
        if log.consistent(ref.size, claimed.root, size, head.checkpoint.root, path):
            return []
    return [Finding("manifest", Phrase("the manifest's tree is not a beginning of the log"))]
