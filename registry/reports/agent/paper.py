"""A case on paper: A4, by typst. All words go in as data, never as markup: a stranger's text is drawn and nothing else.

No link, no form, no script, no attachment can come of it, whatever it says. Signs that order text from right to left in
secret are taken out before (they could make a sentence read as another); the JSON file beside it has every byte.

Whatever it says it is drawn, and soon: some scripts make one shape of many signs, and of thousands that takes minutes
or breaks what draws. No writing needs so many, so they are parted. What breaks all the same is written out in ASCII.
"""

import threading
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import msgspec
import typst

from registry.core import i18n
from registry.core.i18n import _
from registry.printing import artwork
from registry.reports.agent.case import DOORS, Case, file_rows, rows

TEMPLATE = Path(__file__).parent / "case.typ"
_HIDDEN = {ord(sign): None for sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff"}
_ONE_AT_A_TIME = threading.Lock()
_MARKS, _JOINED, _RUN = 6, 5, 40
"""More marks on a letter, more letters joined into one, or more signs without a space than any writing has."""
_JOINS = 9  # the combining class of what joins a letter to the next


def pdf(case: Case, language: str, zone: str = i18n.DEFAULT_ZONE) -> bytes:
    """The document. Some tenths of a second of work: call it in a thread."""
    try:
        return _drawn(case, language, zone, drawn)
    except BaseException as broken:
        if not _broke(broken):
            raise
        return _drawn(case, language, zone, spelt)


def _broke(error: BaseException) -> bool:
    """Whether it is the drawing that broke. The library it is made with also breaks in a way that is no Exception, and
    would end the program: with that, one sentence in a report would keep an office from every other report."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _drawn(case: Case, language: str, zone: str, draw: Callable[[str], str]) -> bytes:
    with i18n.speaking(language):
        job = {
            "lang": i18n.language(),
            "title": case.reference,
            "urgent": _("Urgent") if case.urgent else "",
            "head": [
                *([[_("Received, to the hour"), i18n.moment(case.received, zone)]] if case.received else []),
                *([[_("How it came"), _(DOORS[case.sealed_by])]] if case.sealed_by in DOORS else []),
                [_("Opened"), i18n.moment(case.opened_at, zone)],
                *([[_("To be answered before"), i18n.moment(case.answer_before, zone)]] if case.answer_before else []),
                [_("Proof of opening"), case.proof],
                [_("Envelope"), str(case.envelope)],
            ],
            "rows": [[label, draw(said)] for label, said in (*rows(case.report), *file_rows(case.files))],
            "told": _("What the person told"),
            "text": draw(str(case.report.get("narrative", ""))).splitlines(),
            "notes": [
                _("This is what somebody told who may not be sure. Nobody has checked it. It may be wrong or false."),
                _("Do not tell the business, and do not look for who wrote it."),
                _(
                    "To answer, on the machine that opened it: registry authority reply %(case)s, or progress or"
                    " outcome; each says with --help what it takes. Or sign in to your desk.",
                    case=case.reference,
                ),
                _("If a sign is missing here, it stands in the JSON file of the same name."),
            ],
        }
    with _ONE_AT_A_TIME:
        document = _compiler().compile(sys_inputs={"job": msgspec.json.encode(job).decode()})
    if not isinstance(document, bytes):
        raise TypeError("one PDF was expected")
    return document


def drawn(text: str) -> str:
    """Without the signs that no printer draws: they only change how the rest is read. What no writing does is cut."""
    kept: list[str] = []
    marks = joined = run = 0
    for sign in text.translate(_HIDDEN):
        if not (sign.isprintable() or sign == "\n"):
            continue
        mark = unicodedata.category(sign) in ("Mn", "Me")
        marks = marks + 1 if mark else 0
        if marks > _MARKS:
            continue
        joined = joined + 1 if unicodedata.combining(sign) == _JOINS else joined if mark or _joining(kept) else 0
        run = 0 if sign.isspace() else run + 1
        kept.append(sign)
        if joined > _JOINED or run >= _RUN:
            kept.append("\u200b")
            joined = run = 0
    return "".join(kept)


def _joining(kept: list[str]) -> bool:
    return bool(kept) and unicodedata.combining(kept[-1]) == _JOINS


def spelt(text: str) -> str:
    """Every sign that is not ASCII by its number: what is left when a text breaks what draws it."""
    return drawn(text.encode("ascii", "backslashreplace").decode())


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    # The machine's own fonts too: a report may be in any script.
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=[artwork.FONTS])
    return typst.Compiler(str(TEMPLATE), font_paths=fonts)
