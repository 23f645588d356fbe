"""A key service on loopback that speaks KMS' JSON protocol and keeps its real limits; boto3 itself talks to it.

What it refuses, and in which shapes, is AWS's: botocore's own model of the service, and its documentation of Sign. A
well-known mock would bless wrong code here: it hashes a digest a second time and takes 5,000 bytes of RAW.
"""

import base64
import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from botocore.config import Config
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ARN = "arn:aws:kms:us-east-1:111122223333:key/"
ALGORITHMS = {
    "ECC_NIST_EDWARDS25519": ["ED25519_SHA_512", "ED25519_PH_SHA_512"],
    "ECC_NIST_P256": ["ECDSA_SHA_256"],
    "ECC_NIST_P384": ["ECDSA_SHA_384"],
}
MESSAGE_TYPE = {"ED25519_SHA_512": "RAW", "ED25519_PH_SHA_512": "DIGEST"}
DIGEST = {"ECDSA_SHA_256": 32, "ECDSA_SHA_384": 48, "ED25519_PH_SHA_512": 64}


class Refused(Exception):
    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.kind, self.message = kind, message


class FakeKms:
    """Keys by ARN. `throttled` says how many of the next calls are refused for their rate; `calls` is what came."""

    def __init__(self) -> None:
        self.keys: dict[str, tuple[str, Any]] = {}
        self.states: dict[str, str] = {}
        self.throttled = 0
        self.twice = False  # a broken service, as the well-known mock is: hashes a digest again
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.exchanges: list[dict[str, Any]] = []

    def make(self, spec: str) -> str:
        curves = {"ECC_NIST_P256": ec.SECP256R1(), "ECC_NIST_P384": ec.SECP384R1()}
        key = Ed25519PrivateKey.generate() if spec not in curves else ec.generate_private_key(curves[spec])
        return self.hold(spec, key)

    def hold(self, spec: str, key: Any) -> str:
        arn = f"{ARN}{len(self.keys) + 1:08d}-aaaa-4bbb-8ccc-ddddeeeeffff"
        self.keys[arn] = (spec, key)
        return arn

    def answer(self, target: str, said: dict[str, Any]) -> dict[str, Any]:
        operation = target.removeprefix("TrentService.")
        self.calls.append((operation, said))
        if self.throttled > 0:
            self.throttled -= 1
            raise Refused(
                "ThrottlingException",
                "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
            )
        arn = said["KeyId"]
        if arn not in self.keys:
            raise Refused("NotFoundException", f"Key '{arn}' does not exist")
        if self.states.get(arn) == "Disabled":
            raise Refused("DisabledException", f"{arn} is disabled.")
        if self.states.get(arn) == "PendingDeletion":
            raise Refused("KMSInvalidStateException", f"{arn} is pending deletion.")
        return {"GetPublicKey": self._public, "Sign": self._sign}[operation](arn, said)

    def _public(self, arn: str, said: dict[str, Any]) -> dict[str, Any]:
        spec, key = self.keys[arn]
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        older = {"CustomerMasterKeySpec": spec} if spec.startswith("ECC_NIST_P") else {}
        return older | {
            "KeyId": arn, "KeySpec": spec, "KeyUsage": "SIGN_VERIFY",
            "PublicKey": base64.b64encode(public).decode(), "SigningAlgorithms": ALGORITHMS[spec],
        }  # fmt: skip

    def _sign(self, arn: str, said: dict[str, Any]) -> dict[str, Any]:
        spec, key = self.keys[arn]
        algorithm, kind = said["SigningAlgorithm"], said.get("MessageType", "RAW")
        message = base64.b64decode(said["Message"])
        if not 1 <= len(message) <= 4096:
            raise Refused(
                "ValidationException",
                "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length"
                " less than or equal to 4096",
            )
        if algorithm not in ALGORITHMS[spec]:
            raise Refused("InvalidKeyUsageException", f"Algorithm {algorithm} is incompatible with key spec {spec}.")
        if MESSAGE_TYPE.get(algorithm, kind) != kind:
            raise Refused("ValidationException", f"MessageType {kind} is not valid for algorithm {algorithm}.")
        if kind == "DIGEST" and len(message) != DIGEST[algorithm]:
            raise Refused("ValidationException", f"Digest is invalid length for algorithm {algorithm}.")
        signature = self._signed(key, algorithm, kind, message)
        return {"KeyId": arn, "Signature": base64.b64encode(signature).decode(), "SigningAlgorithm": algorithm}

    def _signed(self, key: Any, algorithm: str, kind: str, message: bytes) -> bytes:
        if isinstance(key, Ed25519PrivateKey):
            if algorithm != "ED25519_SHA_512":
                raise Refused("ValidationException", "Ed25519ph is not asked for here.")
            return key.sign(message)
        hashing = hashes.SHA256() if algorithm == "ECDSA_SHA_256" else hashes.SHA384()
        ready = ec.ECDSA(utils.Prehashed(hashing)) if kind == "DIGEST" and not self.twice else ec.ECDSA(hashing)
        return bytes(key.sign(message, ready))  # DER


@contextlib.contextmanager
def serving(service: FakeKms) -> Iterator[str]:
    """Run it; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            target = self.headers["X-Amz-Target"]
            signed = self.headers["Authorization"].startswith("AWS4-HMAC-SHA256 ")
            status, answer = 200, {}
            try:
                if not signed:
                    raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
                answer = service.answer(target, said)
            except Refused as refused:
                status, answer = 400, {"__type": refused.kind, "message": refused.message}
            service.exchanges.append(
                {
                    "target": target,
                    "type": self.headers["Content-Type"],
                    "request": said,
                    "status": status,
                    "response": answer,
                }
            )
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def client(address: str) -> Any:
    """boto3 itself, as core/kms.py makes it but for the waits between attempts."""
    return boto3.client(
        "kms", endpoint_url=address, aws_access_key_id="tests", aws_secret_access_key="tests",  # loopback
        region_name="us-east-1", config=Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=2),
    )  # fmt: skip
