"""Whom this door believes: the log's key, pinned when it was first met (or set by configuration), and nothing else.

Which keys may sign manifests is what the log says: a key.added leaf whose inclusion was proven under the pinned key,
and no key.retired leaf after it. So a change of the snapshot's key needs no one at this door, one that was compromised
is dropped when the log says so, and whoever can only write to the store can put no key of theirs in its place. A log
that changes its own key signs with both for a while, and the next one is pinned by a leaf under the first. No private
key is ever read here.
"""

import logging
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from registry.core.crypto import jwk, of_jwk, thumbprint, verified
from registry.core.storage import Storage
from registry.seals import did, jose, log, note
from registry.seals.jose import Header, Untrusted
from registry.seals.log import Event
from registry.seals.tiles import Tiles

logger = logging.getLogger(__name__)
DOCUMENT, LEAVES, CHECKPOINT = "did.json", "keys.json", "checkpoint"


class Pinned(msgspec.Struct, frozen=True):
    """What is remembered over restarts: the log's keys, and the public keys of manifests by absolute kid."""

    log: tuple[str, ...] = ()
    snapshot: dict[str, dict[str, str]] = {}


class KeyLeaf(msgspec.Struct, frozen=True):
    index: int
    leaf: str


class KeyLeaves(msgspec.Struct, frozen=True):
    """keys.json: where the leaves about keys stand. Each is proven before it is believed."""

    v: int
    leaves: tuple[KeyLeaf, ...]


class Trust:
    """`given`: the log's verifier key by configuration; it goes before whatever was pinned. `memory`: a small file."""

    def __init__(self, published: Storage, own: str, given: str = "", memory: Path | None = None) -> None:
        self._published, self._own, self._memory = published, own, memory
        self._pinned = _recalled(memory)
        if given and given not in self._pinned.log:
            self._pinned = Pinned((given,))
        self._etag: str | None = None
        self.dropped_at: datetime | None = None
        """When a key of seals was last dropped as compromised: strangers are told that they were signed anew."""

    def __call__(self, header: Header, signature: bytes, data: bytes) -> bool:
        """As jose.Verify, for manifests."""
        keys = {kid: of_jwk(key) for kid, key in self._pinned.snapshot.items()}
        return jose.verifier(keys, verified)(header, signature, data)

    def jwks(self) -> list[dict[str, str]]:
        """The public keys of manifests, for whoever verifies in a browser."""
        return [{**key, "kid": kid} for kid, key in self._pinned.snapshot.items()]

    async def look(self) -> None:
        """Learn what the log says of keys, if anything that strangers are told of them changed. A door that knows keys
        goes on with them when it cannot learn; one that knows none raises what stood in the way."""
        stat = await self._published.stat(DOCUMENT)
        if stat is not None and stat.etag == self._etag:
            return
        try:
            await self._learn()
            self._etag = stat.etag if stat else None
        except (Untrusted, KeyError, ValueError) as error:
            if not self._pinned.snapshot:
                raise Untrusted("no key to believe: %(why)s", why=str(error)) from error
            logger.warning("what is published of keys was not believed: %s", error)

    async def _learn(self) -> None:
        document: dict[str, Any] = msgspec.json.decode(await self._published.get(DOCUMENT))
        told = did.keys(document)
        if told.did != self._own:
            raise Untrusted("%(name)s is not %(expected)s", name=told.did, expected=self._own)
        methods = {method["id"]: of_jwk(method["publicKeyJwk"]) for method in document["verificationMethod"]}
        log_keys = self._pinned.log or tuple(note.vkey(told.log_name, key) for key in told.log_keys)
        held = await self._held(log_keys)
        snapshot = {kid: jwk(methods[kid]) for kid in self._absolute(held, "snapshot") if kid in methods}
        also = tuple(note.vkey(told.log_name, methods[kid]) for kid in self._absolute(held, "log") if kid in methods)
        if not snapshot:
            raise Untrusted("the log knows no key of manifests")
        gone = {kid for (role, kid), good in held.items() if role == "log" and not good}
        kept = [key for key in log_keys if thumbprint(note.parse_vkey(key)[1]) not in gone]
        self._keep(Pinned(tuple(dict.fromkeys((*kept, *also))) or log_keys, snapshot))

    def _absolute(self, held: dict[tuple[str, str], bool], role: str) -> list[str]:
        return [f"{self._own}#{kid}" for (of, kid), good in held.items() if good and of == role]

    async def _held(self, log_keys: tuple[str, ...]) -> dict[tuple[str, str], bool]:
        """Role and kid of every key the log speaks of -> whether it may still be believed."""
        signed = (await self._published.get(CHECKPOINT)).decode()
        tree = _opened(signed, log_keys)
        tiles, found = Tiles(self._published.get, tree.size), {}
        listed = msgspec.json.decode(await self._published.get(LEAVES), type=KeyLeaves)
        for one in listed.leaves:
            data = one.leaf.encode()
            path = await tiles.inclusion(one.index) if one.index < tree.size else []
            if not log.included(log.leaf_hash(data), one.index, tree.size, path, tree.root):
                raise Untrusted("leaf %(number)s is not in the log", number=one.index)
            leaf = msgspec.json.decode(data)
            if "compromised" in leaf and leaf["role"] == "issuer":  # no other key signs what people download
                self.dropped_at = datetime.fromisoformat(leaf["at"])
            if leaf["t"] in log.KEY_EVENTS:
                found[leaf["role"], leaf["kid"]] = leaf["t"] != Event.KEY_RETIRED
        return found

    def _keep(self, pinned: Pinned) -> None:
        if pinned == self._pinned:
            return
        self._pinned = pinned
        if self._memory is None:
            return
        draft = self._memory.with_suffix(".part")
        with suppress(OSError):  # a full or read-only disk must not stop verdicts; memory then lasts as long as we run
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(msgspec.json.encode(pinned))
            draft.replace(self._memory)


def _opened(signed: str, log_keys: tuple[str, ...]) -> note.Checkpoint:
    """The checkpoint, by any of these keys."""
    for key in log_keys:
        name, public = note.parse_vkey(key)
        with suppress(Untrusted):
            return note.parse_checkpoint(note.open_note(signed, name, public, verified), name)
    raise Untrusted("no key we know of signed the log")


def _recalled(memory: Path | None) -> Pinned:
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(memory.read_bytes(), type=Pinned) if memory else Pinned()
    return Pinned()
