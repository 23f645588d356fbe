"""Which version of a scheme applies on a date, and what a version must say before it can be published. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

import msgspec

from registry.core.errors import Conflict, Invalid
from registry.schemes.content import Content, Text


class Published(msgspec.Struct, frozen=True):
    """A version as the rules see it."""

    id: UUID
    number: str
    sha256: str
    effective_on: date
    published_at: datetime


P = TypeVar("P", bound=Published)


def applicable(versions: Iterable[P], on: date) -> P | None:
    """The version in force on a day: the latest to take effect that already has; of two on one day, the later one."""
    begun = [version for version in versions if version.effective_on <= on]
    return max(begun, key=lambda version: (version.effective_on, version.published_at), default=None)


def superseded_on(versions: Iterable[Published], version: Published) -> date | None:
    """The day on which a later version took or takes its place, or None."""
    later = [other.effective_on for other in versions
             if (other.effective_on, other.published_at) > (version.effective_on, version.published_at)]  # fmt: skip
    return min(later, default=None)


class Changed(StrEnum):
    """What became of a question between two texts. One that was split is dropped here and new there."""

    SAME = "same"
    REWORDED = "reworded"
    NEW = "new"
    DROPPED = "dropped"


class Change(msgspec.Struct, frozen=True):
    """One question on the map from an older text to a newer one; `text` is that of the newer, if it is there."""

    id: str
    changed: Changed
    text: Text


def changes(old: Content, new: Content) -> list[Change]:
    """The map from one text to another, by the questions' own ids: what stayed, what says otherwise, came or went."""
    before = {one.id: one for criterion in old.criteria for one in criterion.questions}
    after = {one.id: one for criterion in new.criteria for one in criterion.questions}
    found = []
    for id, one in after.items():
        was = before.get(id)
        kind = Changed.NEW if was is None else Changed.SAME if was == one else Changed.REWORDED
        found.append(Change(id, kind, one.text))
    return found + [Change(id, Changed.DROPPED, one.text) for id, one in before.items() if id not in after]


def publishable(content: Content, sha256: str, effective_on: date, today: date, before: Iterable[Published]) -> None:
    """Raise unless this text may become a version: whole, of a new number, and never taking effect in the past.

    ISO/IEC 17065 7.10.1 wants those concerned told of changes; a text in force before it was published would judge
    people by words nobody could have read.
    """
    lacking = sorted(set(incomplete(content)))
    if lacking:
        raise Invalid("scheme-incomplete", where=", ".join(lacking[:5]), count=len(lacking))
    for other in before:
        if other.number == content.number and other.sha256 != sha256:
            raise Conflict("scheme-version-frozen", number=content.number)
    if effective_on < today:
        raise Invalid("scheme-effective-in-the-past", fields={"effective_on": "scheme-effective-in-the-past"})


def incomplete(content: Content) -> Iterator[str]:
    """Where a text does not hold together: a language missing, an id twice, a module nobody knows."""
    languages = set(content.languages)
    for where, text in _texts(content):
        if set(text) != languages or not all(text.values()):
            yield where
    if set(content.term) != languages:
        yield "term"
    for language, term in content.term.items():
        blanks = "{business}" in term.lead and "{workers}" in term.lead and "{business}" in term.lead_alone
        if not blanks or "{workers}" in term.lead_alone or len(term.promises) != len(content.term["es"].promises):
            yield f"term.{language}"
    for ids in ([c.id for c in content.criteria], [q.id for c in content.criteria for q in c.questions],
                [m.id for m in content.modules], [i.id for m in content.modules for i in m.items]):  # fmt: skip
        yield from (id for id in ids if ids.count(id) > 1)
    if set(content.slogan) != {"establishment", "vehicle"} or len(content.parameters.deadlines) < 3:
        yield "scheme"
    for module in content.modules:
        if module.items and not any(item.must_pass for item in module.items):
            yield module.id


def _texts(content: Content) -> Iterator[tuple[str, Text]]:
    yield "name", content.name
    for kind, slogan in content.slogan.items():
        yield f"slogan.{kind}", slogan
    for criterion in content.criteria:
        yield criterion.id, criterion.name
        yield criterion.id, criterion.sentence
        for question in criterion.questions:
            yield question.id, question.text
            yield question.id, question.evidence
    for module in content.modules:
        yield module.id, module.name
        yield module.id, module.able
