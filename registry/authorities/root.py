"""The custodians who together are the root of the directory: any two of three, each with a key that stays offline.

Written in one line wherever it is pinned (configuration, agents, the client code): `2:<key>,<key>,<key>`, the number of
signatures that are needed and the Ed25519 public keys in base64url. A bare key means one of one: for trying things out.
One custodian can neither publish a false directory nor, by losing a key, stop the next one.
"""

from typing import Self

import msgspec

from registry.core import crypto
from registry.core.errors import Invalid

_KEY = 32
MOST = 7


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One custodian's: `root` is the public key, `signature` stands over the canonical directory; both base64url."""

    root: str
    signature: str


class Root(msgspec.Struct, frozen=True):
    """Whose signatures count, and how many are needed. Without keys nothing is ever signed."""

    threshold: int
    keys: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what was pinned; an empty text is a root that signs nothing. Invalid `root-not-readable`."""
        count, colon, listed = text.strip().rpartition(":")
        keys = tuple(key.strip() for key in listed.split(",")) if listed else ()
        try:
            threshold = int(count) if colon else 1
            lengths = {len(crypto.unb64url(key)) for key in keys}
        except ValueError:
            raise Invalid("root-not-readable") from None
        if keys and (lengths != {_KEY} or len(set(keys)) != len(keys) or not 1 <= threshold <= len(keys) <= MOST):
            raise Invalid("root-not-readable")
        return cls(threshold, keys)

    def __str__(self) -> str:
        return f"{self.threshold}:{','.join(self.keys)}" if self.keys else ""

    @property
    def alone(self) -> bool:
        """Whether one person could sign by themselves: never for real use."""
        return self.threshold < 2

    def signed(self, data: bytes, signatures: tuple[Signature, ...]) -> bool:
        """Whether enough of the custodians signed exactly these bytes. A key counts once, a stranger's not at all."""
        good = {s.root for s in signatures if s.root in self.keys and _verified(s, data)}
        return bool(self.keys) and len(good) >= self.threshold


def made_by(signer: crypto.Signer, data: bytes) -> Signature:
    """A custodian's signature over these bytes, made where the key is."""
    return Signature(crypto.b64url(signer.public_bytes()), crypto.b64url(signer.sign(data)))


def _verified(given: Signature, data: bytes) -> bool:
    try:
        return crypto.verified(crypto.unb64url(given.root), crypto.unb64url(given.signature), data)
    except ValueError:
        return False
