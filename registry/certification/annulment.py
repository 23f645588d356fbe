"""What an appeals panel ruled, carried out: a decision is annulled by a decider who had no part in it.

A suspension annulled is over, and no auditor has to see its cause gone: the panel found that it was not there. What is
final stays so in the books; its annulment stands beside it, and its holder may apply again at once. That a ruling
stands behind it is the appeals room's to know: PostgreSQL asks (migrations/registry/annulment_guards.py).
"""

from datetime import datetime
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification import moves, queries, rules, signing
from registry.certification.rules import Act, State, UnitState
from registry.core.db import fetch
from registry.core.errors import Forbidden, NotFound
from registry.outbox import service as outbox
from registry.trail import service as trail


@verb(Permission.CERTIFICATION_DECIDE)
async def annul(actor: Actor, now: datetime, certification_id: UUID, decision_id: UUID, reason: str) -> None:
    """Annul a decision: what it suspended is valid again, what it ended may be applied for again."""
    case = await queries.case(actor, certification_id, now, lock=True)
    rows = await fetch("SELECT * FROM decision WHERE id = $1 AND certification = $2", decision_id, case.id)
    if not rows:
        raise NotFound("decision-not-found")
    if rows[0]["decided_by"] == actor.id:
        raise Forbidden("same-decider")
    whole, kept = await signing.kept_by(case.id, decision_id)
    suspended = {unit.unit_id for unit in await queries.scope(case.id, now) if unit.state is UnitState.SUSPENDED}
    units = [unit for unit in rows[0]["units"] if unit in suspended & kept]
    look = await moves.situation(actor, case, Act.ANNUL, now, reason=reason)
    rules.passed(case.standing, Act.ANNUL, look)
    decision = await moves.add_decision(case, Act.ANNUL, actor, now, look, units, answers=decision_id)
    # A suspension that came later, for another cause, goes on: no panel has looked at it.
    if rows[0]["units"] or (case.standing is State.SUSPENDED and not whole):
        await moves.set_units(case.id, units, UnitState.COVERED)
        await moves.add_step(case.id, Act.ANNUL, case.standing, actor, now, reason.strip(), units)
    else:
        await moves.move(case, Act.ANNUL, actor, now, look)
        if case.standing is State.SUSPENDED:
            await moves.hold_back(case, actor, now)
    await trail.record(actor, now, "certification.annulled", case.id, answers=decision_id, units=units)
    await outbox.announce("certification.annulled", now, certification=case.id, units=units, decision=decision)
