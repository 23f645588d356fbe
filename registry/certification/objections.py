"""The holder's word against its team: once, with its reasons, answered before anybody visits (domain.md 2).

An officer keeps the team, or shares the reasons: then those people do not evaluate this case, which is planned anew.
PostgreSQL holds both: nobody begins while an objection waits, and whom it kept away is assigned no more.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification import file, guards, moves, queries, rules, tables
from registry.certification.rules import Act
from registry.core.db import execute
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.trail import service as trail


@verb(Permission.CERTIFICATION_APPLY)
async def object_to_team(
    actor: Actor, now: datetime, certification_id: UUID, persons: Collection[UUID], reason: str
) -> UUID:
    """Say why people of the team should not evaluate here. The visit waits for the answer."""
    case = await queries.case(actor, certification_id, now, lock=True)
    look = await moves.situation(actor, case, Act.OBJECT, now, reason=reason)
    rules.passed(case.standing, Act.OBJECT, look)
    guards.of_this_team(persons, [member.person for member in await file.team(case.id)])
    made = uuid7()
    await tables.TeamObjection(
        id=made, certification=case.id, persons=list(dict.fromkeys(persons)), reason=reason.strip(),
        objected_by=actor.id, name=actor.name, objected_at=now,
    ).save()  # fmt: skip
    await moves.move(case, Act.OBJECT, actor, now, look)
    await trail.record(actor, now, "certification.objected", case.id, persons=list(persons))
    return made


@verb(Permission.CERTIFICATION_PLAN)
async def answer_objection(actor: Actor, now: datetime, certification_id: UUID, upheld: bool, answer: str) -> None:
    """Keep the team, with the reasons; or share the objection: the case is to be planned anew without those people."""
    case = await queries.case(actor, certification_id, now, lock=True)
    act = Act.CHANGE_TEAM if upheld else Act.KEEP_TEAM
    look = await moves.situation(actor, case, act, now, reason=answer)
    await moves.move(case, act, actor, now, look)
    await execute(
        "UPDATE team_objection SET upheld = $2, answer = $3, answered_by = $4, answerer = $5, answered_at = $6"
        " WHERE certification = $1",
        case.id, upheld, answer.strip(), actor.id, actor.name, now,
    )  # fmt: skip
    if upheld:  # nobody of it opens a visit meanwhile; the next plan assigns anew
        await execute("UPDATE assignment SET ended_at = $2 WHERE certification = $1 AND ended_at IS NULL", case.id, now)
    await trail.record(actor, now, "certification.objection_answered", case.id, upheld=upheld)
    await outbox.announce("certification.objection_answered", now, certification=case.id)
