"""Raising findings, answering them, and verifying what was mended. The only file of this room that writes."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from audit.findings import queries, rules
from audit.findings.rules import Act, Plan, State, Terms
from audit.findings.schemas import Draft, Raised, Reopen, Source, Verify
from audit.findings.tables import CorrectiveAction, Finding, FindingProof, FindingVerification
from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification.facts import Grade
from registry.core import picture
from registry.core.bulk import insert_many
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from registry.core.storage import Storage
from registry.outbox import service as outbox
from registry.trail import service as trail

CHANGED: list[Callable[[Actor, datetime, UUID], Awaitable[None]]] = []
"""Who is told, in the same transaction, that what certification hears of a visit's findings is no longer so: visits."""

MAX_PROOFS = 20


@verb(Permission.FINDINGS_RECORD)
async def record(
    actor: Actor, now: datetime, source: Source, raised: Sequence[Raised], cleared: Sequence[tuple[str, UUID | None]]
) -> None:
    """Raise a finding for each answer that asks for one, change those raised before, drop those that no longer hold.

    Until the closing meeting a finding follows its answer; the answers, all kept, are its history.
    """
    await _drop(source.visit, cleared)
    await _raise(source, now, raised)
    await trail.record(actor, now, "findings.recorded", source.visit, raised=len(raised), cleared=len(cleared))


async def _raise(source: Source, now: datetime, raised: Sequence[Raised]) -> None:
    known = {
        (row["question"], row["unit"]): row["id"]
        for row in await fetch("SELECT id, question, unit FROM finding WHERE visit = $1", source.visit)
    }
    for one in raised:
        if (one.question, one.unit) in known:
            await execute(
                "UPDATE finding SET grade = $2, text = $3, answer = $4, state = $5, team = $6 WHERE id = $1",
                known[one.question, one.unit],
                one.grade,
                one.text,
                one.answer,
                State.RAISED,
                list(source.team),
            )
    await insert_many(
        Finding(
            id=uuid7(),
            visit=source.visit,
            certification=source.certification,
            team=list(source.team),
            holder=one.holder,
            question=one.question,
            criterion=one.criterion,
            unit=one.unit,
            grade=one.grade,
            text=one.text,
            state=State.RAISED,
            answer=one.answer,
            raised_at=now,
        )
        for one in raised
        if (one.question, one.unit) not in known
    )


async def _drop(visit_id: UUID, cleared: Sequence[tuple[str, UUID | None]]) -> None:
    for question, unit in cleared:
        await execute(
            "UPDATE finding SET state = $4 WHERE visit = $1 AND question = $2 AND unit IS NOT DISTINCT FROM $3",
            visit_id,
            question,
            unit,
            rules.after(State.RAISED, Act.DROP),
        )


@verb(Permission.FINDINGS_RECORD)
async def read_out(actor: Actor, now: datetime, visit_id: UUID, closed_on: date, terms: Mapping[Grade, Terms]) -> None:
    """The closing meeting was held: the client sees the findings from now on, and their days count."""
    due = {grade: rules.due(grade, closed_on, terms) for grade in Grade}
    await execute(
        "UPDATE finding SET closed_on = $2, plan_on = d.plan_on, close_on = d.close_on"
        " FROM unnest($3::text[], $4::date[], $5::date[]) AS d (grade, plan_on, close_on)"
        " WHERE visit = $1 AND finding.grade = d.grade AND state <> 'dropped'",
        visit_id, closed_on, [str(grade) for grade in due], [one.plan_on for one in due.values()],
        [one.close_on for one in due.values()],
    )  # fmt: skip
    await trail.record(actor, now, "findings.read_out", visit_id)
    await outbox.announce("findings.read_out", now, visit=visit_id)


@verb(Permission.FINDINGS_ANSWER)
async def answer_finding(actor: Actor, now: datetime, finding_id: UUID, data: Plan) -> None:
    """The client's answer, whole: correction, cause, action, who and by when. The one before stays in the file."""
    finding = await _to_answer(actor, finding_id)
    state = rules.after(State(finding.state), Act.ANSWER)
    assert finding.closed_on is not None
    rules.complete(data, queries.dates(finding), finding.closed_on)
    files = [proof.id for proof in await queries.proofs(finding_id)]
    await _supersede(finding_id, now)
    await CorrectiveAction(
        id=uuid7(),
        finding=finding_id,
        correction=data.correction.strip(),
        cause=data.cause.strip(),
        action=data.action.strip(),
        responsible=data.responsible.strip(),
        due_on=data.due_on,
        proof=data.proof.strip(),
        disagreement=data.disagreement.strip(),
        proofs=files,
        by=actor.id,
        at=now,
        sent_at=now,
    ).save()
    await _move(finding, state)
    await trail.record(actor, now, "findings.answered", finding_id, files=len(files))
    await outbox.announce("findings.answered", now, finding=finding_id, certification=finding.certification, at=now)


@verb(Permission.FINDINGS_ANSWER)
async def save_draft(actor: Actor, now: datetime, finding_id: UUID, data: Draft) -> None:
    """Keep an answer half done, as typed. Everybody who may answer for this client can go on with it."""
    finding = await _to_answer(actor, finding_id)
    rules.after(State(finding.state), Act.ANSWER)
    if any(len(getattr(data, field)) > rules.MAX_WORDS for field in data.__struct_fields__):
        raise Invalid("text-too-long")
    kept = await queries.draft(finding_id) or CorrectiveAction(id=uuid7(), finding=finding_id, by=actor.id, at=now)
    for field in ("correction", "cause", "action", "proof", "disagreement"):
        setattr(kept, field, getattr(data, field))
    kept.responsible, kept.due_typed = data.responsible[:200], data.due_on[:40]
    kept.proofs = [proof.id for proof in await queries.proofs(finding_id)]
    kept.by, kept.at = actor.id, now
    await kept.save()
    await trail.record(actor, now, "findings.draft_saved", finding_id)


@verb(Permission.FINDINGS_ANSWER)
async def add_proof(
    actor: Actor, now: datetime, storage: Storage, finding_id: UUID, name: str, kept: picture.Kept
) -> UUID:
    """Keep a file for the answer. The bytes (cleaned by picture.keep before) are stored before the row."""
    finding = await _to_answer(actor, finding_id)
    rules.after(State(finding.state), Act.ANSWER)
    there = await queries.proofs(finding_id)
    for same in there:
        if same.sha256 == kept.sha256:
            return same.id
    if len(there) >= MAX_PROOFS:
        raise Conflict("evidence-too-many", limit=MAX_PROOFS)
    key = f"findings/{finding_id}/{kept.sha256}"
    await storage.put(key, kept.data, content_type=kept.content_type)
    proof = FindingProof(
        id=uuid7(),
        finding=finding_id,
        name=name[-200:],
        content_type=kept.content_type,
        size=len(kept.data),
        sha256=kept.sha256,
        storage_key=key,
        by=actor.id,
        at=now,
    )
    await proof.save()
    await trail.record(actor, now, "findings.proof_added", finding_id, sha256=kept.sha256)
    return proof.id


@verb(Permission.FINDINGS_ANSWER)
async def remove_proof(actor: Actor, now: datetime, finding_id: UUID, proof_id: UUID) -> None:
    """Take a file out of an answer that is being written. What was sent with an answer stays with that answer."""
    await _to_answer(actor, finding_id)
    await execute(
        "UPDATE finding_proof SET removed_at = $3 WHERE id = $1 AND finding = $2 AND removed_at IS NULL",
        proof_id,
        finding_id,
        now,
    )
    await trail.record(actor, now, "findings.proof_removed", finding_id)


@verb(Permission.FINDINGS_VERIFY)
async def verify(actor: Actor, now: datetime, finding_id: UUID, data: Verify) -> None:
    """An evaluator looked at the answer and found it enough: the plan (`plan_only`), or the finding closed."""
    finding, action = await _to_verify(actor, finding_id)
    act = Act.ACCEPT if data.plan_only else Act.VERIFY
    state = rules.after(State(finding.state), act)
    _in_words(data.text, "text")
    await _verified(actor, now, finding, action, act, state, data.text, data.method)
    await trail.record(actor, now, "findings.verified", finding_id, state=state, method=data.method)
    await outbox.announce("findings.verified", now, finding=finding_id)


@verb(Permission.FINDINGS_VERIFY)
async def reopen(actor: Actor, now: datetime, finding_id: UUID, data: Reopen) -> None:
    """The correction is not enough, or what was closed is open again: the client acts, and it is counted."""
    finding, action = await _to_verify(actor, finding_id)
    state = rules.after(State(finding.state), Act.REOPEN)
    _in_words(data.reason, "reason")
    await _verified(actor, now, finding, action, Act.REOPEN, state, data.reason, None)
    await trail.record(actor, now, "findings.reopened", finding_id, times=finding.reopened)
    await outbox.announce("findings.reopened", now, finding=finding_id)


async def _to_answer(actor: Actor, finding_id: UUID) -> Finding:
    finding = await queries.find(actor, finding_id, lock=True)
    if finding.holder not in queries.answers_for(actor):
        raise Forbidden("finding-of-another-client")
    if finding.closed_on is None:
        raise NotFound("finding-not-found")
    if Grade(finding.grade) not in rules.OWES_AN_ANSWER:
        raise Conflict("finding-owes-no-answer")
    return finding


async def _to_verify(actor: Actor, finding_id: UUID) -> tuple[Finding, CorrectiveAction | None]:
    finding = await queries.find(actor, finding_id, lock=True)
    action = await queries.standing_action(finding_id)
    rules.independent(actor.id, finding.team, action.by if action else None)
    if finding.closed_on is None:
        raise Conflict("finding-not-read-out")
    return finding, action


async def _verified(
    actor: Actor,
    now: datetime,
    finding: Finding,
    action: CorrectiveAction | None,
    act: Act,
    state: State,
    text: str,
    method: rules.Method | None,
) -> None:
    await FindingVerification(
        id=uuid7(), finding=finding.id, action=action.id if action else None, result=act, method=method,
        text=text.strip(), by=actor.id, at=now,
    ).save()  # fmt: skip
    finding.reopened += act is Act.REOPEN
    await _move(finding, state)
    for tell in CHANGED:
        await tell(actor, now, finding.visit)


async def _move(finding: Finding, state: State) -> None:
    finding.state = state
    await finding.save([Finding.state, Finding.reopened])


async def _supersede(finding_id: UUID, now: datetime) -> None:
    await execute(
        "UPDATE corrective_action SET superseded_at = $2 WHERE finding = $1 AND superseded_at IS NULL", finding_id, now
    )


def _in_words(text: str, field: str) -> None:
    if len(text.strip()) < rules.MIN_WORDS:
        raise Invalid("finding-words-missing", fields={field: "finding-words-short"})
    if len(text) > rules.MAX_WORDS:
        raise Invalid("finding-words-missing", fields={field: "text-too-long"})
