"""The exact bytes that are signed. Pure: the same facts give the same bytes on any machine (RFC 8785).

`shown` fills the two blanks of a term for one business. `fingerprint` is over what the reader sees before signing;
it is printed under the text and found again inside the signed document, so that a reader can tell they are one text.
"""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
import rfc8785

FORMAT = "resguardo-commitment-1"
"""Names the fields below. A stored document is never rewritten: a new shape gets a new name."""
_BLANK = re.compile(r"\{(business|workers)\}")


class Template(msgspec.Struct, frozen=True):
    """A term of commitment in one language, with its blanks (schemes.content.Term has these fields)."""

    title: str
    lead: str
    lead_alone: str
    premise: str
    opening: str
    promises: tuple[str, ...]
    close: str


class Shown(msgspec.Struct, frozen=True):
    """The term as one business reads it: nothing left to fill in."""

    title: str
    lead: str
    premise: str
    opening: str
    promises: tuple[str, ...]
    close: str


class Read(msgspec.Struct, frozen=True):
    """What lies before the reader: whose promise, in which words, of which version."""

    scheme: str
    version: str
    version_sha256: str
    language: str
    client_id: UUID
    client_name: str
    client_tax_id: str | None
    workers: int
    term: Shown


class Signature(msgspec.Struct, frozen=True):
    """Who binds the business, by what power, how and when. `account` is the sign-in under which it was done."""

    name: str
    position: str
    power: str
    method: str
    account: UUID
    at: datetime


def shown(term: Any, business: str, workers: int) -> Shown:
    """Fill in the blanks. A business without a roster reads the lead that counts nobody."""
    values = {"business": business, "workers": str(workers)}

    def filled(text: str) -> str:
        # In one pass: a business called "{workers}" stays that, and braces elsewhere are just braces.
        return _BLANK.sub(lambda found: values[found[1]], text)

    lead = term.lead if workers else term.lead_alone
    return Shown(term.title, filled(lead), term.premise, term.opening, tuple(term.promises), term.close)


def _reading(read: Read) -> dict[str, Any]:
    return {
        "scheme": {"key": read.scheme, "version": read.version, "sha256": read.version_sha256},
        "language": read.language,
        "client": {"id": str(read.client_id), "name": read.client_name, "tax_id": read.client_tax_id},
        "workers": read.workers,
        "term": msgspec.to_builtins(read.term),
    }


def fingerprint(read: Read) -> str:
    """SHA-256 in hex of what the reader sees, before anybody signs."""
    return sha256(rfc8785.dumps(_reading(read))).hexdigest()


def document(read: Read, signature: Signature) -> bytes:
    """The signed document: what was read, its fingerprint, and who signed when (UTC, whole seconds)."""
    at = signature.at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    return rfc8785.dumps(
        {
            "format": FORMAT,
            **_reading(read),
            "fingerprint": fingerprint(read),
            "signature": {
                "name": signature.name,
                "position": signature.position,
                "power": signature.power,
                "method": signature.method,
                "account": str(signature.account),
                "at": at,
            },
        }
    )


class Document(msgspec.Struct, frozen=True):
    """A signed document as it is shown again; fields of later formats are left alone."""

    format: str
    language: str
    client: dict[str, str | None]
    scheme: dict[str, str]
    term: Shown
    fingerprint: str
    signature: dict[str, str]
    workers: int


def opened(data: bytes) -> Document:
    """A stored document, to be shown again. Raises msgspec.ValidationError for anything else."""
    found = msgspec.json.decode(data, type=Document)
    if found.format != FORMAT:
        raise msgspec.ValidationError(f"not {FORMAT}")
    return found


def digest(data: bytes) -> str:
    """SHA-256 in hex of a document: its name in the store."""
    return sha256(data).hexdigest()


def grouped(hexadecimal: str, length: int = 16) -> str:
    """The start of a fingerprint as people compare it: 9f2c 41e8 d07a 63b5."""
    return " ".join(hexadecimal[i : i + 4] for i in range(0, length, 4))
