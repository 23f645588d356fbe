"""What a grant covers and from when, and what becomes of the certificate it renews. Only verbs come here."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.access.actor import SYSTEM, Actor
from registry.certification import guards, moves, queries, rules, signing
from registry.certification.facts import Kind
from registry.certification.guards import Cause, Situation
from registry.certification.rules import Act, State, UnitState
from registry.certification.schemas import Case
from registry.certification.validity import validity
from registry.core.db import fetch
from registry.core.errors import Conflict
from registry.outbox import service as outbox
from registry.trail import service as trail


async def to_grant(case: Case, now: datetime) -> tuple[list[UUID], dict[str, Any]]:
    """The units a grant would cover and its dates. A renewal decided before the end keeps its anniversary."""
    asked = await queries.parameters(case.scheme_version)
    facts = await queries.facts_of(case, now)
    units = [unit.id for unit in facts.units if case.kind is Kind.SINGLE or rules.ready(unit, facts, asked)]
    # Locked, so that nobody suspends or withdraws what is being renewed.
    old = await queries.case(SYSTEM, case.renews, now, lock=True) if case.renews else None
    if old and (out := await taken_out(old, case.applied_at)):
        units = [unit for unit in units if unit not in out]
    if old and old.standing not in (State.GRANTED, State.SUSPENDED, State.EXPIRED):
        raise Conflict("renewal-of-ended", number=old.number)
    # Also when it has expired since: no renewal ends a suspension by the way.
    if old and (old.state is State.SUSPENDED or not units):
        raise Conflict("renewal-while-suspended", number=old.number)
    if old and any(
        one.act in (Act.SUSPEND, Act.WITHDRAW) for one in (await signing.proposals([old.id])).get(old.id, ())
    ):
        raise Conflict("renewal-while-proposed", number=old.number)
    kept = old.last_on if old and old.standing is State.GRANTED else None
    valid = validity(now, case.zone, asked.validity_months, asked.surveillance_months, kept)
    return units, {
        "valid_from": valid.from_at,
        "valid_until": valid.until_at,
        "last_on": valid.last_on,
        "surveillance_on": valid.surveillance_on,
    }


async def taken_out(old: Case, since: datetime) -> set[UUID]:
    """Units taken out by name since the renewal was asked for, which it does not bring back."""
    rows = await fetch(
        "SELECT DISTINCT unnest(units) AS unit FROM step WHERE certification = $1 AND taken_at >= $2"
        " AND act IN ('withdraw', 'reduce', 'uncover')",
        old.id, since,
    )  # fmt: skip
    return {row["unit"] for row in rows}


async def drop(actor: Actor, now: datetime, case: Case, unit_ids: Collection[UUID]) -> None:
    """What a certificate lost by name leaves the renewal that was asked for before: it comes back when it is asked for
    again and decided upon, never by the way.
    """
    rows = await fetch(
        "SELECT c.id, array_agg(s.unit_id) AS units FROM certification c JOIN scope_unit s ON s.certification = c.id"
        " WHERE c.renews = $1 AND c.state = ANY($2) AND s.state = 'pending' AND s.unit_id = ANY($3::uuid[])"
        " GROUP BY c.id",
        case.id, [str(state) for state in rules.UNDECIDED | {State.GRANTED}], list(unit_ids),
    )  # fmt: skip
    for row in rows:
        new = await queries.case(SYSTEM, row["id"], now, lock=True)
        await moves.add_step(new.id, Act.UNCOVER, new.standing, actor, now, "", row["units"])
        await moves.set_units(new.id, row["units"], UnitState.ENDED)
        await trail.record(actor, now, "certification.uncovered", new.id, units=row["units"])


async def supersede(case: Case, previous: UUID, actor: Actor, now: datetime) -> dict[str, Any]:
    """The certificate that was renewed gives way to the new one; `restored` where it had expired, which stays visible.

    What of it was suspended by name stays so in the new one; what it lost by name is not in it.
    """
    old = await queries.case(SYSTEM, previous, now, lock=True)
    await drop(actor, now, old, await taken_out(old, case.applied_at))
    restored = old.standing is State.EXPIRED
    if not restored:
        await moves.move(old, Act.SUPERSEDE, actor, now)
        await trail.record(actor, now, "certification.superseded", old.id)
    await _carry_suspensions(case, previous, actor, now)
    return {"previous": previous, "restored": restored}


_SUSPENDED_BY_NAME = """
SELECT d.id, coalesce(d.repeats, d.id) AS root, d.reason, d.cause,
  array_agg(s.unit_id ORDER BY s.label, s.unit_id) AS units,
  array_remove(ARRAY[d.decided_by, (SELECT o.decided_by FROM decision o WHERE o.answers = d.id AND o.act = 'confirm'),
    d.proposed_by], NULL) AS signers
FROM scope_unit s JOIN scope_unit n ON n.unit_id = s.unit_id AND n.certification = $2 AND n.state = 'covered'
  JOIN LATERAL (SELECT * FROM decision d WHERE d.certification = s.certification AND d.act = 'suspend'
    AND s.unit_id = ANY(d.units) ORDER BY d.decided_at DESC LIMIT 1) d ON true
WHERE s.certification = $1 AND s.state = 'suspended'
GROUP BY d.id, d.repeats, d.reason, d.cause, d.decided_by, d.proposed_by ORDER BY d.id
"""


async def _carry_suspensions(case: Case, previous: UUID, actor: Actor, now: datetime) -> None:
    """Units suspended by name in the certificate before: suspended in this one for the same cause, until an auditor of
    it sees that the cause is gone. Whoever signed then is the other pair of eyes; alone, the signature is urgent.
    """
    for row in await fetch(_SUSPENDED_BY_NAME, previous, case.id):
        asking = await signing.consultation(case.id, now)
        others = [person for person in row["signers"] if person != actor.id][:1]
        look = Situation(
            person=actor.id, reason=row["reason"], cause=Cause(row["cause"] or Cause.OTHER), urgent=not others,
            signed_before=frozenset(others), consulted=True, held=bool(asking and asking.hold),
        )  # fmt: skip
        guards.not_held(look)
        decision = await moves.add_decision(case, Act.SUSPEND, actor, now, look, row["units"], repeats=row["root"])
        await moves.set_units(case.id, row["units"], UnitState.SUSPENDED)
        await moves.add_step(case.id, Act.SUSPEND, State.GRANTED, actor, now, row["reason"], row["units"])
        await trail.record(actor, now, "certification.suspended", case.id, units=row["units"], carried=row["id"])
        await outbox.announce("certification.suspended", now, certification=case.id, units=row["units"],
                              decision=decision)  # fmt: skip
