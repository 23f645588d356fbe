"""Which keys a house signs with, and where each is kept.

A source says where: `file:issuer.pem` (in the data folder's `keys`, or an absolute path), `env:NAME` (PKCS#8 PEM in a
variable), `kms:arn:aws:kms:…` (AWS). Private keys are opened when first asked for, so that a process that signs nothing
holds none. The names of a house's first keys come from configuration (REGISTRY_KEY_ISSUER …); which key a role uses
after a rotation is told by the table of keys (seals/keys).
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from registry.core.crypto import FileSigner, Signer, hkdf, write_secret
from registry.core.errors import Invalid
from registry.core.kms import KmsSigner

ROLES = ("issuer", "snapshot", "log")
"""One key for each use, never one for two formats (seals.md 5)."""


class Keys:
    """The keys of a house. `issuer`, `snapshot` and `log` are its first ones."""

    def __init__(
        self, folder: Path, sources: Mapping[str, str] | None = None, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._folder, self._sources, self._environment = folder, dict(sources or {}), environment
        self._opened: dict[str, Signer] = {}
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
        return self.first("issuer")

    @property
    def snapshot(self) -> Signer:
        return self.first("snapshot")

    @property
    def log(self) -> Signer:
        return self.first("log")

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
