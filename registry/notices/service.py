"""Taking a notice from a stranger, and closing it with what was found."""

from datetime import datetime
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core.db import PUBLIC_DB, execute, fetch
from registry.core.errors import Busy, Conflict, Invalid, NotFound
from registry.notices import rules
from registry.notices.rules import About, State
from registry.trail import service as trail


@verb(Permission.SEALS_NOTICE, engine=PUBLIC_DB)
async def notice(actor: Actor, now: datetime, about: About, code: str, seen: str = "") -> UUID:
    """Keep a notice; the same one twice is one. It is durable when this returns."""
    code, seen = rules.cleaned(code)[:40], rules.cleaned(seen)
    if not code:
        raise Invalid("notice-without-code")
    id = rules.same(about, code, seen, now)
    await record(actor, now, id, about, code, seen)
    return id


async def record(actor: Actor, now: datetime, id: UUID, about: About, code: str, seen: str) -> None:
    """Notice and trail entry in one call: the stranger's role may run this function and touch no table."""
    done = await fetch(
        "SELECT keep_notice($1, $2, $3, $4, $5, $6) AS done", id, actor.id, now, about, code, seen, engine=PUBLIC_DB
    )
    if done[0]["done"] == "full":
        raise Busy("notices-too-many", retry_after=3600)


@verb(Permission.NOTICES_ANSWER)
async def close(actor: Actor, now: datetime, id: UUID, outcome: str) -> None:
    """Say what was found. Nothing here changes a seal: that is a decision, taken elsewhere by others."""
    outcome = outcome.strip()
    if len(outcome) < 10:
        raise Invalid("notice-outcome-short", fields={"outcome": "notice-outcome-short"})
    rows = await fetch("SELECT state FROM mismatch_notice WHERE id = $1 FOR UPDATE", id)
    if not rows:
        raise NotFound("notice-not-found")
    if rows[0]["state"] == State.CLOSED:
        raise Conflict("notice-already-closed")
    await execute(
        "UPDATE mismatch_notice SET state = 'closed', outcome = $2, closed_at = $3, closed_by = $4 WHERE id = $1",
        id, outcome[:1000], now, actor.id,
    )  # fmt: skip
    await trail.record(actor, now, "notices.closed", id)
