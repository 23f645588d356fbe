"""Reading checklists: the questions of a scheme version as a visit asks them."""

from uuid import UUID

import msgspec

from audit.checklists import rules
from audit.checklists.rules import Checklist
from audit.findings.rules import Terms
from audit.visits.reading import Limits
from registry.certification.facts import Grade
from registry.schemes import queries as schemes
from registry.schemes.content import Text
from registry.schemes.schemas import Version


class Asked(msgspec.Struct, frozen=True):
    """One question with the criterion it belongs to; texts by language."""

    id: str
    criterion: str
    type: str
    on_failure: Grade
    figure: str
    text: Text
    evidence: Text

    @property
    def counted(self) -> bool:
        """Whether its answer carries a figure."""
        return self.type in ("percentage", "count")


async def freeze(scheme_version: UUID, kind: str, *, group: bool) -> Checklist:
    """The checklist of a visit planned now, by the version its case is on."""
    version = await schemes.version(scheme_version)
    return rules.frozen(version.id, version.criteria, kind, group=group)


async def questions(scheme_version: UUID) -> dict[str, Asked]:
    """Every question of a version by its id, in order."""
    version = await schemes.version(scheme_version)
    return {
        question.id: Asked(question.id, criterion.id, question.type, Grade(question.on_failure), question.figure,
                           question.text, question.evidence)
        for criterion in version.criteria for question in criterion.questions
    }


def terms(version: Version) -> dict[Grade, Terms]:
    """Days a client has, by grade."""
    return {Grade(grade): Terms(one.plan_days, one.close_days) for grade, one in version.parameters.deadlines.items()}


def limits(version: Version) -> Limits:
    """When results speak of more than the place they were found in."""
    given = version.parameters
    return Limits(floor=given.criterion_floor, repeated_minors=given.repeated_minors,
                  major_percent=given.group.major_percent, major_minimum=given.group.major_minimum)
