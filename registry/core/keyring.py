"""Which keys a house signs with, and where each is kept.

A source says where: `file:issuer.pem` (in the data folder's `keys`, or an absolute path), `env:NAME` (PKCS#8 PEM in a
variable), `kms:arn:aws:kms:…` (AWS). Private keys are opened when first asked for, so that a process that signs nothing
holds none. The names of a house's first keys come from configuration (REGISTRY_KEY_ISSUER …); which key a role uses
after a rotation is told by the table of keys (seals/keys).
"""

import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from registry.core.crypto import FileSigner, Signer, hkdf, write_secret
from registry.core.errors import Conflict, Invalid
from registry.core.kms import KmsSigner

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
ROLES = ("issuer", "snapshot", "log")
"""One key for each use, never one for two formats (seals.md 5)."""


class KeyState(StrEnum):
    """A key's life. Whoever verifies trusts the first three; what a compromised key signed proves nothing."""

    ANNOUNCED = "announced"  # public, and not in use yet
    ACTIVE = "active"  # signs; one for each use
    RETIRING = "retiring"  # signs no more; what it signed still holds
    RETIRED = "retired"
    COMPROMISED = "compromised"


TRUSTED = frozenset({KeyState.ANNOUNCED, KeyState.ACTIVE, KeyState.RETIRING})


class Held(msgspec.Struct, frozen=True):
    """One key of the house: its use, its public half, where it is kept, and where it stands since when."""

    role: str
    kid: str
    public: bytes
    source: str
    state: KeyState
    since: datetime
    compromised_at: datetime | None = None


class Keys:
    """The keys of a house. `issuer`, `snapshot` and `log` are those in use now: the ones the table of keys says
    (`use`), and until it says any, the house's first ones."""

    def __init__(
        self, folder: Path, sources: Mapping[str, str] | None = None, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._folder, self._sources, self._environment = folder, dict(sources or {}), environment
        self._opened: dict[str, Signer] = {}
        self._held: tuple[Held, ...] = ()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / "secret"
        if not path.exists():
            write_secret(path, secrets.token_bytes(32))
        self.secret = path.read_bytes()
        """32 bytes for sealing small secrets at rest and for MACs; each use derives its own by `hkdf`."""

    def derived(self, use: str) -> bytes:
        """The key of one named use, 32 bytes."""
        return hkdf(self.secret, use.encode())

    @property
    def issuer(self) -> Signer:
        """Signs credentials and status lists."""
        return self._active("issuer")

    @property
    def snapshot(self) -> Signer:
        """Signs manifests."""
        return self._active("snapshot")

    @property
    def log(self) -> Signer:
        """Signs checkpoints; always Ed25519."""
        return self._active("log")

    def use(self, held: Sequence[Held]) -> None:
        """What the table of keys says now."""
        self._held = tuple(held)

    def held(self, role: str | None = None, states: Collection[KeyState] = tuple(KeyState)) -> tuple[Held, ...]:
        """Keys of a role (or of all) in these states, the earliest first. A house that kept no table yet has its first
        ones, in use."""
        known = self._held or tuple(self._first_held(one) for one in ROLES)
        return tuple(one for one in known if role in (None, one.role) and one.state in states)

    def signer(self, held: Held) -> Signer:
        """The private half. A key that was moved is found where configuration says. Raises Conflict if what is there
        is another key."""
        if (moved := self.configured(held.role)) and self.open(moved).kid == held.kid:
            return self.open(moved)
        signer = self.open(held.source)
        if signer.kid != held.kid:
            raise Conflict("key-other", where=held.source)
        return signer

    def _active(self, role: str) -> Signer:
        active = self.held(role, {KeyState.ACTIVE})
        return self.signer(active[0]) if active else self.first(role)

    def _first_held(self, role: str) -> Held:
        first = self.first(role)
        return Held(role, first.kid, first.public_bytes(), self.first_source(role), KeyState.ACTIVE, _NEVER)

    def configured(self, role: str) -> str | None:
        """What configuration names for a role, if anything."""
        return self._sources.get(role) or None

    def first_source(self, role: str) -> str:
        return self.configured(role) or f"file:{role}.pem"

    def first(self, role: str) -> Signer:
        """The key a role begins with: configuration's, or a file made the first time."""
        source = self.first_source(role)
        if not self.configured(role) and source not in self._opened:
            FileSigner.load_or_make(self._folder / f"{role}.pem")
        return self.open(source)

    def make(self, role: str) -> str:
        """A new key in a file of its own; returns its source."""
        name = f"{role}-{secrets.token_hex(4)}.pem"
        FileSigner.make(self._folder / name)
        return f"file:{name}"

    def open(self, source: str) -> Signer:
        """The key of a source. Raises Invalid when it is not there or none of ours."""
        if source not in self._opened:
            self._opened[source] = self._open(source)
        return self._opened[source]

    def _open(self, source: str) -> Signer:
        kind, _, name = source.partition(":")
        if kind == "kms" and name:
            return KmsSigner(name)
        if kind == "env" and name:
            return FileSigner.of(self._environment.get(name, "").encode(), source)
        if kind == "file" and name:
            try:
                return FileSigner.load(self._folder / name)
            except OSError:
                raise Invalid("key-not-usable", where=source) from None
        raise Invalid("key-source-unknown", source=source)


def open_keys(folder: Path, sources: Mapping[str, str] | None = None) -> Keys:
    """The keys kept in a folder of mode 0700 and wherever `sources` says, by role."""
    return Keys(folder, sources)
