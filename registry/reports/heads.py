"""Heads of the event log: once a week one hash over all that the log holds, published where nobody can take it back.

The log is append-only and chained for each envelope, but whoever owns the database could write all of it anew. What
was published cannot be: `reports/heads.json` is copied by mirrors and remembered by every agent, and a head continues
the one before it. It tells nothing of what happened, not even whether anything did: each is made with a salt that stays
here. Whoever examines this register is shown the log and the salts, and computes the same (`registry check reports`).
"""

import hashlib
import logging
import secrets
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core import crypto
from registry.core.context import Context
from registry.core.db import REPORTS_DB, execute, fetch
from registry.reports.steps import record

log = logging.getLogger(__name__)
KEY = "reports/heads.json"
FORMAT = "resguardo-report-heads/1"
LABEL = b"resguardo-report-heads/1\n"


class Head(msgspec.Struct, frozen=True):
    """One week's. `week`: the Monday from which on it stands; `hash`: base64url of 32 bytes."""

    week: date
    hash: str


class Heads(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """reports/heads.json: every head since the first, the oldest first."""

    format: str = FORMAT
    heads: tuple[Head, ...] = ()

    def continues(self, before: "Heads") -> bool:
        """Whether all that was published before still stands, in its place."""
        return self.heads[: len(before.heads)] == before.heads


def head(previous: bytes, salt: bytes, digest: bytes) -> bytes:
    """A head: SHA-256 over label, previous head (empty before the first), salt (32 bytes) and the digest, which is the
    SHA-256 of the hashes of all events that came since, in their order."""
    return hashlib.sha256(LABEL + previous + salt + digest).digest()


def monday(now: datetime) -> date:
    """The first day of a moment's week."""
    return now.date() - timedelta(days=now.weekday())


def read(data: bytes) -> Heads:
    """The published file. Raises msgspec.DecodeError for anything else."""
    found = msgspec.json.decode(data, type=Heads)
    if found.format != FORMAT:
        raise msgspec.ValidationError(f"not {FORMAT}")
    return found


@verb(Permission.REPORTS_DELIVER, engine=REPORTS_DB)
async def take(actor: Actor, now: datetime, published: Heads) -> bool:
    """Take this week's head, once. What was published and is not in the log any more (a database that was put back to
    an earlier day) is taken over as it stands, and continued: a published head is never contradicted."""
    (row,) = await fetch("SELECT reports.settled_events() AS last", engine=REPORTS_DB)
    known = await _rows()
    if missing := published.heads[len(known) :]:
        for one in missing:
            await _add(one.week, None, b"", crypto.unb64url(one.hash), now)
        await record(UUID(int=0), "reports.heads_restored", now, None, f"{missing[0].week} {missing[-1].week}")
        known = await _rows()
    if known and known[-1]["week"] >= monday(now):
        return False
    before = bytes(known[-1]["hash"]) if known else b""
    digest = await _digest(_reached(known), row["last"])
    salt = secrets.token_bytes(32)
    await _add(monday(now), row["last"], salt, head(before, salt, digest), now)
    await record(UUID(int=0), "reports.head_taken", now, None, str(monday(now)))
    return True


async def publish(context: Context, now: datetime) -> None:
    """Take what is due and write the file, unless it would contradict what was published."""
    before = await published(context)
    await take(SYSTEM, now, before)
    ours = Heads(heads=tuple(Head(row["week"], crypto.b64url(bytes(row["hash"]))) for row in await _rows()))
    if not ours.continues(before):
        log.error("the event log of the reports is not the one whose heads were published: run registry check reports")
    elif ours != before:
        await context.published.put(KEY, msgspec.json.encode(ours), content_type="application/json")


async def published(context: Context) -> Heads:
    """What was published; nothing before the first."""
    try:
        return read(await context.published.get(KEY))
    except KeyError:
        return Heads()


async def broken(context: Context) -> str | None:
    """Where the log is not what it says it is, or None: an event that was changed, a week whose head does not follow,
    a published head that is another. In the words of the program; for `registry check reports`."""
    rows = await fetch(_CHANGED, engine=REPORTS_DB)
    if rows:
        return f"event {rows[0]['id']}"
    before, reached = b"", 0
    known = await _rows()
    for row in known:
        if row["last"] is not None:
            if head(before, bytes(row["salt"]), await _digest(reached, row["last"])) != bytes(row["hash"]):
                return f"week {row['week']}"
            reached = row["last"]
        before = bytes(row["hash"])
    ours = {row["week"]: crypto.b64url(bytes(row["hash"])) for row in known}
    return next((f"week {h.week}" for h in (await published(context)).heads if ours.get(h.week) != h.hash), None)


async def counted() -> tuple[int, int]:
    """How many weeks have a head, and how many of those were taken over because their events are gone."""
    known = await _rows()
    return len(known), sum(row["last"] is None for row in known)


async def _rows() -> list[dict[str, Any]]:
    return await fetch("SELECT week, last, salt, hash FROM reports.weekly_head ORDER BY week", engine=REPORTS_DB)


def _reached(known: list[dict[str, Any]]) -> int:
    return max((row["last"] or 0 for row in known), default=0)


async def _digest(after: int, last: int) -> bytes:
    (row,) = await fetch(
        "SELECT sha256(coalesce(string_agg(hash, ''::bytea ORDER BY id), ''::bytea)) AS digest FROM reports.event"
        " WHERE id > $1 AND id <= $2",
        after,
        last,
        engine=REPORTS_DB,
    )
    return bytes(row["digest"])


async def _add(week: date, last: int | None, salt: bytes, made: bytes, now: datetime) -> None:
    await execute(
        "INSERT INTO reports.weekly_head (week, last, salt, hash, taken_at) VALUES ($1, $2, $3, $4, $5)",
        week,
        last,
        salt,
        made,
        now,
        engine=REPORTS_DB,
    )


_CHANGED = (
    "SELECT id FROM (SELECT e.*, coalesce(lag(e.hash) OVER (PARTITION BY e.envelope ORDER BY e.id), ''::bytea)"
    " AS before FROM reports.event e) e WHERE e.previous <> e.before OR e.hash <> sha256(e.previous ||"
    " coalesce(e.statement, ''::bytea) || convert_to(concat_ws('|', e.envelope, e.name, e.authority,"
    " extract(epoch FROM e.at), e.note, e.signature), 'UTF8')) ORDER BY id LIMIT 1"
)
