"""What an authority signs with its Ed25519 key: each request of its agent, and each statement about an envelope. Pure.

Requests: HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530), in one narrow profile: one signature named
`agent` over method, host, path and digest, with created, nonce and keyid (the authority's id). A request counts once:
the nonce is remembered for as long as `created` is accepted.
Statements: canonical JSON (RFC 8785), kept with the signature as proof that this office said so.
"""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import rfc8785

from registry.core import crypto
from registry.core.errors import Invalid

ACCEPTED = timedelta(minutes=5)
_COVERED = '("@method" "@authority" "@path" "content-digest")'
_INPUT = re.compile(
    re.escape(f"agent={_COVERED}")
    + r';created=(\d{1,12});nonce="([A-Za-z0-9_-]{16,43})";keyid="([0-9a-f-]{36})";alg="ed25519"'
)
_SIGNATURE = re.compile(r"agent=:([A-Za-z0-9+/]{86}==):")


class Request(msgspec.Struct, frozen=True):
    """What of a request is signed."""

    method: str
    host: str
    path: str
    body: bytes = b""


class Claim(msgspec.Struct, frozen=True):
    """Who a request says it is from; nothing until `holds`."""

    authority: UUID
    created: datetime
    nonce: str
    base: bytes
    signature: bytes


def digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(crypto.sha256(body)).decode()}:"


def _parameters(authority: UUID, now: datetime, nonce: str) -> str:
    return f'{_COVERED};created={int(now.timestamp())};nonce="{nonce}";keyid="{authority}";alg="ed25519"'


def _base(request: Request, parameters: str) -> bytes:
    return "\n".join(
        (
            f'"@method": {request.method}',
            f'"@authority": {request.host.lower()}',
            f'"@path": {request.path}',
            f'"content-digest": {digest(request.body)}',
            f'"@signature-params": {parameters}',
        )
    ).encode()


def signed(request: Request, signer: crypto.Signer, authority: UUID, now: datetime, nonce: str) -> dict[str, str]:
    """The headers that make a request count."""
    parameters = _parameters(authority, now, nonce)
    signature = base64.b64encode(signer.sign(_base(request, parameters))).decode()
    return {
        "content-digest": digest(request.body),
        "signature-input": f"agent={parameters}",
        "signature": f"agent=:{signature}:",
    }


def claim(request: Request, headers: Mapping[str, str]) -> Claim:
    """Read the headers; Invalid when they are not in our profile or the body is not the one that was signed."""
    given = _INPUT.fullmatch(headers.get("signature-input", ""))
    signature = _SIGNATURE.fullmatch(headers.get("signature", ""))
    if given is None or signature is None or headers.get("content-digest") != digest(request.body):
        raise Invalid("agent-request-not-signed")
    created, nonce, key = given.groups()
    parameters = given.group(0).removeprefix("agent=")
    try:
        at, authority = datetime.fromtimestamp(int(created), UTC), UUID(key)
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid("agent-request-not-signed") from error
    return Claim(authority, at, nonce, _base(request, parameters), base64.b64decode(signature[1]))


def holds(found: Claim, key: str, now: datetime) -> None:
    """Invalid unless the authority's key signed it within the last minutes. The nonce is the caller's to check."""
    if not crypto.verified(crypto.unb64url(key), found.signature, found.base):
        raise Invalid("agent-request-not-signed")
    if abs(now - found.created) > ACCEPTED:
        raise Invalid("agent-request-old")


def statement(what: str, envelope: UUID, sha256: bytes, **details: str | int) -> bytes:
    """The exact bytes of a statement about one envelope."""
    return rfc8785.dumps({"statement": what, "envelope": str(envelope), "sha256": sha256.hex(), **details})


def attested(key: str, signature: str, said: bytes) -> None:
    """Invalid unless this key signed these bytes."""
    try:
        raw = crypto.unb64url(signature)
    except ValueError:
        raw = b""
    if not crypto.verified(crypto.unb64url(key), raw, said):
        raise Invalid("statement-not-signed")
