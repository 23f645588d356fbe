"""Tax ids by country: digits checked where the country gives a check digit, one written form each.

Costa Rica: cédula jurídica 3-101-123456 (10 digits, beginning 2, 3, 4 or 5), física 1-0234-0567 (9, beginning 1 to 9),
DIMEX (11 or 12). They have no check digit, so only their length and first digit can be wrong. Excel drops nothing here
that matters: none begins with 0 except a física typed with one, which we read.
"""

import re
from functools import lru_cache
from importlib import import_module

from registry.clients.cells import Bad, Raw, text

CHECKED = {
    "PE": ("pe.ruc",),
    "ES": ("es.nif",),
    "FR": ("fr.siret", "fr.siren"),
    "BR": ("br.cnpj", "br.cpf"),
    "AR": ("ar.cuit", "ar.dni"),
    "MX": ("mx.rfc",),
    "CO": ("co.nit",),
    "GT": ("gt.nit",),
    "SV": ("sv.nit",),
    "EC": ("ec.ruc", "ec.ci"),
    "PY": ("py.ruc",),
    "UY": ("uy.rut",),
    "CL": ("cl.rut",),
}


def tax_id(raw: Raw, country: str) -> str | None:
    value = text(raw, 40)
    return None if value is None else _written(value, country)


@lru_cache(maxsize=32768)
def _written(value: str, country: str) -> str | None:
    plain = re.sub(r"[\s.,\-–/]+", "", value).upper()
    if not plain.strip("0"):
        return None
    if country == "CR":
        return _costa_rican(plain)
    modules = [import_module(f"stdnum.{name}") for name in CHECKED.get(country, ())]
    if any(module.is_valid(plain) for module in modules):
        return plain
    if modules:
        raise Bad("taxid-check", count=len(plain))
    if not re.fullmatch(r"[A-Z0-9]{4,20}", plain):
        raise Bad("taxid-shape", count=len(plain), expected="4–20")
    return plain


def _costa_rican(plain: str) -> str:
    if not plain.isascii() or not plain.isdigit():
        raise Bad("taxid-shape", count=sum(c.isdigit() for c in plain), expected="10")
    if len(plain) == 10 and plain[0] == "0":
        plain = plain[1:]
    if len(plain) == 10 and plain[0] in "2345":
        return f"{plain[0]}-{plain[1:4]}-{plain[4:]}"
    if len(plain) == 9 and plain[0] in "123456789":
        return f"{plain[0]}-{plain[1:5]}-{plain[5:]}"
    if len(plain) in (11, 12):
        return plain
    raise Bad("taxid-shape", count=len(plain), expected="10")
