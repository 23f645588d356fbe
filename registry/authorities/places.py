"""The provinces a person can choose from, by ISO 3166-2 code. Pure.

Names are proper names and are not translated. A country is added by adding its provinces; any other ISO code is still
understood everywhere, and is shown by its code.
"""

import unicodedata

PROVINCES: dict[str, dict[str, str]] = {
    "CR": {
        "CR-SJ": "San José",
        "CR-A": "Alajuela",
        "CR-C": "Cartago",
        "CR-H": "Heredia",
        "CR-G": "Guanacaste",
        "CR-P": "Puntarenas",
        "CR-L": "Limón",
    },
}
ELSEWHERE = "ZZ"
"""ISO 3166 leaves ZZ to users: 'somewhere else', where nobody has signed anything."""


def name(code: str) -> str:
    """The name of a province, or the code itself when we do not know it."""
    return PROVINCES.get(code.partition("-")[0], {}).get(code, code)


def known(code: str) -> bool:
    return code in PROVINCES.get(code.partition("-")[0], {})


def found(typed: str) -> str | None:
    """The code a person meant by a code or a name, accents and case apart; None when no province is called that."""
    plain = _plain(typed)
    for provinces in PROVINCES.values():
        for code, title in provinces.items():
            if plain in (_plain(code), _plain(title)):
                return code
    return None


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.strip().casefold()) if not unicodedata.combining(c))
