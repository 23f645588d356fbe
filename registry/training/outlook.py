"""What closing a session would do, said before it is done."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from registry.core.calendar import day_of
from registry.core.db import fetch
from registry.schemes import queries as schemes
from registry.training import checks, queries, rules
from registry.training.rules import Coverage, RecordFact
from registry.training.schemas import SessionView


class Change(msgspec.Struct, frozen=True):
    """Coverage of one business now, and after closing."""

    client: UUID
    before: Coverage
    after: Coverage


class Outlook(msgspec.Struct, frozen=True):
    """Of those written down: who passes, who took no check, who may try again; and what it changes."""

    there: int
    passing: int
    unchecked: int
    repeating: int
    last_on: date
    changes: tuple[Change, ...]


async def if_closed(session: SessionView, now: datetime) -> Outlook:
    """As things are saved now."""
    version = await schemes.version(session.scheme_version)
    training, asked = version.parameters.training, len(session.items)
    rows = await fetch(
        "SELECT worker, client, score, must_pass, assurance FROM attendance WHERE session = $1 AND present", session.id
    )
    passing = [row for row in rows if checks.passed(row["score"], asked, row["must_pass"], training.pass_percent)]
    unchecked = sum(row["score"] is None for row in rows)
    wanted, found = queries.parameters(version), await queries.rosters(session.clients, now)
    changes, last = [], rules.expiry(session.started_at.date(), training.validity_months)
    for client, one in found.items():
        before = rules.coverage(one.workers, one.records, one.on, wanted)
        on = min(day_of(session.started_at, one.zone), one.on)
        last = rules.expiry(on, training.validity_months)
        fresh = [
            RecordFact(row["worker"], module, on, last, rules.Assurance(row["assurance"]), rules.Kind(session.kind))
            for row in passing if row["client"] == client for module in session.modules
        ]  # fmt: skip
        changes.append(Change(client, before, rules.coverage(one.workers, [*one.records, *fresh], one.on, wanted)))
    return Outlook(len(rows), len(passing), unchecked, len(rows) - len(passing) - unchecked, last, tuple(changes))
