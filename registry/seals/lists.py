"""The status lists as published files. A change touches its own list and no other; the rest keep their bytes.

What a list said last is read from the published list itself, after its signature held, and only moves are written into
it: so the bits of seals that did not move are not asked of the database, and a revocation that was published can be
cleared by no row of it. A list that is lost or damaged is made again from all rows of its numbers.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from registry.seals import credential, history, jose, rules, signing, status_list
from registry.seals.history import Index
from registry.seals.log import Event
from registry.seals.publication import JSON, JWT, Press, read
from registry.seals.snapshot import State

Moves = dict[int, State]
"""The state of a seal by its status number."""
Rebuild = Callable[[int], Awaitable[Moves]]
"""Every state of one list's numbers."""


class Move(msgspec.Struct, frozen=True):
    """What a leaf of the log did to a seal's bits."""

    t: str
    at: datetime
    status: int


MOVED: dict[str, State] = {
    Event.SUSPENDED: State.SUSPENDED,
    Event.REINSTATED: State.VALID,
    Event.REVOKED: State.WITHDRAWN,
}
Leaves = Callable[[int], Awaitable[list[Move]]]
"""Every move of one list's numbers, in the order of the log."""


async def write(
    press: Press, now: datetime, moves: Moves, numbers: Iterable[int], rebuild: Rebuild | None,
    leaves: Leaves | None = None, *, anew: bool = False,
) -> None:  # fmt: skip
    """Bring these lists into line. `moves`: the seals that may have changed, in any list; without `rebuild`, all that
    are not valid. `leaves`: for earlier versions that a compromised key signed. `anew`: signed with the key in use now,
    whatever was published."""
    split: dict[int, Moves] = {}
    for number, state in moves.items():
        split.setdefault(status_list.list_of(number), {})[number] = state
    for number in sorted(numbers):
        here = split.get(number, {})
        found = {purpose: await published(press, purpose, number) for purpose in status_list.PURPOSES}
        if leaves is not None:
            await again(press, number, await leaves(number))
        lost = rebuild is not None and any(before is None for before, _ in found.values())
        every = await rebuild(number) if lost and rebuild is not None else here
        for purpose, (before, since) in found.items():
            if rebuild is None or before is None:
                bits = _bits(every, purpose)
            else:
                bits = before | _bits(here, purpose)
                if purpose == "suspension":  # the only purpose with a way back
                    bits -= {
                        index % status_list.LENGTH for index, state in here.items() if state is not State.SUSPENDED
                    }
            if anew or bits != before or since is None or not timedelta() <= now - since < status_list.RENEW:
                await put(press, now, purpose, number, bits)


async def again(press: Press, number: int, moves: Sequence[Move]) -> None:
    """Earlier versions that a compromised key signed, signed by the key in use now. What they say is not taken from
    them but from the log: whoever had the key could have written them. Those of a key that retired in honour keep its
    signature, for it stays in did.json."""
    states: Moves = {}
    seconds = {purpose: await _seconds(press, purpose, number) for purpose in status_list.PURPOSES}
    to_come = list(reversed(moves))
    for second in sorted({second for some in seconds.values() for second in some}):
        while to_come and int(to_come[-1].at.timestamp()) <= second:
            move = to_come.pop()
            states[move.status] = MOVED[move.t]
        for purpose in (purpose for purpose, some in seconds.items() if second in some):
            where = history.key(purpose, number, second)
            signed = await read(press.published, where)
            if signed is None or signing.dropped(press, signed.decode(), "issuer"):
                made = _signed(press, datetime.fromtimestamp(second, UTC), purpose, number, _bits(states, purpose))
                await press.published.put(where, made, content_type=JWT)


async def _seconds(press: Press, purpose: str, number: int) -> frozenset[int]:
    """Of every version there ever was."""
    index = await read_index(press, purpose, number)
    chunks = [await read_index(press, purpose, number, place) for place in range(len(index.older))]
    return frozenset(second for one in (*chunks, index) for second in one.times)


def _bits(states: Moves, purpose: str) -> frozenset[int]:
    numbers = rules.bits((state, number) for number, state in states.items())[purpose]
    return frozenset(number % status_list.LENGTH for number in numbers)


async def put(press: Press, now: datetime, purpose: str, number: int, bits: Iterable[int]) -> None:
    """Sign and publish one list: as a version first, then as the newest."""
    store, jws = press.published, _signed(press, now, purpose, number, bits)
    index = await read_index(press, purpose, number)
    second = history.newest(index, now)
    await store.put(history.key(purpose, number, second), jws, content_type=JWT)
    index, full = history.added(index, second)
    if full:
        data = msgspec.json.encode(Index(full))
        await store.put(history.index_key(purpose, number, len(index.older) - 1), data, content_type=JSON)
    await store.put(history.index_key(purpose, number), msgspec.json.encode(index), content_type=JSON)
    await store.put(status_list.key(purpose, number), jws, content_type=JWT)


def _signed(press: Press, at: datetime, purpose: str, number: int, bits: Iterable[int]) -> bytes:
    who = press.issuer
    listed = status_list.credential(purpose, bits, who.origin, who.did, who.name, at, number)
    return credential.secure_list(listed, press.keys.issuer, who.did).encode()


async def published(press: Press, purpose: str, number: int) -> tuple[frozenset[int] | None, datetime | None]:
    """The bits of a list as published, and since when; (None, None) when it is not there or not ours. One that an
    earlier key signed has its bits, and has to be signed again as if it had no date."""
    try:
        jws = (await press.published.get(status_list.key(purpose, number))).decode()
        bits = credential.verified_list(jws, signing.ours(press, "issuer"), purpose)
        since = datetime.fromisoformat(jose.payload(jws)["validFrom"])
    except (KeyError, ValueError):  # signed by a key that was dropped, or damaged: written anew
        return None, None
    return bits, since if signing.by_key_in_use(press, "issuer", jws) else None


async def read_index(press: Press, purpose: str, number: int, chunk: int | None = None) -> Index:
    try:
        return msgspec.json.decode(await press.published.get(history.index_key(purpose, number, chunk)), type=Index)
    except (KeyError, msgspec.DecodeError):
        return Index()


def touched(moves: Moves, last: int, every: bool) -> set[int]:
    """The lists to look at: those of the seals that moved, or all of them."""
    if every:
        return set(range(1, status_list.list_of(last) + 1))
    return {status_list.list_of(number) for number in moves}


def tired(lists_at: datetime | None, now: datetime) -> bool:
    """Whether the lists are so old, or dated so far ahead, that they are signed anew though no bit changed."""
    return lists_at is None or not timedelta() <= now - lists_at < status_list.RENEW - timedelta(minutes=5)
