"""What becomes of the answers a verb of service.py was given: each checked, merged with what stands, kept, and told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from audit.checklists.queries import Asked
from audit.findings import service as findings
from audit.findings.schemas import Raised, Source
from audit.visits import queries, rules
from audit.visits.rules import Item, Merge
from audit.visits.schemas import AnswerDraft, Standing
from audit.visits.tables import Visit
from registry.access.actor import Actor
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Invalid


async def unknown(visit_id: UUID, data: Sequence[AnswerDraft]) -> list[AnswerDraft]:
    """Those not received before. An id that was used for something else is refused: ids are never given twice."""
    known = {
        row["id"]: (row["visit"], row["question"], row["unit"])
        for row in await fetch(
            "SELECT id, visit, question, unit FROM visit_answer WHERE id = ANY($1)", [one.id for one in data]
        )
    }
    for one in data:
        if known.get(one.id, (visit_id, one.question, one.unit)) != (visit_id, one.question, one.unit):
            raise Conflict("answer-id-used-elsewhere")
    return [one for one in data if one.id not in known]


def complete(visit: Visit, asked: dict[str, Asked], items: set[Item], data: Sequence[AnswerDraft]) -> list[AnswerDraft]:
    """The answers tidied, each to something this visit asks and owing nothing."""
    known = msgspec.json.decode(visit.figures, type=dict[str, float])
    done: list[AnswerDraft] = []
    wrong: dict[str, str] = {}
    for one in data:
        if Item(one.question, one.unit) not in items:
            raise Invalid("answer-not-asked", question=one.question)
        draft = rules.tidy(one.draft)
        counted = one.unit is None and asked[one.question].counted
        if counted and draft.figure is None and draft.reply not in rules.REASONS:
            draft = msgspec.structs.replace(draft, figure=known.get(one.question))
        wrong |= {f"{one.question}.{field}": code for field, code in rules.owes(draft, counted=counted).items()}
        done.append(
            AnswerDraft(
                id=one.id,
                question=one.question,
                unit=one.unit,
                over=one.over,
                reply=draft.reply,
                grade=draft.grade,
                reason=draft.reason,
                note=draft.note,
                figure=draft.figure,
            )
        )
    if wrong:
        raise Invalid("answers-incomplete", fields=wrong)
    return done


async def merged(data: Sequence[AnswerDraft], stands: dict[Item, Standing]) -> list[AnswerDraft]:
    """What is really new, the last of several to one item; refuses what would overwrite another person unseen."""
    ids = {one.id for one in stands.values()}
    shown = await queries.drafts([one.over for one in data if isinstance(one.over, UUID) and one.over not in ids])
    shown |= {one.id: one.draft for one in stands.values()}
    new: dict[Item, AnswerDraft] = {}
    meanwhile: dict[str, str] = {}
    for one in data:
        item = Item(one.question, one.unit)
        standing = stands[item].draft if item in stands else None
        seen = standing if one.over is msgspec.UNSET else shown.get(one.over) if one.over else None
        match rules.merge(one.draft, seen, standing):
            case Merge.SAVE:
                new[item] = one
            case Merge.ASK:
                meanwhile[f"{one.question}.reply"] = "answer-changed-meanwhile"
            case Merge.SKIP:
                new.pop(item, None)
    if meanwhile:
        raise Conflict("answers-changed-meanwhile", fields=meanwhile)
    return list(new.values())


async def write(
    actor: Actor, now: datetime, visit_id: UUID, new: Sequence[AnswerDraft], stands: dict[Item, Standing]
) -> None:
    if not new:
        return
    old = [stands[item].id for one in new if (item := Item(one.question, one.unit)) in stands]
    if old:
        await execute("UPDATE visit_answer SET superseded_at = $2 WHERE id = ANY($1)", old, now)
    # One statement for all of them: building 30 rows through the ORM costs more than the rest of the verb.
    await execute(
        "INSERT INTO visit_answer (id, visit, question, unit, reply, grade, reason, note, figure, by, at)"
        " SELECT n.id, $9, n.question, n.unit, n.reply, n.grade, n.reason, n.note, n.figure, $10, $11"
        " FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[])"
        " AS n (id, question, unit, reply, grade, reason, note, figure)",
        [one.id for one in new], [one.question for one in new], [one.unit for one in new],
        [one.reply for one in new], [one.grade for one in new], [one.reason for one in new],
        [one.note for one in new], [one.figure for one in new], visit_id, actor.id, now)  # fmt: skip


async def raise_findings(
    actor: Actor,
    now: datetime,
    visit: Visit,
    asked: dict[str, Asked],
    clients: dict[UUID, UUID],
    new: Sequence[AnswerDraft],
    stands: dict[Item, Standing],
) -> None:
    holder = visit.client or visit.association
    raised, cleared = [], []
    for one in new:
        grade = rules.grade_of(one.draft)
        before = stands.get(Item(one.question, one.unit))
        if grade is not None:
            raised.append(
                Raised(
                    question=one.question,
                    criterion=asked[one.question].criterion,
                    unit=one.unit,
                    grade=grade,
                    text=one.note,
                    answer=one.id,
                    holder=clients[one.unit] if one.unit else holder,
                )
            )
        elif before is not None and before.draft.reply in rules.RAISES_A_FINDING:
            cleared.append((one.question, one.unit))
    if raised or cleared:
        source = Source(visit=visit.id, certification=visit.certification, team=tuple(visit.team))
        await findings.record(actor, now, source, raised, cleared)
