"""Registration plates by country: one written form each, so that "sjb-123", "SJB 123" and "SJB123" are one car.

Costa Rica: taxis carry T and the letters of their province before a number (TSJ 4417, TP 12); private cars three
letters and three digits, or six digits; buses, cargo and others one to three letters and a number. Other countries:
the forms met in their published lists. A country we do not know gets a loose rule rather than a refusal.
"""

import re

from registry.clients.cells import Bad, Raw, text

_FORMS: dict[str, tuple[str, str]] = {
    # country: pattern over letters and digits only, and what a good one looks like
    "CR": (r"T(?:SJ|A|C|H|G|P|L)\d{1,6}|[A-Z]{3}\d{3}|[A-Z]{1,3}\d{4,6}|\d{3,6}", "TSJ 4417, BCD 123"),
    "AR": (r"[A-Z]{3}\d{3}|[A-Z]{2}\d{3}[A-Z]{2}", "AAA 999, AA 999 AA"),
    "PE": (r"[A-Z][A-Z0-9][A-Z0-9]\d{3}", "ABC 123"),
    "ES": (r"\d{4}[B-DF-HJ-NP-TV-Z]{3}|[A-Z]{1,2}\d{4}[A-Z]{0,2}", "1234 BCD"),
    "FR": (r"[A-Z]{2}\d{3}[A-Z]{2}|\d{1,4}[A-Z]{1,3}\d{2,3}", "AA 123 AA"),
    "BR": (r"[A-Z]{3}\d[A-Z0-9]\d{2}", "ABC 1D23"),
    "CO": (r"[A-Z]{3}\d{3}", "ABC 123"),
}
_LOOSE = (r"(?=.*\d)[A-Z0-9]{2,10}", "ABC 123")


def plate(raw: Raw, country: str) -> str | None:
    value = text(raw, 40)
    if value is None:
        return None
    plain = re.sub(r"[\s.·\-–_/]+", "", value).upper()
    form, example = _FORMS.get(country, _LOOSE)
    if not re.fullmatch(form, plain):
        raise Bad("plate-shape", length=len(plain), example=example)
    return " ".join(re.findall(r"[A-Z]+|\d+", plain))


def key(written: str) -> str:
    """What two plates are compared by."""
    return written.replace(" ", "")
