"""Reading checklists: the questions of a scheme version as a visit asks them."""

from uuid import UUID

import msgspec

from audit.checklists import rules
from audit.checklists.rules import Checklist
from registry.certification.facts import Grade
from registry.schemes import queries as schemes
from registry.schemes.content import Text


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
        question.id: Asked(
            question.id,
            criterion.id,
            question.type,
            Grade(question.on_failure),
            question.figure,
            question.text,
            question.evidence,
        )
        for criterion in version.criteria
        for question in criterion.questions
    }
