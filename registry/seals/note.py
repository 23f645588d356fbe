"""Signed notes (C2SP signed-note) and the checkpoints of a log written as such (C2SP tlog-checkpoint). Pure.

Others may add their lines to a note, witnesses above all: unknown signatures are ignored, ours must hold.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable

import msgspec

from registry.seals.jose import Untrusted

ED25519 = b"\x01"  # signature type of signed notes


class Checkpoint(msgspec.Struct, frozen=True):
    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def vkey(name: str, public: bytes) -> str:
    """How witnesses and verifiers are told of the key."""
    return f"{name}+{key_id(name, public).hex()}+{b64encode(ED25519 + public).decode()}"


def parse_vkey(key: str) -> tuple[str, bytes]:
    name, identifier, encoded = key.split("+", 2)
    material = b64decode(encoded, validate=True)
    if material[:1] != ED25519 or len(material) != 33 or key_id(name, material[1:]).hex() != identifier:
        raise ValueError("not an Ed25519 verifier key")
    return name, material[1:]


def sign_note(text: str, name: str, public: bytes, sign: Callable[[bytes], bytes]) -> str:
    mark = b64encode(key_id(name, public) + sign(text.encode())).decode()
    return f"{text}\n— {name} {mark}\n"


def open_note(note: str, name: str, public: bytes, verify: Callable[[bytes, bytes, bytes], bool]) -> str:
    """The text, if this key signed it; others' lines are ignored. `verify(public, signature, data)`."""
    if any(ord(letter) < 0x20 and letter != "\n" for letter in note) or len(note) > 1_000_000:
        raise Untrusted("not a signed note")
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise Untrusted("not a signed note")
    text += "\n"
    held = False
    for line in signatures[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        signer, _, mark = rest.partition(" ")
        try:
            material = b64decode(mark, validate=True)
        except ValueError as error:
            raise Untrusted("not a signed note") from error
        if dash != "—" or not signer or len(material) < 5:
            raise Untrusted("not a signed note")
        if (signer, material[:4]) == (name, key_id(name, public)):
            if not verify(public, material[4:], text.encode()):
                raise Untrusted("the log's signature does not hold")
            held = True
    if not held:
        raise Untrusted("the log did not sign this")
    return text


def parse_checkpoint(text: str, origin: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) < 4 or lines[0] != origin or not lines[1].isascii() or not lines[1].isdecimal():
        raise Untrusted("not a checkpoint of this log")
    try:
        digest = b64decode(lines[2], validate=True)
    except ValueError as error:
        raise Untrusted("not a checkpoint of this log") from error
    if len(digest) != 32 or str(int(lines[1])) != lines[1] or "" in lines[3:-1] or lines[-1]:
        raise Untrusted("not a checkpoint of this log")
    return Checkpoint(origin, int(lines[1]), digest)
