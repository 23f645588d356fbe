"""One cell as somebody typed it -> a clean value, or the reason why not. Pure.

Blank markers become None. A formula is never evaluated: text that begins with "=" is refused, with the text without it
as a suggestion, because a list whose cells compute something is a list nobody has read. `+`, `-` and `@` at the start
are left alone (telephone numbers and names begin so); what we write out is escaped by `escaped`.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

Raw = str | float | int | bool | date | datetime | None

CELL_LIMIT = 4000  # characters; a description may be long, a name may not: those have their own limit

BLANKS = {
    "-", "--", "—", "–", ".", "...", "?", "n/a", "na", "n.a.", "n/d", "nd", "n.d.", "s/d", "s/n", "s/i", "null", "none",
    "nil", "nan", "ninguno", "ninguna", "vacio", "vazio", "vide", "#n/a", "#n/d", "#ref!", "#valor!", "#value!",
    "no registrado", "no registra", "no aplica", "sin dato", "sin datos", "no tiene", "no consta", "sin informacion",
    "nao informado", "nao registrado", "sem dados", "non renseigne", "non communique", "not available", "no data",
    "no disponible", "por definir",
}  # fmt: skip
PLACEHOLDERS = {"20990101", "99991231", "19000101", "00010101", "00000000", "29990101", "99999999"}


class Bad(Exception):
    """This cell cannot be taken as it stands. `code` has a sentence; `suggest` holds values that would pass."""

    def __init__(self, code: str, suggest: Iterable[str] = (), **details: Any) -> None:
        super().__init__(code)
        self.code, self.suggest, self.details = code, tuple(suggest), details


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """For comparing: no accents, case or punctuation. "Poás" and "POAS", "Casa Blanca" and "casa-blanca" agree."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.sub(r"[^0-9a-z]+", " ", _bare(plain)).split()) or " ".join(plain.split())


def _bare(text: str) -> str:
    return "".join(c for c in text.replace("œ", "oe").replace("æ", "ae") if not unicodedata.combining(c))


def nearest(text: str, names: Iterable[str]) -> tuple[str, ...]:
    by_fold = {fold(name): name for name in names}
    return tuple(by_fold[key] for key in get_close_matches(fold(text), by_fold, n=2, cutoff=0.72))


def typed(raw: Raw) -> str:
    """What the person sees in the cell, as far as the file tells us."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if isinstance(raw, datetime):
        return raw.date().isoformat() if not (raw.hour or raw.minute or raw.second) else raw.isoformat(" ")
    return str(raw)


_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—™š›œžŸ¡-¿]")


@lru_cache(maxsize=65536)
def _clean(value: str) -> str | None:
    value = _INVISIBLE.sub("", unicodedata.normalize("NFC", mended_letters(value)))
    value = _SPACES.sub(" ", value).strip()
    value = "".join(c for c in value if not 0xD800 <= ord(c) < 0xE000) if not value.isprintable() else value
    return None if not value or _bare(unicodedata.normalize("NFKD", value.lower())) in BLANKS else value


def mended_letters(value: str) -> str:
    """ "HabitaciÃ³n" was UTF-8 read as CP1252 by a program before us; read back it is "Habitación"."""
    if not _MOJIBAKE.search(value):
        return value
    try:
        return value.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return value


def text(raw: Raw, limit: int = CELL_LIMIT) -> str | None:
    """NFC, one space between words, no invisible characters; None for blank and for words that mean blank."""
    if type(raw) is not str:
        raw = typed(raw)
    value = _clean(raw)
    if value is None:
        return None
    if value[0] == "'" and value[1:2] in {"=", "+", "-", "@", "|", "%"}:
        value = value[1:]
    if value[0] == "=":
        rest = value.lstrip("= ").strip()
        raise Bad("cell-formula", suggest=[rest] if rest and not re.search(r"[(!|\"]", rest) else [])
    if len(value) > limit:
        raise Bad("cell-long", limit=limit, length=len(value))
    return value


_ARTICLES = r"el|la|los|las|o|a|os|as|le|les|l'|l’"
_ARTICLE_LAST = re.compile(rf"^(?P<rest>.+?)(?:\s*\((?P<a>{_ARTICLES})\)|,\s*(?P<b>{_ARTICLES}))$", re.IGNORECASE)


def article_first(value: str) -> str:
    """ "Cango (El)" and "Laguna, La" as people say them: "El Cango", "La Laguna"."""
    found = _ARTICLE_LAST.match(value)
    if not found:
        return value
    article = found["a"] or found["b"]
    return f"{article}{'' if article[-1] in chr(39) + '’' else ' '}{found['rest']}"


def name(raw: Raw, limit: int = 200) -> str | None:
    value = text(raw, limit)
    if value is None:
        return None
    if not any(c.isalnum() for c in value):
        raise Bad("name-empty")
    return article_first(value)


_EMAIL = re.compile(r"^[^\s@,;<>()\[\]\"'\\]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,63}$")


def email(raw: Raw) -> str | None:
    value = text(raw, 254)
    if value is None:
        return None
    value = value.removeprefix("mailto:").strip("<>")
    if _EMAIL.match(value):
        local, _, host = value.rpartition("@")
        return f"{local}@{host.lower()}"
    several = [part for part in re.split(r"[\s,;/]+", value) if _EMAIL.match(part)]
    if len(several) > 1:
        raise Bad("email-several", suggest=several[:2])
    raise Bad("email-shape", suggest=[*several, ""])


def phone(raw: Raw, country: str) -> str | None:
    value = text(raw, 80)
    if value is None:
        return None
    digits = re.sub(r"\D", "", value)
    if not digits.strip("0"):
        return None
    if country == "CR" and len(digits) == 11 and digits.startswith("506"):
        digits = digits[3:]
    if country == "CR" and len(digits) == 8:
        return f"+506 {digits[:4]} {digits[4:]}"
    if len(digits) < 5:
        raise Bad("phone-shape", suggest=[""])
    return value


def whole(raw: Raw, top: int) -> int | None:
    """A count of things: rooms, a year. 0 means "not known" in the lists we have seen."""
    value = text(raw)
    if value is None:
        return None
    plain = value.replace(" ", "").removesuffix(".0").removesuffix(",0")
    if re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", plain):
        plain = re.sub(r"[.,]", "", plain)
    if not plain.isascii() or not plain.isdigit():
        raise Bad("number-shape")
    if int(plain[:9]) > top or len(plain) > 9:
        raise Bad("number-large", top=top)
    return int(plain) or None


def year(raw: Raw, last: int) -> int | None:
    value = whole(raw, 999_999_999)
    if value is not None and not 1950 <= value <= last:
        raise Bad("year-range", first="1950", last=str(last))
    return value


def _parts(value: str, country: str) -> tuple[int, int, int]:
    if found := re.match(r"^(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})(?:[T ].*)?$", value):
        return int(found[1]), int(found[2]), int(found[3])
    if found := re.match(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[T ].*)?$", value):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        year += 0 if year > 99 else 2000 if year < 70 else 1900
        return (year, first, second) if country == "US" else (year, second, first)
    raise Bad("date-shape")


def day(raw: Raw, today: date, country: str, *, future: bool = False) -> date | None:
    """Day first (month first in the United States), Excel's own dates and serial numbers, YYYYMMDD."""
    if isinstance(raw, datetime):
        raw = raw.date()
    if isinstance(raw, float | int) and not isinstance(raw, bool) and 10_000 < raw < 80_000:
        raw = date(1899, 12, 30) + timedelta(days=int(raw))
    if isinstance(raw, date):
        found = raw
    else:
        value = text(raw, 40)
        if value is None or value in PLACEHOLDERS:
            return None
        year, month, number = _parts(value, country)
        try:
            found = date(year, month, number)
        except ValueError:
            swapped = f"{month:02}/{number:02}/{year}" if 1 <= number <= 12 < month <= 31 else None
            raise Bad("date-impossible", suggest=[swapped] if swapped else []) from None
    if found.strftime("%Y%m%d") in PLACEHOLDERS or found.year < 1900:
        return None
    if found > today and not future:
        earlier = found.replace(year=found.year - 90, day=min(found.day, 28)) if found.year - 90 >= 1900 else found
        raise Bad("date-future", suggest=[f"{earlier:%d/%m/%Y}"] if date(2000, 1, 1) <= earlier <= today else [])
    return found


def yes(raw: Raw) -> bool:
    value = text(raw, 60)
    return value is not None and fold(value) in {"si", "yes", "sim", "oui", "x", "1", "true", "verdadero", "s", "y",
                                                "v", "contratado", "contratada", "tercerizado", "tercerizada",
                                                "outsourced", "externo", "externa", "terceirizado"}  # fmt: skip


def escaped(value: str) -> str:
    """For a file that a spreadsheet program will open: nothing we write is taken for a formula (clients.md 4).

    Telephone numbers and negative numbers stay as they are; the apostrophe is taken off again when the file returns.
    """
    risky = value[:1] in {"=", "@", "\t", "\r", "\n", "|", "%"} or (
        value[:1] in {"+", "-"} and not _HARMLESS.match(value)
    )
    return f"'{value}" if risky else value


_HARMLESS = re.compile(r"^[+-]?[\d\s().,/-]*$")
