"""Keys, signatures, hashes and small secrets. The only file that imports cryptography.

Sources: Ed25519 RFC 8032; JWK and its thumbprint RFC 7517, 7638, 8037; AES-256-GCM with a random 96-bit nonce
(NIST SP 800-38D); Argon2id RFC 9106; HKDF RFC 5869.
"""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Protocol

import argon2
import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry.core.errors import Invalid

_PASSWORDS = argon2.PasswordHasher(time_cost=5, memory_cost=7 * 1024, parallelism=1)
"""OWASP Password Storage, the fifth of its equal settings: Argon2id with 7 MiB, five passes, one lane; 20 ms here.

The first, 19 MiB and two passes, costs half as much again on small virtual machines, where fresh memory is dear."""
_NONCE = 12


def sha256(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA-256, 32 bytes."""
    return hmac.new(key, data, hashlib.sha256).digest()


def same(one: bytes, other: bytes) -> bool:
    """Equality in time that tells nothing about where they differ."""
    return hmac.compare_digest(one, other)


def hkdf(secret: bytes, info: bytes, length: int = 32, salt: bytes = b"") -> bytes:
    """HKDF-SHA-256 of a secret for one named use."""
    return HKDF(hashes.SHA256(), length, salt or None, info).derive(secret)


def token(size: int = 32) -> str:
    """A random token of `size` bytes as base64url without padding."""
    return secrets.token_urlsafe(size)


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text: str) -> bytes:
    """The inverse of b64url. Raises ValueError on anything else, also on non-canonical text."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64url(data) != text:
        raise ValueError("not canonical base64url")
    return data


def hash_password(password: str) -> str:
    """Argon2id with its parameters in the result."""
    return _PASSWORDS.hash(password)


def password_matches(hashed: str, password: str) -> bool:
    """Whether a password is the one that was hashed."""
    try:
        return _PASSWORDS.verify(hashed, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def seal(key: bytes, plain: bytes, context: bytes) -> bytes:
    """AES-256-GCM, nonce first; `context` names what and whose it is, so that it opens nowhere else."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """The inverse of seal. Raises Invalid if anything was changed or the key or context is another."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], context)
    except (InvalidTag, ValueError):
        raise Invalid("sealed-secret-does-not-open") from None


class Signer(Protocol):
    """A key that signs: a file here, a key service elsewhere."""

    alg: str
    kid: str

    def public_jwk(self) -> dict[str, str]:
        """The public key as a JWK with kid, alg and use."""

    def public_bytes(self) -> bytes:
        """The raw public key, 32 bytes."""

    def sign(self, data: bytes) -> bytes:
        """The raw signature, 64 bytes."""


class FileSigner:
    """An Ed25519 key in a PKCS#8 file of mode 0600."""

    alg = "EdDSA"

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.kid = thumbprint(self.public_bytes())

    @classmethod
    def load(cls, path: Path) -> "FileSigner":
        """The key in a file. Raises Invalid if it is none of ours."""
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise Invalid("key-file-not-ed25519", path=str(path))
        return cls(key)

    @classmethod
    def load_or_make(cls, path: Path) -> "FileSigner":
        """The key in a file, made the first time."""
        if not path.exists():
            cls.make(path)
        return cls.load(path)

    @classmethod
    def make(cls, path: Path) -> "FileSigner":
        """A new key, written to a file that did not exist."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write_secret(path, pem)
        return cls(key)

    def public_bytes(self) -> bytes:
        """See Signer."""
        return self._key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)

    def public_jwk(self) -> dict[str, str]:
        """See Signer."""
        return jwk(self.public_bytes())

    def sign(self, data: bytes) -> bytes:
        """See Signer."""
        return self._key.sign(data)


def jwk(public: bytes) -> dict[str, str]:
    """An Ed25519 public key as a JWK whose kid is its RFC 7638 thumbprint."""
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": b64url(public),
        "kid": thumbprint(public),
        "alg": "EdDSA",
        "use": "sig",
    }


def thumbprint(public: bytes) -> str:
    """RFC 7638 thumbprint of an Ed25519 public key, base64url."""
    return b64url(sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{b64url(public)}"}}'.encode()))


def verified(public: bytes, signature: bytes, data: bytes) -> bool:
    """Whether a raw Ed25519 signature over data is by this raw public key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


class Keys(msgspec.Struct, frozen=True):
    """The keys of a house, one for each use; none is used for two formats (seals.md 5)."""

    issuer: Signer
    snapshot: Signer
    log: Signer
    secret: bytes
    """32 bytes for sealing small secrets at rest and for MACs; each use derives its own by `hkdf`."""

    def derived(self, use: str) -> bytes:
        """The key of one named use, 32 bytes."""
        return hkdf(self.secret, use.encode())


def open_keys(folder: Path) -> Keys:
    """The keys kept as files in a folder of mode 0700, made the first time."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "secret"
    if not path.exists():
        _write_secret(path, secrets.token_bytes(32))
    return Keys(
        FileSigner.load_or_make(folder / "issuer.pem"),
        FileSigner.load_or_make(folder / "snapshot.pem"),
        FileSigner.load_or_make(folder / "log.pem"),
        path.read_bytes(),
    )


def _write_secret(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    finally:
        draft.unlink()
