"""What the register does with a complaint: acknowledge, find out whether it is ours, have somebody uninvolved look into
it, and tell the outcome (ISO/IEC 17065, 7.13).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.complaints import queries, rules, tables
from registry.complaints.rules import Act, Aside, Outcome, State
from registry.complaints.schemas import Assign, Complaint, Conclude
from registry.core.calendar import day_of
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Forbidden, Invalid
from registry.core.i18n import DEFAULT_ZONE
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.trail import service as trail


@verb(Permission.COMPLAINTS_HANDLE)
async def acknowledge(actor: Actor, now: datetime, complaint_id: UUID, zone: str = DEFAULT_ZONE) -> None:
    """Tell the complainant that it is here. Three working days are ours."""
    seen = await queries.one(actor, complaint_id, lock=True)
    await _move(seen, Act.ACKNOWLEDGE, actor, now, acknowledged_on=day_of(now, zone))
    await trail.record(actor, now, "complaints.acknowledged", seen.id)
    await outbox.announce("complaints.acknowledged", now, complaint=seen.id, act=Act.ACKNOWLEDGE)


@verb(Permission.COMPLAINTS_HANDLE)
async def assign(actor: Actor, now: datetime, complaint_id: UUID, data: Assign) -> None:
    """Find that it is ours, say whom it is about, and give it to somebody uninvolved (7.13.5).

    Forbidden `investigator-involved` with what keeps them from it; again gives it to somebody else.
    """
    seen = await queries.one(actor, complaint_id, lock=True)
    act = Act.REASSIGN if seen.state is State.IN_INVESTIGATION else Act.ASSIGN
    rules.after(seen.state, act)
    named = await queries.named(data.organisation, data.person)
    known = {one.person: one for one in await queries.investigators(actor, seen, data.organisation, data.person, now)}
    if data.investigator not in known:
        raise Invalid("investigator-unknown", fields={"investigator": "investigator-unknown"})
    if why := known[data.investigator].involved:
        raise Conflict("investigator-involved", name=known[data.investigator].name, why=why)
    await _move(
        seen, act, actor, now, note=data.note.strip()[:2000], organisation=data.organisation,
        organisation_name=named[0], person=data.person, person_name=named[1], investigator=data.investigator,
        investigator_name=known[data.investigator].name,
    )  # fmt: skip
    await trail.record(actor, now, "complaints.assigned", seen.id, investigator=data.investigator)
    await outbox.announce("complaints.assigned", now, complaint=seen.id, act=act)


@verb(Permission.COMPLAINTS_INVESTIGATE)
async def conclude(
    actor: Actor, now: datetime, complaint_id: UUID, data: Conclude, zone: str = DEFAULT_ZONE
) -> None:  # fmt: skip
    """Say what was found, in words for the complainant, and whether a visit at short notice should look at it."""
    seen = await queries.one(actor, complaint_id, lock=True)
    rules.after(seen.state, Act.CONCLUDE)
    if actor.id != seen.investigator:
        raise Forbidden("not-your-investigation")
    known = await queries.investigators(actor, seen, seen.organisation, seen.person, now)
    if why := next((one.involved for one in known if one.person == actor.id), ""):
        raise Forbidden("investigator-involved", name=actor.name, why=why)
    if data.outcome not in rules.FOUND:
        raise Invalid("choose-one", fields={"outcome": "choose-one"})
    answer = rules.written(data.answer, "answer")
    await _move(
        seen, Act.CONCLUDE, actor, now, note=data.note.strip()[:4000], outcome=data.outcome, answer=answer,
        visit="wanted" if data.visit else "", closed_on=day_of(now, zone),
    )  # fmt: skip
    await trail.record(actor, now, "complaints.closed", seen.id)
    await outbox.announce("complaints.closed", now, complaint=seen.id, act=Act.CONCLUDE)


@verb(Permission.COMPLAINTS_HANDLE)
async def set_aside(
    actor: Actor, now: datetime, complaint_id: UUID, why: Aside, zone: str = DEFAULT_ZONE
) -> None:  # fmt: skip
    """Not for us: no word of it stays, and its number is the only reference.

    `why` is one of few, and never words: whatever belongs with somebody else looks the same, so that nobody can tell
    from a complaint that was set aside what it was about.
    """
    seen = await queries.one(actor, complaint_id, lock=True)
    await _move(
        seen, Act.SET_ASIDE, actor, now, note=why, outcome=Outcome.ELSEWHERE, closed_on=day_of(now, zone), text="",
        named="", sha256=b"", subject="", acknowledged_on=seen.acknowledged_on or day_of(now, zone), organisation=None,
        organisation_name="", person=None, person_name="",
    )  # fmt: skip
    await trail.record(actor, now, "complaints.closed", seen.id)
    await outbox.announce("complaints.closed", now, complaint=seen.id, act=Act.SET_ASIDE)


@verb(Permission.COMPLAINTS_HANDLE)
async def set_burst_aside(actor: Actor, now: datetime, on: date, zone: str = DEFAULT_ZONE) -> None:
    """What is left of a day's flood, after whatever a person wrote was taken out of it by acknowledging it: closed, and
    not a word of it stays. No letters go to its addresses: they are whoever's the flood named."""
    left = [one.id for one in await queries.of_burst(actor, on, limit=rules.MOST_A_DAY)]
    if not left:
        raise Conflict("complaint-burst-empty")
    today = day_of(now, zone)
    await execute(
        "UPDATE complaint SET state = 'closed', outcome = 'elsewhere', closed_on = $2, moved_at = $3, text = '',"
        " named = '', contact = '', sha256 = '', subject = '', acknowledged_on = coalesce(acknowledged_on, $2)"
        " WHERE id = ANY($1) AND state = 'received'",
        left, today, now,
    )  # fmt: skip
    await execute(
        "INSERT INTO complaint_step (id, complaint, act, state, note, taken_by, name, taken_at) SELECT"
        " gen_random_uuid(), m, 'set_aside', 'closed', '', $2, $3, $4 FROM unnest($1::uuid[]) m",
        left, actor.id, actor.name, now,
    )  # fmt: skip
    await trail.record_many(actor, now, "complaints.closed", left)


@verb(Permission.COMPLAINTS_HANDLE)
async def visit_planned(actor: Actor, now: datetime, complaint_id: UUID) -> None:
    """The short-notice visit that an outcome asked for is planned, in the holder's certification file."""
    seen = await queries.one(actor, complaint_id, lock=True)
    if seen.visit != "wanted":
        raise Conflict("no-visit-wanted")
    await execute("UPDATE complaint SET visit = 'planned' WHERE id = $1", seen.id)
    await trail.record(actor, now, "complaints.visit_planned", seen.id)


@verb(Permission.COMPLAINTS_FORGET)
async def forget(actor: Actor, now: datetime, complaint_id: UUID) -> None:
    """The last letter is sent: the complainant's address has served."""
    await execute("UPDATE complaint SET contact = '' WHERE id = $1 AND state = 'closed'", complaint_id)
    await trail.record(actor, now, "complaints.told", complaint_id)


@verb(Permission.COMPLAINTS_FORGET)
async def forget_holder(actor: Actor, now: datetime, client_id: UUID, codes: Sequence[str]) -> None:
    """What seals said of a person is erased: nor do cases of their mark, complaints or notices name them any more.
    What was written in a step of a file stays with the file (README, Erasure)."""
    marks = await fetch(
        "UPDATE misuse SET holder_name = '', place = '' WHERE holder = $1 RETURNING id, published_on", client_id
    )
    await execute(
        "UPDATE complaint SET organisation_name = '', named = '', subject = '' WHERE organisation = $1", client_id
    )
    await execute(
        "UPDATE mismatch_notice SET seen = '', note = '' WHERE code = ANY($1) OR misuse = ANY($2)",
        list(codes), [row["id"] for row in marks],
    )  # fmt: skip
    await trail.record(actor, now, "complaints.holder_forgotten", client_id)
    for row in marks:
        if row["published_on"]:
            await outbox.announce("misuse.published", now, misuse=row["id"])


async def _move(
    seen: Complaint, act: Act, actor: Actor, now: datetime, *, note: str = "", **columns: Any
) -> State:  # fmt: skip
    """Take a complaint to the state an act leads to, and keep the step."""
    state = rules.after(seen.state, act)
    columns |= {"state": state, "moved_at": now}
    await tables.Complaint.update(columns).where(tables.Complaint.id == seen.id)  # type: ignore[arg-type]  # wants Column keys too
    await tables.ComplaintStep(
        id=uuid7(), complaint=seen.id, act=act, state=state, note=note, taken_by=actor.id, name=actor.name,
        taken_at=now,
    ).save()  # fmt: skip
    return state
