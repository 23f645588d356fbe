"""The terminology lint: our list of words (terms.json) against every text a person reads.

The list follows the Luxembourg Guidelines and our own tone.

A word of level `error` fails. One of level `warn` fails too, unless a person looked at that very sentence and put it in
terms_reviewed.json with a reason: {"id": "es05", "text": "…", "why": "…"}. Reports that people type are never linted.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from tests.house import catalogues

HERE = Path(__file__).parent
LEGAL = ("sale of children, child prostitution and child pornography", "End Child Prostitution")
"""Names of a treaty and of an organisation, which are quoted and not said."""


class Term(msgspec.Struct, frozen=True):
    lang: str
    id: str
    level: str
    pattern: str
    prefer: str


class Said(msgspec.Struct, frozen=True):
    """A text somebody reads, and where it stands."""

    place: str
    language: str
    text: str


def plain(text: str) -> str:
    """Without accents and in lower case, as the patterns are written."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).lower()


@cache
def terms(language: str) -> tuple[tuple[Term, re.Pattern[str]], ...]:
    listed = msgspec.json.decode((HERE / "terms.json").read_bytes(), type=list[Term])
    return tuple((term, re.compile(term.pattern, re.IGNORECASE)) for term in listed if term.lang == language)


@cache
def reviewed() -> frozenset[tuple[str, str]]:
    return frozenset((one["id"], one["text"]) for one in json.loads((HERE / "terms_reviewed.json").read_text()))


def found(language: str, text: str) -> list[Term]:
    """The terms a text uses that it should not."""
    for name in LEGAL:
        text = text.replace(name, "")
    bare = plain(text)
    return [term for term, pattern in terms(language) if pattern.search(bare) and (term.id, text) not in reviewed()]


def everything() -> Iterator[Said]:
    """Catalogues (also the English keys, which are read where a translation is missing), templates and data files."""
    for language in catalogues.LANGUAGES:
        for room in sorted(catalogues.rooms_on_disk(language)):
            for message in catalogues.catalogue(language, room):
                for text in catalogues.strings(message.string) if message.id else ():
                    yield Said(f"{language}/{room}.po", language, text)
    for path in catalogues.sources():
        if path.suffix != ".py":
            name = path.relative_to(catalogues.ROOT).as_posix()
            for text in texts(path.read_text()):
                yield Said(name, "en", text)
    for package in catalogues.PACKAGES:
        for path in sorted((catalogues.ROOT / package).rglob("*.json")):
            name = path.relative_to(catalogues.ROOT).as_posix()
            yield from in_data(name, json.loads(path.read_text()), None)


def in_data(place: str, value: object, language: str | None) -> Iterator[Said]:
    """Texts of a data file: whatever stands under a key that is a language."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from in_data(place, inner, key if key in catalogues.LANGUAGES else language)
    elif isinstance(value, list):
        for inner in value:
            yield from in_data(place, inner, language)
    elif isinstance(value, str) and language:
        yield Said(place, language, value)


_CODE = re.compile(
    r"\{#.*?#\}|\{% block (?:kind|stay) %\}.*?\{% endblock %\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}"
    r"|\{%.*?%\}|\{\{.*?\}\}",
    re.DOTALL,
)
_SILENT = re.compile(r"<!--.*?-->|<script\b.*?</script>|<style\b.*?</style>|<!doctype[^>]*>", re.DOTALL | re.IGNORECASE)
_READ_ALOUD = re.compile(r'\b(?:placeholder|title|aria-label|alt|label|aria-description)="([^"]*)"')
_WORD = re.compile(r"[^\W\d_]{2,}")


def texts(template: str) -> Iterator[str]:
    """Words that stand in a template outside every call for a translation."""
    bare = _SILENT.sub(" ", _CODE.sub("\x00", template))
    for spoken in _READ_ALOUD.findall(bare):
        if _WORD.search(spoken):
            yield spoken.replace("\x00", "…").strip()
    for node in re.split(r"<[^<>]*>", bare):
        for part in node.split("\x00"):
            text = re.sub(r"&\w+;", " ", part).strip()
            if _WORD.search(text) and not re.fullmatch(r"/[\w/-]+|[A-Z0-9]+|min|km", text):
                yield text
