"""The versions of a status list: which stood when, so that `?timestamp=` can be answered for ever. Pure.

    status/<purpose>/<n>                newest version, what a credential names
    status/at/<purpose>/<n>/<unix>      the version signed at that second, kept for ever
    status/versions/<purpose>/<n>       the last thousand or so of those seconds, and where the older ones are
    status/versions/<purpose>/<n>-<k>   a thousand older ones, final

A version holds from its second until the next one's. Written before the newest version changes: a reader who sees a new
list can ask for it by time at once.
"""

from bisect import bisect_right
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import msgspec

CHUNK = 1000


class Index(msgspec.Struct, frozen=True, omit_defaults=True):
    """`times`: unix seconds, rising. `older`: first second of each full chunk, which is `-<place in older>`."""

    times: tuple[int, ...] = ()
    older: tuple[int, ...] = ()

    def chunk_of(self, second: int) -> int | None:
        """The chunk that knows the version of this second where these times do not; None when they or nobody do."""
        if self.times and self.times[0] <= second:
            return None
        place = bisect_right(self.older, second) - 1
        return place if place >= 0 else None


def key(purpose: str, number: int, second: int) -> str:
    return f"status/at/{purpose}/{number}/{second}"


def index_key(purpose: str, number: int, chunk: int | None = None) -> str:
    return f"status/versions/{purpose}/{number}" + (f"-{chunk}" if chunk is not None else "")


def read(data: bytes) -> Index:
    return msgspec.json.decode(data, type=Index)


async def find(get: Callable[[str], Awaitable[bytes]], purpose: str, number: int, second: int) -> str | None:
    """The file that held at this second, or None when there was none yet."""
    try:
        index = msgspec.json.decode(await get(index_key(purpose, number)), type=Index)
        if (chunk := index.chunk_of(second)) is not None:
            index = msgspec.json.decode(await get(index_key(purpose, number, chunk)), type=Index)
    except KeyError:
        return None
    found = at(index.times, second)
    return key(purpose, number, found) if found is not None else None


def at(times: tuple[int, ...], second: int) -> int | None:
    """The version that held at this second, or None when there was none yet."""
    place = bisect_right(times, second)
    return times[place - 1] if place else None


def added(index: Index, second: int) -> tuple[Index, tuple[int, ...]]:
    """With one more version, and the chunk that became full by it (else empty). Twice the same second is once."""
    if index.times and index.times[-1] >= second:
        return index, ()
    times = (*index.times, second)
    if len(times) <= 2 * CHUNK:
        return msgspec.structs.replace(index, times=times), ()
    return Index(times[CHUNK:], (*index.older, times[0])), times[:CHUNK]


def newest(index: Index, now: datetime) -> int:
    """The second under which a version made now stands: never before the last one, whatever the clock says."""
    return max(int(now.timestamp()), index.times[-1] if index.times else 0)


def asked(text: str) -> datetime | None:
    """An instant as ?timestamp= writes it: RFC 3339 with its zone (XSD dateTimeStamp). None when it is none."""
    try:
        # A space is what is left of a "+" that nobody escaped.
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
        return moment.astimezone(UTC) if moment.tzinfo and "T" in text.upper() else None
    except (ValueError, OverflowError):
        return None
