"""What a posted report form says, held against what a report may be. Pure. Its token is core.stranger_form's."""

import re

from stdnum.iso7064 import mod_11_10

from registry.core.errors import Invalid
from registry.reports.envelope import Place, Report, Sign, When

BODY = 190_000
NARRATIVE = 12_000
_LONG_NUMBER = re.compile(r"\d(?:[ .\-]?\d){19,}")


def clean(text: str, longest: int) -> str:
    """A stranger's text as it is sealed: line ends made one kind, control signs gone, length bounded."""
    kept = "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or c.isprintable() or c == "\u200d")
    return kept.strip()[:longest]


def written(fields: dict[str, list[str]], language: str) -> Report:
    """The report in a posted form; Invalid naming the field to mend. Only a place and one sentence are needed."""
    one = {name: values[0] for name, values in fields.items()}
    narrative = clean(one.get("text", ""), NARRATIVE + 1)
    if not narrative:
        raise Invalid("report-needs-words", fields={"text": "report-needs-words"})
    if len(narrative) > NARRATIVE:
        raise Invalid("report-too-long", fields={"text": "report-too-long"})
    if holds_code(narrative):
        raise Invalid("report-holds-code", fields={"text": "report-holds-code"})
    place = Place(
        one.get("place", ""), clean(one.get("spot", ""), 500).replace("\n", " "), one.get("premises", "")[:40]
    )
    when = one.get("when", "")
    return Report(
        place,
        narrative,
        When(when) if when in set(When) else When.UNKNOWN,
        tuple(sign for sign in Sign if sign in fields.get("what", ())),
        clean(one.get("contact", ""), 500).replace("\n", " "),
        language,
    )


def holds_code(text: str) -> bool:
    """Whether somebody pasted a reference code into a text that others will read."""
    for run in _LONG_NUMBER.findall(text):
        digits = "".join(c for c in run if c.isdigit())
        if any(mod_11_10.is_valid(digits[i : i + 20]) for i in range(len(digits) - 19)):
            return True
    return False
