"""A sentence that is kept in English and can still be said in another language: its message and its values. Pure.

It is a string like any other, for JSON, logs and comparing; `i18n.said` gives it in the language being spoken. What
checks published files writes such, because whoever reads them may be a program, or an operator in Costa Rica.
"""

from collections.abc import Sequence
from typing import Any, Self

import msgspec


class Phrase(str):
    """`Phrase("leaf %(number)s is not there", number=7)`; a value may be a Phrase."""

    __slots__ = ("message", "values")
    message: str
    values: dict[str, Any]

    def __new__(cls, message: str, /, **values: Any) -> Self:
        made = super().__new__(cls, message % values if values else message)
        made.message, made.values = message, values
        return made


def joined(parts: Sequence[str]) -> str:
    """One after the other."""
    whole: str = parts[0] if parts else ""
    for part in parts[1:]:
        whole = Phrase("%(one)s; %(other)s", one=whole, other=part)
    return whole


def packed(text: str) -> str:
    """To be kept as text."""
    return msgspec.json.encode(_parts(text)).decode() if isinstance(text, Phrase) else text


def _parts(text: object) -> object:
    if isinstance(text, Phrase):
        return {"message": text.message, "values": {name: _parts(value) for name, value in text.values.items()}}
    return text if isinstance(text, int) else str(text)


def unpacked(kept: str) -> str:
    """What `packed` kept; any other text is itself."""
    try:
        return _phrase(msgspec.json.decode(kept)) if kept[:1] == "{" else kept
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return kept


def _phrase(parts: Any) -> Any:
    if not isinstance(parts, dict):
        return parts
    values = {name: _phrase(value) for name, value in parts["values"].items()}
    message: str = parts["message"]
    return Phrase(message, **values)
