"""The forms in which a seal's address answers, and which of them a request likes best (RFC 9110, 12.5). Pure.

An unsecured credential is none of them: whoever asks for JSON-LD gets the signed one in its JSON-LD envelope
(EnvelopedVerifiableCredential), because a bare copy would look like a credential and prove nothing.
"""

from collections.abc import Sequence
from functools import lru_cache

HTML = "text/html"
JSON = "application/json"
VC_JWT = "application/vc+jwt"
VC = "application/vc"
JSON_LD = "application/ld+json"
LINKSET = "application/linkset+json"
TEXT = "text/plain"
OFFERED = (HTML, JSON, VC_JWT, VC, JSON_LD, LINKSET, TEXT)
SUFFIXES = {".json": JSON, ".jwt": VC_JWT, ".vc": VC, ".linkset": LINKSET, ".txt": TEXT}
"""For whoever cannot say Accept."""


@lru_cache(1024)
def best(accept: str, offered: Sequence[str] = OFFERED) -> str | None:
    """The offered type this header likes most, the earlier one when it likes two as much; None when it takes none."""
    if not accept.strip():
        return offered[0]
    ranges = [_range(part) for part in accept.split(",")[:40]]
    liked = [(_liking(ranges, kind), -place, kind) for place, kind in enumerate(offered)]
    quality, _, kind = max(liked)
    return kind if quality > 0 else None


def _liking(ranges: list[tuple[str, float]], kind: str) -> float:
    """The quality given by the most precise range that fits: `text/html` before `text/*` before `*/*`."""
    family = kind.partition("/")[0] + "/*"
    for wanted in (kind, family, "*/*"):
        found = [quality for name, quality in ranges if name == wanted]
        if found:
            return max(found)
    return 0.0


def _range(part: str) -> tuple[str, float]:
    name, *parameters = part.split(";")
    return name.strip().lower(), _quality(parameters)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


@lru_cache(1024)
def takes_gzip(accept: str) -> bool:
    """Whether this Accept-Encoding allows gzip."""
    qualities = dict(_range(part) for part in accept.split(",")[:20])
    return qualities.get("gzip", qualities.get("*", 0.0)) > 0
