"""What a posted report form says, held against what a report may be. Pure. Its token is core.stranger_form's."""

from registry.core.errors import Invalid
from registry.reports.envelope import Place, Report, Sign, When
from registry.reports.typed import NARRATIVE, clean, holds_code, line

BODY = 190_000


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
    place = Place(one.get("place", ""), line(one.get("spot", "")), one.get("premises", "")[:40])
    when = one.get("when", "")
    return Report(
        place,
        narrative,
        When(when) if when in set(When) else When.UNKNOWN,
        tuple(sign for sign in Sign if sign in fields.get("what", ())),
        line(one.get("contact", "")),
        language,
    )
