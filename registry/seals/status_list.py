"""Bitstring Status Lists v1.0 (W3C): bits for revocation and suspension, one number for each seal in both. Pure.

A seal has one status number for life. Number n stands in list n // 131,072 + 1 at index n % 131,072 of either purpose:
so the log, the database and the snapshot keep one integer, and the first list is what it was when there was only one.

Why many lists of the smallest size and not one that grows: whoever asks for a list tells its host only that they met
one of its seals, and 98,304 is crowd enough; two lists weigh 9 kB against 80 kB for one of a million, and a change
re-signs 4 kB; and a list never changes its length, which verifiers may have kept. A list is closed when it is three
quarters full, because drawing at random would then tell who came last; a new list begins with a small crowd, as the
first one did.

`revocation` is one-way: nothing in this registry clears its bit. `suspension` goes both ways. Index 0 is the left-most
bit of byte 0. Equal content gives equal bytes (gzip without a time). Numbers are drawn at random within the list, so
neighbours say nothing about each other.
"""

import gzip
import zlib
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from registry.core.crypto import b64url, unb64url

LENGTH = 131_072
LONGEST = 1 << 20
"""Bytes of somebody else's list, unpacked: a signature does not say that a kilobyte may not hold a gigabyte."""
USABLE = LENGTH * 3 // 4
PURPOSES = ("revocation", "suspension")
TTL = timedelta(seconds=60)
"""How long a reader may keep a list; what is served says the same in Cache-Control. The page itself is fresher."""
LIFE = timedelta(hours=24)
"""After this a signed list proves nothing: without an end, an old list without a suspension could be shown for ever."""
RENEW = timedelta(hours=12)
"""A list is signed anew at half its life, also when no bit changed."""


def list_of(number: int) -> int:
    """Which list a status number stands in, from 1."""
    return number // LENGTH + 1


def most(size: int) -> int:
    """The highest list that a log of so many leaves can have begun: the one before is three quarters full by then."""
    return 1 + size // USABLE


def by_list(numbers: Iterable[int]) -> dict[int, set[int]]:
    """Status numbers as indexes, by list."""
    lists: dict[int, set[int]] = {}
    for number in numbers:
        lists.setdefault(list_of(number), set()).add(number % LENGTH)
    return lists


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
    unpacker = zlib.decompressobj(wbits=31)
    try:
        field = unpacker.decompress(unb64url(encoded[1:]), LONGEST + 1)
    except zlib.error as error:
        raise ValueError("not packed with gzip") from error
    if len(field) > LONGEST or not unpacker.eof:
        raise ValueError("a list that is cut short, or longer than any")
    if len(field) * 8 < LENGTH:
        raise ValueError("a list shorter than 131,072 entries")
    return frozenset(
        byte * 8 + bit for byte, value in enumerate(field) if value for bit in range(8) if value & 0x80 >> bit
    )


class Free:
    """Status numbers that nobody has, at random. `taken`: those of the newest list at least."""

    def __init__(self, taken: Collection[int], randbelow: Callable[[int], int], length: int = LENGTH) -> None:
        self._randbelow, self._length = randbelow, length
        self._list = max(taken, default=0) // length
        self._taken = {number for number in taken if number // length == self._list}

    def draw(self) -> int:
        """The next one; opens the next list when this one is full enough."""
        if len(self._taken) >= self._length * 3 // 4:
            self._list, self._taken = self._list + 1, set()
        first = self._list * self._length
        while (number := first + self._randbelow(self._length)) in self._taken:
            pass
        self._taken.add(number)
        return number


def credential(
    purpose: str, bits: Iterable[int], origin: str, did: str, name: str, at: datetime, number: int = 1
) -> dict[str, Any]:
    """One list as a credential, to be secured like the seals themselves. `origin`: https://seal.example.org"""
    url = list_url(origin, purpose, number)
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "id": url,
        "iss": did,
        "issuer": {"id": did, "name": name},
        "validFrom": _instant(at),
        "validUntil": _instant(at + LIFE),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encode(bits),
            "ttl": int(TTL.total_seconds() * 1000),
        },
    }


def key(purpose: str, number: int = 1) -> str:
    """Where the newest version is published."""
    if purpose not in PURPOSES:
        raise ValueError(f"no status list for {purpose}")
    return f"status/{purpose}/{number}"


def list_url(origin: str, purpose: str, number: int = 1) -> str:
    return f"{origin}/log/{key(purpose, number)}"


def entries(origin: str, number: int) -> list[dict[str, str]]:
    """The two credentialStatus entries of one seal. `number`: its status number."""
    where, index = list_of(number), number % LENGTH
    return [
        {
            "id": f"{list_url(origin, purpose, where)}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": str(index),
            "statusListCredential": list_url(origin, purpose, where),
        }
        for purpose in PURPOSES
    ]


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
