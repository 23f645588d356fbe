"""What an appeals panel ruled, carried out: a decision is annulled by a decider who had no part in it.

A suspension annulled is over, and no auditor has to see its cause gone: the panel found that it was not there. It is
annulled wherever it holds, also in the certificate that renewed the one it was about. What is final or over stays so in
the books; its annulment stands beside it, and a withdrawal annulled keeps nobody from applying again.

While a panel only stays a suspension it is annulled for that long (`provisional`). When it stands again, a proposal to
carry it out once more, with its units, cause and reason and the panel's chair as first signer, waits for a decider; it
ends when it was carried out, and hardly otherwise: nothing that a panel left standing is forgotten.

That a ruling or a stay stands behind it is the appeals room's to know: PostgreSQL asks
(migrations/registry/stays_guards.py).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification import chains, moves, queries, rules, tables
from registry.certification.guards import Cause
from registry.certification.rules import Act, State, UnitState
from registry.certification.schemas import Case
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, NotFound
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.trail import service as trail

RULED = "annulment_is_ruled"
"""What PostgreSQL calls it (migrations/registry/annulments_named.py)."""


@verb(Permission.CERTIFICATION_DECIDE)
async def annul(
    actor: Actor, now: datetime, certification_id: UUID, decision_id: UUID, reason: str, *, provisional: bool = False
) -> None:
    """Annul a decision: what it suspended is valid again, what it ended may be applied for again."""
    case = await queries.case(actor, certification_id, now, lock=True)
    if not await fetch("SELECT 1 FROM decision WHERE id = $1 AND certification = $2", decision_id, case.id):
        raise NotFound("decision-not-found")
    root = await chains.root(decision_id)
    if actor.id in await chains.signers(root):
        raise Forbidden("same-decider")
    kept = {one.certification: one for one in await chains.keeps(root)}
    if provisional and not kept:
        raise Conflict("nothing-to-stay")
    for about in kept if provisional else dict.fromkeys([case.id, *kept]):
        one = case if about == case.id else await queries.case(actor, about, now, lock=True)
        answers = decision_id if about == case.id else kept[about].decision
        await _annul(actor, now, one, answers, reason, kept.get(about), provisional=provisional)
    if not provisional:
        await _end_proposals(actor, now, root, "The suspension was annulled.")


async def _annul(
    actor: Actor, now: datetime, case: Case, answers: UUID, reason: str, kept: chains.Kept | None, *, provisional: bool
) -> None:
    """In one certificate. A suspension that came later, for another cause, goes on: no panel has looked at it."""
    units = list(kept.units) if kept else []
    look = await moves.situation(actor, case, Act.ANNUL, now, reason=reason)
    rules.passed(case.standing, Act.ANNUL, look)
    try:
        async with transaction():
            decision = await moves.add_decision(
                case, Act.ANNUL, actor, now, look, units, answers=answers, provisional=provisional
            )
    except asyncpg.CheckViolationError as refused:
        if refused.constraint_name != RULED:
            raise
        raise Conflict("annulment-not-ruled") from refused
    if kept and kept.whole:
        # One that expired meanwhile says so still; that it was suspended does not stand in its renewal's way.
        expired: dict[str, Any] = {"state": State.GRANTED, "moved_at": now} if case.standing is State.EXPIRED else {}
        await moves.move(case, Act.ANNUL, actor, now, look, **expired)
        if not expired:
            await moves.hold_back(case, actor, now)
    else:
        await moves.set_units(case.id, units, UnitState.COVERED)
        await moves.add_step(case.id, Act.ANNUL, case.standing, actor, now, look.reason.strip(), units)
    await trail.record(actor, now, "certification.annulled", case.id, answers=answers, units=units, stay=provisional)
    await outbox.announce("certification.annulled", now, certification=case.id, units=units, decision=decision)


@verb(Permission.CERTIFICATION_FOLLOW)
async def stands_again(
    actor: Actor, now: datetime, decision_id: UUID, person: UUID, name: str, *, binding: bool = True
) -> UUID | None:
    """The stay of a suspension is over: where it had given something back, propose to deciders to take it again.

    `person` is the panel's chair, who signs first and never decides. Not `binding` where the ruling left it to other
    acts how much of it stands: then it is a proposal like any other.
    """
    root = await chains.root(decision_id)
    back = await chains.returned(root)
    live = await chains.last_in_line(back.certification) if back else None
    if back is None or live is None:  # never carried out, or over since
        return None
    case = await queries.case(actor, live, now, lock=True)
    back = await chains.returned(root)  # looked at again: somebody may have taken it again before the lock was ours
    if back is None:
        return None
    if binding and (proposed := await chains.proposed_again([root])):
        return proposed[0]
    living = (UnitState.COVERED, UnitState.SUSPENDED)
    units = [u.unit_id for u in await queries.scope(live, now) if u.unit_id in back.units and u.state in living]
    if not back.whole and not units:
        return None
    (was,) = await fetch("SELECT cause, reason FROM decision WHERE id = $1", root)
    made, named = uuid7(), [] if back.whole else units
    await tables.Proposal(
        id=made, certification=live, act=Act.SUSPEND, cause=was["cause"] or Cause.OTHER, reason=was["reason"],
        units=named, proposed_by=person, proposer=name, proposed_at=now, repeats=root if binding else None,
    ).save()  # fmt: skip
    # Not the chair's step: whoever takes one in a case may not go on hearing an appeal about it.
    await moves.add_step(live, Act.PROPOSE, case.standing, actor, now, was["reason"], named)
    await trail.record(actor, now, "certification.stands_again", live, answers=root, units=named, first=person)
    return made


@verb(Permission.CERTIFICATION_FOLLOW)
async def stayed(actor: Actor, now: datetime, decision_id: UUID) -> None:
    """A panel stays a decision: what stands proposed to carry it out again is put aside. Conflict `nothing-to-stay`
    unless it is a suspension that holds, or is about to: what was refused, withdrawn or taken out has no second life.
    """
    root = await chains.root(decision_id)
    if await _end_proposals(actor, now, root, "The panel stayed the suspension again."):
        await trail.record(actor, now, "certification.proposal_set_aside", root)
    elif not await chains.keeps(root):
        raise Conflict("nothing-to-stay")


@verb(Permission.CERTIFICATION_DECIDE)
async def repeat(actor: Actor, now: datetime, proposal_id: UUID, *, consulted: bool = False) -> None:
    """Suspend again what a stay had given back: the same units, cause and reason, by a second person."""
    about = await moves.case_of_proposal(actor, now, proposal_id)
    if about is None or not about[1]["repeats"]:
        raise NotFound("proposal-not-found")
    case, row = about
    if row["ended_at"]:
        raise Conflict("proposal-ended")
    look = await moves.situation(
        actor, case, Act.SUSPEND, now, first=frozenset({row["proposed_by"]}), units=row["units"],
        reason=row["reason"], cause=Cause(row["cause"]), consulted=consulted,
    )  # fmt: skip
    units = None
    if row["units"]:
        covered = {one.unit_id for one in await queries.scope(case.id, now) if one.state is UnitState.COVERED}
        units = [unit for unit in row["units"] if unit in covered]
    await moves.change(actor, now, case, Act.SUSPEND, "certification.suspended", look, units, repeats=row["repeats"])


async def _end_proposals(actor: Actor, now: datetime, root: UUID, why: str) -> bool:
    ended = await execute(
        "UPDATE proposal SET ended_at = $2, ended_by = $3, end_reason = $4 WHERE repeats = $1 AND ended_at IS NULL",
        root, now, actor.id, why,
    )  # fmt: skip
    return ended != "UPDATE 0"
