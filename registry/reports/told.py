"""What a posted form says, held against what a report may be: the stranger's own and the one an operator fills. Pure.

The browser's twin is report_form/client/written.js; tests/vectors/report_channel.json holds both to the same bytes.
Nothing that was typed is dropped or cut: a number or a date that is none is kept as words beside it, and what is too
long comes back to be shortened by whoever wrote it.
"""

import re
from datetime import date
from enum import StrEnum
from typing import TypeVar

from registry.core.errors import Invalid
from registry.reports.payload import (
    Adults,
    Age,
    Children,
    Moment,
    Online,
    Part,
    Place,
    Report,
    Role,
    Sex,
    Sign,
    Told,
    Vehicle,
    When,
)
from registry.reports.typed import NARRATIVE, clean, holds_code, line

TEXTS = (
    "text", "spot", "locality", "unit", "when_date", "when_time", "children_count", "children_description",
    "adults_count", "adults_description", "adults_nationality", "adults_language", "adults_name", "plate",
    "vehicle_make", "vehicle_colour", "online_platform", "online_handle", "languages", "contact",
)  # fmt: skip
"""The fields in which somebody writes words, in the order of the page."""
_LINE, _SHORT, _LANGUAGES = 500, 40, 8
_LONGEST = {"text": NARRATIVE, "children_description": 950, "adults_description": 950, "online_handle": 950,
            "when_date": 200, "when_time": 200}  # fmt: skip
"""Letters that a field holds; any other holds a line."""
_NUMBER = re.compile("[1-9][0-9]?")
_NO = frozenset({"", "no", "0", "false", "unknown"})
_DAY = re.compile(r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"((?:[01][0-9]|2[0-3]):[0-5][0-9])(?::[0-5][0-9])?")
C = TypeVar("C", bound=StrEnum)
P = TypeVar("P", bound=Part)
Fields = dict[str, list[str]]


def written(fields: Fields, language: str) -> Report:
    """The report in a posted form; Invalid naming the field to mend. Only a place and one sentence are needed."""
    narrative = clean(_one(fields, "text"), NARRATIVE + 1)
    if not narrative:
        raise Invalid("report-needs-words", fields={"text": "report-needs-words"})
    for name in TEXTS:
        if _too_long(fields, name):
            raise Invalid("report-too-long", fields={name: "report-too-long"})
    for name in TEXTS:
        if any(holds_code(clean(value, NARRATIVE)) for value in fields.get(name, ())):
            raise Invalid("report-holds-code", fields={name: "report-holds-code"})
    when = _one(fields, "when")
    return Report(
        _place(fields),
        narrative,
        When(when) if when in set(When) else When.UNKNOWN,
        _chosen(fields, "what", Sign),
        _line(fields, "contact"),
        language,
        _ticked(fields, "happening_now"),
        _ticked(fields, "child_in_danger_now"),
        _filled(_moment(fields)),
        _filled(_children(fields)),
        _filled(_adults(fields)),
        _filled(Vehicle(_line(fields, "plate"), _line(fields, "vehicle_make"), _line(fields, "vehicle_colour"))),
        _filled(Online(_line(fields, "online_platform"), _line(fields, "online_handle"))),
        _chosen(fields, "told", Told),
        next(iter(_chosen(fields, "reporter_role", Role)), None),
        _languages(fields),
        _ticked(fields, "contact_via_code"),
    )


def _place(fields: Fields) -> Place:
    premises, business = (line(_one(fields, name), _SHORT) for name in ("premises", "business"))
    spot, locality, unit = (_line(fields, name) for name in ("spot", "locality", "unit"))
    return Place(_one(fields, "place"), spot, premises, locality, unit, business)


def _moment(fields: Fields) -> Moment:
    day, hour = _line(fields, "when_date"), _line(fields, "when_time")
    told, at = _day(day), _TIME.fullmatch(hour)
    rest = ["" if told else day, "" if at else hour]
    about = clean(" · ".join(words for words in rest if words), 500)
    return Moment(told, at[1] if at else "", about, _ticked(fields, "ongoing"))


def _children(fields: Fields) -> Children:
    count, about = _counted(fields, "children")
    sex = next(iter(_chosen(fields, "children_sex", Sex)), None)
    looks = clean(_one(fields, "children_description"), _LONGEST["children_description"])
    return Children(count, _chosen(fields, "children_age", Age), sex, looks, about)


def _adults(fields: Fields) -> Adults:
    count, about = _counted(fields, "adults")
    looks = clean(_one(fields, "adults_description"), _LONGEST["adults_description"])
    nationality, language, name = (_line(fields, f"adults_{what}") for what in ("nationality", "language", "name"))
    return Adults(count, looks, nationality, language, name, about)


def _counted(fields: Fields, who: str) -> tuple[int, str]:
    """How many: a number, or the words that stand in its place."""
    said = _line(fields, f"{who}_count")
    return (int(said), "") if _NUMBER.fullmatch(said) else (0, said)


def _languages(fields: Fields) -> tuple[str, ...]:
    said = [part.strip(" ") for value in fields.get("languages", ()) for part in line(value).split(",")]
    return tuple(dict.fromkeys(part for part in said if part))


def _too_long(fields: Fields, name: str) -> bool:
    longest = _LONGEST.get(name, _LINE)
    if any(len(clean(value, longest + 1)) > longest for value in fields.get(name, ())):
        return True
    spoken = _languages(fields) if name == "languages" else ()
    return len(spoken) > _LANGUAGES or any(len(one) > _SHORT for one in spoken)


def _day(text: str) -> str:
    """The text if it is a day of the calendar."""
    try:
        return date.fromisoformat(text).isoformat() if _DAY.fullmatch(text) else ""
    except ValueError:
        return ""


def _one(fields: Fields, name: str) -> str:
    return (fields.get(name) or [""])[0]


def _line(fields: Fields, name: str) -> str:
    return line(_one(fields, name), _LONGEST.get(name, _LINE))


def _ticked(fields: Fields, name: str) -> bool:
    return _one(fields, name) not in _NO


def _chosen(fields: Fields, name: str, kind: type[C]) -> tuple[C, ...]:
    """What was chosen, in our order; what we never offered is left out."""
    return tuple(one for one in kind if one in fields.get(name, ()))


def _filled(part: P) -> P | None:
    return None if part == type(part)() else part
