"""Keys that AWS KMS holds: they sign there and never leave. Each rule below is AWS's, kept here before the call.

- Ed25519 is `ED25519_SHA_512` with MessageType RAW, and a message of at most 4,096 bytes; the DIGEST variant is
  Ed25519ph, another algorithm, which every JOSE verifier refuses.
- P-256 is `ECDSA_SHA_256` with MessageType DIGEST over our own SHA-256, so without a limit of size; the answer is DER.
Whatever comes back is verified before anybody sees it: a service that hashed twice, or used another key, is found here
and not by a traveller.
"""

import functools
import re
from collections.abc import Callable
from typing import Any

from registry.core import crypto
from registry.core.errors import Busy, Conflict, Invalid

RAW_LIMIT = 4096
AT_ONCE = 16
_LATER = frozenset(
    {"ThrottlingException", "KMSInternalException", "DependencyTimeoutException", "LimitExceededException"}
)
_HOW = {
    "ECC_NIST_EDWARDS25519": ("ED25519_SHA_512", "RAW", RAW_LIMIT),
    "ECC_NIST_P256": ("ECDSA_SHA_256", "DIGEST", None),
}
"""Key spec -> signing algorithm, message type, limit of size. Other specs are refused."""


class KmsSigner:
    """An asymmetric KMS key, by key id, alias or ARN. Raises Invalid where it is of a kind we do not use."""

    at_once = AT_ONCE

    def __init__(self, key: str, client: Any = None) -> None:
        self._key = key
        answer = self._asked(lambda: self._opened(client).get_public_key(KeyId=key))
        spec = answer.get("KeySpec")
        if spec not in _HOW or answer.get("KeyUsage") != "SIGN_VERIFY":
            raise Invalid("key-not-usable", where=f"kms:{key}")
        self._algorithm, self._type, self.limit = _HOW[spec]
        self._public = crypto.raw_public(answer["PublicKey"])
        self.alg = crypto.algorithm(self._public)
        self.kid = crypto.thumbprint(self._public)

    def public_bytes(self) -> bytes:
        """See Signer."""
        return self._public

    def public_jwk(self) -> dict[str, str]:
        """See Signer."""
        return crypto.jwk(self._public)

    def sign(self, data: bytes) -> bytes:
        """See Signer. Raises Invalid before anything is sent when the message is longer than this key takes."""
        fits(self, len(data))
        message = data if self._type == "RAW" else crypto.sha256(data)
        answer = self._asked(
            lambda: self._client.sign(
                KeyId=self._key, Message=message, MessageType=self._type, SigningAlgorithm=self._algorithm
            )
        )
        signature: bytes = answer["Signature"]
        if self._type == "DIGEST":
            signature = crypto.raw_signature(signature)
        if not crypto.verified(self._public, signature, data):
            raise Conflict("key-service-wrong", where=f"kms:{self._key}")
        return signature

    def _opened(self, client: Any) -> Any:
        self._client = client or _client(_region(self._key))
        return self._client

    def _asked(self, call: Callable[[], Any]) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # AWS's library is for who keeps keys there

        try:
            return dict(call())
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _LATER:
                raise Busy("key-service-busy", retry_after=5) from error
            raise Conflict("key-service-refused", where=f"kms:{self._key}", why=code) from error
        except BotoCoreError as error:  # not reachable, no credentials, no region
            raise Busy("key-service-away", retry_after=5, why=type(error).__name__) from error


def fits(signer: crypto.Signer, size: int) -> None:
    """Raise Invalid when so many bytes are more than this key signs."""
    if signer.limit is not None and size > signer.limit:
        raise Invalid("signing-input-too-long", size=size, limit=signer.limit)


def _region(key: str) -> str | None:
    """The region an ARN names; otherwise boto3 knows it from its own configuration."""
    found = re.match(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):", key)
    return found[1] if found else None


@functools.cache
def _client(region: str | None) -> Any:
    import boto3
    from botocore.config import Config as BotoConfig

    patience = {"mode": "standard", "max_attempts": 6}
    settings = BotoConfig(retries=patience, connect_timeout=5, read_timeout=10, max_pool_connections=AT_ONCE)
    return boto3.client("kms", region_name=region, config=settings)
