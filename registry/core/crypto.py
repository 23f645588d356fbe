"""Keys, signatures, hashes and small secrets. The only file that imports cryptography.

Sources: Ed25519 RFC 8032; ES256 RFC 7518, 3.4; JWK and its thumbprint RFC 7517, 7638, 8037; AES-256-GCM with a random
96-bit nonce (NIST SP 800-38D); Argon2id RFC 9106; HKDF RFC 5869.
"""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import argon2
import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registry.core.errors import Invalid

_PASSWORDS = argon2.PasswordHasher(time_cost=5, memory_cost=7 * 1024, parallelism=1)
"""OWASP Password Storage, the fifth of its equal settings: Argon2id with 7 MiB, five passes, one lane; 20 ms here.

The first, 19 MiB and two passes, costs half as much again on small virtual machines, where fresh memory is dear."""
_NONCE = 12
_ED25519, _POINT = 32, 65


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
    """A key that signs: a file or the environment here, a key service elsewhere (core/kms.py)."""

    alg: str
    """EdDSA or ES256."""
    kid: str
    limit: int | None
    """How many bytes it signs at most; none means any number."""
    at_once: int
    """How many signatures may be under way together: one for a key of ours, more where each is a journey."""

    def public_jwk(self) -> dict[str, str]:
        """The public key as a JWK with kid, alg and use."""

    def public_bytes(self) -> bytes:
        """The raw public key: see `verified`."""

    def sign(self, data: bytes) -> bytes:
        """The raw signature, 64 bytes."""


class FileSigner:
    """An Ed25519 or P-256 key in PKCS#8, from a file of mode 0600 or from the environment."""

    limit: int | None = None
    at_once = 1

    def __init__(self, key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self._public = raw_public(
            key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        self.alg = algorithm(self._public)
        self.kid = thumbprint(self._public)

    @classmethod
    def of(cls, pem: bytes, where: str) -> "FileSigner":
        """The key in this PEM text. `where` is what a refusal names. Raises Invalid if it is none of ours."""
        try:
            key = serialization.load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise Invalid("key-not-usable", where=where) from None
        if not isinstance(key, Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
            raise Invalid("key-not-usable", where=where)
        return cls(key)

    @classmethod
    def load(cls, path: Path) -> "FileSigner":
        """The key in a file. Raises Invalid if it is none of ours, or if others may read it."""
        if path.stat().st_mode & 0o077:
            raise Invalid("key-file-open", path=str(path))
        return cls.of(path.read_bytes(), str(path))

    @classmethod
    def load_or_make(cls, path: Path) -> "FileSigner":
        """The key in a file, made the first time."""
        if not path.exists():
            cls.make(path)
        return cls.load(path)

    @classmethod
    def make(cls, path: Path) -> "FileSigner":
        """A new Ed25519 key, written to a file that did not exist."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_secret(path, pem)
        return cls(key)

    def public_bytes(self) -> bytes:
        """See Signer."""
        return self._public

    def public_jwk(self) -> dict[str, str]:
        """See Signer."""
        return jwk(self._public)

    def sign(self, data: bytes) -> bytes:
        """See Signer."""
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(data)
        return raw_signature(self._key.sign(data, ec.ECDSA(hashes.SHA256())))


class PublicKey(msgspec.Struct, frozen=True):
    """The public half of a key that somebody else holds, or that signs no more."""

    raw: bytes

    @property
    def alg(self) -> str:
        return algorithm(self.raw)

    @property
    def kid(self) -> str:
        return thumbprint(self.raw)

    def public_jwk(self) -> dict[str, str]:
        """See Signer."""
        return jwk(self.raw)

    def public_bytes(self) -> bytes:
        """See Signer."""
        return self.raw


def raw_signature(der: bytes) -> bytes:
    """The 64 bytes R and S of JOSE, from the DER that key services and OpenSSL give (RFC 7518, 3.4)."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def raw_public(spki: bytes) -> bytes:
    """A public key as `verified` takes it, from a SubjectPublicKeyInfo. Raises Invalid for a kind we do not use."""
    try:
        key = serialization.load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise Invalid("key-not-usable", where="-") from None
    if isinstance(key, Ed25519PublicKey):
        return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    raise Invalid("key-not-usable", where="-")


def algorithm(public: bytes) -> str:
    """The one algorithm of a raw public key, as JOSE names it."""
    return "EdDSA" if len(public) == _ED25519 else "ES256"


def algorithms(public: bytes) -> frozenset[str]:
    """What a header may say of a signature by this key: EdDSA has a newer name (RFC 9864)."""
    return frozenset({"EdDSA", "Ed25519"}) if len(public) == _ED25519 else frozenset({"ES256"})


def jwk(public: bytes) -> dict[str, str]:
    """A raw public key as a JWK whose kid is its RFC 7638 thumbprint."""
    return _members(public) | {"kid": thumbprint(public), "alg": algorithm(public), "use": "sig"}


def of_jwk(key: Mapping[str, object]) -> bytes:
    """The raw public key of a JWK. Raises ValueError for another kind, use or algorithm, and for anything private."""
    kind, curve, usage = key.get("kty"), key.get("crv"), key.get("use", "sig")
    length = {("OKP", "Ed25519"): (32,), ("EC", "P-256"): (32, 32)}.get((str(kind), str(curve)))
    if length is None or usage != "sig" or "d" in key or "k" in key:
        raise ValueError("not a public key that signs here")
    parts = [unb64url(str(key.get(name, ""))) for name in ("x", "y")[: len(length)]]
    if tuple(map(len, parts)) != length:
        raise ValueError("a coordinate of another length")
    public = b"".join([b"\x04", *parts]) if len(parts) == 2 else parts[0]
    if key.get("alg", algorithm(public)) not in algorithms(public):
        raise ValueError("an algorithm that is not this key's")
    if len(parts) == 2:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)  # ValueError: not a point of the curve
    return public


def thumbprint(public: bytes) -> str:
    """RFC 7638 thumbprint of a raw public key, base64url."""
    members = _members(public)
    text = ",".join(f'"{name}":"{members[name]}"' for name in sorted(members))
    return b64url(sha256(f"{{{text}}}".encode()))


def _members(public: bytes) -> dict[str, str]:
    if len(public) == _ED25519:
        return {"kty": "OKP", "crv": "Ed25519", "x": b64url(public)}
    return {"kty": "EC", "crv": "P-256", "x": b64url(public[1:33]), "y": b64url(public[33:])}


def verified(public: bytes, signature: bytes, data: bytes) -> bool:
    """Whether a raw signature of 64 bytes over data is by this raw public key.

    The key's own length tells what it is: 32 bytes are Ed25519; 65 are a point of P-256 (0x04, X, Y), with ECDSA over
    SHA-256. Nothing that comes with the signature chooses."""
    try:
        if len(public) == _ED25519:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
            return True
        if len(public) != _POINT or public[0] != 4 or len(signature) != 64:
            return False
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        key.verify(encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def write_secret(path: Path, data: bytes) -> None:
    """Keep a secret in a file of mode 0600 that did not exist; whole or not at all."""
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
    folder = os.open(path.parent, os.O_RDONLY)  # a key that the database knows must outlive a power cut
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
