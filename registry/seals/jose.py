"""Compact signatures (RFC 7515) and keys (RFC 7517, 7638), as small as this registry needs them. Pure.

One algorithm is emitted, EdDSA with Ed25519; its newer name "Ed25519" is read as well; everything else is refused, so
`none` or an HMAC keyed with a public key never reach a verification. The payload's bytes are what was signed: nothing is
re-encoded on the way in.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from registry.seals.snapshot import Untrusted

Verify = Callable[[str, bytes, bytes], bool]  # kid, message, signature


class Signer(Protocol):
    """Where a private key lives is its own affair: a file here, a key service elsewhere."""

    alg: str
    kid: str

    def public_jwk(self) -> dict[str, str]: ...
    def sign(self, message: bytes) -> bytes: ...


class Header(msgspec.Struct, frozen=True):
    alg: str
    kid: str
    typ: str = ""
    cty: str = ""


def sign(payload: bytes, signer: Signer, kid: str, typ: str, cty: str = "") -> str:
    """`kid` is absolute (did:web:…#thumbprint) where strangers must find the key."""
    header: dict[str, str] = {"alg": "EdDSA", "typ": typ, "kid": kid}
    if cty:
        header["cty"] = cty
    message = f"{text(msgspec.json.encode(header))}.{text(payload)}"
    return f"{message}.{text(signer.sign(message.encode()))}"


def read(jws: str, verify: Verify, typ: str) -> bytes:
    """The payload, after its signature held. `typ` must match: a list is no credential, a manifest is no list."""
    try:
        head, body, mark = jws.split(".")
        header = msgspec.json.decode(raw(head), type=Header)
        payload, signature = raw(body), raw(mark)
    except (ValueError, msgspec.DecodeError) as error:
        raise Untrusted("not a compact signature") from error
    if header.alg not in {"EdDSA", "Ed25519"} or header.typ != typ:
        raise Untrusted("another algorithm or another kind of document")
    if not verify(header.kid, f"{head}.{body}".encode(), signature):
        raise Untrusted("the signature does not hold")
    return payload


def payload(jws: str) -> Any:
    """What it says, unverified: for showing only."""
    return msgspec.json.decode(raw(jws.split(".")[1]))


def thumbprint(jwk: dict[str, str]) -> str:
    """RFC 7638, for Ed25519 keys (RFC 8037, appendix A.3)."""
    members = {name: jwk[name] for name in ("crv", "kty", "x")}
    return text(hashlib.sha256(msgspec.json.encode(members, order="sorted")).digest())


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(encoded: str) -> bytes:
    """Strict: one spelling for one value, or a second "signature" would be as good as the first."""
    data = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    if text(data) != encoded:
        raise ValueError("not base64url without padding")
    return data
