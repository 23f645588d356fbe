"""The self-assessment of a case: what its holder says of itself before a team is planned (domain.md 2)."""

from datetime import datetime
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification import file, guards, moves, queries, questionnaire, tables
from registry.certification.questionnaire import SelfAssessment
from registry.certification.rules import Act
from registry.core.ids import uuid7
from registry.trail import service as trail


@verb(Permission.CERTIFICATION_APPLY)
async def self_assess(actor: Actor, now: datetime, certification_id: UUID, data: SelfAssessment) -> None:
    """Answer every question of the scheme about oneself, or say "don't know". A newer one stands beside the older."""
    case = await queries.case(actor, certification_id, now, lock=True)
    questions = await queries.asked(case)
    left = questionnaire.unanswered(questions, data.answers)
    look = await moves.situation(actor, case, Act.SELF_ASSESS, now, unanswered=left)
    before = await file.self_assessment(case.id)
    await moves.move(case, Act.SELF_ASSESS, actor, now, look, self_assessed_at=now)
    kept = {one.id: data.answers[one.id] for _, some in questions for one in some}
    guards.short({id: one.note for id, one in kept.items()}, questionnaire.MOST_WORDS)
    await tables.SelfAssessment(
        id=uuid7(), certification=case.id, version=before.version + 1 if before else 1,
        scheme_version=case.scheme_version, answers=msgspec.json.encode(kept).decode(), assessed_by=actor.id,
        name=actor.name, assessed_at=now,
    ).save()  # fmt: skip
    said = {str(reply): count for reply, count in questionnaire.counts(kept).items()}
    await trail.record(actor, now, "certification.self_assessed", case.id, **said)
