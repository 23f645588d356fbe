"""Who has signed what about a certificate so far: proposals, urgent suspensions, verified causes, an authority's word.

Reads only; what the guards of two people's acts look at, and what their queues show.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.certification import deadlines
from registry.certification.rules import Act
from registry.certification.schemas import Proposed, Urgent
from registry.core.calendar import day_of
from registry.core.db import fetch


class Asking(msgspec.Struct, frozen=True):
    """An authority asks to be consulted first. For deciders: yes or no, and whether the public state is held."""

    id: UUID
    hold: bool
    until: datetime


async def consultation(certification_id: UUID, now: datetime) -> Asking | None:
    """What an authority asks of deciders now, the strictest first."""
    rows = await fetch(
        "SELECT id, hold, until FROM consultation WHERE certification = $1 AND ended_at IS NULL AND until > $2"
        " ORDER BY hold DESC, until DESC LIMIT 1",
        certification_id, now,
    )  # fmt: skip
    return Asking(**rows[0]) if rows else None


async def proposals(certification_ids: Collection[UUID]) -> dict[UUID, list[Proposed]]:
    """What stands proposed for each of these cases, the oldest first."""
    rows = await fetch(
        "SELECT * FROM proposal WHERE certification = ANY($1::uuid[]) AND ended_at IS NULL ORDER BY proposed_at, id",
        list(certification_ids),
    )
    found = defaultdict(list)
    for row in rows:
        found[row["certification"]].append(
            msgspec.convert({name: row[name] for name in Proposed.__struct_fields__}, Proposed)
        )
    return found


async def waiting(now: datetime) -> list[Proposed]:
    """What stands proposed about certificates in force: what a panel left standing first, then the oldest."""
    rows = await fetch(
        "SELECT p.* FROM proposal p JOIN certification c ON c.id = p.certification WHERE p.ended_at IS NULL"
        " AND c.state IN ('granted', 'suspended') AND c.valid_until > $1"
        " ORDER BY p.repeats IS NULL, p.proposed_at, p.id",
        now,
    )
    return [msgspec.convert({name: row[name] for name in Proposed.__struct_fields__}, Proposed) for row in rows]


async def signed_before(certification_id: UUID, act: Act, units: Collection[UUID]) -> frozenset[UUID]:
    """Who proposed this act on these units; of a withdrawal also who signed the suspension it follows."""
    rows = await fetch(
        "SELECT proposed_by AS person FROM proposal WHERE certification = $1 AND act = $2 AND ended_at IS NULL"
        " AND repeats IS NULL AND (units = '{}' OR units @> $3::uuid[] AND $3::uuid[] <> '{}')"
        " UNION SELECT d.decided_by FROM decision d JOIN certification c ON c.id = d.certification"
        " WHERE $2 = 'withdraw' AND c.id = $1 AND c.state = 'suspended' AND d.act IN ('suspend', 'confirm')"
        " AND d.decided_at >= c.moved_at",
        certification_id, act, list(units),
    )  # fmt: skip
    return frozenset(row["person"] for row in rows)


async def to_confirm(certification_id: UUID) -> Urgent | None:
    """The urgent suspension that waits for its second person."""
    return next(iter((await all_to_confirm([certification_id])).values()), None)


async def all_to_confirm(certification_ids: Collection[UUID] | None = None) -> dict[UUID, Urgent]:
    """The urgent suspensions that wait for a second person, of these cases or of all."""
    rows = await fetch(
        "SELECT d.id, d.certification, d.units, d.reason, d.cause, d.decided_by, d.decider, d.decided_at, c.zone,"
        " coalesce(CASE c.kind WHEN 'single' THEN k.country END, a.country) AS country"
        " FROM decision d JOIN certification c ON c.id = d.certification LEFT JOIN client k ON k.id = c.client"
        " LEFT JOIN association a ON a.id = c.association WHERE d.act = 'suspend' AND d.urgent"
        " AND ($1::uuid[] IS NULL OR d.certification = ANY($1)) AND c.state IN ('granted', 'suspended')"
        " AND NOT EXISTS (SELECT FROM decision o WHERE o.answers = d.id)"
        " AND NOT EXISTS (SELECT FROM decision o WHERE o.certification = d.certification AND o.act = 'reinstate'"
        "  AND o.decided_at >= d.decided_at AND (o.units = d.units OR o.units @> d.units AND d.units <> '{}'))"
        " ORDER BY d.decided_at DESC",
        None if certification_ids is None else list(certification_ids),
    )  # fmt: skip
    return {row["certification"]: _urgent(row) for row in rows}


def _urgent(row: dict[str, Any]) -> Urgent:
    by = deadlines.confirm_by(day_of(row["decided_at"], row["zone"]), row["country"])
    return msgspec.convert({name: row[name] for name in row if name not in ("zone", "country")} | {"by": by}, Urgent)


async def cause_verified(certification_id: UUID, units: Collection[UUID], by_other_than: UUID) -> bool:
    """Whether an auditor saw, since the suspension, that its cause is gone: for the case, or for each unit named."""
    (row,) = await fetch(
        "SELECT EXISTS (SELECT FROM cause_verification v WHERE v.certification = $1 AND v.verified_by <> $3"
        " AND (v.units = $2::uuid[] OR v.units @> $2::uuid[] AND $2::uuid[] <> '{}') AND v.verified_at >= coalesce("
        "  (SELECT max(d.decided_at) FROM decision d WHERE d.certification = $1 AND d.act = 'suspend'"
        "   AND (d.units = '{}' AND $2::uuid[] = '{}' OR d.units && $2::uuid[])), '-infinity')) AS seen",
        certification_id, list(units), by_other_than,
    )  # fmt: skip
    return bool(row["seen"])


async def gone_since(certification_id: UUID, root: UUID, units: Collection[UUID], by_other_than: UUID) -> bool:
    """Whether an auditor saw, since a suspension was first decided, that its cause is gone."""
    (row,) = await fetch(
        "SELECT EXISTS (SELECT FROM cause_verification v JOIN decision d ON d.id = $2 AND v.verified_at >= d.decided_at"
        " WHERE v.certification IN ($1, d.certification) AND v.verified_by <> $4"
        " AND (v.units = $3::uuid[] OR v.units @> $3::uuid[] AND $3::uuid[] <> '{}')) AS seen",
        certification_id, root, list(units), by_other_than,
    )  # fmt: skip
    return bool(row["seen"])


async def verifiers(certification_id: UUID) -> frozenset[UUID]:
    """The auditors who saw that a cause was gone."""
    rows = await fetch("SELECT verified_by FROM cause_verification WHERE certification = $1", certification_id)
    return frozenset(row["verified_by"] for row in rows)


async def called(person: UUID | None) -> str:
    """The name of somebody who has an account, or nothing."""
    rows = await fetch("SELECT name FROM account WHERE id = $1", person) if person else []
    return str(rows[0]["name"]) if rows else ""
