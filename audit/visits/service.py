"""Planning, holding and reporting visits. With answers.py, which its verbs call, the only file here that writes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from audit.checklists import queries as checklists
from audit.findings import rules as finding_rules
from audit.findings import service as findings
from audit.visits import answers, queries, rules, summary
from audit.visits.rules import Act, State
from audit.visits.schemas import AddEvidence, AnswerDraft, Closing, Explained, Opening, Planned
from audit.visits.tables import Visit, VisitEvidence, VisitSample, VisitSignature
from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification import queries as cases
from registry.certification import service as certification
from registry.certification.rules import State as CaseState
from registry.core import picture
from registry.core.bulk import insert_many
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.ids import uuid7
from registry.core.storage import Storage
from registry.schemes import queries as schemes
from registry.trail import service as trail

MAX_EVIDENCE = 200
DECLARED_FIRST = (
    CaseState.ACCEPTED,
    CaseState.PLANNED,
    CaseState.IN_EVALUATION,
    CaseState.GRANTED,
    CaseState.SUSPENDED,
)
"""Cases whose team declares at the opening to have no other interest: first visits, and surveillance. One that went
back to planning has no team, so nobody opens its visit."""


@verb(Permission.VISITS_PLAN)
async def schedule(actor: Actor, now: datetime, planned: Planned) -> UUID:
    """Put a planned visit on its team's list, the checklist frozen. Planning again before it is opened changes it."""
    visit = (
        await Visit.objects()
        .where(
            (Visit.certification == planned.certification)
            & ((Visit.state == State.PLANNED) | (Visit.planned_on == planned.visit_on))
        )
        .order_by(Visit.created_at, ascending=False)
        .first()
        .lock_rows("UPDATE")
    )
    if visit is not None and visit.state != State.PLANNED:
        return UUID(str(visit.id))
    asked = await checklists.freeze(planned.scheme_version, planned.business_kind, group=planned.client is None)
    values: dict[str, Any] = {
        "number": planned.number, "name": planned.name, "client": planned.client, "lead": planned.lead,
        "association": planned.association if planned.client is None else None, "team": list(planned.team),
        "business_kind": planned.business_kind, "planned_on": planned.visit_on, "method": planned.method,
        "occasion": planned.occasion, "zone": planned.zone, "scheme_version": planned.scheme_version,
        "checklist": msgspec.json.encode(asked).decode(), "checklist_hash": asked.hash,
    }  # fmt: skip
    if visit is None:
        visit = Visit(id=uuid7(), certification=planned.certification, created_at=now, state=State.PLANNED, **values)
        await visit.save()
    else:
        await visit.update_self(values)
    await VisitSample.delete().where(VisitSample.visit == visit.id)
    await insert_many(
        VisitSample(
            id=uuid7(),
            visit=visit.id,
            unit=place.unit,
            client=place.client,
            position=position,
            drawn_for=place.drawn_for,
            reserve=place.reserve,
        )
        for position, place in enumerate(planned.sample, 1)
    )
    await trail.record(
        actor,
        now,
        "visits.scheduled",
        visit.id,
        certification=planned.certification,
        checklist=asked.hash,
        questions=len(asked.place),
        sample=len(planned.sample),
    )
    return UUID(str(visit.id))


@verb(Permission.VISITS_CONDUCT)
async def open_visit(actor: Actor, now: datetime, visit_id: UUID, data: Opening) -> None:
    """The opening meeting was held: the checklist is open, and what the registry knows is there to be confirmed."""
    visit = await _mine(actor, visit_id)
    state = rules.after(State(visit.state), Act.OPEN)
    wrong = {}
    if len(data.present.strip()) < rules.MIN_PRESENT:
        wrong["present"] = "opening-present-missing"
    if set(data.explained) != set(Explained):
        wrong["explained"] = "opening-explained-missing"
    if not data.declares:
        wrong["declares"] = "declaration-missing"
    if wrong:
        raise Invalid("opening-incomplete", fields=wrong)
    if await cases.standing(visit.certification, now) in DECLARED_FIRST:
        await certification.begin_evaluation(actor, now, visit.certification)
    visit.state, visit.opened_at = state, now
    visit.opening = msgspec.json.encode(data).decode()
    visit.figures = msgspec.json.encode(await queries.figures(visit, now)).decode()
    await visit.save([Visit.state, Visit.opened_at, Visit.opening, Visit.figures])
    await trail.record(actor, now, "visits.opened", visit_id, checklist=visit.checklist_hash)


@verb(Permission.VISITS_CONDUCT)
async def answer(actor: Actor, now: datetime, visit_id: UUID, data: AnswerDraft) -> None:
    """One answer."""
    await answer_many(actor, now, visit_id, [data])


@verb(Permission.VISITS_CONDUCT)
async def answer_many(actor: Actor, now: datetime, visit_id: UUID, data: Sequence[AnswerDraft]) -> None:
    """Many answers, all or none. The same id again does nothing; an older answer is superseded, never lost.

    Raises Invalid naming `question.field` for everything an answer still owes.
    """
    visit = await _mine(actor, visit_id)
    rules.after(State(visit.state), Act.ANSWER)
    units = await queries.sample(visit_id)
    asked = await checklists.questions(visit.scheme_version)
    fresh = await answers.unknown(visit_id, data)
    complete = answers.complete(visit, asked, set(queries.items(visit, units)), fresh)
    stands = await queries.standing(visit_id)
    new = await answers.merged(complete, stands)
    await answers.write(actor, now, visit_id, new, stands)
    await answers.raise_findings(actor, now, visit, asked, {row.unit: row.client for row in units}, new, stands)
    await trail.record(actor, now, "visits.answered", visit_id, answers=len(new))


@verb(Permission.VISITS_CONDUCT)
async def add_evidence(
    actor: Actor, now: datetime, storage: Storage, visit_id: UUID, data: AddEvidence, kept: picture.Kept | None
) -> UUID:
    """Keep a note or a file (cleaned by picture.keep before). The bytes are stored before the row."""
    visit = await _mine(actor, visit_id)
    rules.after(State(visit.state), Act.ANSWER)
    there = await queries.evidence(visit_id)
    for same in there:
        alike = kept and (same.sha256, same.question, same.unit) == (kept.sha256, data.question, data.unit)
        if same.id == data.id or alike:
            return same.id
    if len(there) >= MAX_EVIDENCE:
        raise Conflict("evidence-too-many", limit=MAX_EVIDENCE)
    if kept is None and len(data.note.strip()) < finding_rules.MIN_WORDS:
        raise Invalid("evidence-empty", fields={"note": "evidence-empty"})
    if len(data.note) > finding_rules.MAX_WORDS:
        raise Invalid("evidence-empty", fields={"note": "text-too-long"})
    if data.question is not None and data.question not in await checklists.questions(visit.scheme_version):
        raise Invalid("answer-not-asked", question=data.question)
    row = VisitEvidence(
        id=data.id,
        visit=visit_id,
        question=data.question,
        unit=data.unit,
        name=data.name[-200:],
        note=data.note.strip(),
        by=actor.id,
        at=now,
    )
    if kept is not None:
        row.storage_key = f"visits/{visit_id}/{kept.sha256}"
        await storage.put(row.storage_key, kept.data, content_type=kept.content_type)
        row.content_type, row.size, row.sha256 = kept.content_type, len(kept.data), kept.sha256
    await row.save()
    await trail.record(actor, now, "visits.evidence_added", visit_id, sha256=row.sha256)
    return row.id


@verb(Permission.VISITS_CONDUCT)
async def replace_unit(actor: Actor, now: datetime, visit_id: UUID, unit: UUID, reason: str) -> UUID:
    """Take the next of the reserve list, and only that one, for a unit that cannot be visited."""
    visit = await _mine(actor, visit_id)
    rules.after(State(visit.state), Act.ANSWER)
    if len(reason.strip()) < finding_rules.MIN_WORDS:
        raise Invalid("replacement-reason-missing", fields={"reason": "replacement-reason-missing"})
    if unit not in {row.unit for row in await queries.sample(visit_id)}:
        raise NotFound("unit-not-in-sample")
    if any(item.unit == unit for item in await queries.standing(visit_id)):
        raise Conflict("unit-already-looked-at")
    reserve = (
        await VisitSample.objects()
        .where(
            (VisitSample.visit == visit_id) & (VisitSample.reserve == True) & VisitSample.replaces.is_null()  # noqa: E712  SQL
        )
        .order_by(VisitSample.position)
        .first()
    )
    if reserve is None:
        raise Conflict("reserve-used-up")
    reserve.replaces, reserve.reason = unit, reason.strip()
    await reserve.save()
    await trail.record(actor, now, "visits.unit_replaced", visit_id, unit=unit, by=reserve.unit)
    return reserve.unit


@verb(Permission.VISITS_CONDUCT)
async def close_visit(actor: Actor, now: datetime, visit_id: UUID, data: Closing) -> None:
    """The closing meeting was held and every question answered: the findings are the client's from now on.

    The signature, or the refusal to sign, is bound to the findings exactly as they were shown.
    """
    visit = await _mine(actor, visit_id)
    units = await queries.sample(visit_id)
    rules.closable(State(visit.state), queries.items(visit, units), await queries.standing(visit_id))
    rules.signed(data.outcome, data.name, data.role)
    if len(data.present.strip()) < rules.MIN_PRESENT:
        raise Invalid("closing-incomplete", fields={"present": "opening-present-missing"})
    terms = summary.terms(await schemes.version(visit.scheme_version))
    closed_on = queries.today(visit, now)
    shown, shown_hash = queries.shown(await queries.found(visit_id), closed_on, terms)
    if shown_hash != data.shown_hash:
        raise Conflict("findings-changed-since-shown")
    await VisitSignature(
        id=uuid7(),
        visit=visit_id,
        outcome=data.outcome,
        name=data.name.strip(),
        role=data.role.strip(),
        reason=data.reason.strip(),
        disagreement=data.disagreement.strip(),
        shown=shown,
        shown_hash=shown_hash,
        language=data.language,
        at=now,
    ).save()
    visit.state, visit.closed_at = rules.after(State(visit.state), Act.CLOSE), now
    visit.closing = msgspec.json.encode({"present": data.present.strip(), "limits": data.limits.strip()}).decode()
    await visit.save([Visit.state, Visit.closed_at, Visit.closing])
    await findings.read_out(actor, now, visit_id, closed_on, terms)
    await trail.record(actor, now, "visits.closed", visit_id, shown=shown_hash, signature=data.outcome)


@verb(Permission.VISITS_CONDUCT)
async def report(actor: Actor, now: datetime, visit_id: UUID, notes: str = "") -> None:
    """Hand the evaluation to certification. Afterwards the visit is final; what its findings become is handed on."""
    visit = await _mine(actor, visit_id)
    state = rules.after(State(visit.state), Act.REPORT)
    visit.state, visit.reported_at, visit.notes = state, now, notes.strip()[: finding_rules.MAX_WORDS]
    await visit.save([Visit.state, Visit.reported_at, Visit.notes])
    await _hand_over(actor, now, visit)
    await trail.record(actor, now, "visits.reported", visit_id)


async def _findings_changed(actor: Actor, now: datetime, visit_id: UUID) -> None:
    visit = await Visit.objects().get(Visit.id == visit_id)
    if visit is not None and visit.state == State.REPORTED:
        await _hand_over(actor, now, visit)


async def _hand_over(actor: Actor, now: datetime, visit: Visit) -> None:
    """Tell certification what the visit comes to, whole; each time it supersedes what was told before."""
    version = await schemes.version(visit.scheme_version)
    units = await queries.sample(visit.id)
    told = summary.evaluation(
        visit,
        version,
        queries.items(visit, units),
        await queries.standing(visit.id),
        await queries.found(visit.id),
        units,
    )
    await certification.record_evaluation(actor, now, visit.certification, told)


findings.CHANGED.append(_findings_changed)


async def _mine(actor: Actor, visit_id: UUID) -> Visit:
    """The visit, locked, if this actor is of its team. For anybody else who acts it is not there."""
    visit = await queries.find(actor, visit_id, lock=True)
    if actor.id not in visit.team:
        raise NotFound("visit-not-found")
    return visit
