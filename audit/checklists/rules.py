"""Which questions of a scheme version a visit asks, and in which order. Pure.

A question names the kinds of business it is for, or `all`. In one business every question for its kind is asked there.
In a group the central office is asked what is for everybody and what is for an association; what names the members' own
kind (the card in the taxi, the seal seen from the seat) is looked at in each sampled member, and so is what the scheme
marks for it. ISO/IEC 17065, 7.4.1 wants a plan per evaluation; freezing it at planning is ours (domain.md 3).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from json import dumps
from typing import Protocol
from uuid import UUID

import msgspec

ALL = "all"
OFFICE = "association"


class Question(Protocol):
    """What the rules need to know of a scheme's question."""

    @property
    def id(self) -> str: ...
    @property
    def kinds(self) -> Collection[str]: ...
    @property
    def in_unit(self) -> bool: ...
    @property
    def text(self) -> Mapping[str, str]: ...


class Criterion(Protocol):
    """A criterion of a scheme version with its questions in order."""

    @property
    def id(self) -> str: ...
    @property
    def group_only(self) -> bool: ...
    @property
    def questions(self) -> Sequence[Question]: ...


class Checklist(msgspec.Struct, frozen=True):
    """What one visit asks: ids in order, at the place itself and in each sampled unit. `hash` fixes words and order."""

    scheme_version: UUID
    place: tuple[str, ...]
    unit: tuple[str, ...]
    hash: str


def asks(question: Question, kind: str) -> bool:
    """Whether a question is for a kind of business."""
    return ALL in question.kinds or kind in question.kinds


def for_business(criteria: Iterable[Criterion], kind: str) -> list[str]:
    """The questions of a visit to one business, by criterion, in the scheme's order."""
    return [
        question.id
        for criterion in criteria
        if not criterion.group_only
        for question in criterion.questions
        if asks(question, kind)
    ]


def for_office(criteria: Iterable[Criterion]) -> list[str]:
    """The questions put to the central office of a group."""
    return [question.id for criterion in criteria for question in criterion.questions if asks(question, OFFICE)]


def for_member(criteria: Iterable[Criterion], kind: str) -> list[str]:
    """The short list looked at in each sampled member of a group: what is its kind's own, and what the scheme marks."""
    return [
        question.id
        for criterion in criteria
        if not criterion.group_only
        for question in criterion.questions
        if asks(question, kind) and (question.in_unit or not {ALL, OFFICE} & set(question.kinds))
    ]


def frozen(scheme_version: UUID, criteria: Sequence[Criterion], kind: str, *, group: bool) -> Checklist:
    """The checklist of a visit to a business of a kind, or to a group whose members are of that kind."""
    place = for_office(criteria) if group else for_business(criteria, kind)
    unit = for_member(criteria, kind) if group else []
    return Checklist(scheme_version, tuple(place), tuple(unit), fingerprint(scheme_version, criteria, place, unit))


def fingerprint(scheme_version: UUID, criteria: Iterable[Criterion], place: Sequence[str], unit: Sequence[str]) -> str:
    """SHA-256 over the version, the order and every word asked: a changed comma is another checklist."""
    words = {question.id: dict(question.text) for criterion in criteria for question in criterion.questions}
    asked = {
        "version": str(scheme_version),
        "place": list(place),
        "unit": list(unit),
        "words": {id: words[id] for id in sorted({*place, *unit})},
    }
    return sha256(dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def grouped(questions: Iterable[str], criteria: Iterable[Criterion]) -> list[tuple[str, list[str]]]:
    """Question ids by criterion, both in the scheme's order; criteria with nothing asked are left out."""
    asked = set(questions)
    by_criterion = [(one.id, [question.id for question in one.questions if question.id in asked]) for one in criteria]
    return [(criterion, ids) for criterion, ids in by_criterion if ids]
