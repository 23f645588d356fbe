"""The catalogues against the code: `python -m tests.house.catalogues [--write] [--fill words.json] [room …]`.

Reads every sentence marked in code and templates, and the code of every refusal raised, and compares them with
registry/locale/<language>/<room>.po. `--write` adds what is missing and drops what nothing uses any more; English is
filled with the sentence itself, the others are left empty for a person who writes that language.
`--fill` takes sentences from a JSON file: see fill().
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("registry", "public_site", "audit")
LANGUAGES = ("es", "en", "pt", "fr")
REFUSALS = frozenset({"Refusal", "NotFound", "Forbidden", "Conflict", "Invalid", "TooLarge", "Busy"})
KEYWORDS = {
    "_": None,
    "N_": None,
    "Phrase": None,
    "Untrusted": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
OPTIONS = {"extensions": "jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true",
           "silent": "false", "trimmed": "true"}  # fmt: skip
OWN_FILE = frozenset({"report_form", "help", "scanner", "about"})
"""Rooms of public_site with a catalogue of their own; the others share public_site.po."""
PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]")

Key = tuple[str | tuple[str, ...], str | None]


class Used(msgspec.Struct):
    """A sentence the code uses, and where."""

    places: list[tuple[str, int]]


class Fault(msgspec.Struct, frozen=True):
    language: str
    room: str
    kind: str
    message: str


def room_of(path: Path) -> str:
    package, *inner = path.relative_to(ROOT).parts
    if package == "audit":
        return "audit"
    if package == "public_site":
        return inner[0] if inner[0] in OWN_FILE else "public_site"
    shared = len(inner) == 1 or inner[0] in {"core", "templates", "access", "static"}
    return "core" if shared else inner[0]


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in path.parts):
                yield path


def used() -> dict[str, dict[Key, Used]]:
    """By room: every message and where it stands."""
    found: dict[str, dict[Key, Used]] = {}
    for path in sources():
        room = found.setdefault(room_of(path), {})
        name = path.relative_to(ROOT).as_posix()
        for line, key in [*_marked(path), *(_refused(path) if path.suffix == ".py" else ())]:
            room.setdefault(key, Used([])).places.append((name, line))
    return found


def _marked(path: Path) -> Iterator[tuple[int, Key]]:
    method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
    with path.open("rb") as file:
        for line, message, _comments, context in extract(method, file, KEYWORDS, options=OPTIONS):
            if message:
                yield line, (message, context)


def _refused(path: Path) -> Iterator[tuple[int, Key]]:
    """Codes of refusals: raise Conflict("already-signed"), and fields={"plate": "plate-length"}."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or _name(node.func) not in REFUSALS:
            continue
        codes = node.args[:1]
        for keyword in node.keywords:
            if keyword.arg == "fields" and isinstance(keyword.value, ast.Dict):
                codes += keyword.value.values
        for code in codes:
            for part in (code.body, code.orelse) if isinstance(code, ast.IfExp) else (code,):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield node.lineno, (f"problem:{part.value}", None)


def _name(function: ast.expr) -> str:
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def file_of(language: str, room: str) -> Path:
    return ROOT / "registry" / "locale" / language / f"{room}.po"


def catalogue(language: str, room: str) -> Catalog:
    path = file_of(language, room)
    if not path.exists():
        return Catalog(locale=language, project="Resguardo", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def rooms_on_disk(language: str) -> set[str]:
    return {path.stem for path in (ROOT / "registry" / "locale" / language).glob("*.po")}


def strings(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def faults(only: frozenset[str] = frozenset()) -> list[Fault]:
    """Missing, empty, stale, differing in places to fill, or said in two ways by two rooms."""
    found: list[Fault] = []
    wanted = used()
    for language in LANGUAGES:
        held = {room: catalogue(language, room) for room in wanted.keys() | rooms_on_disk(language)}
        said: dict[Key, tuple[str, list[str]]] = {}
        for room, entries in sorted(held.items()):
            needs = wanted.get(room, {})
            for key in needs:
                if _entry(entries, key) is None and _entry(held["core"], key) is None:
                    found.append(Fault(language, room, "missing", _show(key)))
            for message in entries:
                if not message.id:
                    continue
                key = _key(message)
                if key not in needs:
                    found.append(Fault(language, room, "stale", _show(key)))
                found += [Fault(language, room, kind, _show(key)) for kind in _wrong(message)]
                before = said.setdefault(key, (room, strings(message.string)))
                if before[1] != strings(message.string):
                    found.append(Fault(language, room, f"said otherwise in {before[0]}", _show(key)))
    return [fault for fault in found if not only or fault.room in only]


def _wrong(message) -> Iterator[str]:  # type: ignore[no-untyped-def]
    texts = strings(message.string)
    if not all(texts) or not texts:
        yield "empty"
        return
    if message.fuzzy:
        yield "not confirmed (fuzzy)"
    sources = strings(message.id)
    if sources[0].startswith("problem:"):
        return
    wanted = sorted({m for source in sources for m in PLACE.findall(source)})
    for text in texts:
        got = sorted(set(PLACE.findall(text)))
        # A singular may say "one" instead of the figure; nothing may ask for what is not given.
        if (len(sources) == 1 and got != wanted) or not set(got) <= set(wanted):
            yield "places to fill differ"
            return


def _key(message) -> Key:  # type: ignore[no-untyped-def]
    ids = message.id
    return (tuple(ids) if isinstance(ids, list | tuple) else ids), message.context or None


def _entry(entries: Catalog, key: Key):  # type: ignore[no-untyped-def]
    first = key[0] if isinstance(key[0], str) else key[0][0]
    return entries.get(first, key[1])


def _show(key: Key) -> str:
    return key[0] if isinstance(key[0], str) else key[0][0]


def write(only: frozenset[str] = frozenset()) -> None:
    wanted = used()
    for language in LANGUAGES:
        core = catalogue(language, "core")
        for room in sorted(only if only else wanted.keys() | rooms_on_disk(language)):
            needs = wanted.get(room, {})
            old = catalogue(language, room)
            new = Catalog(locale=language, project="Resguardo", charset="utf-8", fuzzy=False)
            for key, use in sorted(needs.items(), key=lambda item: min(item[1].places)):
                kept = _entry(old, key)
                if kept is None and room != "core" and _entry(core, key) is not None:
                    continue
                new.add(key[0], kept.string if kept and any(strings(kept.string)) else _first(language, key),
                        locations=[(place, None) for place in sorted({p for p, _ in use.places})],
                        context=key[1])  # fmt: skip
            path = file_of(language, room)
            if not list(new)[1:]:
                path.unlink(missing_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write_po(file, new, width=120, omit_header=False, sort_output=False, include_lineno=False)
            _plain_header(path, language)


def fill(words: dict[str, dict[str, str | list[str]]], only: frozenset[str] = frozenset()) -> None:
    """Puts sentences in: {"English sentence": {"es": "…", "pt": "…", "fr": "…"}}; a plural is a list of two."""
    for language in LANGUAGES:
        for room in sorted(only or rooms_on_disk(language)):
            entries = catalogue(language, room)
            for message in entries:
                first = _show(_key(message)) if message.id else ""
                if given := words.get(first, {}).get(language):
                    message.string = given if isinstance(given, str) else tuple(given)
            path = file_of(language, room)
            with path.open("wb") as file:
                write_po(file, entries, width=120, include_lineno=False)
            _plain_header(path, language)


def _first(language: str, key: Key) -> str | tuple[str, ...]:
    if language != "en" or _show(key).startswith("problem:"):
        return "" if isinstance(key[0], str) else ("", "")
    return key[0]


def _plain_header(path: Path, language: str) -> None:
    """A header that never changes by itself, so that two people's catalogues merge."""
    body = path.read_text().split("\n\n", 1)[1]
    plural = "(n > 1)" if language == "fr" else "(n != 1)"
    head = (f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
            f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=2; plural={plural};\\n"\n')  # fmt: skip
    path.write_text(head + "\n" + body.rstrip("\n") + "\n")


def main(arguments: list[str]) -> int:
    only = frozenset(a for a in arguments if not a.startswith("-"))
    if "--write" in arguments:
        write(only)
    if "--fill" in arguments:
        words = Path(arguments[arguments.index("--fill") + 1])
        only -= {str(words)}
        fill(json.loads(words.read_text()), only)
    found = faults(only)
    for fault in found:
        sys.stdout.write(f"{fault.language}/{fault.room}.po: {fault.kind}: {fault.message}\n")
    sys.stdout.write(f"{len(found)} to mend\n" if found else "complete\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
