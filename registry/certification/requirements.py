"""What a seal needs: the one statement of it. The member's tasks, the association's board, the reviewer's check and the
refusal of a grant all read `missing`; nobody restates it. Pure.
"""

from collections import Counter
from collections.abc import Iterator
from math import ceil
from uuid import UUID

from registry.certification.deadlines import too_old
from registry.certification.facts import (
    Criterion,
    Facts,
    Finding,
    Grade,
    Kind,
    Mending,
    Parameters,
    Requirement,
    Unit,
    Who,
)
from registry.core.calendar import add_months


def missing(facts: Facts, parameters: Parameters) -> list[Requirement]:
    """Everything a seal still needs, in the order of the way to it. Nothing that `blocks` means: it can be granted."""
    lacking = [*_member(facts, parameters), *_application(facts)]
    if facts.kind is Kind.GROUP and facts.member is None:
        lacking += _group(facts, parameters)
    return [*lacking, *_evaluation(facts, parameters), *_review(facts)]


def ready(unit: Unit, facts: Facts, parameters: Parameters) -> bool:
    """Whether one unit of a group may carry a seal once the group is granted: its own part of `missing` is empty."""
    faulty = {finding.unit for finding in _findings(facts) if finding.grade is Grade.MAJOR and not settled(finding)}
    return unit.in_force and unit.id not in faulty and not unit_lacking(unit, facts, parameters)


def unit_lacking(unit: Unit, facts: Facts, parameters: Parameters) -> list[Requirement]:
    """The part of `missing` that is one unit's own."""
    alone = Facts(
        version=facts.version, criteria=facts.criteria, kind=Kind.GROUP, on=facts.on, member=unit.member, units=(unit,),
        renewal=facts.renewal,
    )  # fmt: skip
    return [*_member(alone, parameters)]


def _application(facts: Facts) -> Iterator[Requirement]:
    if not facts.applied:
        who = Who.ASSOCIATION if facts.kind is Kind.GROUP else Who.REPRESENTATIVE
        yield Requirement("application-missing", who, url_hint="apply")
    elif not facts.accepted:
        yield Requirement("application-waiting", Who.OFFICER, url_hint="case")
    if facts.self_assessment_due and (facts.kind is Kind.SINGLE or facts.member is None):
        who = Who.ASSOCIATION if facts.kind is Kind.GROUP else Who.REPRESENTATIVE
        yield Requirement("self-assessment-missing", who, url_hint="assessment")


def _member(facts: Facts, parameters: Parameters) -> Iterator[Requirement]:
    member = facts.member
    if member is None:
        return
    if member.signed is None:
        yield Requirement("commitment-missing", Who.REPRESENTATIVE, url_hint="sign")
    elif member.signed != facts.version:
        yield Requirement("commitment-of-other-version", Who.REPRESENTATIVE, url_hint="sign")
    if member.roster == 0:
        yield Requirement("roster-empty", Who.REPRESENTATIVE, url_hint="roster")
    floor = parameters.coverage_renewal if facts.renewal else parameters.coverage_total
    short = ceil(member.roster * floor / 100) - member.trained
    if short > 0:
        yield Requirement("coverage-low", Who.TRAINER, short, member.roster, "training")
    short = ceil(member.critical * parameters.coverage_critical / 100) - member.critical_trained
    if short > 0:
        yield Requirement("coverage-critical-low", Who.TRAINER, short, member.critical, "training")
    unchecked = sum(not (unit.passed and _fresh(unit, facts, parameters)) for unit in facts.units)
    if facts.kind is Kind.GROUP and unchecked:
        yield Requirement("unit-not-passed", Who.INSPECTOR, unchecked, len(facts.units), "checks")


def _group(facts: Facts, parameters: Parameters) -> Iterator[Requirement]:
    """What the association answers for: all its units checked within the year, and somebody to certify at all."""
    total = len(facts.units)
    unchecked = sum(not _fresh(unit, facts, parameters) for unit in facts.units)
    if unchecked or not total:
        yield Requirement("units-unchecked", Who.INSPECTOR, unchecked, total, "checks")
    outside = sum(not ready(unit, facts, parameters) for unit in facts.units)
    if outside:
        yield Requirement("members-not-ready", Who.REPRESENTATIVE, outside, total, "scope", blocks=outside == total)


def _evaluation(facts: Facts, parameters: Parameters) -> Iterator[Requirement]:
    evaluated = facts.evaluation
    if evaluated is None:
        yield Requirement("evaluation-missing", Who.AUDITOR, url_hint="case")
        return
    if evaluated.version != facts.version:
        yield Requirement("evaluation-of-other-version", Who.AUDITOR, url_hint="case")
    old = too_old(evaluated.visited_on, facts.on, parameters.evaluation_max_age_days)
    if old and not facts.granted:  # corrections that took longer do not keep it young: it is planned anew
        yield Requirement("evaluation-too-old", Who.OFFICER, url_hint="case")
    if evaluated.unanswered:
        yield Requirement("questions-unanswered", Who.AUDITOR, evaluated.unanswered, url_hint="case")
    if unreasoned := sum(criterion.without_reason for criterion in evaluated.criteria):
        yield Requirement("not-applicable-without-reason", Who.AUDITOR, unreasoned, url_hint="case")
    yield from _corrections(facts, parameters)
    yield from _criteria(facts, parameters)
    if facts.kind is Kind.GROUP and not evaluated.office:
        yield Requirement("office-not-evaluated", Who.AUDITOR, url_hint="case")
    short = evaluated.sample_size - evaluated.sampled
    if facts.kind is Kind.GROUP and (short > 0 or not evaluated.sample_size):
        yield Requirement("sample-short", Who.AUDITOR, max(short, 1), max(evaluated.sample_size, 1), "case")


def _corrections(facts: Facts, parameters: Parameters) -> Iterator[Requirement]:
    findings = _findings(facts)
    own = {None, *(unit.id for unit in facts.units if facts.member is not None)}
    # A critical finding stops a group wherever it was found. A major one of a member keeps that member out, and the
    # group only when it is repeated: then the association's own checks have failed.
    counted = Counter(
        finding.grade
        for finding in findings
        if not settled(finding)
        and (finding.unit in own or finding.grade is Grade.CRITICAL)
        and finding.mending is not Mending.ANSWERED
    )
    counted[Grade.MAJOR] += _group_majors(facts, parameters) if facts.member is None else 0
    for grade in (Grade.CRITICAL, Grade.MAJOR, Grade.MINOR):
        if counted[grade]:
            code = "finding-minor-unplanned" if grade is Grade.MINOR else f"finding-{grade}-open"
            yield Requirement(code, Who.REPRESENTATIVE, counted[grade], len(findings), "findings")
    answered = sum(
        finding.mending is Mending.ANSWERED and finding.grade is not Grade.OBSERVATION
        and (finding.unit in own or finding.grade is Grade.CRITICAL) for finding in findings
    )  # fmt: skip
    if answered:
        yield Requirement("findings-answered", Who.AUDITOR, answered, len(findings), "case")


def _group_majors(facts: Facts, parameters: Parameters) -> int:
    """Questions with an open major at so many of the sample that the group's own checks have failed (domain.md 3)."""
    if facts.evaluation is None:
        return 0
    units: dict[str, set[UUID]] = {}
    for finding in facts.evaluation.findings:
        if finding.unit is not None and finding.grade is Grade.MAJOR and not settled(finding):
            units.setdefault(finding.question, set()).add(finding.unit)
    least, share = parameters.group.major_minimum, parameters.group.major_percent
    return sum(len(at) >= least and 100 * len(at) > share * facts.evaluation.sampled for at in units.values())


def _criteria(facts: Facts, parameters: Parameters) -> Iterator[Requirement]:
    assert facts.evaluation is not None
    results = {result.criterion: result for result in facts.evaluation.criteria}
    unseen = sum(name not in results or not results[name].looked_at for name in facts.criteria)
    if unseen:
        yield Requirement("criterion-not-assessed", Who.AUDITOR, unseen, len(facts.criteria), "case")
    below = sum(result.assessed > 0 and score(result) < parameters.criterion_floor for result in results.values())
    if below:
        yield Requirement("criterion-below-floor", Who.REPRESENTATIVE, below, len(facts.criteria), "findings")


def _review(facts: Facts) -> Iterator[Requirement]:
    if not facts.reviewed:
        yield Requirement("review-missing", Who.REVIEWER, url_hint="case")


def score(result: Criterion) -> float:
    """Percentage met; a minor finding with an accepted plan counts half. Internal: the public sees met or not met."""
    return 100 * (result.conform + result.planned / 2) / result.assessed if result.assessed else 0.0


def settled(finding: Finding) -> bool:
    """Closed; or minor, with a plan the team accepted."""
    return finding.mending is Mending.CLOSED or (finding.grade is Grade.MINOR and finding.mending is Mending.PLANNED)


def _findings(facts: Facts) -> tuple[Finding, ...]:
    return facts.evaluation.findings if facts.evaluation else ()


def _fresh(unit: Unit, facts: Facts, parameters: Parameters) -> bool:
    months = parameters.internal_check_months
    return unit.checked_on is not None and add_months(unit.checked_on, months) >= facts.on
