"""What a visit's answers come to: a score for each criterion, the reading of a group's sample, a recommendation.

Pure. The number is internal and decides nothing by itself: a reviewer reads it, a decider decides (ISO/IEC 17065, 7.5,
7.6). CST's rule of the lowest is kept: every criterion must reach the floor, none makes up for another.
"""

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

import msgspec

from audit.findings.rules import OPEN
from audit.findings.rules import State as FindingState
from audit.visits.rules import Given, Item, Reply
from registry.certification.facts import Criterion, Grade
from registry.certification.requirements import score
from registry.certification.rules import Recommendation


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters of the scheme version (domain.md 3): when results speak of more than the place they were found in."""

    floor: int = 70
    """Per cent that every criterion must reach by itself."""
    repeated_minors: int = 3
    """So many open minors on one criterion are one major."""
    major_percent: int = 10
    major_minimum: int = 2
    """The same major in more than this share of the sample, and in this many at least, is the group's."""


class Worth(StrEnum):
    """What an answer brings to its criterion, worst first: of many units' answers to one question the worst counts."""

    NOTHING = "nothing"
    HALF = "half"
    WHOLE = "whole"
    NOT_APPLICABLE = "not_applicable"


class Fact(msgspec.Struct, frozen=True):
    """A finding as the reading needs it."""

    item: Item
    criterion: str
    grade: Grade
    state: FindingState


class Reading(msgspec.Struct, frozen=True):
    """The sample of a group, read: what is one unit's, what is the whole group's."""

    stopped: bool
    group_majors: tuple[str, ...]
    internal_checks_failed: bool
    excluded: frozenset[UUID]

    @property
    def sample_doubles(self) -> bool:
        """A failed internal control is looked at again in twice as many units."""
        return bool(self.group_majors) or self.internal_checks_failed


def tally(
    criteria: Iterable[tuple[str, Iterable[Item]]], given: Iterable[Given], facts: Iterable[Fact], reading: Reading
) -> list[Criterion]:
    """What each criterion comes to. A blank and a "could not be evaluated" are assessed and do not conform.

    A nonconformity whose correction was verified conforms; a minor with an accepted plan is counted apart. A question
    asked of many units counts once, and fails for the group only where the reading makes it the group's.
    """
    answers = {one.item: one for one in given}
    findings = {fact.item: fact for fact in facts}
    result = []
    for criterion, items in criteria:
        worth: dict[str, list[Worth]] = defaultdict(list)
        for item in items:
            worth[item.question].append(_worth(answers.get(item), findings.get(item), reading))
        result.append(_sum(criterion, [min(each, key=list(Worth).index) for each in worth.values()]))
    return result


def _worth(given: Given | None, fact: Fact | None, reading: Reading) -> Worth:
    if given is None or given.reply is Reply.NOT_EVALUABLE:
        return Worth.NOTHING
    if given.reply is Reply.NOT_APPLICABLE:
        return Worth.NOT_APPLICABLE
    if given.reply is not Reply.NONCONFORMITY:
        return Worth.WHOLE
    if given.item.unit is not None and given.item.question not in reading.group_majors and not reading.stopped:
        return Worth.WHOLE
    if fact is None or fact.grade is Grade.CRITICAL:
        return Worth.NOTHING
    if fact.state is FindingState.VERIFIED:
        return Worth.WHOLE
    return Worth.HALF if fact.grade is Grade.MINOR and fact.state is FindingState.PLANNED else Worth.NOTHING


def _sum(criterion: str, worth: list[Worth]) -> Criterion:
    # An answer without its reason is not taken (rules.owes), so there is none to report.
    return Criterion(
        criterion=criterion,
        conform=worth.count(Worth.WHOLE),
        planned=worth.count(Worth.HALF),
        assessed=len(worth) - worth.count(Worth.NOT_APPLICABLE),
        not_applicable=worth.count(Worth.NOT_APPLICABLE),
    )


def read_sample(facts: Iterable[Fact], sampled: int, limits: Limits) -> Reading:
    """One member's major is that member's; the same in more than a tenth of the sample (two at least) is the group's.

    The internal control passed every sampled unit before the draw, so a unit with any open major is one it got wrong.
    """
    open_facts = [fact for fact in facts if fact.state in OPEN]
    units_by_question: dict[str, set[UUID]] = defaultdict(set)
    for fact in open_facts:
        if fact.grade is Grade.MAJOR and fact.item.unit is not None:
            units_by_question[fact.item.question].add(fact.item.unit)
    excluded = frozenset(unit for units in units_by_question.values() for unit in units)
    return Reading(
        stopped=any(fact.grade is Grade.CRITICAL for fact in open_facts),
        group_majors=tuple(
            sorted(question for question, units in units_by_question.items() if _systemic(len(units), sampled, limits))
        ),
        internal_checks_failed=_systemic(len(excluded), sampled, limits),
        excluded=excluded,
    )


def _systemic(units: int, sampled: int, limits: Limits) -> bool:
    return units >= limits.major_minimum and 100 * units > limits.major_percent * sampled


def grown_majors(facts: Iterable[Fact], limits: Limits) -> tuple[str, ...]:
    """Criteria where open minors have grown into a major by their number; a group's units are not added together."""
    open_minors: dict[tuple[str, UUID | None], int] = defaultdict(int)
    for fact in facts:
        if fact.grade is Grade.MINOR and fact.state in OPEN:
            open_minors[fact.criterion, fact.item.unit] += 1
    return tuple(sorted({c for (c, _), number in open_minors.items() if number >= limits.repeated_minors}))


def recommend(facts: Iterable[Fact], criteria: Iterable[Criterion], reading: Reading, limits: Limits) -> Recommendation:
    """The team's recommendation. Critical: refuse. Anything open that a grant needs closed: return. Else grant.

    Zero findings is a legal result. In a group, a member's own major keeps that member out, not the others.
    """
    every = list(facts)
    if reading.stopped:
        return Recommendation.REFUSE
    opened = [fact for fact in every if fact.state in OPEN and fact.item.unit not in reading.excluded]
    majors = any(fact.grade is Grade.MAJOR for fact in opened)
    unplanned = any(fact.grade is Grade.MINOR and fact.state is not FindingState.PLANNED for fact in opened)
    below = any(one.assessed and score(one) < limits.floor for one in criteria)
    if majors or unplanned or below or reading.sample_doubles or grown_majors(opened, limits):
        return Recommendation.RETURN
    return Recommendation.GRANT
