"""Compact signatures (RFC 7515), as small as this registry needs them. Pure.

What is emitted is the key's own algorithm: EdDSA with Ed25519, or ES256. What is read is those two and EdDSA's newer
name "Ed25519", and only where it is the algorithm of the very key that the kid names; everything else is refused, so
`none` or an HMAC keyed with a public key never reach a verification. The payload's bytes are what was signed: nothing
is re-encoded on the way in.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from registry.core.crypto import Signer, algorithms, b64url, unb64url
from registry.core.phrase import Phrase

ALGORITHMS = frozenset({"EdDSA", "Ed25519", "ES256"})


class Untrusted(ValueError):
    """Published bytes that do not prove what they claim. Never a verdict: a reader keeps its last good copy."""

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(message if isinstance(message, Phrase) and not values else Phrase(message, **values))


class Header(msgspec.Struct, frozen=True):
    alg: str
    kid: str
    typ: str = ""
    cty: str = ""
    crit: tuple[str, ...] | None = None  # extensions we would have to understand: we understand none


Verify = Callable[[Header, bytes, bytes], bool]  # header, signature, data


def verifier(keys: Mapping[str, bytes], check: Callable[[bytes, bytes, bytes], bool]) -> Verify:
    """By these raw public keys and no other: absolute kid -> key. `check`: crypto.verified."""
    return lambda header, signature, data: (
        (key := keys.get(header.kid)) is not None and header.alg in algorithms(key) and check(key, signature, data)
    )


def sign(payload: bytes, signer: Signer, kid: str, typ: str, cty: str = "") -> str:
    """`kid` is absolute (did:web:…#thumbprint) where strangers must find the key."""
    header: dict[str, str] = {"alg": signer.alg, "typ": typ, "kid": kid}
    if cty:
        header["cty"] = cty
    message = f"{b64url(msgspec.json.encode(header))}.{b64url(payload)}"
    return f"{message}.{b64url(signer.sign(message.encode()))}"


def read(jws: str, verify: Verify, typ: str) -> bytes:
    """The payload, after its signature held. `typ` must match: a list is no credential, a manifest is no list."""
    try:
        head, body, mark = jws.split(".")
        header = msgspec.json.decode(unb64url(head), type=Header)
        payload, signature = unb64url(body), unb64url(mark)
    except (ValueError, msgspec.DecodeError) as error:
        raise Untrusted("not a compact signature") from error
    if header.alg not in ALGORITHMS or header.typ != typ or header.crit is not None:
        raise Untrusted("another algorithm or another kind of document")
    if not verify(header, signature, f"{head}.{body}".encode()):
        raise Untrusted("the signature does not hold")
    return payload


def header(jws: str) -> Header:
    """What it claims of itself, unverified. Raises Untrusted."""
    try:
        return msgspec.json.decode(unb64url(jws.split(".")[0]), type=Header)
    except (ValueError, msgspec.DecodeError) as error:
        raise Untrusted("not a compact signature") from error


def body(jws: str) -> bytes:
    """The bytes that were signed, unverified: to be signed again as they are."""
    return unb64url(jws.split(".")[1])


def payload(jws: str) -> Any:
    """What it says, unverified: for showing only."""
    return msgspec.json.decode(unb64url(jws.split(".")[1]))
