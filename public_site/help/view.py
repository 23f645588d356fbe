"""Hotlines as a page shows them: numbers written as people there write them, languages by name."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale

from registry.authorities import hotlines, places, queries
from registry.core import emergency, i18n
from registry.core.context import Context


async def rows(
    context: Context, now: datetime, place: str, signed: hotlines.Published | None = None
) -> list[dict[str, Any]]:
    """The published lines of a place, ready for help/lines.html: those that a manifest `signed` for, where known. The
    number that saves now is always the first: where nobody published one, the country's, or 112."""
    today = now.astimezone(ZoneInfo(context.config.time_zone)).date()
    lines = signed.hotlines if signed else await queries.published_lines(context)
    found = [_row(shown) for shown in hotlines.shown(lines, place, today)]
    return found if any(row["emergency"] for row in found) else [_general(place), *found]


def _general(place: str) -> dict[str, Any]:
    """The number that telephone networks of the country know, or of every country. Nobody of ours rang it."""
    number = emergency.EVERYWHERE if place == places.ELSEWHERE else emergency.number(place)
    return {"emergency": True, "name": "", "numbers": [(number, number, number)], "general": True}


def _row(shown: hotlines.Shown) -> dict[str, Any]:
    line = shown.hotline
    return {
        "general": False,
        "emergency": line.kind is hotlines.Kind.EMERGENCY,
        "name": line.name(i18n.language()),
        "numbers": [(number, hotlines.local(number), hotlines.abroad(number)) for number in line.numbers],
        "texts": line.texts,
        "hours": line.hours,
        "languages": spoken(line.languages),
        "from_abroad": line.from_abroad,
        "fictitious": line.fictitious,
        "checked_on": line.checked_on,
        "stale": shown.stale,
        "source": line.source,
        "owner": line.owner,
    }


def spoken(languages: tuple[str, ...]) -> str:
    """Names of languages in the reader's own: Spanish, English."""
    names = Locale.parse(i18n.LOCALES[i18n.language()]).languages
    said = ", ".join(names.get(code, code) for code in languages)
    return said[:1].upper() + said[1:]
