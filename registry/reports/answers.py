"""Verbs of an authority: collect, open, acknowledge, answer. Its agent signs what it states; an officer at the desk
gives the proof that stands inside. Nobody else, and no administrator, can set any of these states.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.access.verbs import verb
from registry.core import crypto
from registry.core.context import Context
from registry.core.db import REPORTS_DB, execute, fetch
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.reports import envelope, notary, queries
from registry.reports.rules import Blocked, Outcome, State
from registry.reports.schemas import (
    Acknowledge,
    Collected,
    Conclude,
    Fetched,
    Followed,
    Imported,
    NewReply,
    Opened,
    Progressed,
    Stopped,
    Unreadable,
)
from registry.reports.service import attachment, erasure
from registry.reports.steps import move, record


async def contents(actor: Actor, now: datetime, context: Context, which: UUID) -> tuple[Collected, bytes]:
    """The age file of one envelope delivered to the actor's office, and what its opener must compare."""
    row = await _mine(actor, which)
    if row["body"] is None:
        raise Conflict("report-purged")
    try:
        key = await erasure(context).get(str(which))
    except KeyError:  # a database out of a backup, in which what was destroyed since is still a row
        raise Conflict("report-purged") from None
    (beside,) = await fetch(
        "SELECT count(*) AS files FROM reports.attachment WHERE envelope = $1", which, engine=REPORTS_DB
    )
    outer = _collected(row, queries.office(actor), beside["files"])
    return outer, crypto.unseal(key, bytes(row["body"]), which.bytes)


async def file(actor: Actor, context: Context, which: UUID, number: int) -> bytes:
    """The age file of one of an envelope's files; NotFound where there is none."""
    row = await _mine(actor, which)
    if row["body"] is None:
        raise Conflict("report-purged")
    rows = await fetch(
        "SELECT body FROM reports.attachment WHERE envelope = $1 AND number = $2", which, number, engine=REPORTS_DB
    )
    if not rows:
        raise NotFound("page-not-found")
    try:
        key = await erasure(context).get(str(which))
    except KeyError:
        raise Conflict("report-purged") from None
    return crypto.unseal(key, bytes(rows[0]["body"]), attachment(which, number))


@verb(Permission.REPORTS_COLLECT, engine=REPORTS_DB)
async def fetched(actor: Actor, now: datetime, which: UUID, data: Fetched) -> None:
    """The office says it has the whole file: only the right hash counts."""
    row = await _mine(actor, which, lock=True)
    if not crypto.same(bytes(row["sha256"]), bytes.fromhex(data.sha256)):
        raise Invalid("envelope-hash-differs")
    if State(row["state"]) in (State.SEALED, State.NOTIFIED):
        await move(which, State.FETCHED, now, queries.office(actor), "reports.fetched")


@verb(Permission.REPORTS_COLLECT, engine=REPORTS_DB)
async def opened(actor: Actor, now: datetime, which: UUID, data: Opened) -> None:
    """The proof that exists only inside came back: somebody opened it. A drill is passed by exactly this, in time."""
    row = await _mine(actor, which, lock=True)
    if not crypto.same(bytes(row["proof_hash"]), envelope.proof_hash(data.proof)):
        raise Invalid("proof-does-not-match", fields={"proof": "proof-does-not-match"})
    if row["opened_at"] is None:
        await move(which, State.OPENED, now, queries.office(actor), "reports.opened")
        await execute(
            "UPDATE reports.drill SET passed_at = $2 WHERE envelope = $1 AND passed_at IS NULL AND authority = $3",
            which,
            now,
            queries.office(actor),
            engine=REPORTS_DB,
        )


@verb(Permission.REPORTS_ANSWER, engine=REPORTS_DB)
async def acknowledge(actor: Actor, now: datetime, context: Context, which: UUID, data: Acknowledge) -> None:
    """The office takes it. Its agent's word is signed; an officer's comes with the proof, and counts as opened too."""
    if data.proof:
        await opened(actor, now, which, Opened(data.proof))
    row = await _mine(actor, which, lock=True)
    if row["opened_at"] is None:
        raise Conflict("envelope-not-opened")
    said = notary.statement("acknowledged", which, bytes(row["sha256"]), reference=data.reference)
    if not data.proof or data.signature:
        await _signed(actor, now, context, data.signature, said)
    if row["acknowledged_at"] is not None:
        return
    await execute(
        "UPDATE reports.envelope SET reference = $2, answered_by = $3, blocked = '' WHERE id = $1",
        which,
        data.reference,
        queries.office(actor),
        engine=REPORTS_DB,
    )
    await move(
        which,
        State.ACKNOWLEDGED,
        now,
        queries.office(actor),
        "reports.acknowledged",
        data.reference,
        said,
        data.signature,
    )
    if await fetch("SELECT 1 FROM reports.drill WHERE envelope = $1", which, engine=REPORTS_DB):
        # Nothing comes of a drill, so nobody is asked for an outcome.
        await move(which, State.CLOSED, now, queries.office(actor), "reports.drill_over")


@verb(Permission.REPORTS_ANSWER, engine=REPORTS_DB)
async def unreadable(actor: Actor, now: datetime, context: Context, which: UUID, data: Unreadable) -> None:
    """Cannot be opened, or is not what it says: a signed answer like any other, so that junk never closes a gate."""
    row = await _mine(actor, which, lock=True)
    said = notary.statement("unreadable", which, bytes(row["sha256"]))
    await _signed(actor, now, context, data.signature, said)
    if row["closed_at"] is None and row["acknowledged_at"] is None:  # an office that could read it has it in hand
        await _close(actor, now, which, Outcome.UNREADABLE, said, data.signature)


@verb(Permission.REPORTS_ANSWER, engine=REPORTS_DB)
async def progress(actor: Actor, now: datetime, context: Context, which: UUID, data: Progressed) -> None:
    """How it goes, before an outcome. Signed by the office; the newest is shown, all stay in the event log."""
    row = await _mine(actor, which, lock=True)
    if row["acknowledged_at"] is None:
        raise Conflict("envelope-not-acknowledged")
    if row["closed_at"] is not None:
        raise Conflict("envelope-closed")
    said = notary.statement("progress", which, bytes(row["sha256"]), progress=str(data.progress))
    await _signed(actor, now, context, data.signature, said)
    if row["progress"] == data.progress:
        return
    await execute(
        "UPDATE reports.envelope SET progress = $2, progressed_at = $3 WHERE id = $1",
        which,
        str(data.progress),
        now,
        engine=REPORTS_DB,
    )
    await record(which, "reports.progressed", now, queries.office(actor), str(data.progress), said, data.signature)


@verb(Permission.REPORTS_ANSWER, engine=REPORTS_DB)
async def imported(actor: Actor, now: datetime, context: Context, which: UUID, data: Imported) -> None:
    """The office keeps it in its own system now, so that 30 days later it is destroyed here. Always signed: it ends
    the only other copy."""
    row = await _mine(actor, which, lock=True)
    if row["acknowledged_at"] is None:
        raise Conflict("envelope-not-acknowledged")
    said = notary.statement("imported", which, bytes(row["sha256"]))
    await _signed(actor, now, context, data.signature, said)
    if row["imported_at"] is not None or row["answered_by"] != queries.office(actor):
        return  # another office's copy is not the one that the answer rests on
    await execute("UPDATE reports.envelope SET imported_at = $2 WHERE id = $1", which, now, engine=REPORTS_DB)
    await record(which, "reports.imported", now, queries.office(actor), "", said, data.signature)


@verb(Permission.REPORTS_COLLECT, engine=REPORTS_DB)
async def blocked(actor: Actor, now: datetime, which: UUID, data: Stopped) -> None:
    """The office opened it and its own system refused it, or its program is older than the form: kept as a kind,
    without a word of what it says. Its clock goes on, so the next office is told in time."""
    row = await _mine(actor, which, lock=True)
    if row["opened_at"] is None and data.why is not Blocked.NEWER_FORM:
        raise Conflict("envelope-not-opened")
    if row["acknowledged_at"] is not None or row["blocked"] == data.why:
        return
    await execute("UPDATE reports.envelope SET blocked = $2 WHERE id = $1", which, str(data.why), engine=REPORTS_DB)
    await record(which, "reports.blocked", now, queries.office(actor), str(data.why))


async def followed(actor: Actor, which: UUID) -> Followed:
    """How an envelope of the actor's office stands; also when its body is long gone."""
    row = await _mine(actor, which)
    (sent,) = await fetch(
        "SELECT coalesce(max(counter), 0) AS counter FROM reports.reply WHERE envelope = $1", which, engine=REPORTS_DB
    )
    return Followed(
        which, State(row["state"]), bytes(row["sha256"]).hex(), sent["counter"], row["reference"], row["progress"],
        Outcome(row["outcome"]) if row["outcome"] else None,
    )  # fmt: skip


@verb(Permission.REPORTS_ANSWER, engine=REPORTS_DB)
async def conclude(actor: Actor, now: datetime, context: Context, which: UUID, data: Conclude) -> None:
    """What came of it. The first outcome is shown; a later one replaces it, and both stay in the event log."""
    row = await _mine(actor, which, lock=True)
    if row["acknowledged_at"] is None:
        raise Conflict("envelope-not-acknowledged")
    said = notary.statement("outcome", which, bytes(row["sha256"]), outcome=str(data.outcome))
    if actor.organisations(Role.AUTHORITY_AGENT) or data.signature:
        await _signed(actor, now, context, data.signature, said)
    if row["outcome"] != data.outcome:
        await _close(actor, now, which, data.outcome, said, data.signature)


@verb(Permission.REPORTS_ANSWER, engine=REPORTS_DB)
async def reply(actor: Actor, now: datetime, context: Context, which: UUID, data: NewReply) -> None:
    """Words to the reporter, sealed to the code and signed by the office. Counters follow each other."""
    row = await _mine(actor, which, lock=True)
    try:
        body = crypto.unb64url(data.body)
    except ValueError as error:
        raise Invalid("reply-not-sealed") from error
    if not body.startswith(b"age-encryption.org/v1\n"):
        raise Invalid("reply-not-sealed")
    said = notary.statement("reply", which, bytes(row["sha256"]), counter=data.counter, reply=crypto.sha256(body).hex())
    await _signed(actor, now, context, data.signature, said)
    (last,) = await fetch(
        "SELECT coalesce(max(counter), 0) AS counter FROM reports.reply WHERE envelope = $1", which, engine=REPORTS_DB
    )
    if data.counter == last["counter"]:
        return
    if data.counter != last["counter"] + 1:
        raise Conflict("reply-out-of-order", expected=last["counter"] + 1)
    await execute(
        "INSERT INTO reports.reply (id, envelope, authority, counter, body, signature, sent_on)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        uuid4(),
        which,
        queries.office(actor),
        data.counter,
        body,
        data.signature,
        now.date(),
        engine=REPORTS_DB,
    )
    await record(which, "reports.replied", now, queries.office(actor), str(data.counter), said, data.signature)


async def _close(actor: Actor, now: datetime, which: UUID, outcome: Outcome, said: bytes, signature: str) -> None:
    await execute(
        "UPDATE reports.envelope SET outcome = $2, answered_by = coalesce(answered_by, $3) WHERE id = $1",
        which,
        str(outcome),
        queries.office(actor),
        engine=REPORTS_DB,
    )
    await move(which, State.CLOSED, now, queries.office(actor), "reports.concluded", str(outcome), said, signature)


async def _signed(actor: Actor, now: datetime, context: Context, signature: str, said: bytes) -> None:
    """The office's own key, as the signed directory has it, stands behind these bytes."""
    if not signature:
        raise Forbidden("statement-not-signed")
    record_of = await queries.record(context, now, queries.office(actor))
    notary.attested(record_of.signing, signature, said)


async def _mine(actor: Actor, which: UUID, *, lock: bool = False) -> dict[str, Any]:
    condition, mine = queries.visible_to(actor)
    rows = await fetch(
        f"SELECT e.* FROM reports.envelope e WHERE e.id = $2 AND {condition}{' FOR UPDATE' if lock else ''}",
        mine,
        which,
        engine=REPORTS_DB,
    )
    if not rows:
        raise NotFound("page-not-found")
    return rows[0]


def _collected(row: dict[str, Any], office: UUID, files: int) -> Collected:
    turn = list(row["chain"]).index(office)
    return Collected(
        row["id"],
        tuple(row["chain"]),
        tuple(row["key_ids"]),
        row["directory_version"],
        bytes(row["sha256"]).hex(),
        row["urgent"],
        row["due"][turn],
        row["reply_recipient"],
        row["form"],
        files,
        row["received_hour"],
        row["sealed_by"],
    )
