"""What the page's script needs in the page's own language: dates, names and drawings, as one small object. Pure.

The script (client/face.js) spells no word of any language; what it says comes from here or stands in the template.
Runs inside `i18n.speaking(language)`.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from babel.core import get_global

from public_site.verification.page import ART, BANDS, FIRST_BAND_YEAR, PAINT, PREMISES
from registry.authorities.places import PROVINCES
from registry.core import i18n
from registry.core.i18n import _, ngettext

_YEAR, _DAY = 2026, 28
"""A day whose figures are found again in what Babel writes."""


def words(zone: str, country: str) -> dict[str, Any]:
    """`zone`: the operator's; the country's other zones are named as well."""
    return _words(i18n.language(), zone, country)


@lru_cache(16)
def _words(language: str, zone: str, country: str) -> dict[str, Any]:
    months = [date(_YEAR, month, _DAY) for month in range(1, 13)]
    rooms = [ngettext("%(n)s room", "%(n)s rooms", n).replace(str(n), "%(n)s") for n in (1, 2)]
    zones = {name for name, place in get_global("zone_territories").items() if place == country} | {zone}
    return {
        "language": language,
        "days": [_pattern(i18n.day(day)) for day in months],
        "longDays": [_pattern(i18n.long_day(day)) for day in months],
        "zones": {name: i18n.zone_name(name) for name in sorted(zones)},
        "premises": {kind: _(name) for kind, name in PREMISES.items() if name},
        "drawings": ART,
        "paint": PAINT,
        "bands": [_(band) for band in BANDS],
        "firstBandYear": FIRST_BAND_YEAR,
        "band": _("Seal of %(year)s, with a %(colour)s band"),
        "colour": _("%(what)s, colour %(colour)s"),
        "licence": _("Licence %(number)s"),
        "rooms": rooms,
        "moment": _("%(date)s, at %(time)s (%(zone)s)"),
        "call": _("Call %(number)s"),
        "danger": _("Is someone in danger now?"),
        "protection": _("Child protection"),
        "places": PROVINCES.get(country, {}),
        "zone": zone,
        "country": country,
        "calling": _calling(country),
    }


def _pattern(written: str) -> str:
    return written.replace(str(_DAY), "{d}", 1).replace(str(_YEAR), "{y}")


def _calling(country: str) -> str:
    """+506"""
    from phonenumbers import country_code_for_region

    return f"+{country_code_for_region(country)}"
