"""What is sealed, to whom, and how it is opened. The wire format is age v1 (X25519); the stock `age` opens it:

    age -d -i working-1.key envelope.age        prints one JSON object, then the spaces it was padded with

Two structs. *Outer* is what we may know: ids, keys, sizes, hashes. *Inner* is what only the chain can read, and it
repeats the outer context (envelope, chain, keys, directory, form), which the opener compares: a ciphertext moved to
another envelope or another office is refused, since age binds neither. age does not hide length: the plaintext is
padded with spaces, still valid JSON, to 4, 16 or 64 KiB.

`suite` names the cryptography. X25519 today; pyrage refuses the post-quantum recipients that other age implementations
already make, so the field is here from the first day.
"""

import hashlib
import re
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import pyrage

from registry.core.errors import Invalid
from registry.reports.payload import Form, Line, Manifest, urgent
from registry.reports.payload import Place as Place
from registry.reports.payload import Report as Report
from registry.reports.payload import Sign as Sign
from registry.reports.payload import When as When

SUITE = "age-x25519"
STEPS = (4096, 16384, 65536)
LARGEST = 80 * 1024
"""Bytes of the largest envelope: the widest step, the age header for 16 recipients, and the tags of its chunks."""
AGE_NONCE, AGE_TAG = 16, 16
AGE_HEADER = (
    rb"age-encryption\.org/v1\n(?:-> X25519 [A-Za-z0-9+/]{43}\n[A-Za-z0-9+/]{43}\n){%d}"
    rb"(?:-> [!-~]{1,40}-grease(?: [!-~]{1,40}){0,8}\n(?:[A-Za-z0-9+/]{64}\n){0,8}[A-Za-z0-9+/]{0,63}\n)?"
    rb"--- [A-Za-z0-9+/]{43}\n"
)
"""C2SP age v1; some programs add a stanza that means nothing, so that readers learn to skip what they do not know. The
widest step is one whole chunk of the payload, so every envelope has one tag."""
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Key = Annotated[str, msgspec.Meta(pattern="^age1[0-9a-z]{58}$")]
Fingerprint = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]


class Context(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What inside and outside must agree on."""

    envelope: UUID
    chain: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=4)]
    keys: Annotated[tuple[Fingerprint, ...], msgspec.Meta(min_length=1, max_length=16)]
    directory: Annotated[int, msgspec.Meta(ge=1)]
    form: Form = "2026-12"


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The plaintext. `proof` comes first: it is what the opener hands back to show that somebody opened it."""

    schema: Literal["sectt-report/1"]
    proof: Annotated[str, msgspec.Meta(pattern="^[0-9A-HJKMNP-TV-Z]{26}$")]
    context: Context
    report: Report
    reply_recipient: Key
    shown: Annotated[tuple[Line, ...], msgspec.Meta(max_length=4)] = ()
    drill: bool = False
    attachments: Annotated[tuple[Manifest, ...], msgspec.Meta(max_length=3)] = ()


class Sealed(msgspec.Struct, frozen=True):
    """An envelope ready to be stored: what we may know of it, and its bytes. `files`: those sealed with it."""

    body: bytes
    context: Context
    size_step: int
    sha256: bytes
    proof_hash: bytes
    urgent: bool
    reply_recipient: str
    files: tuple[bytes, ...] = ()
    suite: str = SUITE
    v: int = 1


def fingerprint(recipient: str) -> str:
    """The short name of a key, the same on our side, in the directory and at the authority."""
    return hashlib.sha256(recipient.encode()).hexdigest()[:16]


def new_proof(randbits: int) -> str:
    """128 random bits as 26 signs without I, L, O and U, so that a person can copy them."""
    return "".join(_CROCKFORD[randbits >> 5 * i & 31] for i in range(25, -1, -1))


def proof_hash(typed: str) -> bytes:
    """SHA-256 of a proof as it was pasted: case, groups and the usual misreadings are forgiven."""
    clean = "".join(c for c in typed.upper() if c.isalnum()).translate(str.maketrans("ILO", "110"))
    return hashlib.sha256(clean.encode()).digest()


def seal(inner: Inner, recipients: tuple[str, ...]) -> Sealed:
    """Encrypt to all recipients. They must be the keys the context names: nobody else may be slipped in."""
    if tuple(fingerprint(r) for r in recipients) != inner.context.keys:
        raise Invalid("envelope-keys-differ")
    plain = msgspec.json.encode(inner)
    step = next((s for s in STEPS if len(plain) <= s), None)
    if step is None:
        raise Invalid("report-too-long", fields={"text": "report-too-long"})
    body = pyrage.encrypt(plain.ljust(step), [pyrage.x25519.Recipient.from_str(r) for r in recipients])
    return Sealed(
        body,
        inner.context,
        step,
        hashlib.sha256(body).digest(),
        proof_hash(inner.proof),
        urgent(inner.report),
        inner.reply_recipient,
    )


def carried(body: bytes, step: int, keys: int) -> bool:
    """Whether bytes that a browser sealed have the outside of an envelope: an age v1 file to so many X25519 keys, and
    exactly as long as its step. What is inside we cannot see, and the opener will not trust it either."""
    head = re.match(AGE_HEADER % keys, body)
    return head is not None and len(body) == head.end() + AGE_NONCE + step + AGE_TAG


def open_sealed(body: bytes, identities: list[str], outer: Context) -> Inner:
    """Open what we were handed, trusting nothing: bounded, validated field by field, and compared with the outside.

    Invalid `envelope-unreadable` (not ours, damaged, not our form) or `envelope-moved` (opens, and belongs elsewhere).
    """
    if len(body) > LARGEST:
        raise Invalid("envelope-unreadable", why="size")
    try:
        plain = pyrage.decrypt(body, [pyrage.x25519.Identity.from_str(i) for i in identities])
    except Exception as error:
        raise Invalid("envelope-unreadable", why="age") from error
    if len(plain) not in STEPS:
        raise Invalid("envelope-unreadable", why="padding")
    try:
        inner = msgspec.json.decode(plain, type=Inner)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("envelope-unreadable", why="schema") from error
    if inner.context != outer:
        raise Invalid("envelope-moved")
    return inner


def seal_reply(text: str, recipient: str) -> bytes:
    """A reply, readable only with the reporter's code."""
    plain = text.encode()
    step = next((s for s in STEPS if len(plain) <= s), None)
    if step is None:
        raise Invalid("reply-too-long", fields={"text": "reply-too-long"})
    sealed: bytes = pyrage.encrypt(plain.ljust(step), [pyrage.x25519.Recipient.from_str(recipient)])
    return sealed


def open_reply(body: bytes, identity: str) -> str:
    """A reply as text; Invalid when it was not sealed to this code."""
    try:
        return str(pyrage.decrypt(body, [pyrage.x25519.Identity.from_str(identity)]).decode()).rstrip(" ")
    except Exception as error:
        raise Invalid("envelope-unreadable", why="age") from error


def recipient_of(identity: str) -> str:
    """The public half of an age identity."""
    return str(pyrage.x25519.Identity.from_str(identity).to_public())
