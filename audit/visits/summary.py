"""What certification is told of a visit: one summary, whole, of answers and findings. Pure."""

from collections.abc import Iterable, Sequence

from audit.checklists import rules as checklists
from audit.findings import rules as finding_rules
from audit.findings.rules import Terms
from audit.findings.tables import Finding
from audit.visits import reading
from audit.visits.reading import Fact, Limits, Reading
from audit.visits.rules import Given, Item
from audit.visits.schemas import Standing
from audit.visits.tables import Visit, VisitSample
from registry.certification.facts import Criterion, Grade
from registry.certification.rules import Recommendation
from registry.certification.schemas import Evaluation, FindingSummary
from registry.core.calendar import day_of
from registry.schemes.schemas import Version


def terms(version: Version) -> dict[Grade, Terms]:
    """Days a client has, by grade."""
    return {Grade(grade): Terms(one.plan_days, one.close_days) for grade, one in version.parameters.deadlines.items()}


def limits(version: Version) -> Limits:
    """When results speak of more than the place they were found in."""
    given = version.parameters
    return Limits(
        floor=given.criterion_floor,
        repeated_minors=given.repeated_minors,
        major_percent=given.group.major_percent,
        major_minimum=given.group.major_minimum,
    )


def facts(found: Iterable[Finding]) -> list[Fact]:
    """Findings as the reading needs them."""
    return [
        Fact(Item(one.question, one.unit), one.criterion, Grade(one.grade), finding_rules.State(one.state))
        for one in found
    ]


def read(
    version: Version, items: Sequence[Item], stands: dict[Item, Standing], found: Sequence[Finding], sampled: int
) -> tuple[Reading, list[Criterion], Recommendation]:
    """The reading of the sample, what each criterion comes to, and the recommendation that follows."""
    known = facts(found)
    bounds = limits(version)
    sample = reading.read_sample(known, sampled, bounds)
    by_criterion = [
        (criterion, [item for item in items if item.question in set(asked)])
        for criterion, asked in checklists.grouped((item.question for item in items), version.criteria)
    ]
    given = [Given(item, one.draft.reply, one.draft.grade) for item, one in stands.items()]
    criteria = reading.tally(by_criterion, given, known, sample)
    return sample, criteria, reading.recommend(known, criteria, sample, bounds)


def evaluation(
    visit: Visit,
    version: Version,
    items: Sequence[Item],
    stands: dict[Item, Standing],
    found: Sequence[Finding],
    units: Sequence[VisitSample],
) -> Evaluation:
    """The evaluation of a closed visit, as certification keeps it."""
    assert visit.opened_at is not None
    _, criteria, recommendation = read(version, items, stands, found, len(units))
    return Evaluation(
        evaluators=tuple(visit.team),
        scheme_version=visit.scheme_version,
        visited_on=day_of(visit.opened_at, visit.zone),
        criteria=tuple(criteria),
        findings=tuple(
            FindingSummary(
                id=one.id,
                question=one.question,
                criterion=one.criterion,
                grade=Grade(one.grade),
                state=finding_rules.MENDING[finding_rules.State(one.state)],
                text=one.text,
                unit=one.unit,
                due_on=one.close_on,
            )
            for one in found
        ),
        unanswered=len([item for item in items if item not in stands]),
        sample=tuple(unit.unit for unit in units),
        recommendation=recommendation,
        notes=visit.notes,
    )
