"""The verbs of appeals. Each has the same six beats: get, may, decide, write, record, announce."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.appeals import queries, rules, tables
from registry.appeals.rules import Act, Count, Outcome, State
from registry.appeals.schemas import Case, Lodge, Proposal, Propose, Seat
from registry.certification import annulment, file
from registry.certification import queries as certification
from registry.core.calendar import day_of
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.trail import service as trail


@verb(Permission.APPEALS_LODGE)
async def lodge(actor: Actor, now: datetime, data: Lodge) -> UUID:
    """Appeal against a decision about one's own business or group, within the scheme's days."""
    against = await queries.against(data.decision)
    seen = await certification.case(actor, against.certification, now)
    if seen.holder not in queries.holders(actor):
        raise NotFound("decision-not-found")
    terms, today = await queries.terms(seen.id), day_of(now, seen.zone)
    rules.appealable(against.act, against.decided_on, today, terms, repeats=against.repeats)
    clock = rules.clock(today, terms, await file.country(seen))
    (year,) = await fetch(
        "INSERT INTO appeal_year (year, last) VALUES ($1, 1)"
        " ON CONFLICT (year) DO UPDATE SET last = appeal_year.last + 1 RETURNING year, last",
        today.year,
    )
    row = tables.Appeal(
        id=uuid7(), number=f"A-{year['year']}-{year['last']:04d}", certification=seen.id, decision=against.id,
        holder=seen.holder, holder_name=seen.name, appellant=actor.id, appellant_name=actor.name,
        grounds=rules.reasoned(data.grounds, "grounds"), wanted=data.wanted.strip()[: rules.LONGEST],
        state=State.LODGED, moved_at=now, lodged_at=now, lodged_on=today, acknowledge_by=clock.acknowledge_by,
        rule_by=clock.rule_by,
    )  # fmt: skip
    try:
        async with transaction():
            await row.save()
    except asyncpg.UniqueViolationError:
        raise Conflict("appeal-already-lodged") from None
    await _step(row.id, Act.LODGE, State.LODGED, actor, now)
    await trail.record(actor, now, "appeals.lodged", row.id, number=row.number, decision=against.id)
    await outbox.announce("appeals.lodged", now, appeal=row.id, act=Act.LODGE)
    return UUID(str(row.id))


@verb(Permission.APPEALS_HANDLE)
async def acknowledge(actor: Actor, now: datetime, appeal_id: UUID) -> None:
    """Tell the appellant that the appeal is here, and by when it is ruled."""
    case = await queries.case(actor, appeal_id, lock=True)
    await _move(case, Act.ACKNOWLEDGE, actor, now, acknowledged_on=await _today(case, now))
    await trail.record(actor, now, "appeals.acknowledged", case.id)
    await outbox.announce("appeals.acknowledged", now, appeal=case.id, act=Act.ACKNOWLEDGE)


@verb(Permission.APPEALS_HANDLE)
async def seat(actor: Actor, now: datetime, appeal_id: UUID, data: Seat) -> None:
    """Seat a panel of people who had no part in the case and have no tie to its holder (I1, I2).

    Seating again replaces whoever is not named; a ruling that was being voted on is put aside. Conflict
    `panellist-not-possible` names the first who may not sit, and why.
    """
    case = await queries.case(actor, appeal_id, lock=True)
    rules.after(case.state, Act.SEAT)
    rules.seatable(data.panel, data.chair, (await queries.terms(case.certification)).appeal_panel)
    known = {one.person: one for one in await queries.candidates(case, now)}
    for person in data.panel:
        if person not in known:
            raise Invalid("panellist-unknown", fields={"panel": "panellist-unknown"})
        for obstacle in known[person].obstacles:
            raise Conflict("panellist-not-possible", name=known[person].name, why=obstacle.code, ends=obstacle.ends_on)
    await _replace(case.id, data, {person: known[person].name for person in data.panel}, now)
    await _move(case, Act.SEAT, actor, now, reason=data.reason.strip())
    await trail.record(actor, now, "appeals.seated", case.id, panel=data.panel, chair=data.chair)
    await outbox.announce("appeals.seated", now, appeal=case.id, act=Act.SEAT)


@verb(Permission.APPEALS_HEAR)
async def declare(actor: Actor, now: datetime, appeal_id: UUID, declares: bool = True) -> None:
    """Declare to have no interest in this case and no part in it (4.2; renewed at each assignment)."""
    case = await _heard_by(actor, now, appeal_id, declaring=True)
    if not declares:
        raise Invalid("declaration-missing", fields={"declares": "declaration-missing"})
    await execute(
        "UPDATE panellist SET declared_at = $3 WHERE appeal = $1 AND person = $2 AND ended_at IS NULL"
        " AND declared_at IS NULL",
        case.id, actor.id, now,
    )  # fmt: skip
    await _move(case, Act.DECLARE, actor, now)
    await trail.record(actor, now, "appeals.declared", case.id)


@verb(Permission.APPEALS_HEAR)
async def stay(actor: Actor, now: datetime, appeal_id: UUID, reason: str) -> None:
    """The chair says, for the panel, that a suspension does not hold until the ruling; a decider carries it out."""
    case = await _chaired_by(actor, now, appeal_id)
    if case.stayed:
        raise Conflict("appeal-already-stayed")
    await _move(case, Act.STAY, actor, now, reason=rules.reasoned(reason), stayed_at=now)
    await annulment.stayed(SYSTEM, now, case.decision)
    await trail.record(actor, now, "appeals.stayed", case.id)
    await outbox.announce("appeals.stayed", now, appeal=case.id, act=Act.STAY)


@verb(Permission.APPEALS_HEAR)
async def lift(actor: Actor, now: datetime, appeal_id: UUID, reason: str) -> None:
    """End a stay before the ruling: the decision stands again, and what was given back stands before a decider."""
    case = await _chaired_by(actor, now, appeal_id)
    if not case.stayed:
        raise Conflict("appeal-not-stayed")
    await _move(case, Act.LIFT, actor, now, reason=rules.reasoned(reason), stayed_at=None)
    await trail.record(actor, now, "appeals.stay_lifted", case.id)
    again = await _stands_again(case, now)
    await outbox.announce("appeals.stayed", now, appeal=case.id, act=Act.LIFT, again=again)


@verb(Permission.APPEALS_HEAR)
async def propose(actor: Actor, now: datetime, appeal_id: UUID, data: Propose) -> UUID:
    """The chair words a ruling; its own vote is for it. It is the panel's once a majority has agreed."""
    case = await _chaired_by(actor, now, appeal_id)
    if data.outcome not in rules.RULINGS:
        raise Invalid("choose-one", fields={"outcome": "choose-one"})
    reasons = rules.reasoned(data.reasons, "reasons")
    asked = "" if data.outcome is Outcome.DISMISSED else rules.reasoned(data.asked, "asked")
    if await queries.proposal(case.id):
        raise Conflict("ruling-being-voted")
    made = tables.Ruling(
        id=uuid7(), appeal=case.id, outcome=data.outcome, reasons=reasons, asked=asked, proposed_by=actor.id,
        proposed_at=now,
    )  # fmt: skip
    await made.save()
    await _move(case, Act.PROPOSE, actor, now)
    await trail.record(actor, now, "appeals.ruling_proposed", case.id)
    await _vote(actor, now, case, True, "")
    return UUID(str(made.id))


@verb(Permission.APPEALS_HEAR)
async def vote(actor: Actor, now: datetime, appeal_id: UUID, agrees: bool, note: str = "") -> None:
    """Agree with the proposed ruling, or not and say why. The vote that makes a majority rules."""
    case = await _heard_by(actor, now, appeal_id)
    proposal = await queries.proposal(case.id)
    if proposal is None:
        raise Conflict("no-ruling-proposed")
    if actor.id in {said.person for said in proposal.votes}:
        raise Conflict("already-voted")
    await _vote(actor, now, case, agrees, "" if agrees and not note.strip() else rules.reasoned(note, "note"))
    await trail.record(actor, now, "appeals.voted", case.id)


@verb(Permission.APPEALS_LODGE)
async def withdraw(actor: Actor, now: datetime, appeal_id: UUID, reason: str = "") -> None:
    """The appellant takes the appeal back; the decision stands, again where it was stayed."""
    case = await queries.case(actor, appeal_id, lock=True)
    if case.holder not in queries.holders(actor):
        raise Forbidden("not-the-appellant")
    await _move(
        case, Act.WITHDRAW, actor, now, reason=reason.strip()[: rules.LONGEST], outcome=Outcome.WITHDRAWN,
        stayed_at=None,
    )  # fmt: skip
    await trail.record(actor, now, "appeals.withdrawn", case.id)
    again = await _stands_again(case, now)
    await outbox.announce("appeals.withdrawn", now, appeal=case.id, act=Act.WITHDRAW, again=again)


@verb(Permission.APPEALS_HANDLE)
async def set_words_aside(actor: Actor, now: datetime, appeal_id: UUID) -> None:
    """Take the appellant's words out and leave the appeal's number in their place; the appeal goes on.

    For words that belong with somebody else. The database lets nothing else change them.
    """
    case = await queries.case(actor, appeal_id, lock=True)
    await execute("UPDATE appeal SET grounds = $2, wanted = '' WHERE id = $1", case.id, f"[{case.number}]")
    # Named like any other work on it: the trail does not tell what kind of words they were.
    await trail.record(actor, now, "appeals.amended", case.id)


@verb(Permission.CERTIFICATION_DECIDE)
async def carry_out(actor: Actor, now: datetime, appeal_id: UUID, reason: str, annuls: bool = True) -> None:
    """A decider without a part in the case does what the ruling asks: annul the decision, through certification.

    Without `annuls` the ruling, upheld in part, was carried out by other acts in the certification file, and `reason`
    says which. A stay is carried out in the same way, for as long as it lasts, and the appeal goes on.
    """
    case = await queries.case(actor, appeal_id, lock=True)
    for obstacle in await queries.against_carrying_out(actor, case):
        raise Forbidden(obstacle.code, ends_on=obstacle.ends_on)
    words = rules.reasoned(reason)
    if not annuls and case.outcome is not Outcome.PARTLY:
        raise Invalid("ruling-asks-to-annul", fields={"annuls": "ruling-asks-to-annul"})
    if case.state is State.SEATED and not case.stayed:
        raise Conflict("appeal-not-stayed")
    if case.state is State.SEATED and not await queries.still_holds(case.decision):
        raise Conflict("already-carried-out")
    rules.after(case.state, Act.CARRY_OUT)
    if annuls:
        stay = case.state is State.SEATED
        await annulment.annul(actor, now, case.certification, case.decision, words, provisional=stay)
    else:  # what of it stands is for deciders to say, with the chair's word that some of it does
        await _stands_again(case, now, binding=False)
    closing = {"carried_out_by": actor.id} if case.state is State.TO_CARRY_OUT else {}
    await _move(case, Act.CARRY_OUT, actor, now, reason=words, **closing)
    await trail.record(actor, now, "appeals.carried_out", case.id, annulled=annuls)
    await outbox.announce("appeals.carried_out", now, appeal=case.id, act=Act.CARRY_OUT)


# What several of them do alike.


async def _heard_by(actor: Actor, now: datetime, appeal_id: UUID, *, declaring: bool = False) -> Case:
    """The appeal, when this person sits on its panel, has declared, and still has no obstacle today."""
    case = await queries.case(actor, appeal_id, lock=True)
    rules.after(case.state, Act.VOTE)
    seats = await queries.panel(case.id)
    rules.hears(
        {one.person for one in seats}, actor.id, {one.person for one in seats if one.declared_at}, declaring=declaring
    )
    for obstacle in (await queries.obstacles([actor.id], case, now))[actor.id]:
        raise Forbidden(obstacle.code, ends_on=obstacle.ends_on)
    return case


async def _chaired_by(actor: Actor, now: datetime, appeal_id: UUID) -> Case:
    case = await _heard_by(actor, now, appeal_id)
    if actor.id not in {one.person for one in await queries.panel(case.id) if one.chair}:
        raise Forbidden("not-the-chair")
    return case


async def _replace(appeal_id: UUID, data: Seat, names: dict[UUID, str], now: datetime) -> None:
    """Those who stay keep their declaration; a ruling that was being voted on belongs to the panel before."""
    await execute("UPDATE ruling SET ended_at = $2 WHERE appeal = $1 AND ended_at IS NULL", appeal_id, now)
    await execute(
        "UPDATE panellist SET ended_at = $3 WHERE appeal = $1 AND ended_at IS NULL AND person <> ALL($2::uuid[])",
        appeal_id, list(data.panel), now,
    )  # fmt: skip
    await execute("UPDATE panellist SET chair = false WHERE appeal = $1 AND ended_at IS NULL", appeal_id)
    for person, name in names.items():
        await execute(
            "INSERT INTO panellist (id, appeal, person, name, chair, seated_at) VALUES ($1, $2, $3, $4, false, $5)"
            " ON CONFLICT (appeal, person) WHERE ended_at IS NULL DO NOTHING",
            uuid7(), appeal_id, person, name, now,
        )  # fmt: skip
    await execute(
        "UPDATE panellist SET chair = true WHERE appeal = $1 AND person = $2 AND ended_at IS NULL",
        appeal_id, data.chair,
    )  # fmt: skip


async def _vote(actor: Actor, now: datetime, case: Case, agrees: bool, note: str) -> None:
    proposal = await queries.proposal(case.id)
    assert proposal is not None  # both who come here have looked
    await tables.RulingVote(
        id=uuid7(), ruling=proposal.id, person=actor.id, name=actor.name, agrees=agrees, note=note, voted_at=now
    ).save()
    counted = await queries.proposal(case.id)
    assert counted is not None
    if counted.count is Count.CARRIED:
        await _ruled(actor, now, case, counted)
    elif counted.count is Count.LOST:
        await execute("UPDATE ruling SET ended_at = $2 WHERE id = $1", proposal.id, now)


async def _ruled(actor: Actor, now: datetime, case: Case, proposal: Proposal) -> None:
    """The panel has ruled. What it asks for is a task of a decider: a panel certifies nothing."""
    await execute("UPDATE ruling SET carried_at = $2 WHERE id = $1", proposal.id, now)
    changes: dict[str, Any] = {
        "outcome": proposal.outcome, "reasons": proposal.reasons, "asked": proposal.asked,
        "ruled_on": await _today(case, now),
    }  # fmt: skip
    if proposal.outcome is Outcome.DISMISSED:
        changes["stayed_at"] = None
    await _move(case, proposal.outcome.act, actor, now, **changes)
    await trail.record(actor, now, "appeals.ruled", case.id, outcome=proposal.outcome)
    again = proposal.outcome is Outcome.DISMISSED and await _stands_again(case, now)
    await outbox.announce("appeals.ruled", now, appeal=case.id, act=proposal.outcome.act, again=again)


async def _stands_again(case: Case, now: datetime, *, binding: bool = True) -> bool:
    """What a stay had given back is proposed to deciders again, with the chair as the first of four eyes."""
    chair = next((one for one in await queries.panel(case.id) if one.chair), None)
    if chair is None:  # nobody sat yet, so nothing was stayed
        return False
    made = await annulment.stands_again(SYSTEM, now, case.decision, chair.person, chair.name, binding=binding)
    return made is not None


async def _today(case: Case, now: datetime) -> Any:
    return day_of(now, (await certification.case(SYSTEM, case.certification, now)).zone)


async def _move(case: Case, act: Act, actor: Actor, now: datetime, *, reason: str = "", **columns: Any) -> State:
    """Take an appeal to the state an act leads to, and keep the step."""
    state = rules.after(case.state, act)
    if state is not case.state:
        columns |= {"state": state, "moved_at": now}
    if columns:
        await tables.Appeal.update(columns).where(tables.Appeal.id == case.id)  # type: ignore[arg-type]  # wants Column keys too
    await _step(case.id, act, state, actor, now, reason)
    return state


async def _step(
    appeal_id: UUID, act: Act, state: State, actor: Actor, now: datetime, reason: str = ""
) -> None:  # fmt: skip
    await tables.AppealStep(
        id=uuid7(), appeal=appeal_id, act=act, state=state, reason=reason, taken_by=actor.id, name=actor.name,
        taken_at=now,
    ).save()  # fmt: skip
