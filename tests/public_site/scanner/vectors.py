"""Vectors that the registry and the client modules of /scan both read: what a carried copy is, and what it says.

`python -m tests.public_site.scanner.vectors` writes them anew; a test holds that they are what the registry writes now.
"""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from public_site.verification.rules import CARRIED, verdict
from registry.core.crypto import b64url
from registry.seals import jose, sharding, snapshot
from registry.seals.snapshot import Entry, LogRef, Manifest, Table
from tests.public_site import world
from tests.public_site.world import NOW

FOLDER = Path(__file__).parents[2] / "vectors"
DID = "did:web:registro.example"
HOURS = (0, 1, 24, 24.001, 25, 72, 72.001, 100, 167.9, 168, 168.1, 200, -3)
"""Ages of the copy at reading time; the last is a clock put back."""


class Seeded:
    """A key that is the same in every run: Ed25519 signs the same bytes the same way."""

    alg, kid = "EdDSA", "vector-key"

    def __init__(self, seed: int) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)

    def public_jwk(self) -> dict[str, str]:
        return {"kty": "OKP", "crv": "Ed25519", "x": b64url(self.public_bytes()), "kid": f"{DID}#{self.kid}"}

    def public_bytes(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data)


def copy() -> dict[str, Any]:
    """A whole publication, and manifests that must be refused."""
    signer, other = Seeded(7), Seeded(8)
    hotlines = world.hotlines()
    refs, files = [], {snapshot.name_of(hotlines): hotlines}
    for name, (seals, listings) in sharding.arrange(world.entries(), world.listings()).items():
        shard = snapshot.write_shard(name, 40, seals, listings)
        data = snapshot.encode_shard(shard)
        refs.append(snapshot.refer(shard, data))
        files[snapshot.name_of(data)] = data
    table = snapshot.encode_table(Table(snapshot.VERSION, tuple(refs), (world.words(),)))
    files[snapshot.name_of(table)] = table
    at = int(NOW.timestamp())
    good = Manifest(
        snapshot.VERSION, 41, at, at + 7 * 86400, len(world.entries()), LogRef(50_000, "cm9vdA=="),
        snapshot.name_of(table), snapshot.name_of(hotlines),
    )  # fmt: skip
    sign: Callable[..., str] = lambda manifest, by=signer: snapshot.sign_manifest(manifest, by, DID)  # noqa: E731
    change = msgspec.structs.replace
    return {
        "_about": "A publication of seq 41 (its shards of seq 40), signed with an Ed25519 key made of 32 bytes 7.",
        "keys": [signer.public_jwk()],
        "manifest": sign(good),
        "iat": at,
        "refused": {
            "signature": [sign(good, other), f"{sign(good)[:-4]}AAAA", "a.b", "", jose.sign(b"{}", signer, "x", "x")],
            "version": [sign(change(good, v=2))],
            "older": [sign(change(good, seq=40))],
            "forked": [sign(change(good, root="0" * 64))],
            "expired": [sign(change(good, iat=at - 8 * 86400, exp=at - 86400))],
        },
        "incomplete": sign(change(good, count=99)),
        "files": {name: base64.b64encode(data).decode() for name, data in files.items()},
        "entries": json.loads(msgspec.json.encode({entry.code: entry for entry in world.entries()})),
        "unknown": world.UNKNOWN,
    }  # fmt: skip


def verdicts() -> dict[str, Any]:
    """Every entry of the made world, at every age of the copy, as public_site.verification.rules says it."""
    cases = [(None, NOW, hours) for hours in HOURS] + [(e, NOW, hours) for e in world.entries() for hours in HOURS]
    first = world.entries()[1]
    edges = [(first, first.valid_until, 0), (first, first.valid_until + timedelta(milliseconds=1), 0)]
    edges += [(first, first.valid_from, 0), (first, first.valid_from - timedelta(milliseconds=1), 0)]
    return {
        "_about": "Entry or null, clock, age of the copy -> state, reason, since (seals.md 3.3, a copy carried along).",
        "cases": [_case(entry, as_of, hours) for entry, as_of, hours in [*cases, *edges]],
    }


def _case(entry: Entry | None, as_of: datetime, hours: float) -> dict[str, Any]:
    clock = as_of + timedelta(hours=hours)
    said = verdict(entry, clock, as_of, CARRIED)
    since = said.since.astimezone(UTC) if said.since else None
    shown = None if entry is None else json.loads(msgspec.json.encode(entry))
    if shown is not None:
        shown = {name: shown[name] for name in ("kind", "state", "since", "valid_from", "valid_until")}
    return {"entry": shown, "clock": _ms(clock), "as_of": _ms(as_of), "state": said.state, "reason": said.reason,
            "since": _ms(since) if since else None}  # fmt: skip


def _ms(when: datetime) -> int:
    return round(when.timestamp() * 1000)


WRITTEN = {"carried_copy.json": copy, "verdicts.json": verdicts}


def text(name: str) -> str:
    return json.dumps(WRITTEN[name](), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for name in WRITTEN:
        (FOLDER / name).write_text(text(name))
