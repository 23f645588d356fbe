"""A case on paper: A4, by typst. All words go in as data, never as markup: a stranger's text is drawn and nothing else.

No link, no form, no script, no attachment can come of it, whatever it says. Signs that order text from right to left in
secret are taken out before (they could make a sentence read as another); the JSON file beside it has every byte.
"""

import threading
from functools import lru_cache
from pathlib import Path

import msgspec
import typst

from registry.authorities import places
from registry.core import i18n
from registry.core.i18n import _
from registry.printing import artwork
from registry.reports.agent.case import Case, file_rows, rows

TEMPLATE = Path(__file__).parent / "case.typ"
_HIDDEN = {ord(sign): None for sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff"}
_ONE_AT_A_TIME = threading.Lock()


def pdf(case: Case, language: str, zone: str = i18n.DEFAULT_ZONE) -> bytes:
    """The document. Some tenths of a second of work: call it in a thread."""
    with i18n.speaking(language):
        job = {
            "lang": i18n.language(),
            "title": case.reference,
            "urgent": _("Urgent") if case.urgent else "",
            "head": [
                [_("Opened"), i18n.moment(case.opened_at, zone)],
                *([[_("To be answered before"), i18n.moment(case.answer_before, zone)]] if case.answer_before else []),
                [_("Proof of opening"), case.proof],
                [_("Envelope"), str(case.envelope)],
            ],
            "rows": [[label, drawn(said)] for label, said in (*_shown(case), *file_rows(case.files))],
            "told": _("What the person told"),
            "text": drawn(str(case.report.get("narrative", ""))).splitlines(),
            "notes": [
                _("This is what somebody told who may not be sure. Nobody has checked it. It may be wrong or false."),
                _("Do not tell the business, and do not look for who wrote it."),
                _("If a sign is missing here, it stands in the JSON file of the same name."),
            ],
        }
    with _ONE_AT_A_TIME:
        document = _compiler().compile(sys_inputs={"job": msgspec.json.encode(job).decode()})
    if not isinstance(document, bytes):
        raise TypeError("one PDF was expected")
    return document


def _shown(case: Case) -> list[tuple[str, str]]:
    code = str(case.report.get("place", {}).get("code", ""))
    named = places.name(code) if places.found(code) else code
    return [
        (label, f"{named} ({code})" if said == code and named != code else said) for label, said in rows(case.report)
    ]


def drawn(text: str) -> str:
    """Without the signs that no printer draws: they only change how the rest is read."""
    return "".join(sign for sign in text.translate(_HIDDEN) if sign.isprintable() or sign == "\n")


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    # The machine's own fonts too: a report may be in any script.
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=[artwork.FONTS])
    return typst.Compiler(str(TEMPLATE), font_paths=fonts)
