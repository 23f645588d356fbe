"""How the counts are told: one state for a business of many seals, one step at a time. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from itertools import groupby
from uuid import UUID

import msgspec

from registry.certification.facts import Requirement, Who
from registry.trail.rules import Fact

SOON = 90
"""Days before a seal ends that its renewal is told of."""


class Standing(StrEnum):
    """What a member is, in the order of what its file says first."""

    VALID = "valid"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    COMMITTED = "committed"
    ENROLLED = "enrolled"


REGISTRY = frozenset({Who.OFFICER, Who.AUDITOR, Who.REVIEWER, Who.DECIDER})


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One member as its association sees it."""

    id: UUID
    name: str
    place: str
    province: str | None
    association: UUID | None
    standing: Standing
    until: date | None
    units: int
    seals: int  # valid now
    total: int
    valid: int
    critical_total: int
    critical_valid: int
    lacking: tuple[Requirement, ...]

    @property
    def step(self) -> Requirement | None:
        """The first thing on the way that is missing."""
        return self.lacking[0] if self.lacking else None

    @property
    def share(self) -> float:
        return self.valid / self.total if self.total else 0.0


class Seal(msgspec.Struct, frozen=True):
    """As much of a seal as its business's standing needs."""

    state: str
    expired: bool
    last_on: date


def standing(seals: Iterable[Seal], signed: bool) -> tuple[Standing, date | None, int]:
    """The best a business can show, the last day of it, and how many of its seals are valid."""
    seals = list(seals)
    valid = [seal for seal in seals if seal.state == "valid" and not seal.expired]
    if valid:
        return Standing.VALID, min(seal.last_on for seal in valid), len(valid)
    for name, found in (
        (Standing.SUSPENDED, [seal for seal in seals if seal.state == "suspended" and not seal.expired]),
        (Standing.EXPIRED, [seal for seal in seals if seal.expired and seal.state in ("valid", "suspended")]),
        (Standing.WITHDRAWN, [seal for seal in seals if seal.state == "withdrawn"]),
    ):
        if found:
            return name, max(seal.last_on for seal in found), 0
    return (Standing.COMMITTED if signed else Standing.ENROLLED), None, 0


class Lack(msgspec.Struct, frozen=True):
    """Members whose next step this is."""

    code: str
    who: Who
    members: int


def first_steps(rows: Iterable[Row]) -> list[Lack]:
    """Each member without a valid seal once, at its first missing step; the most frequent first."""
    found = Counter(
        (row.step.code, row.step.who) for row in rows if row.standing is not Standing.VALID and row.step is not None
    )
    return [Lack(code, who, n) for (code, who), n in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def expiring(rows: Iterable[Row], today: date) -> list[Row]:
    """Valid seals that end within SOON days, the nearest first."""
    near = [row for row in rows if row.standing is Standing.VALID and row.until and (row.until - today).days <= SOON]
    return sorted(near, key=lambda row: (row.until or today, row.name))


def dropping(rows: Iterable[Row]) -> list[Row]:
    """Certified members whose training fell below what they promised to keep."""
    codes = {"coverage-low", "coverage-critical-low", "roster-empty"}
    return [row for row in rows if row.standing is Standing.VALID and codes & {one.code for one in row.lacking}]


class TrailAct(msgspec.Struct, frozen=True):
    """One act that left several entries: two hundred members enrolled by one list are one line."""

    entry: Fact
    """The newest of them."""
    times: int
    last: int
    """The id of the oldest."""


def acts(entries: Iterable[Fact]) -> list[TrailAct]:
    """Neighbours by the same person at the same instant with the same event, told once."""
    found = []
    for _same, group in groupby(entries, key=lambda entry: (entry.at, entry.actor, entry.event)):
        one = list(group)
        found.append(TrailAct(one[0], len(one), one[-1].id))
    return found


class Filter(msgspec.Struct, frozen=True):
    """What the URL asks for; empty fields ask for nothing."""

    standing: str = ""
    step: str = ""
    province: str = ""
    soon: bool = False
    low: bool = False

    def keeps(self, row: Row, today: date) -> bool:
        return (
            (not self.standing or row.standing == self.standing)
            and (not self.step or (row.step is not None and row.step.code == self.step))
            and (not self.province or row.province == self.province)
            and (not self.soon or bool(expiring([row], today)))
            and (not self.low or bool(dropping([row])))
        )


ORDERS = ("name", "standing", "training", "until")


def ordered(rows: Sequence[Row], order: str) -> list[Row]:
    """By name unless another order is asked for; ties always by name, so that pages never shuffle."""
    by_name = sorted(rows, key=lambda row: (row.name.casefold(), str(row.id)))
    if order == "standing":
        return sorted(by_name, key=lambda row: list(Standing).index(row.standing))
    if order == "training":
        return sorted(by_name, key=lambda row: (row.total > 0, row.share))
    if order == "until":
        return sorted(by_name, key=lambda row: (row.until is None, row.until or date.max))
    return by_name


def now_and_later(lacking: Iterable[Requirement]) -> tuple[list[Requirement], list[Requirement]]:
    """What the business and its association can do at once, and what waits for the registry after it."""
    lacking = list(lacking)
    now = [one for one in lacking if one.who not in REGISTRY]
    later = [one for one in lacking if one.who in REGISTRY]
    return now, later
