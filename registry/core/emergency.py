"""The number that saves now, by country: for pages where no published list names one.

One number a country, the one that reaches the police or all services by voice; tests/registry/core/test_emergency.py
holds each against the short numbers of libphonenumber (after national plans and ITU-T E.129). Countries whose number is
112 are not listed: it is everybody's fallback, because every GSM telephone turns it into whatever the network it is in
calls an emergency (3GPP TS 22.101, 10.1.1).
"""

EVERYWHERE = "112"
_NUMBERS = {
    "911": "AR BB BS BZ CA CR DO EC HN JM MX PA PH PR PY SV US UY",
    "110": "BO CN GT JP TW", "190": "BR", "133": "CL", "123": "CO", "106": "CU", "114": "HT", "118": "NI", "105": "PE",
    "171": "VE", "999": "HK KE MY SG TT", "111": "NZ", "000": "AU", "191": "TH LA", "117": "KH MG", "113": "VN AO",
    "119": "LK MZ", "100": "NP IL", "10111": "ZA", "17": "SN", "19": "MA", "132": "CV",
}  # fmt: skip
NUMBERS = {country: number for number, countries in _NUMBERS.items() for country in countries.split()}


def number(country: str) -> str:
    """For a country (ISO 3166-1), or for a province of it (ISO 3166-2)."""
    return NUMBERS.get(country.partition("-")[0].upper(), EVERYWHERE)
