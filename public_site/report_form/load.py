"""How many reports came lately: in memory, for ten minutes, by office and by network. Pure but for what it remembers.

Over a budget a browser that seals is asked for work (work.py), the more the more come; a form without a program is
asked for nothing, it only waits last for its code where its own network sent many. Every one of them is taken. What
comes over a budget is marked as part of a burst: it is delivered and escalated, and never held against an office.

The two ways have budgets of their own, so a flood by one does not put what comes by the other into a burst. Networks
are MACs under a key of this hour that nobody keeps. Each process counts for itself; that a form counts once is kept in
the database.
"""

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from ipaddress import ip_address
from uuid import UUID

import msgspec

MINUTES = 10
OFFICE, NETWORK, PLAIN = 60, 60, 30
"""In ten minutes: to one office, from one network (a hotel, a bus: forty trainees at once are normal), and to one
office by forms without a program."""
STEPS = (1, 2, 4)
"""From so many budgets on, one level of work more."""
MANY = 20_000
"""Networks remembered at once; more than those are all forgotten, and the offices' budgets still hold."""


class Pressure(msgspec.Struct):
    """What one more report meets: the work it is asked for (0: none), whether it is part of a burst, and whether it
    waits for its code behind those of other networks. `kept`: whoever takes it says so in the end."""

    level: int = 0
    burst: bool = False
    late: bool = False
    kept: bool = False


class Load:
    """What came lately, by way, office and network."""

    def __init__(self) -> None:
        self._offices: dict[tuple[bool, bytes], dict[int, int]] = {}
        self._networks: dict[tuple[bool, bytes], dict[int, int]] = {}

    def look(self, office: UUID, network: bytes, now: datetime, *, plain: bool = False) -> Pressure:
        """What the next one meets. `plain`: sent by the form itself, without a program."""
        minute = _minute(now)
        to_office = 1 + _lately(self._offices.get((plain, office.bytes), {}), minute)
        from_network = 1 + _lately(self._networks.get((plain, network), {}), minute)
        if plain:
            return Pressure(0, to_office > PLAIN, from_network > PLAIN)
        share = max(to_office / OFFICE, from_network / NETWORK)
        return Pressure(sum(share > step for step in STEPS), share > 1)

    @contextmanager
    def taking(self, office: UUID, network: bytes, now: datetime, *, plain: bool = False) -> Iterator[Pressure]:
        """Counted while it is taken, and no more unless it was kept: nothing else raises the price of the next."""
        met = self.look(office, network, now, plain=plain)
        self._add(office, network, now, plain, 1)
        try:
            yield met
        finally:
            if not met.kept:
                self._add(office, network, now, plain, -1)

    def _add(self, office: UUID, network: bytes, now: datetime, plain: bool, by: int) -> None:
        minute = _minute(now)
        if len(self._networks) >= MANY:
            self._networks = {key: kept for key, kept in self._networks.items() if _lately(kept, minute)}
            if len(self._networks) >= MANY:
                self._networks = {}
        for known, name in ((self._offices, office.bytes), (self._networks, network)):
            counts = known.setdefault((plain, name), {})
            counts[minute] = counts.get(minute, 0) + by
            for old in [at for at in counts if at <= minute - MINUTES]:
                del counts[old]
            if not any(counts.values()):  # whoever names an office that is none must not fill our memory with it
                del known[plain, name]


def _minute(now: datetime) -> int:
    return int(now.timestamp()) // 60


def _lately(counts: dict[int, int], minute: int) -> int:
    return max(0, sum(many for at, many in counts.items() if minute - MINUTES < at <= minute))


class Networks:
    """Names for networks that cannot be turned back: a /24 or /48 under a key that lives an hour, in memory."""

    def __init__(self) -> None:
        self._hour: datetime | None = None
        self._key = b""

    def name(self, address: str, now: datetime) -> bytes:
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour, self._key = hour, secrets.token_bytes(32)
        return hmac.digest(self._key, _near(address), "sha256")


def _near(address: str) -> bytes:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return b""
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.packed[:3] if ip.version == 4 else ip.packed[:6]
