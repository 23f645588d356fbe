"""What is asked of whoever tells something: the fields, their words and their choices, on every page that asks. Pure.

The public form and the operator's page ask the same in the same words (templates/reports/questions.html), and a page
that cannot take a report any more gives back what was answered under what was asked.
"""

from registry.core.i18n import N_, _
from registry.reports.payload import Age, Role, Sex, Sign, Told, When

LABELS = {
    "spot": N_("At what exact spot?"),
    "text": N_("Tell what happened"),
    "when_date": N_("Day"),
    "when_time": N_("Hour, more or less"),
    "children_count": N_("How many children or adolescents?"),
    "children_description": N_("How they looked, without a name"),
    "adults_count": N_("How many adults?"),
    "adults_description": N_("How they looked, what they did"),
    "adults_nationality": N_("Country they seemed to come from, if they said it"),
    "adults_language": N_("Language they spoke"),
    "adults_name": N_("Name or nickname of an adult"),
    "plate": N_("Licence plate, or part of it"),
    "vehicle_make": N_("Make or kind of vehicle"),
    "vehicle_colour": N_("Colour"),
    "online_platform": N_("On which site or application?"),
    "online_handle": N_("Name of the profile, or its address"),
    "contact": N_("Telephone or e-mail"),
    "languages": N_("Languages in which they can answer you"),
}
"""The fields that hold words, as they are asked and as they are given back."""
TICKS = {
    "child_in_danger_now": N_("A child or adolescent is in danger at this moment"),
    "ongoing": N_("It goes on, or I think it will happen again"),
    "contact_via_code": N_("They may write to me where I look with my code"),
}
QUESTIONS = {
    "when": N_("When?"),
    "what": N_("What did you see or hear?"),
    "children_age": N_("About what age?"),
    "children_sex": N_("Girls or boys?"),
    "told": N_("Whom have you told already?"),
    "reporter_role": N_("Who are you to the place?"),
}
CHOICES: dict[str, dict[str, str]] = {
    "when": {
        When.NOW: N_("It is happening now"),
        When.TODAY: N_("Today"),
        When.DAYS: N_("In the last few days"),
        When.BEFORE: N_("Longer ago"),
        When.UNKNOWN: N_("I do not know"),
    },
    "what": {
        Sign.OFFERED: N_("Somebody offered, or looked for, a child or adolescent for a sexual purpose"),
        Sign.PAID: N_("There was money, there were gifts or promises in exchange"),
        Sign.UNREGISTERED: N_("They avoided registering the child or adolescent, or showing a document"),
        Sign.CONTROLLED: N_("The child or adolescent was not let speak, answer or leave"),
        Sign.ASKED_HELP: N_("The child or adolescent asked for help, or was afraid of who came along"),
        Sign.ADULTS_IN_AND_OUT: N_("Several adults went in and out of where the child or adolescent was"),
        Sign.ONLINE: N_("There were photos, messages or advertisements on the internet"),
        Sign.OTHER: N_("Something else"),
    },
    "children_age": {
        Age.SMALL: N_("0 to 5 years"),
        Age.MIDDLE: N_("6 to 11 years"),
        Age.ADOLESCENT: N_("12 to 17 years"),
    },
    "children_sex": {
        Sex.FEMALE: N_("Girl or girls"),
        Sex.MALE: N_("Boy or boys"),
        Sex.BOTH: N_("Girls and boys"),
    },
    "told": {
        Told.HOTEL: N_("The hotel, or whoever is in charge there"),
        Told.POLICE: N_("The police"),
        Told.GUIDE: N_("A guide or driver"),
        Told.OTHER: N_("Somebody else"),
        Told.NOBODY: N_("Nobody"),
    },
    "reporter_role": {
        Role.TRAVELLER: N_("I travel or stay there"),
        Role.STAFF: N_("I work there"),
        Role.DRIVER: N_("I drive: taxi, bus, lorry, boat"),
        Role.GUIDE: N_("I am a guide"),
        Role.RESIDENT: N_("I live nearby"),
        Role.CHILD: N_("I am under 18"),
        Role.TRAINED: N_("I belong to a vigilance committee or a union"),
        Role.OTHER: N_("Somebody else"),
    },
}
MANY = ("what", "told", "children_age")
"""Where more than one may be chosen."""
MORE = frozenset(LABELS) - {"spot", "text", "contact", "languages"} | {
    "ongoing",
    "told",
    "children_age",
    "children_sex",
}
"""What is folded away until somebody has more to tell."""
ASKED = {"labels": LABELS, "ticks": TICKS, "questions": QUESTIONS, "choices": CHOICES}
"""For the templates."""
_ORDER = ("spot", "when", "child_in_danger_now", "what", "text", "when_date", "when_time", "ongoing", "children_count",
          "children_age", "children_sex", "children_description", "adults_count", "adults_description",
          "adults_nationality", "adults_language", "adults_name", "plate", "vehicle_make", "vehicle_colour",
          "online_platform", "online_handle", "told", "contact", "reporter_role", "languages")  # fmt: skip
Fields = dict[str, list[str]]


def given_back(fields: Fields) -> str:
    """Every word that was typed and every choice, each under what was asked, in the order of the page."""
    return "\n\n".join(part for name in _ORDER if (part := _answered(name, fields.get(name, []))))


def _answered(name: str, values: list[str]) -> str:
    if name in TICKS:
        return _(TICKS[name]) if "1" in values else ""
    question = LABELS.get(name) or QUESTIONS[name]
    words = [_(CHOICES[name].get(one, "")) if name in CHOICES else one.strip() for one in values]
    said = "\n".join(one for one in words if one)
    return f"{_(question)}\n{said}" if said else ""


def answers(fields: Fields) -> dict[str, str]:
    """What was typed in each field of one value."""
    return {name: values[0] for name, values in fields.items() if name not in MANY and values}


def ticked(fields: Fields) -> Fields:
    """What was chosen where more than one may be."""
    return {name: fields.get(name, []) for name in MANY}


def opened(fields: Fields) -> bool:
    """Whether something that is folded away was answered: then it is in view."""
    return any(one.strip() for name in MORE for one in fields.get(name, []))
