"""Which members of a group are visited from outside (domain.md 3; the shape of a sample follows IAF MD 1).

Nobody can steer a draw and anybody can repeat it: members are put in an order that only the seed and their ids decide,
and everything is taken from that order. The seed is chosen, and its hash recorded, before the roster is frozen.
"""

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from math import ceil, isqrt
from uuid import UUID

import msgspec

from registry.certification.facts import GroupTerms

ALGORITHM = "resguardo-draw-1"
"""Named in every stored draw. A change to anything below is a new name; the old one stays runnable."""


class Occasion(StrEnum):
    """Why the group is visited: later visits need fewer units."""

    INITIAL = "initial"
    SURVEILLANCE = "surveillance"
    RENEWAL = "renewal"


class Risk(StrEnum):
    """What makes a larger sample necessary; how much larger is the scheme's."""

    LOW = "low"
    NEW = "new"
    """The association's own checks are new."""
    RAISED = "raised"
    """Complaints, turnover above 30 %, night work, a rank at a port or an airport."""
    AFTER_MAJOR = "after_major"


class Candidate(msgspec.Struct, frozen=True):
    """One unit that can be drawn. `strata` are words such as `night` or `rank:puntarenas`."""

    id: UUID
    strata: frozenset[str] = frozenset()
    joined: bool = False
    """Joined since the last audit from outside; in a first audit nobody did."""
    open_action: bool = False
    seen: bool = False
    """Visited last time: left out of the purely random part while others remain."""


class Drawn(msgspec.Struct, frozen=True):
    """One place of the sample and what it was drawn for."""

    id: UUID
    reason: str


class Draw(msgspec.Struct, frozen=True):
    """A sample and all it takes to repeat it."""

    algorithm: str
    seed: bytes
    population_hash: str
    size: int
    drawn: tuple[Drawn, ...]
    reserve: tuple[UUID, ...]
    """In this order, and only from here, does another take the place of one that cannot be visited."""


def size(population: int, occasion: Occasion, risk: Risk, terms: GroupTerms) -> int:
    """n = ⌈factor · r · √N⌉, all of four or fewer. Exact: no floating point decides who is visited."""
    if population <= terms.all_up_to:
        return population
    factors = {Occasion.SURVEILLANCE: terms.surveillance_factor, Occasion.RENEWAL: terms.renewal_factor}
    factor = Fraction(str(factors.get(occasion, 1.0))) * Fraction(str(terms.risk[risk]))
    return min(population, isqrt(ceil(factor**2 * population) - 1) + 1)


def population_hash(population: Iterable[Candidate]) -> str:
    """SHA-256 of what the draw saw. The order of the roster does not matter; one changed row does."""
    lines = sorted(
        f"{one.id} {','.join(sorted(one.strata))} {one.joined:d}{one.open_action:d}{one.seen:d}" for one in population
    )
    return sha256("\n".join(lines).encode()).hexdigest()


def seed_hash(seed: bytes) -> str:
    """What is recorded before the roster is frozen, so that the seed cannot be chosen afterwards."""
    return sha256(b"resguardo-seed" + seed).hexdigest()


def draw(population: Iterable[Candidate], occasion: Occasion, risk: Risk, seed: bytes, terms: GroupTerms) -> Draw:
    """Draw the sample: a purely random quarter, a quarter of those who joined, one for each stratum, then the rest.

    The office of the group is always visited and is not part of this count.
    """
    members = {one.id: one for one in population}
    order = sorted(members, key=lambda id: sha256(ALGORITHM.encode() + seed + id.bytes).digest())
    wanted = size(len(order), occasion, risk, terms)
    at_random, newcomers = (ceil(wanted * share / 100) for share in (terms.random_percent, terms.new_member_percent))
    chosen: dict[UUID, str] = {}

    def take(reason: str, count: int, pool: Iterable[UUID]) -> None:
        for id in pool:
            if count <= 0 or len(chosen) == wanted:
                return
            if id not in chosen:
                chosen[id], count = reason, count - 1

    take("random", at_random, [*filter(lambda id: not members[id].seen, order), *order])
    joined = [id for id in order if members[id].joined]
    take("joined", newcomers - sum(members[id].joined for id in chosen), joined)
    take("open_action", 1, [id for id in order if members[id].open_action])
    for stratum in sorted({stratum for one in members.values() for stratum in one.strata}):
        if not any(stratum in members[id].strata for id in chosen):
            take(f"stratum:{stratum}", 1, [id for id in order if stratum in members[id].strata])
    take("random", wanted, order)

    reserve = tuple([id for id in order if id not in chosen][: max(2, at_random)])
    drawn = tuple(Drawn(id, reason) for id, reason in chosen.items())
    return Draw(ALGORITHM, seed, population_hash(members.values()), wanted, drawn, reserve)
