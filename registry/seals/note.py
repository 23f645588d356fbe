"""Signed notes (C2SP signed-note), the checkpoints of a log written as such (tlog-checkpoint), and the lines by which
witnesses say that they saw one (tlog-cosignature). Pure.

Others may add their lines to a note: signatures of unknown keys are ignored, those of known keys must hold.
"""

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Callable

import msgspec

from registry.seals.jose import Untrusted

ED25519 = b"\x01"  # signature types of signed notes
COSIGNED = b"\x04"  # Ed25519 over a time and the note: cosignature/v1
ML_DSA_44 = b"\x06"
SIZES = {ED25519: 32, COSIGNED: 32, ML_DSA_44: 1312}
"""Bytes of public key by signature type."""
LONGEST = 1_000_000

Verify = Callable[[bytes, bytes, bytes], bool]  # public key, signature, data


class Checkpoint(msgspec.Struct, frozen=True):
    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


class Key(msgspec.Struct, frozen=True):
    """Who signs notes, and how."""

    name: str
    kind: bytes
    public: bytes

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.public, self.kind)

    def vkey(self) -> str:
        """How others are told of it."""
        return f"{self.name}+{self.id.hex()}+{b64encode(self.kind + self.public).decode()}"


class Line(msgspec.Struct, frozen=True):
    """One signature under a note."""

    name: str
    id: bytes
    signature: bytes

    def text(self) -> str:
        return f"— {self.name} {b64encode(self.id + self.signature).decode()}\n"

    def by(self, key: Key) -> bool:
        """Whether it claims to be this key's: name and id together tell."""
        return (self.name, self.id) == (key.name, key.id)


def key_id(name: str, public: bytes, kind: bytes = ED25519) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def vkey(name: str, public: bytes, kind: bytes = ED25519) -> str:
    """How witnesses and verifiers are told of the key."""
    return Key(name, kind, public).vkey()


def read_vkey(text: str) -> Key:
    """A verifier key of any type that is known here. Raises ValueError."""
    name, identifier, encoded = text.split("+", 2)
    material = b64decode(encoded, validate=True)
    key = Key(name, material[:1], material[1:])
    if not _named(name) or len(key.public) != SIZES.get(key.kind) or key.id.hex() != identifier:
        raise ValueError("not a verifier key")
    return key


def parse_vkey(text: str) -> tuple[str, bytes]:
    """Name and key of who signs notes with Ed25519, as logs do. Raises ValueError."""
    key = read_vkey(text)
    if key.kind != ED25519:
        raise ValueError("not an Ed25519 verifier key")
    return key.name, key.public


def sign_note(text: str, name: str, public: bytes, sign: Callable[[bytes], bytes]) -> str:
    return f"{text}\n{Line(name, key_id(name, public), sign(text.encode())).text()}"


def split(note: str) -> tuple[str, list[Line]]:
    """Text and signatures of a note, none of them looked at yet. Raises Untrusted."""
    if any(ord(letter) < 0x20 and letter != "\n" for letter in note) or len(note) > LONGEST:
        raise Untrusted("not a signed note")
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise Untrusted("not a signed note")
    return text + "\n", [_line(line) for line in signatures[:-1].split("\n")]


def _line(line: str) -> Line:
    dash, _, rest = line.partition(" ")
    name, _, mark = rest.partition(" ")
    try:
        material = b64decode(mark, validate=True)
    except ValueError as error:
        raise Untrusted("not a signed note") from error
    if dash != "—" or not _named(name) or len(material) < 5:
        raise Untrusted("not a signed note")
    return Line(name, material[:4], material[4:])


def _named(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name)


def open_note(note: str, name: str, public: bytes, verify: Verify) -> str:
    """The text, if this key signed it; others' lines are ignored."""
    text, lines = split(note)
    key = Key(name, ED25519, public)
    ours = [line for line in lines if line.by(key)]
    if not ours:
        raise Untrusted("the log did not sign this")
    if not all(verify(public, line.signature, text.encode()) for line in ours):
        raise Untrusted("the log's signature does not hold")
    return text


def parse_checkpoint(text: str, origin: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) < 4 or lines[0] != origin or not re.fullmatch("[0-9]{1,18}", lines[1]):
        raise Untrusted("not a checkpoint of this log")
    try:
        digest = b64decode(lines[2], validate=True)
    except ValueError as error:
        raise Untrusted("not a checkpoint of this log") from error
    if len(digest) != 32 or str(int(lines[1])) != lines[1] or "" in lines[3:-1] or lines[-1]:
        raise Untrusted("not a checkpoint of this log")
    return Checkpoint(origin, int(lines[1]), digest)


def read_checkpoint(signed: str, name: str, public: bytes, verify: Verify) -> Checkpoint:
    """The checkpoint of a note this log signed. Raises Untrusted."""
    return parse_checkpoint(open_note(signed, name, public, verify), name)


# -- cosignatures ----------------------------------------------------------------------------------------------------


def cosign(text: str, name: str, public: bytes, seconds: int, sign: Callable[[bytes], bytes]) -> Line:
    """A witness's line: at this time this was the largest tree of this log it had seen, and it continued the others."""
    return Line(name, key_id(name, public, COSIGNED), seconds.to_bytes(8, "big") + sign(_cosigned(text, seconds)))


def cosigned_at(note: str, key: Key, verify: Verify) -> int | None:
    """When this witness cosigned the note (the latest, in seconds); None when no line is its.

    Raises Untrusted when a line claims to be its and does not hold: such a note is malformed.
    """
    text, lines = split(note)
    times = []
    for line in lines:
        if key.kind == COSIGNED and line.by(key):
            seconds = int.from_bytes(line.signature[:8], "big")
            if not 0 < seconds < 1 << 63 or not verify(key.public, line.signature[8:], _cosigned(text, seconds)):
                raise Untrusted("the cosignature of %(name)s does not hold", name=key.name)
            times.append(seconds)
    return max(times, default=None)


def with_lines(note: str, more: list[Line]) -> str:
    """The note with these lines; of two by one key the new one stays. Order: the log's own first, then by name."""
    text, lines = split(note)
    kept = {(line.name, line.id): line for line in [*lines[1:], *more]}
    kept.pop((lines[0].name, lines[0].id), None)
    return f"{text}\n{lines[0].text()}" + "".join(kept[place].text() for place in sorted(kept))


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
