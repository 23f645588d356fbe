"""A map of ours: provinces as tiles where a traveller expects them, drawn by hand on a grid; and its counts. Pure.

It is a scheme and not a survey: each tile is a place one can touch, roughly where the province lies. No outline of
anybody else's is copied, and none is fetched.
"""

from collections import Counter

import msgspec

from public_site.directory.book import VEHICLES, Where
from registry.authorities import places

STEP = 12
WIDE, HIGH = 360, 304

# Corners on a grid of 30 × 25, drawn by eye; neighbours share their corners.
COSTA_RICA: dict[str, tuple[tuple[int, int], ...]] = {
    "CR-G": ((1, 3), (5, 1), (9, 4), (9, 7), (8, 8), (9, 11), (6, 14), (2, 13), (0, 8)),
    "CR-A": ((5, 1), (15, 1), (15, 8), (13, 11), (9, 10), (9, 4)),
    "CR-H": ((15, 1), (21, 2), (21, 8), (17, 10), (13, 11), (15, 8)),
    "CR-L": ((21, 2), (25, 3), (26, 9), (30, 16), (28, 17), (23, 12), (21, 8)),
    "CR-C": ((17, 10), (21, 8), (23, 12), (22, 15), (17, 15)),
    "CR-SJ": ((13, 11), (17, 10), (17, 15), (22, 15), (23, 12), (25, 18), (22, 21), (15, 19), (11, 14)),
    "CR-P": ((8, 8), (9, 7), (9, 10), (13, 11), (11, 14), (15, 19), (22, 21), (25, 18), (23, 12), (28, 17), (30, 22),
             (27, 25), (22, 24), (14, 21), (9, 16), (9, 11)),
}  # fmt: skip
OUTLINES = {"CR": COSTA_RICA}
MIDDLES: dict[str, tuple[float, float]] = {
    "CR-G": (4.2, 7), "CR-A": (12, 5), "CR-H": (18, 5), "CR-L": (23.4, 6.5), "CR-C": (19.9, 12.4),
    "CR-SJ": (18.6, 16.9), "CR-P": (25.8, 21.6),
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
