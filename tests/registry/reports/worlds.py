"""Random worlds for the gate, and what it must say of each, found another way.

A world is drawn as plain numbers ("this office's drill was 700 hours ago"). From those numbers `answer` says by itself
whether the form must be open, without any struct, date or function of the gate's; `arguments` makes of the very same
numbers what the gate is given.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from registry.authorities.directory import Competence, Directory, Record, Terms
from registry.reports.gate import Facts, Override, Standing

NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
PLACES = ("CR-G", "CR-P", "CR", "NI-GR", "NI", "ZZ")
KINDS = ("", "lodging", "taxi")
HOMES = ("", "", "CR", "NI", "FR")
OFFICES = 4
LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def draw(chance: Random) -> dict[str, Any]:
    """A world in plain numbers. Most things are well in most offices, or no form would ever be open."""
    return {
        "place": chance.choice(PLACES), "kind": chance.choice(KINDS), "home": chance.choice(HOMES),
        "directory": chance.random() > 0.03, "issued": _well(chance, 24, (-1, 0)),
        "expires": _well(chance, 99, (0, -5)),
        "offices": [_office(chance, number) for number in range(chance.randint(0, OFFICES))],
    }  # fmt: skip


def _well(chance: Random, well: Any, ill: tuple[Any, ...], share: float = 0.95) -> Any:
    return well if chance.random() < share else chance.choice(ill)


def _office(chance: Random, number: int) -> dict[str, Any]:
    """Hours count backwards from now: 30 is thirty hours ago, and a negative one is to come."""
    lifted = None
    if chance.random() < 0.3:
        lifted = {"asked": chance.choice((1, 5, 23)), "agreed": chance.choice((None, 0, 0, 1, -1)),
                  "lasts": chance.choice((6, 24, 24, 25)), "same": chance.random() < 0.1,
                  "reason": chance.random() < 0.9}  # fmt: skip
    return {
        "number": number, "places": chance.sample(PLACES[:5], chance.randint(1, 2)),
        "kinds": _well(chance, [], (["taxi"], ["lodging"]), 0.8), "abroad": chance.random() < 0.4,
        "from": _well(chance, -10, (1, 0)), "left": _well(chance, 300, (14, 15, 0, -1)),
        "revoked": chance.random() < 0.02, "agreed": _well(chance, (30, -300), (None, (-1, -300), (30, 0), (30, 1))),
        "contacts": _well(chance, 2, (0, 1, 3)), "drill": _well(chance, 100, (None, 720, 721, -1, 0)),
        "failed": _well(chance, 0, (1, 2)), "overdue": _well(chance, 0, (1, 3)),
        "silent": _well(chance, None, (1, 50, 2000), 0.85), "opened": _well(chance, None, (0, 1, 40, 3000, -1), 0.5),
        "due": chance.choice((0, 4, 5, 10, 20)), "late": _well(chance, 0, (1, 2, 3)), "always": chance.random() < 0.6,
        "behind": chance.choice((None, None, *range(OFFICES))), "known": chance.random() > 0.03, "lifted": lifted,
    }  # fmt: skip


# What must be said.


def answer(world: dict[str, Any]) -> int | None:
    """The number of the office that must come first, or None: closed."""
    if not world["directory"] or world["issued"] < 0 or world["expires"] <= 0:
        return None
    country = world["place"].split("-")[0]
    tiers: list[list[dict[str, Any]]] = [[], [], []]
    for office in world["offices"]:
        if office["kinds"] and world["kind"] not in office["kinds"]:
            continue
        if world["place"] in office["places"] and "-" in world["place"]:
            tiers[0].append(office)
        elif country in office["places"]:
            tiers[1].append(office)
        elif world["home"] and world["home"] in office["places"] and office["abroad"]:
            tiers[2].append(office)
    for office in (office for tier in tiers for office in tier):
        missing = ill(office, world)
        if not missing or (missing == {"may be lifted"} and lifts(office)):
            return int(office["number"])
    return None


def ill(office: dict[str, Any], world: dict[str, Any]) -> set[str]:
    """What is wrong with an office: nothing, what two people may lift, what nobody may."""
    chain = line(office, world)
    wrong = set()
    for one in chain:
        agreed = one["agreed"]
        if one["from"] > 0 or one["left"] <= 14 or (one["revoked"] and one["known"]):
            wrong.add("never")
        if not one["known"] or agreed is None or agreed[0] < 0 or agreed[1] >= 0:
            wrong.add("never")
    if not office["known"]:
        return wrong
    drill, silent, opened = office["drill"], office["silent"], office["opened"]
    fine = (
        office["contacts"] >= 2 and drill is not None and 0 <= drill <= 720 and office["overdue"] == 0
        and (office["failed"] == 0 if office["due"] < 5 else 10 * office["late"] <= office["due"])
        and (silent is None or (opened is not None and 0 <= opened < silent))
        and (len(chain) > 1 or office["always"])
    )  # fmt: skip
    return wrong if fine else wrong | {"may be lifted"}


def line(office: dict[str, Any], world: dict[str, Any]) -> list[dict[str, Any]]:
    by_number = {one["number"]: one for one in world["offices"]}
    chain = [office]
    while len(chain) < 4 and (following := by_number.get(chain[-1]["behind"])) and following not in chain:
        chain.append(following)
    return chain


def lifts(office: dict[str, Any]) -> bool:
    one = office["lifted"]
    if one is None or one["agreed"] is None or one["same"] or not one["reason"] or one["lasts"] > 24:
        return False
    return bool(one["asked"] >= one["agreed"] >= 0 and one["asked"] < one["lasts"])


# What the gate is given.


def ago(hours: float | None) -> datetime | None:
    return None if hours is None else NOW - timedelta(hours=hours)


def key(number: int) -> str:
    return "age1" + "q" * 56 + LETTERS[number // 32] + LETTERS[number % 32]


def arguments(world: dict[str, Any]) -> tuple[str, str, datetime, Facts, str]:
    offices = world["offices"]
    issued, expires = ago(world["issued"]), ago(-world["expires"])
    assert issued and expires
    records = tuple(_record(one, len(offices)) for one in offices)
    directory = Directory("resguardo-directory/2", 7, issued, expires, "", records) if world["directory"] else None
    known = {UUID(int=one["number"] + 1): _standing(one) for one in offices if one["known"]}
    return world["place"], world["kind"], NOW, Facts(directory, known), world["home"]


def _record(one: dict[str, Any], count: int) -> Record:
    number, today = one["number"], NOW.date()
    behind = one["behind"]
    return Record(
        UUID(int=number + 1), {"es": f"Oficina {number}"}, "police", Competence(tuple(one["places"]),
        tuple(one["kinds"])), (key(3 * number), key(3 * number + 1)), key(3 * number + 2), chr(65 + number) * 43,
        ("es",), one["always"], Terms(), "X-1", today + timedelta(days=one["from"]),
        today + timedelta(days=one["left"]), UUID(int=behind + 1) if behind is not None and behind != number
        and behind < count else None, abroad=one["abroad"],
    )  # fmt: skip


def _standing(one: dict[str, Any]) -> Standing:
    number, agreed, lifted = one["number"], one["agreed"], one["lifted"]
    override = None
    if lifted:
        asked_at = ago(lifted["asked"])
        assert asked_at
        override = Override(
            UUID(int=99), UUID(int=51), asked_at, asked_at + timedelta(hours=lifted["lasts"]), lifted["reason"],
            None if lifted["agreed"] is None else UUID(int=51 if lifted["same"] else 52), ago(lifted["agreed"]),
        )  # fmt: skip
    return Standing(
        UUID(int=number + 1), ago(agreed[0]) if agreed else None, ago(agreed[1]) if agreed else None, one["contacts"],
        ago(one["drill"]), 41, one["failed"], one["overdue"], one["due"], one["due"] - one["late"], 41,
        ago(one["silent"]), ago(one["opened"]), (key(3 * number + 1),) if one["revoked"] else (), override,
    )  # fmt: skip
