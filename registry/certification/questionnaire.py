"""What a business is asked of itself before anybody visits: the scheme's questions for its kind, all of them. Pure.

A "not yet" or a "don't know" is worth as much as a "yes": it decides nothing, and tells the team where to look.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from registry.certification.facts import Kind
from registry.schemes.content import Criterion, Question

ALL, OFFICE = "all", "association"
MOST_WORDS = 1000


class Reply(StrEnum):
    """What a business can say to one question."""

    YES = "yes"
    NOT_YET = "not_yet"
    UNKNOWN = "unknown"


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The reply to one question; a note may name the evidence."""

    reply: Reply
    note: str = ""


class SelfAssessment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every question of the case with what was said to it, by its id."""

    answers: dict[str, Said]


def asked(criteria: Iterable[Criterion], kind: str, case: Kind) -> list[tuple[Criterion, list[Question]]]:
    """The questions by criterion: for a business those of its kind, for a group those of the association's office."""
    whom = {ALL, OFFICE if case is Kind.GROUP else kind}
    found = [
        (criterion, [one for one in criterion.questions if whom & set(one.kinds)])
        for criterion in criteria
        if case is Kind.GROUP or not criterion.group_only
    ]
    return [(criterion, questions) for criterion, questions in found if questions]


def unanswered(questions: Sequence[tuple[Criterion, Sequence[Question]]], answers: Collection[str]) -> tuple[str, ...]:
    """The ids of what nobody answered, in order."""
    return tuple(one.id for _, some in questions for one in some if one.id not in answers)


def counts(answers: Mapping[str, Said]) -> dict[Reply, int]:
    """How often each reply was given."""
    return {reply: sum(one.reply is reply for one in answers.values()) for reply in Reply}
