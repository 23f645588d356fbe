"""What the register does with a misuse of the mark: evidence, a letter, five days, a photograph or the public list."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification import file
from registry.certification import queries as certification
from registry.complaints import misuse, rules, seen, tables
from registry.complaints.misuse import Act, Kind, Outcome, Shows, State
from registry.complaints.schemas import Evidence, Misuse, OpenMisuse
from registry.core.calendar import day_of
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Invalid
from registry.core.i18n import DEFAULT_ZONE
from registry.core.ids import uuid7
from registry.core.picture import Kept
from registry.core.storage import Storage
from registry.outbox import service as outbox
from registry.trail import service as trail

MOST_PIECES = 20


@verb(Permission.COMPLAINTS_MARKS)
async def close_notice(actor: Actor, now: datetime, id: UUID, outcome: str, *, alike: bool = False) -> None:
    """Say what was found of a notice that is no misuse, and with `alike` of all that are read together with it. Nothing
    here changes a seal: that is a decision, by others."""
    outcome = outcome.strip()
    if len(outcome) < 10:
        raise Invalid("notice-outcome-short", fields={"outcome": "notice-outcome-short"})
    notice = await seen.notice(actor, id)
    if notice.state == misuse.Told.CLOSED:
        raise Conflict("notice-already-closed")
    closed = await fetch(
        "UPDATE mismatch_notice o SET state = 'closed', outcome = $2, closed_at = $3, closed_by = $4"
        f" FROM mismatch_notice n WHERE n.id = $1 AND (o.id = n.id OR $5) AND {seen.ALIKE} RETURNING o.id",
        id, outcome[:1000], now, actor.id, alike,
    )  # fmt: skip
    await trail.record_many(actor, now, "notices.closed", [row["id"] for row in closed])


@verb(Permission.COMPLAINTS_MARKS)
async def set_notice_aside(actor: Actor, now: datetime, id: UUID) -> None:
    """Take a stranger's words out of a notice: they belong with somebody else. The same entry as any other closing."""
    await seen.notice(actor, id)
    await execute(
        "UPDATE mismatch_notice SET state = 'closed', seen = '', note = '', closed_at = $2, closed_by = $3"
        " WHERE id = $1",
        id, now, actor.id,
    )  # fmt: skip
    await trail.record(actor, now, "notices.closed", id)


@verb(Permission.COMPLAINTS_MARKS)
async def open_misuse(
    actor: Actor, now: datetime, data: OpenMisuse, notice: UUID | None = None, zone: str = DEFAULT_ZONE
) -> UUID:
    """Begin a case; every open notice about the same code becomes evidence in it."""
    name = await file.organisation_name(data.holder) if data.holder else rules.line(data.name)
    code, place = rules.line(data.code, 40), rules.line(data.place)
    if notice is not None:
        told = await seen.notice(actor, notice)
        code, place = code or told.code, place or told.seen
    if not name:
        raise Invalid("misuse-without-name", fields={"name": "misuse-without-name"})
    made = await _open(actor, now, zone, kind=Kind.MISUSE, code=code, holder=data.holder, name=name, place=place)
    await execute(
        "UPDATE mismatch_notice SET state = 'closed', misuse = $2, closed_at = $3, closed_by = $4"
        " WHERE state = 'open' AND (id = $1 OR (code = $5 AND $5 <> ''))",
        notice, made, now, actor.id, code,
    )  # fmt: skip
    await _step(made, Act.OPEN, State.OPEN, actor, now, data.note.strip()[:2000])
    await trail.record(actor, now, "misuse.opened", made, code=code)
    return made


@verb(Permission.COMPLAINTS_MARKS)
async def ask_removal(actor: Actor, now: datetime, certification_id: UUID, zone: str = DEFAULT_ZONE) -> UUID:
    """A certificate was lost: its holder takes the marks down within five days and shows it by a photograph."""
    known = await fetch("SELECT id FROM misuse WHERE certification = $1", certification_id)
    if known:
        return UUID(str(known[0]["id"]))
    case = await certification.case(SYSTEM, certification_id, now)
    made = await _open(
        actor, now, zone, kind=Kind.REMOVAL, holder=case.holder, name=case.name, certification=certification_id
    )
    await _step(made, Act.OPEN, State.OPEN, actor, now)
    opened = await seen.case(SYSTEM, made)
    await _warned(actor, now, opened, day_of(now, zone), "")
    await trail.record(actor, now, "misuse.removal_asked", made, certification=certification_id)
    return made


@verb(Permission.COMPLAINTS_MARKS)
async def warn(actor: Actor, now: datetime, misuse_id: UUID, words: str, zone: str = DEFAULT_ZONE) -> None:
    """Write to whoever shows the mark: what was seen, and that it comes down within five days.

    A holder gets it by mail and in their desk; to somebody never certified the officer hands it over, and the day
    counts from then.
    """
    case = await seen.case(actor, misuse_id, lock=True)
    letter = rules.written(words, "words")
    await _warned(actor, now, case, day_of(now, zone), letter)
    await trail.record(actor, now, "misuse.warned", case.id)


@verb(Permission.COMPLAINTS_REMOVE)
async def add_evidence(
    actor: Actor, now: datetime, storage: Storage, misuse_id: UUID, data: Evidence, kept: Kept, zone: str = DEFAULT_ZONE
) -> UUID:
    """Add a photograph or a document. One that shows the mark removed moves the case; a holder can add only those."""
    case = await seen.case(actor, misuse_id, lock=True)
    if not actor.may(Permission.COMPLAINTS_MARKS) and data.shows is not Shows.REMOVED:
        raise Invalid("evidence-shows", fields={"shows": "evidence-shows"})
    act = Act.PROVE if data.shows is Shows.REMOVED and case.state in (State.WARNED, State.PUBLISHED) else Act.NOTE
    misuse.after(case.state, act)
    if not data.nobody_in_it:
        raise Invalid("evidence-people", fields={"nobody_in_it": "evidence-people"})
    today = day_of(now, zone)
    if data.taken_on > today:
        raise Invalid("evidence-in-future", fields={"taken_on": "evidence-in-future"})
    if len(await seen.pieces(case.id)) >= MOST_PIECES:
        raise Conflict("evidence-full", most=MOST_PIECES)
    key = f"misuse/{case.id}/{kept.sha256}"
    await storage.put(key, kept.data, content_type=kept.content_type)
    row = tables.MisuseEvidence(
        id=uuid7(), misuse=case.id, shows=data.shows, note=rules.line(data.note, 500), taken_on=data.taken_on,
        nobody_in_it=True, storage_key=key, content_type=kept.content_type, sha256=kept.sha256, added_by=actor.id,
        name=actor.name, added_at=now,
    )  # fmt: skip
    await row.save()
    removed: dict[str, Any] = {"removed_on": today} if act is Act.PROVE else {}
    await _move(case, act, actor, now, **removed)
    await trail.record(actor, now, "misuse.evidence_added", case.id, sha256=kept.sha256, shows=data.shows)
    if act is Act.PROVE and case.published_on:
        await outbox.announce("misuse.published", now, misuse=case.id)
    return UUID(str(row.id))


@verb(Permission.COMPLAINTS_MARKS)
async def publish(actor: Actor, now: datetime, misuse_id: UUID, reason: str, zone: str = DEFAULT_ZONE) -> None:
    """Name the misuse in the public list; only after the five days, and without a word on who told us."""
    case = await seen.case(actor, misuse_id, lock=True)
    misuse.after(case.state, Act.PUBLISH)
    misuse.publishable(case.stop_by, day_of(now, zone))
    if not any(piece.shows is Shows.USE for piece in await seen.pieces(case.id)):
        raise Conflict("misuse-without-evidence")
    note = rules.written(reason, "reason")
    await _move(case, Act.PUBLISH, actor, now, note, published_on=day_of(now, zone))
    await trail.record(actor, now, "misuse.published", case.id)
    await outbox.announce("misuse.published", now, misuse=case.id)


@verb(Permission.COMPLAINTS_MARKS)
async def close(
    actor: Actor, now: datetime, misuse_id: UUID, outcome: Outcome, reason: str, zone: str = DEFAULT_ZONE
) -> None:
    """End a case with what came of it."""
    case = await seen.case(actor, misuse_id, lock=True)
    misuse.ended(case.state, outcome)
    note = rules.written(reason, "reason")
    await _move(case, Act.CLOSE, actor, now, note, outcome=outcome, closed_on=day_of(now, zone))
    await trail.record(actor, now, "misuse.closed", case.id, outcome=outcome)


@verb(Permission.COMPLAINTS_FORGET)
async def forget_evidence(
    actor: Actor, now: datetime, storage: Storage, misuse_id: UUID, zone: str = DEFAULT_ZONE
) -> None:  # fmt: skip
    """Delete the pictures of a case that is long over, and the words beside them. Hash, day and what they showed stay.

    Files first: whoever is stopped in between finds the rows again.
    """
    case, today = await seen.case(actor, misuse_id, lock=True), day_of(now, zone)
    if case.id not in await seen.outlived(today):
        raise Conflict("evidence-needed")
    pieces = [piece for piece in await seen.pieces(case.id) if piece.gone_on is None]
    for key in {piece.storage_key for piece in pieces}:
        await storage.delete(key)
    await execute(
        "UPDATE misuse_evidence SET gone_on = $2, note = '' WHERE misuse = $1 AND gone_on IS NULL", case.id, today
    )
    await trail.record(actor, now, "misuse.evidence_forgotten", case.id, pieces=len(pieces))


async def _open(
    actor: Actor, now: datetime, zone: str, *, kind: Kind, holder: UUID | None, name: str, code: str = "",
    place: str = "", certification: UUID | None = None,
) -> UUID:  # fmt: skip
    today = day_of(now, zone)
    (year,) = await fetch(
        "INSERT INTO misuse_year (year, last) VALUES ($1, 1)"
        " ON CONFLICT (year) DO UPDATE SET last = misuse_year.last + 1 RETURNING year, last",
        today.year,
    )
    row = tables.Misuse(
        id=uuid7(), number=f"M-{year['year']}-{year['last']:04d}", kind=kind, code=code, certification=certification,
        holder=holder, holder_name=name, place=place, state=State.OPEN, moved_at=now, opened_at=now, opened_on=today,
    )  # fmt: skip
    await row.save()
    return UUID(str(row.id))


async def _warned(actor: Actor, now: datetime, case: Misuse, today: date, letter: str) -> None:
    await _move(case, Act.WARN, actor, now, letter, warned_on=today, stop_by=misuse.stop_by(today))
    await outbox.announce("misuse.warned", now, misuse=case.id, on=today)


async def _move(case: Misuse, act: Act, actor: Actor, now: datetime, note: str = "", **columns: Any) -> None:
    state = misuse.after(case.state, act)
    if state is not case.state:
        columns |= {"state": state, "moved_at": now}
    if columns:
        await tables.Misuse.update(columns).where(tables.Misuse.id == case.id)  # type: ignore[arg-type]  # wants Column keys too
    await _step(case.id, act, state, actor, now, note)


async def _step(
    misuse_id: UUID, act: Act, state: State, actor: Actor, now: datetime, note: str = ""
) -> None:  # fmt: skip
    await tables.MisuseStep(
        id=uuid7(), misuse=misuse_id, act=act, state=state, note=note, taken_by=actor.id, name=actor.name, taken_at=now
    ).save()
