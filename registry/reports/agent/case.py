"""What came out of an envelope, as an authority keeps it: one JSON object, and rows of words for paper.

The report in it is a stranger's. It was bounded and checked field by field when it was opened; here it is laid out.
Rows are made from whatever fields it has, so a form that asks more tomorrow is printed whole by the agent of today.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.authorities import places
from registry.core.i18n import N_, _
from registry.reports.agent import htcds
from registry.reports.envelope import Inner
from registry.reports.kinds import KINDS
from registry.reports.payload import Age, Manifest, Role, Sex, Sign, Told, When


class CaseFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that came with it, beside this one under `CASO-….<name>`. `unsafe`: as it was sent, whatever is in it: a
    virus scan and a machine without a line come first. `missing`: the one that came is not the one that was sealed."""

    name: str
    type: str
    size: int
    sha256: str
    unsafe: bool = False
    taken: str = ""
    missing: bool = False


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """`report` is the payload as it was sealed. `reply_recipient` comes from inside: a register cannot swap it.
    `received` (the hour) and `sealed_by` are what the register says."""

    reference: str
    envelope: UUID
    sha256: str
    urgent: bool
    opened_at: datetime
    proof: str
    report: dict[str, Any]
    reply_recipient: str
    answer_before: datetime | None = None
    htcds: dict[str, str] = {}
    files: tuple[CaseFile, ...] = ()
    received: datetime | None = None
    sealed_by: str = ""

    def with_only(self, held: dict[str, bytes]) -> "Case":
        """The same, saying of each file that is not among these that it is missing."""
        told = tuple(msgspec.structs.replace(one, missing=one.name not in held) for one in self.files)
        return msgspec.structs.replace(self, files=told)


LABELS = {
    "place.code": N_("Place"),
    "place.spot": N_("Where exactly"),
    "place.premises": N_("Kind of premises"),
    "when": N_("When"),
    "what": N_("What was seen or heard"),
    "contact": N_("Contact, if they want one"),
    "language": N_("Language"),
    "place.locality": N_("Locality"),
    "place.unit": N_("Room, vehicle or flight"),
    "place.business": N_("Code of the seal"),
    "happening_now": N_("It is happening now"),
    "child_in_danger_now": N_("A child is in danger now"),
    "moment.date": N_("Day"),
    "moment.time": N_("Time"),
    "moment.about": N_("Day or time, in their words"),
    "moment.ongoing": N_("It goes on"),
    "children.count": N_("How many children or adolescents"),
    "children.age": N_("About how old"),
    "children.sex": N_("Girls or boys"),
    "children.description": N_("What the child or adolescent looks like"),
    "children.about": N_("How many children or adolescents, in their words"),
    "adults.count": N_("How many adults"),
    "adults.description": N_("What the adults look like"),
    "adults.nationality": N_("Nationality, as it seemed"),
    "adults.language": N_("Language they spoke"),
    "adults.name": N_("Name of an adult"),
    "adults.about": N_("How many adults, in their words"),
    "vehicle.plate": N_("Plate"),
    "vehicle.make": N_("Make of the vehicle"),
    "vehicle.colour": N_("Colour of the vehicle"),
    "online.platform": N_("Site or application"),
    "online.handle": N_("Name or address there"),
    "already_told": N_("Who was told already"),
    "reporter_role": N_("Who tells it"),
    "languages": N_("Languages they can be written in"),
    "may_contact_via_code": N_("They will read an answer with their code"),
}
WORDS: dict[str, str] = {
    When.NOW: N_("It is happening now"), When.TODAY: N_("Today"), When.DAYS: N_("In the last few days"),
    When.BEFORE: N_("Longer ago"), When.UNKNOWN: N_("I do not know"),
    Sign.OFFERED: N_("A child or adolescent was offered"), Sign.PAID: N_("Money or gifts changed hands"),
    Sign.UNREGISTERED: N_("Somebody under age was let in without registration"),
    Sign.CONTROLLED: N_("An adult watched over or controlled them"), Sign.ASKED_HELP: N_("They asked for help"),
    Sign.ADULTS_IN_AND_OUT: N_("Adults went in and out"), Sign.ONLINE: N_("Something seen online"),
    Sign.OTHER: N_("Something else"),
    Age.SMALL: N_("0 to 5 years"), Age.MIDDLE: N_("6 to 11 years"), Age.ADOLESCENT: N_("12 to 17 years"),
    Sex.FEMALE: N_("Female"), Sex.MALE: N_("Male"), Sex.BOTH: N_("Both"),
    Told.HOTEL: N_("The hotel or business"), Told.POLICE: N_("The police"), Told.NOBODY: N_("Nobody"),
    "already_told.guide": N_("The guide"), "already_told.other": N_("Somebody else"),
    Role.TRAVELLER: N_("A traveller"), Role.STAFF: N_("Staff of the business"), Role.DRIVER: N_("A driver"),
    "reporter_role.guide": N_("A guide"), Role.RESIDENT: N_("A neighbour"),
    Role.CHILD: N_("A child or adolescent"), Role.TRAINED: N_("A person trained to report"),
    "reporter_role.other": N_("Somebody else"),
}  # fmt: skip


DOORS = {
    "browser": N_("Written and sealed on the phone or computer of whoever tells it"),
    "server": N_("Written in a browser without scripts, and sealed by the register's server"),
    "operator": N_("Told by telephone, and typed by an operator of a hotline"),
}


def reference(which: UUID, signs: int = 8) -> str:
    """How an authority calls a case until it has a number of its own; the same from every agent."""
    return f"CASO-{which.hex[:signs].upper()}"


def case(
    inner: Inner, sha256: str, urgent: bool, due: datetime | None, called: str, now: datetime,
    received: datetime | None = None, sealed_by: str = "",
) -> Case:  # fmt: skip
    """A case as it is kept. What the register knows is not known of a file that came without a line."""
    report: dict[str, Any] = msgspec.to_builtins(inner.report)
    return Case(
        called, inner.context.envelope, sha256, urgent, now, inner.proof, report, inner.reply_recipient, due,
        htcds.export(report), tuple(_file(one) for one in inner.attachments), received, sealed_by,
    )  # fmt: skip


def _file(one: Manifest) -> CaseFile:
    return CaseFile(one.name, str(one.type), one.size, one.sha256, not one.stripped, one.taken)


def file_rows(files: tuple[CaseFile, ...]) -> list[tuple[str, str]]:
    """The files of a case, as a label and its words."""
    return [(one.name, "; ".join(_file_words(one))) for one in files]


def _file_words(one: CaseFile) -> Iterator[str]:
    if one.missing:
        yield _("It is not here: what came is not what was sealed, or it was not downloaded.")
    yield _("As it was sent, not checked: scan it before it is opened.") if one.unsafe else _("A picture, drawn anew.")
    if one.taken:
        yield _("Taken, as the phone wrote it: %(taken)s", taken=one.taken)


def rows(report: dict[str, Any]) -> list[tuple[str, str]]:
    """Everything but the narrative, as a label and its words."""
    return [
        (_(LABELS[path]) if path in LABELS else path.replace("_", " ").replace(".", ": "), said)
        for path, said in _flat(report)
        if path != "narrative"
    ]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from _flat(inside, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple) and any(isinstance(one, dict) for one in value):
        for number, one in enumerate(value, 1):
            yield from _flat(one, f"{path} {number}")
    elif isinstance(value, list | tuple):
        yield path, "; ".join(_word(path, one) for one in value)
    elif value is not None:
        yield path, _word(path, value)


def _word(path: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if path == "place.code" and (named := places.name(str(value))) != str(value):
        return f"{named} ({value})"
    if path == "place.premises" and value in KINDS:
        return _(KINDS[str(value)])
    words = WORDS.get(f"{path}.{value}") or WORDS.get(str(value))
    return _(words) if isinstance(value, str) and words else str(value)
