"""The places a person can choose from: provinces by ISO 3166-2, cantons by province and official code. Pure.

`CR`, `CR-SJ`, `CR-SJ/101` (a canton), `CR-SJ/10101` (a district of it): what begins with an area's code lies in it.
Names are proper names and are not translated. A country is added by adding its provinces; any other ISO code is
still understood everywhere, and is shown by its code.
"""

import re
import unicodedata

from registry.core import geography

PROVINCES: dict[str, dict[str, str]] = {"CR": geography.PROVINCES}
_AREA = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3}(/[0-9A-Z]{1,8})?)?")
ELSEWHERE = "ZZ"
"""ISO 3166 leaves ZZ to users: 'somewhere else', where nobody has signed anything."""


def within(area: str, place: str) -> bool:
    """Whether a place lies in an area. Official codes of one level are equally long, so that a prefix is a parent."""
    if area == place:
        return True
    if "/" in area:
        return place.startswith(area)
    return place.startswith(area + ("/" if "-" in area else "-"))


def cantons(province: str) -> dict[str, str]:
    """Code -> name of a province's cantons: {"CR-SJ/101": "San José", …}."""
    return {f"{province}/{code}": name for code, name in geography.numbered(province).items()}


def name(code: str) -> str:
    """The name of a province or canton ("Escazú, San José"), or the code itself when we do not know it."""
    province, stroke, _ = code.partition("/")
    above = PROVINCES.get(code.partition("-")[0], {}).get(province, province)
    if not stroke:
        return above
    canton = cantons(province).get(code)
    return f"{canton}, {above}" if canton else code


def known(code: str) -> bool:
    """Whether it is a province of ours; a canton of one is known by its province."""
    return code.partition("/")[0] in PROVINCES.get(code.partition("-")[0], {})


def found(typed: str) -> str | None:
    """The code a person meant by a code or a name, accents and case apart; None when no province is called that."""
    plain = _plain(typed)
    for provinces in PROVINCES.values():
        for code, title in provinces.items():
            if plain in (_plain(code), _plain(title)):
                return code
    return None


def chosen(typed: str) -> str | None:
    """The same for what a reporter's page sends: a province, or a canton of one by its code."""
    code = typed.strip().upper()
    return found(typed) or (code if code in cantons(code.partition("/")[0]) else None)


def area(typed: str) -> str | None:
    """The code of an area as whoever keeps authorities writes it: a country, a province or a canton, by code or name.
    A name that is a province's and a canton's means the province; the canton is then written by its code."""
    code = typed.strip().upper()
    if _AREA.fullmatch(code):
        return code
    if province := found(typed):
        return province
    plain = _plain(typed)
    return next(
        (
            canton
            for provinces in PROVINCES.values()
            for province in provinces
            for canton, title in cantons(province).items()
            if plain in (_plain(title), _plain(name(canton)))
        ),
        None,
    )


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.strip().casefold()) if not unicodedata.combining(c))
