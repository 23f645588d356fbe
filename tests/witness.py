"""A witness as C2SP tlog-witness describes it, over real HTTP on a loopback port: it refuses what a real one refuses.

Small and in memory; it never heard of our code that proves things: consistency is checked by the letter of RFC 9162.
"""

import hashlib
import threading
from base64 import b64decode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registry.seals import note
from registry.seals.note import COSIGNED, Key


@dataclass
class Witness:
    """`trusted`: the public keys of the logs it follows, by origin."""

    name: str
    trusted: dict[str, bytes] = field(default_factory=dict)
    seconds: int = 1_800_000_000
    away: int = 0  # how many requests go unanswered
    broken: bytes | None = None  # what it answers instead, whatever is asked
    latest: dict[str, tuple[int, bytes, str]] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(self.name.encode()).digest())
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"witness": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def key(self) -> Key:
        return Key(self.name, COSIGNED, self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, body: str) -> tuple[int, str]:
        """Status and answer of add-checkpoint."""
        with self._lock:
            self.asked.append(body)
            head, _, signed = body.partition("\n\n")
            first, *lines = head.split("\n")
            if not first.startswith("old ") or not signed:
                return 400, ""
            text, marks = note.split(signed)
            origin, size, root = text.split("\n")[:3]
            if origin not in self.trusted:
                return 404, ""
            if not any(self._by(origin, mark, text) for mark in marks):
                return 403, ""
            old, new, digest = int(first[4:]), int(size), b64decode(root)
            seen, known, _ = self.latest.get(origin, (0, hashlib.sha256().digest(), ""))
            if old > new:
                return 400, ""
            if old != seen:
                return 409, f"{seen}\n"
            proof = [b64decode(line) for line in lines]
            if not _continues(seen, known, new, digest, proof):
                self.evidence.append(body)
                return 422, ""
            line = note.cosign(text, self.name, self.key.public, self.seconds, self._key.sign).text()
            ours = "".join(mark.text() for mark in marks if self._by(origin, mark, text))
            self.latest[origin] = (new, digest, f"{text}\n{ours}{line}")
            return 200, line

    def shown(self, path: str) -> str | None:
        """The monitoring prefix."""
        for origin, (_, _, signed) in self.latest.items():
            if path == f"/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint":
                return signed
        return None

    def _by(self, origin: str, mark: note.Line, text: str) -> bool:
        public = self.trusted[origin]
        if not mark.by(Key(origin, note.ED25519, public)):
            return False
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(mark.signature, text.encode())
        except InvalidSignature:
            return False
        return True


def _continues(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """RFC 9162, 2.1.4.2, and tlog-witness for the empty tree."""
    if old == 0:
        return not proof and (new > 0 or new_root == hashlib.sha256().digest())
    if old == new:
        return old_root == new_root and not proof
    path = proof if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = _hash(step, fr), _hash(step, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = _hash(sr, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and (fr, sr) == (old_root, new_root)


def _hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class _Handler(BaseHTTPRequestHandler):
    witness: Witness
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        if self.witness.away:
            self.witness.away -= 1
            self.close_connection = True
            return
        status, text = self.witness.add(body)
        data = text.encode()
        if self.witness.broken is not None:
            status, data = 200, self.witness.broken
        self._say(status, data, "text/x.tlog.size" if status == 409 else "text/plain")

    def do_GET(self) -> None:
        shown = self.witness.shown(self.path)
        self._say(404 if shown is None else 200, (shown or "").encode(), "text/plain; charset=utf-8")

    def _say(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Silent."""
