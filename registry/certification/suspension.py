"""The second pair of eyes: proposing, confirming or lifting, verifying a cause; and an authority's word to wait.

The verbs beside service.suspend, reinstate and withdraw, which need what these leave behind.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification import chains, guards, moves, queries, rules, signing, tables
from registry.certification.rules import Act, State, UnitState
from registry.certification.schemas import Propose
from registry.core.calendar import day_of
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.trail import service as trail

PROPOSABLE = frozenset({Act.SUSPEND, Act.WITHDRAW, Act.EXTEND, Act.REDUCE})
HOLD_DAYS = 30
"""How long an authority's word lasts unless it is said again: a hold that nobody remembers must not shield a seal."""


@verb(Permission.CERTIFICATION_PROPOSE)
async def propose(actor: Actor, now: datetime, certification_id: UUID, data: Propose) -> UUID:
    """Advise a decider to do something to a certificate. It changes nothing; whoever advised does not sign."""
    case = await queries.case(actor, certification_id, now, lock=True)
    if data.act not in PROPOSABLE:
        raise Invalid("choose-one", fields={"act": "choose-one"})
    look = await moves.situation(actor, case, Act.PROPOSE, now, reason=data.reason, cause=data.cause)
    rules.passed(case.standing, Act.PROPOSE, look)
    if data.act in (Act.SUSPEND, Act.WITHDRAW):
        (guards.caused if data.act is Act.SUSPEND else guards.grave)(look)
    units = list(data.unit_ids)
    if not units:
        rules.after(case.standing, data.act)
    elif not set(units) <= {unit.unit_id for unit in await queries.scope(case.id)}:
        raise Invalid("unit-not-in-scope", fields={"unit_ids": "unit-not-in-scope"})
    proposal = uuid7()
    await tables.Proposal(
        id=proposal, certification=case.id, act=data.act, cause=data.cause, reason=data.reason.strip(), units=units,
        proposed_by=actor.id, proposer=actor.name, proposed_at=now,
    ).save()  # fmt: skip
    await moves.add_step(case.id, Act.PROPOSE, case.standing, actor, now, data.reason.strip(), units)
    await trail.record(actor, now, "certification.proposed", case.id, act=data.act, cause=data.cause, units=units)
    return proposal


@verb(Permission.CERTIFICATION_DECIDE)
async def set_aside(actor: Actor, now: datetime, proposal_id: UUID, reason: str) -> None:
    """Not do what was proposed, with the reason. Whoever proposed may propose again.

    What a panel left standing is put aside only when an auditor has seen since that its cause is gone.
    """
    about = await moves.case_of_proposal(actor, now, proposal_id)
    if about is None:
        raise NotFound("proposal-not-found")
    case, proposal = about
    await moves.be_impartial(actor, moves.PARTS[Act.SUSPEND], case, now)
    if proposal["ended_at"]:
        raise Conflict("proposal-ended")
    if proposal["repeats"] and not await signing.gone_since(case.id, proposal["repeats"], proposal["units"], actor.id):
        raise Conflict("panel-left-it-standing")
    await execute(
        "UPDATE proposal SET ended_at = $2, ended_by = $3, end_reason = $4 WHERE id = $1",
        proposal_id, now, actor.id, guards.words(reason),
    )  # fmt: skip
    await trail.record(actor, now, "certification.proposal_set_aside", case.id, proposal=proposal_id)


@verb(Permission.CERTIFICATION_DECIDE)
async def confirm(
    actor: Actor, now: datetime, certification_id: UUID, reason: str, *, urgent: UUID | None = None
) -> None:
    """Stand as the second person behind an urgent suspension. Late is better than never, and shows as late.

    `urgent` is the suspension they read: another may wait by the time they sign.
    """
    await _answer(actor, now, certification_id, Act.CONFIRM, "certification.confirmed", reason, urgent)


@verb(Permission.CERTIFICATION_DECIDE)
async def lift(actor: Actor, now: datetime, certification_id: UUID, reason: str, *, urgent: UUID | None = None) -> None:
    """Not confirm it: the suspension ends, as if it had been decided by nobody, and all of it stays on record."""
    await _answer(actor, now, certification_id, Act.LIFT, "certification.reinstated", reason, urgent)


async def _answer(
    actor: Actor, now: datetime, certification_id: UUID, act: Act, event: str, reason: str, read: UUID | None
) -> None:
    case = await queries.case(actor, certification_id, now, lock=True)
    look = await moves.situation(actor, case, act, now, reason=reason)
    rules.guarded(act, look)
    urgent = await signing.to_confirm(case.id)
    assert urgent is not None  # a guard has seen it
    if read is not None and read != urgent.id:
        raise Conflict("nothing-to-confirm")
    units = list(urgent.units)
    decision = await moves.add_decision(case, act, actor, now, look, units, answers=urgent.id)
    if not units:
        await moves.move(case, act, actor, now, look)
    else:
        if act is Act.LIFT:  # those it still keeps suspended, and no other
            _, kept = await chains.kept_by(case.id, await chains.root(urgent.id))
            suspended = {one.unit_id for one in await queries.scope(case.id) if one.state is UnitState.SUSPENDED}
            units = [unit for unit in units if unit in kept & suspended]
            await moves.set_units(case.id, units, UnitState.COVERED)
        await moves.add_step(case.id, act, case.standing, actor, now, reason.strip(), units)
    late = day_of(now, case.zone) > urgent.by
    await trail.record(actor, now, event, case.id, units=units, answers=urgent.id, late=late)
    await outbox.announce(event, now, certification=case.id, units=units, decision=decision)


@verb(Permission.CERTIFICATION_EVALUATE)
async def verify_cause(
    actor: Actor, now: datetime, certification_id: UUID, text: str, unit_ids: Collection[UUID] = ()
) -> None:
    """An auditor of the case saw that the cause of a suspension is gone, of the case or of the units named; a decider
    may end it from here on.
    """
    case = await queries.case(actor, certification_id, now, lock=True)
    look = await moves.situation(actor, case, Act.VERIFY_CAUSE, now, reason=text)
    rules.passed(case.standing, Act.VERIFY_CAUSE, look)
    scope = await queries.scope(case.id)
    if not set(unit_ids) <= {unit.unit_id for unit in scope}:
        raise Invalid("unit-not-in-scope", fields={"unit_ids": "unit-not-in-scope"})
    again = (await signing.proposals([case.id])).get(case.id, ())
    whole = case.standing is State.SUSPENDED or any(one.repeats and not one.units for one in again)
    if not unit_ids and not whole and any(unit.state is UnitState.SUSPENDED for unit in scope):
        raise Invalid("cause-of-which", fields={"unit_ids": "cause-of-which"})
    await tables.CauseVerification(
        id=uuid7(), certification=case.id, units=list(unit_ids), text=text.strip(), verified_by=actor.id,
        verifier=actor.name, verified_at=now,
    ).save()  # fmt: skip
    await moves.move(case, Act.VERIFY_CAUSE, actor, now, look, units=unit_ids)
    await trail.record(actor, now, "certification.cause_verified", case.id, units=list(unit_ids))


@verb(Permission.CERTIFICATION_HOLD)
async def ask_consultation(actor: Actor, now: datetime, certification_id: UUID, hold: bool) -> UUID:
    """An authority asks to be consulted before a decision shows, or that nothing shows for now. It does not say why.

    The trail keeps that it was asked and never of whom: whoever may read the trail may not read this (I10).
    """
    if not await fetch("SELECT 1 FROM certification WHERE id = $1", certification_id):
        raise NotFound("certification-not-found")
    asked = uuid7()
    await tables.Consultation(
        id=asked, certification=certification_id, hold=hold, until=now + timedelta(days=HOLD_DAYS), asked_by=actor.id,
        asked_at=now,
    ).save()  # fmt: skip
    await trail.record(actor, now, "certification.consultation_asked", asked)
    return asked


@verb(Permission.CERTIFICATION_HOLD)
async def end_consultation(actor: Actor, now: datetime, consultation_id: UUID) -> None:
    """What was asked is no longer needed."""
    ended = await execute(
        "UPDATE consultation SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL AND asked_by = $3",
        consultation_id, now, actor.id,
    )  # fmt: skip
    if ended != "UPDATE 1":
        raise NotFound("consultation-not-found")
    await trail.record(actor, now, "certification.consultation_ended", consultation_id)
