"""A map of ours: provinces as tiles where a traveller expects them, drawn by hand on a grid; and its counts. Pure.

It is a scheme and not a survey: each tile is a place one can touch, roughly where the province lies. No outline of
anybody else's is copied, and none is fetched.
"""

from collections import Counter

import msgspec

from public_site.directory.book import VEHICLES, Where
from registry.authorities import places

STEP = 12
WIDE, HIGH = 360, 300

# Corners on a grid of 30 × 25, drawn by eye; neighbours share their corners.
COSTA_RICA: dict[str, tuple[tuple[int, int], ...]] = {
    "CR-G": ((1, 3), (5, 1), (10, 4), (10, 7), (8, 8), (9, 11), (6, 14), (2, 13), (0, 8)),
    "CR-A": ((5, 1), (16, 1), (17, 7), (14, 11), (10, 10), (10, 4)),
    "CR-H": ((16, 1), (20, 2), (20, 8), (17, 10), (14, 11), (17, 7)),
    "CR-L": ((20, 2), (23, 3), (25, 10), (30, 16), (27, 17), (22, 12), (20, 8)),
    "CR-C": ((17, 10), (20, 8), (22, 12), (21, 15), (18, 14)),
    "CR-SJ": ((14, 11), (17, 10), (18, 14), (21, 15), (22, 12), (24, 18), (21, 19), (16, 16), (12, 14)),
    "CR-P": ((8, 8), (10, 7), (10, 10), (14, 11), (12, 14), (16, 16), (21, 19), (24, 18), (22, 12), (27, 17), (28, 22),
             (25, 24), (21, 22), (15, 18), (10, 15), (9, 11)),
}  # fmt: skip
OUTLINES = {"CR": COSTA_RICA}
MIDDLES: dict[str, tuple[float, float]] = {
    "CR-G": (4.6, 7), "CR-A": (12.2, 5.4), "CR-H": (18.4, 5.6), "CR-L": (22.6, 7.4), "CR-C": (19.5, 12),
    "CR-SJ": (15.7, 13.6), "CR-P": (24.6, 20.4),
}  # fmt: skip


class Place(msgspec.Struct, frozen=True):
    """A province with what is there: seals valid now, businesses that only signed, everything public."""

    code: str
    name: str
    valid: int
    vehicles: int
    committed: int
    listed: int


class Tile(msgspec.Struct, frozen=True):
    place: Place
    points: str
    x: float
    y: float


def counted(counts: Counter[Where], country: str) -> list[Place]:
    """Every province of a country, in the order people list them, also those with nothing."""
    return [place_of(counts, code) for code in places.PROVINCES.get(country, {})]


def place_of(counts: Counter[Where], code: str) -> Place:
    here = {where: count for where, count in counts.items() if where[0] == code}
    valid = {where: count for where, count in here.items() if where[2] == "valid"}
    return Place(
        code, places.name(code), sum(count for where, count in valid.items() if where[1] != VEHICLES),
        sum(count for where, count in valid.items() if where[1] == VEHICLES),
        sum(count for where, count in here.items() if where[2] == "committed"),
        sum(count for where, count in here.items() if where[1] != VEHICLES),
    )  # fmt: skip


def tiles(found: list[Place], country: str) -> list[Tile]:
    """The drawing; nothing where we have not drawn the country, whose list says the same."""
    outline = OUTLINES.get(country, {})
    return [
        Tile(one, " ".join(f"{x * STEP},{y * STEP}" for x, y in outline[one.code]), *_middle(one.code))
        for one in found
        if one.code in outline
    ]


def _middle(code: str) -> tuple[float, float]:
    x, y = MIDDLES[code]
    return round(x * STEP, 1), round(y * STEP, 1)
