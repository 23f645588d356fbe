"""The chain: what one link covers. Pure."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

START = bytes(32)


class Fact(msgspec.Struct, frozen=True):
    """An entry as the chain sees it."""

    id: int
    at: datetime
    actor: UUID
    event: str
    subject: UUID | None
    details: dict[str, Any]


def link(before: bytes, fact: Fact) -> bytes:
    """SHA-256 over the link before and the entry in one fixed order; 32 bytes."""
    return hashlib.sha256(before + msgspec.json.encode(fact, order="deterministic")).digest()


def broken(facts: list[tuple[Fact, bytes]], before: bytes = START) -> int | None:
    """The id of the first entry whose link does not follow from the one before, or None."""
    for fact, kept in facts:
        before = link(before, fact)
        if before != kept:
            return fact.id
    return None
