"""Hotlines as a page shows them: numbers written as people there write them, languages by name."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale

from registry.authorities import hotlines, queries
from registry.core import i18n
from registry.core.context import Context


async def rows(
    context: Context, now: datetime, place: str, signed: hotlines.Published | None = None
) -> list[dict[str, Any]]:
    """The published lines of a place, ready for help/lines.html: those that a manifest `signed` for, where known."""
    today = now.astimezone(ZoneInfo(context.config.time_zone)).date()
    lines = signed.hotlines if signed else await queries.published_lines(context)
    return [_row(shown) for shown in hotlines.shown(lines, place, today)]


def _row(shown: hotlines.Shown) -> dict[str, Any]:
    line = shown.hotline
    return {
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
