"""Bitstring Status List v1.0 (W3C): two lists of 131,072 bits, one index for each seal in both. Pure.

`revocation` is one-way: nothing in this file, or in this registry, clears its bit. `suspension` goes both ways. Index 0
is the left-most bit of byte 0. Equal content gives equal bytes (gzip without a time). The minimum length hides one
holder in a crowd; indexes are drawn at random, so neighbours say nothing about each other.
"""

import gzip
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from registry.core.crypto import b64url, unb64url

LENGTH = 131_072
PURPOSES = ("revocation", "suspension")
TTL_MS = 60_000  # how long a reader may keep a list; the page itself is fresher


def encode(bits: Iterable[int], length: int = LENGTH) -> str:
    """`bits`: the indexes that are set."""
    field = bytearray(length // 8)
    for index in bits:
        if not 0 <= index < length:
            raise ValueError(f"index {index} is outside the list")
        field[index // 8] |= 0x80 >> index % 8
    return "u" + b64url(gzip.compress(bytes(field), compresslevel=9, mtime=0))


def decode(encoded: str) -> frozenset[int]:
    """The indexes that are set."""
    if not encoded.startswith("u"):
        raise ValueError("not base64url in multibase")
    field = gzip.decompress(unb64url(encoded[1:]))
    if len(field) * 8 < LENGTH:
        raise ValueError("a list shorter than 131,072 entries")
    return frozenset(
        byte * 8 + bit for byte, value in enumerate(field) if value for bit in range(8) if value & 0x80 >> bit
    )


def draw(taken: Collection[int], randbelow: Callable[[int], int], length: int = LENGTH) -> int:
    """A free index at random. Raises when the list is nearly full: drawing would then tell who came last."""
    if len(taken) > length * 3 // 4:
        raise ValueError("this status list is full: open the next one")
    while (index := randbelow(length)) in taken:
        pass
    return index


def credential(purpose: str, bits: Iterable[int], origin: str, did: str, name: str, at: datetime) -> dict[str, Any]:
    """The list as a credential, to be secured like the seals themselves. `origin`: https://seal.example.org"""
    url = list_url(origin, purpose)
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "id": url,
        "iss": did,
        "issuer": {"id": did, "name": name},
        "validFrom": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encode(bits),
            "ttl": TTL_MS,
        },
    }


def list_url(origin: str, purpose: str) -> str:
    if purpose not in PURPOSES:
        raise ValueError(f"no status list for {purpose}")
    return f"{origin}/log/status/{purpose}/1"


def entries(origin: str, index: int) -> list[dict[str, str]]:
    """The two credentialStatus entries of one seal."""
    return [
        {
            "id": f"{list_url(origin, purpose)}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": str(index),
            "statusListCredential": list_url(origin, purpose),
        }
        for purpose in PURPOSES
    ]
