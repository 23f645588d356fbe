"""Every sentence a person reads passes through here: which language, which words, how a date or a figure is written.

English sentences are the keys. Each room keeps its own catalogue, registry/locale/<language>/<room>.po; they are read
as one. `problem:<code>` is the key of the sentence for a refusal. Sources are the .po files; a compiled copy is kept
beside them (`locale/.compiled/`) when the folder can be written, because parsing thousands of sentences takes a second.
"""

import gettext as gnu
import hashlib
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.core import get_global
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from registry.core.errors import Refusal
from registry.core.phrase import Phrase

LANGUAGES = ("es", "en", "pt", "fr")
NAMES = {"es": "Español", "en": "English", "pt": "Português", "fr": "Français"}
DEFAULT = "es"
LOCALES = {"es": "es_CR", "en": "en_GB", "pt": "pt_BR", "fr": "fr_FR"}
DEFAULT_ZONE = "America/Costa_Rica"
FOLDER = Path(__file__).parent.parent / "locale"

_language: ContextVar[str] = ContextVar("language", default=DEFAULT)
# True when the reader chose by ?lang=: then our links keep saying so, because strangers get no cookie.
_chosen: ContextVar[bool] = ContextVar("language_chosen", default=False)


def language() -> str:
    return _language.get()


def chosen() -> bool:
    return _chosen.get()


@contextmanager
def speaking(language: str, chosen: bool = False) -> Iterator[None]:
    """Everything inside is said in this language (mail, documents, one request); one we do not speak becomes ours."""
    before, was_chosen = _language.set(_base(language) or DEFAULT), _chosen.set(chosen)
    try:
        yield
    finally:
        _language.reset(before)
        _chosen.reset(was_chosen)


def negotiate(wanted: str | None, accept: str | None) -> str:
    """?lang= first, then Accept-Language by its q-values (pt-BR is answered in pt); Spanish when nothing matches."""
    if found := _base(wanted or ""):
        return found
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate((accept or "").split(",")[:50]):
        tag, _, rest = part.partition(";")
        weight = quality(rest)
        if weight > 0 and (found := DEFAULT if tag.strip() == "*" else _base(tag)):
            ranked.append((-weight, position, found))
    return min(ranked)[2] if ranked else DEFAULT


def _base(tag: str) -> str | None:
    base = re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0]
    return base if base in LANGUAGES else None


def quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            # Written by strangers: "nan" would survive min() and max(), so only plain decimals count.
            value = value.strip()
            return min(1.0, float(value)) if re.fullmatch(r"\d(\.\d{0,6})?", value, re.ASCII) else 0.0
    return 1.0


# Words.


def N_(message: str) -> str:  # noqa: N802  gettext's customary name, which extractors know
    return message


def _(message: str, **values: object) -> str:
    """The sentence in the current language; `%(name)s` places are filled when values are given."""
    text = translations(language()).gettext(message) if message else ""
    return text % values if values else text


def said(text: object) -> object:
    """A Phrase in the current language, with the phrases in it; anything else as it is."""
    if not isinstance(text, Phrase):
        return text
    values = {name: said(value) for name, value in text.values.items()}
    words = translations(language()).gettext(text.message)
    return words % values if values else words


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    text = translations(language()).ngettext(one, many, n)
    return text % {"n": n, "num": n, **values} if "%" in text else text


def pgettext(context: str, message: str, **values: object) -> str:
    """For one English word that is two words elsewhere."""
    text = translations(language()).pgettext(context, message)
    return text % values if values else text


def sentence(refusal: Refusal | str, **details: Any) -> str:
    """A refusal's own words, or those of a code.

    A code without a sentence is a mistake that tests/house finds; the reader still gets one, in English or in general.
    """
    code = refusal if isinstance(refusal, str) else refusal.code
    details = details if isinstance(refusal, str) else refusal.details
    shown = {name: number(value) if type(value) in (int, float) else value for name, value in details.items()}
    key = f"problem:{code}"
    for tongue in (language(), "en"):
        words = translations(tongue).gettext(key)
        if words != key:
            try:
                return words % shown if "%" in words else words
            except (KeyError, TypeError, ValueError):
                return words
    return _("This cannot be done as it stands. Nothing was changed.")


def known(message: str) -> bool:
    """Whether the catalogues hold this key in the current language."""
    return translations(language()).gettext(message) != message


@cache
def translations(language: str) -> gnu.GNUTranslations:
    sources = sorted((FOLDER / language).glob("*.po"))
    stamp = hashlib.sha256()
    for source in sources:
        stat = source.stat()
        stamp.update(f"{source.name} {stat.st_mtime_ns} {stat.st_size}\n".encode())
    compiled = FOLDER / ".compiled" / f"{language}-{stamp.hexdigest()[:16]}.mo"
    with suppress(OSError, UnicodeDecodeError):
        return gnu.GNUTranslations(io.BytesIO(compiled.read_bytes()))
    content = _compile(language, sources)
    with suppress(OSError):  # a read-only installation reads the sources at each start instead
        compiled.parent.mkdir(exist_ok=True)
        for old in compiled.parent.glob(f"{language}-*.mo"):
            old.unlink(missing_ok=True)
        draft = compiled.with_suffix(f".{os.getpid()}")
        draft.write_bytes(content)
        draft.replace(compiled)
    return gnu.GNUTranslations(io.BytesIO(content))


def _compile(language: str, sources: list[Path]) -> bytes:
    merged = Catalog(locale=language)
    for source in sources:
        for message in read_po(io.BytesIO(source.read_bytes()), locale=language):
            if message.id and not message.fuzzy and any(_strings(message.string)):
                merged.add(message.id, message.string, context=message.context)
    buffer = io.BytesIO()
    write_mo(buffer, merged)
    return buffer.getvalue()


def _strings(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    if not string:
        return []
    return [string] if isinstance(string, str) else list(string)


# Dates and figures, in the place's own time.


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES[language])


def _ours(text: str) -> str:
    """Costa Rica writes setiembre; the tables Babel carries say septiembre."""
    if language() != "es":
        return text
    return text.replace("septiembre", "setiembre").replace("sept", "set")


def _there(when: date | datetime, zone: str) -> date:
    return when.astimezone(ZoneInfo(zone)).date() if isinstance(when, datetime) else when


def day(when: date | datetime, zone: str = DEFAULT_ZONE) -> str:
    """3 set 2026"""
    pattern = "d MMM y"
    return _ours(dates.format_date(_there(when, zone), pattern, _locale(language())).replace(".", ""))


def short_day(when: date | datetime, zone: str = DEFAULT_ZONE) -> str:
    """3 set"""
    return _ours(dates.format_date(_there(when, zone), "d MMM", _locale(language())).replace(".", ""))


def long_day(when: date | datetime, zone: str = DEFAULT_ZONE) -> str:
    """3 de setiembre de 2026"""
    return _ours(dates.format_date(_there(when, zone), "long", _locale(language())))


def clock(when: datetime, zone: str = DEFAULT_ZONE) -> str:
    """14:02, always in 24 hours"""
    return dates.format_time(when, "HH:mm", ZoneInfo(zone), _locale(language()))


def moment(when: datetime, zone: str = DEFAULT_ZONE) -> str:
    """3 set 2026, 14:02"""
    return f"{day(when, zone)}, {clock(when, zone)}"


def zone_name(zone: str = DEFAULT_ZONE) -> str:
    """hora de Costa Rica"""
    place = dates.get_timezone_location(ZoneInfo(zone), _locale(language()), return_city=False)
    # Some of Babel's tables name a country by its summer time; the territory's own name never changes.
    territory = get_global("zone_territories").get(zone)
    place = _locale(language()).territories.get(territory, place)
    return _("%(place)s time", place=place)


def country(code: str) -> str:
    """Its name for the reader, by ISO 3166-1; the code itself when nobody knows it."""
    name: str = _locale(language()).territories.get(code, code)
    return name


def number(value: float, digits: int | None = None) -> str:
    pattern = None if digits is None else "#,##0." + "0" * digits if digits else "#,##0"
    return numbers.format_decimal(value, pattern, _locale(language()))


def percent(share: float, digits: int = 0) -> str:
    """0.502 with one digit: 50,2 % (with a no-break space, so that it never wraps)."""
    sign = "%" if language() == "en" else "\N{NO-BREAK SPACE}%"
    return number(share * 100, digits) + sign


def listed(items: list[str]) -> str:
    """a, b y c"""
    from babel.lists import format_list

    return format_list(items, locale=_locale(language())) if items else ""
