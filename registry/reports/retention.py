"""What happens to a report that no office acknowledged: people are told, and only a person may ever end it.

The clock destroys what was answered (`delivery.purge`) and nothing else. When every office of a chain was silent each
officer of the register gets a letter, one for all that waits, and the log keeps who was told. A year after filing one
of them may decide, with a reason, that the ciphertext is destroyed; PostgreSQL holds the same conditions as this file
(migrations/registry/retention_guards.py). They know that something waited, for which offices and since which day, and
nothing else; the desk's own role knows not even that.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core.context import Context
from registry.core.db import REPORTS_DB, execute, fetch
from registry.core.errors import Conflict, NotFound
from registry.reports import rules
from registry.reports.delivery import destroy
from registry.reports.opening import reasoned
from registry.reports.steps import move, record

REGISTER = "register"
"""Told besides the officers: the address the register writes from. It is nobody, and does not count as a person."""
PEOPLE = 2


class Keeper(msgspec.Struct, frozen=True):
    """A person to be told that every office was silent. `who` stands in the log."""

    who: str
    email: str
    language: str


class Unanswered(msgspec.Struct, frozen=True):
    """What nobody acknowledged in a year. `told`: offices that had a notice; `people`: how many of ours were told."""

    id: UUID
    chain: tuple[UUID, ...]
    since: date
    told: int
    people: int

    @property
    def may_end(self) -> bool:
        return self.told == len(self.chain) and self.people >= PEOPLE


async def keepers(context: Context) -> list[Keeper]:
    """Everybody who keeps the gates, and the register's own address."""
    rows = await fetch("SELECT account, email, language FROM reports.keepers() ORDER BY email", engine=REPORTS_DB)
    return [
        Keeper(REGISTER, context.config.mail_from, context.config.language),
        *(Keeper(str(row["account"]), row["email"], row["language"]) for row in rows),
    ]


async def untold(who: str) -> list[UUID]:
    """Envelopes whose every office was silent, of which this person was not told yet."""
    rows = await fetch(
        "SELECT v.envelope FROM reports.event v JOIN reports.envelope e ON e.id = v.envelope"
        " WHERE v.name = 'reports.exhausted' AND e.state = ANY($2::text[]) AND NOT EXISTS (SELECT FROM reports.event t"
        " WHERE t.envelope = v.envelope AND t.name = 'reports.person_told' AND t.note = $1)",
        who,
        [str(s) for s in rules.State if s not in rules.ANSWERED],
        engine=REPORTS_DB,
    )
    return [row["envelope"] for row in rows]


@verb(Permission.REPORTS_DELIVER, engine=REPORTS_DB)
async def told(actor: Actor, now: datetime, who: str, envelopes: list[UUID]) -> None:
    """The transport took a letter to one person about these."""
    for which in envelopes:
        await record(which, "reports.person_told", now, None, who)


async def unanswered(actor: Actor, now: datetime) -> list[Unanswered]:
    """What a person may have to decide about: unacknowledged for a year."""
    actor.require(Permission.REPORTS_GATE)
    rows = await fetch(
        _UNANSWERED + " AND e.received_hour <= $2 ORDER BY e.received_hour, e.id LIMIT 200",
        [str(s) for s in rules.State if s not in rules.ANSWERED],
        now - rules.PURGE_LAST,
        engine=REPORTS_DB,
    )
    return [_view(row) for row in rows]


@verb(Permission.REPORTS_GATE, engine=REPORTS_DB)
async def let_go(actor: Actor, now: datetime, context: Context, which: UUID, reason: str) -> UUID:
    """Destroy what no office acknowledged in a year. Conflict before that, before each office had its notice, and
    before two people were told."""
    rows = await fetch(
        _UNANSWERED + " AND e.id = $2 FOR UPDATE OF e",
        [str(s) for s in rules.State if s not in rules.ANSWERED],
        which,
        engine=REPORTS_DB,
    )
    if not rows:
        raise NotFound("page-not-found")
    (row,) = rows
    if not rules.last_resort(rules.State(row["state"]), row["received_hour"], now):
        raise Conflict("report-too-young")
    if not _view(row).may_end:
        raise Conflict("report-not-told")
    made = uuid4()
    await execute(
        "INSERT INTO reports.last_decision (id, envelope, decided_by, decided_name, reason, decided_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        made,
        which,
        actor.id,
        actor.name,
        reasoned(reason),
        now,
        engine=REPORTS_DB,
    )
    await destroy(context, now, which, "reports.let_go", str(made))
    # Closed without an answer: it stays a silence of its offices, and whoever comes back with the code reads that.
    await move(which, rules.State.CLOSED, now, None, "reports.closed_unanswered", str(made))
    return made


async def decisions() -> list[dict[str, Any]]:
    """Every such decision: who, when, why."""
    return await fetch(
        "SELECT decided_name, reason, decided_at FROM reports.last_decision ORDER BY decided_at DESC LIMIT 50",
        engine=REPORTS_DB,
    )


_UNANSWERED = (
    "SELECT e.id, e.chain, e.state, e.received_hour, (SELECT count(DISTINCT d.authority) FROM reports.delivery d"
    " WHERE d.envelope = e.id AND d.done_at IS NOT NULL AND d.authority = ANY (e.chain)) AS told,"
    " (SELECT count(DISTINCT v.note) FROM reports.event v WHERE v.envelope = e.id"
    " AND v.name = 'reports.person_told' AND v.note <> 'register') AS people"
    " FROM reports.envelope e WHERE e.state = ANY($1::text[])"
    " AND NOT EXISTS (SELECT FROM reports.drill d WHERE d.envelope = e.id)"
)


def _view(row: dict[str, Any]) -> Unanswered:
    return Unanswered(row["id"], tuple(row["chain"]), row["received_hour"].date(), row["told"], row["people"])
