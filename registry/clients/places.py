"""Provinces and cantons of Costa Rica as people write them in lists.

Published vintages disagree (81, 82 or 84 cantons): Río Cuarto (2017), Monteverde (2021) and Puerto Jiménez (2022) are
young, and older lists still call Sarchí "Valverde Vega", Zarcero "Alfaro Ruiz" and Quepos "Aguirre". We keep today's
names and read the old ones.
"""

from functools import lru_cache

from registry.clients.cells import Bad, fold, nearest
from registry.core import geography

PROVINCES, CANTONS = geography.PROVINCES, geography.CANTONS

FORMER = {"Valverde Vega": "Sarchí", "Alfaro Ruiz": "Zarcero", "Aguirre": "Quepos", "Coronado": "Vázquez de Coronado",
          "León Cortés": "León Cortés Castro", "San Isidro de El General": "Pérez Zeledón"}  # fmt: skip

_PROVINCE = {fold(name): code for code, name in PROVINCES.items()} | {fold(code): code for code in PROVINCES}
_CANTON = {fold(name): (code, name) for code, names in CANTONS.items() for name in names}
_CANTON |= {fold(old): _CANTON[fold(new)] for old, new in FORMER.items()}
_PROVINCE_OF = {name: code for code, names in CANTONS.items() for name in names}


def province_name(code: str) -> str:
    """What people read: "Guanacaste" for CR-G; a place of another country comes back as it was written."""
    return PROVINCES.get(code, code)


def province_of(canton: str) -> str | None:
    return _PROVINCE_OF.get(canton)


@lru_cache(maxsize=4096)
def province(text: str, country: str) -> str:
    """ISO 3166-2 code for Costa Rica; elsewhere the place stays text until that country's places are loaded."""
    if country != "CR":
        return text[:100]
    found = _PROVINCE.get(fold(text.removeprefix("Provincia de ")))
    if found is None:
        raise Bad("province-unknown", suggest=nearest(text, PROVINCES.values()))
    return found


@lru_cache(maxsize=16384)
def canton(text: str, country: str, province: str | None) -> str:
    if country != "CR":
        return text[:100]
    found = _CANTON.get(fold(text.removeprefix("Cantón de ")))
    if found is None:
        names = CANTONS[province] if province in CANTONS else tuple(_PROVINCE_OF)
        raise Bad("canton-unknown", suggest=nearest(_spelled_out(text), names))
    code, name = found
    if province and province != code:
        raise Bad("canton-elsewhere", place=PROVINCES[code])
    return name


def _spelled_out(text: str) -> str:
    short = {"sta": "santa", "sto": "santo", "s": "san", "pto": "puerto", "gral": "general"}
    return " ".join(short.get(word.rstrip(".").lower(), word) for word in text.split())
