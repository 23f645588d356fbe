"""What a certificate covers, and its end at the holder's wish: extension, reduction, units that go by themselves."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import asyncpg

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification import applications, chains, file, guards, moves, queries, renewing, rules, signing, tables
from registry.certification.facts import Grade, Kind, Mending
from registry.certification.rules import Act, State, UnitState
from registry.clients import queries as clients
from registry.core.bulk import insert_many
from registry.core.calendar import day_of
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Invalid
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.trail import service as trail


@verb(Permission.CERTIFICATION_APPLY)
async def ask_extension(
    actor: Actor, now: datetime, certification_id: UUID, unit_ids: Collection[UUID], reason: str
) -> None:
    """Ask that more of the same holder be covered, or again what was taken out. Checked, trained and looked at like the
    first ones, then decided."""
    case = await queries.case(actor, certification_id, now, lock=True)
    look = await moves.situation(actor, case, Act.ASK_EXTENSION, now, reason=reason)
    rules.passed(case.standing, Act.ASK_EXTENSION, look)
    units = await clients.units(unit_ids=unit_ids)
    if not units or len(units) != len(set(unit_ids)):
        raise Invalid("units-missing", fields={"unit_ids": "units-missing"})
    owners = await clients.clients({unit.client_id for unit in units})
    asked = await queries.parameters(case.scheme_version)
    for unit in units:
        owner = owners[unit.client_id]
        if owner.id != case.client if case.kind is Kind.SINGLE else owner.association != case.association:
            raise Invalid("unit-not-of-holder", fields={"unit_ids": "unit-not-of-holder"})
        guards.suits(case.kind, owner.kind, unit.rooms, asked)
    named = [unit.id for unit in units]
    await applications.waited(named, case.scheme, day_of(now, case.zone), case.zone, asked)
    await moves.add_step(case.id, Act.ASK_EXTENSION, case.standing, actor, now, reason.strip(), named)
    gone = {one.unit_id for one in await queries.scope(case.id) if one.state in (UnitState.ENDED, UnitState.WITHDRAWN)}
    try:
        async with transaction():
            await execute(
                "UPDATE scope_unit SET state = 'pending', open = true WHERE certification = $1"
                " AND unit_id = ANY($2::uuid[])",
                case.id, [unit for unit in named if unit in gone],
            )  # fmt: skip
            await insert_many(
                tables.ScopeUnit(
                    id=uuid7(), certification=case.id, unit_kind=unit.kind, unit_id=unit.id, client=unit.client_id,
                    label=unit.plate or unit.name, scheme=case.scheme, asked_at=now,
                )
                for unit in units if unit.id not in gone
            )  # fmt: skip
    except asyncpg.UniqueViolationError:
        raise Conflict("unit-already-applied", unit=case.name) from None
    await trail.record(actor, now, "certification.extension_asked", case.id, units=named)


@verb(Permission.CERTIFICATION_DECIDE)
async def extend(actor: Actor, now: datetime, certification_id: UUID, unit_ids: Collection[UUID], reason: str) -> None:
    """Cover what was asked for, once it was looked at and is in order; the last day stays that of the certificate."""
    case = await queries.case(actor, certification_id, now, lock=True)
    units = list(unit_ids)
    look = await moves.situation(
        actor, case, Act.EXTEND, now, units=units, reason=reason, **await queries.extension(case, units, now)
    )
    state = await moves.unit_states(case, Act.EXTEND, units, now)
    rules.passed(case.standing, Act.EXTEND, look)
    decision = await moves.add_decision(case, Act.EXTEND, actor, now, look, units)
    await moves.set_units(case.id, units, state)
    await moves.add_step(case.id, Act.EXTEND, case.standing, actor, now, reason.strip(), units)
    await trail.record(actor, now, "certification.extended", case.id, units=units)
    await outbox.announce("certification.extended", now, certification=case.id, units=units, decision=decision)


@verb(Permission.CERTIFICATION_DECIDE)
async def reduce(actor: Actor, now: datetime, certification_id: UUID, unit_ids: Collection[UUID], reason: str) -> None:
    """Take units out by name; the rest stays as it is. Somebody else proposed it, the holder for example."""
    case = await queries.case(actor, certification_id, now, lock=True)
    units = list(unit_ids)
    covered = {unit.unit_id for unit in await queries.scope(case.id, now) if unit.state is UnitState.COVERED}
    look = await moves.situation(
        actor, case, Act.REDUCE, now, units=units, reason=reason, remaining=len(covered - set(units))
    )
    state = await moves.unit_states(case, Act.REDUCE, units, now)
    rules.passed(case.standing, Act.REDUCE, look)
    decision = await moves.add_decision(case, Act.REDUCE, actor, now, look, units)
    await moves.set_units(case.id, units, state)
    await moves.add_step(case.id, Act.REDUCE, case.standing, actor, now, reason.strip(), units)
    await moves.end_repeated(case.id, actor, now)
    await renewing.drop(actor, now, case, units)
    await trail.record(actor, now, "certification.reduced", case.id, units=units)
    await outbox.announce("certification.reduced", now, certification=case.id, units=units, decision=decision)


@verb(Permission.CERTIFICATION_APPLY)
async def ask_reduction(
    actor: Actor, now: datetime, certification_id: UUID, unit_ids: Collection[UUID], reason: str
) -> None:
    """The holder proposes to a decider that units be taken out: sold, closed, no longer its own."""
    case = await queries.case(actor, certification_id, now, lock=True)
    look = await moves.situation(actor, case, Act.ASK_EXTENSION, now, reason=reason)
    guards.holder(look)
    guards.reasoned(look)
    units = list(unit_ids)
    await moves.unit_states(case, Act.REDUCE, units, now)
    await tables.Proposal(
        id=uuid7(), certification=case.id, act=Act.REDUCE, cause=None, reason=reason.strip(), units=units,
        proposed_by=actor.id, proposer=actor.name, proposed_at=now,
    ).save()  # fmt: skip
    await moves.add_step(case.id, Act.PROPOSE, case.standing, actor, now, reason.strip(), units)
    await trail.record(actor, now, "certification.reduction_asked", case.id, units=units)


@verb(Permission.CERTIFICATION_FOLLOW)
async def uncover(actor: Actor, now: datetime, unit_ids: Collection[UUID], *, groups_only: bool) -> None:
    """Units that are no longer their holder's, or of its group: not covered from now on, and nobody's fault.

    A single business that leaves its chamber stays certified (I8): membership is no criterion. No decision is made
    here; it is a fact of the register that the certificate follows.
    """
    rows = await fetch(
        "SELECT s.certification, array_agg(s.unit_id) AS units FROM scope_unit s"
        " JOIN certification c ON c.id = s.certification WHERE s.unit_id = ANY($1::uuid[])"
        " AND s.state IN ('pending', 'covered', 'suspended') AND c.state = ANY($2) AND (NOT $3 OR c.kind = 'group')"
        " GROUP BY s.certification",
        list(unit_ids), [str(state) for state in rules.UNDECIDED | rules.IN_FORCE], groups_only,
    )  # fmt: skip
    for row in rows:
        case = await queries.case(actor, row["certification"], now, lock=True)
        if case.standing not in rules.UNDECIDED | rules.IN_FORCE:
            continue
        await moves.add_step(case.id, Act.UNCOVER, case.standing, actor, now, "", row["units"])
        await moves.set_units(case.id, row["units"], UnitState.ENDED)
        await moves.end_repeated(case.id, actor, now)
        await trail.record(actor, now, "certification.uncovered", case.id, units=row["units"])
        await outbox.announce("certification.uncovered", now, certification=case.id, units=row["units"])


@verb(Permission.CERTIFICATION_FOLLOW)
async def note_answer(actor: Actor, now: datetime, certification_id: UUID, finding_id: UUID) -> None:
    """Keep that a finding was answered, at its instant; whether the answer is good, the next evaluation says. It breaks
    the holder's silence, and opens no file again that was closed by it.
    """
    case = await queries.case(actor, certification_id, now, lock=True)
    if case.standing is State.LAPSED:
        return
    await execute(
        "INSERT INTO answered_finding (id, certification, finding, answered_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING",
        uuid7(), certification_id, finding_id, now,
    )  # fmt: skip
    await execute(
        "UPDATE certification SET heard_at = greatest(heard_at, $2) WHERE id = $1", certification_id, now
    )  # fmt: skip
    await trail.record(actor, now, "certification.answer_heard", certification_id, finding=finding_id)


@verb(Permission.CERTIFICATION_APPLY)
async def end(actor: Actor, now: datetime, certification_id: UUID, reason: str) -> None:
    """Give a certificate back. In public: ended at the holder's wish. It is no way out of what is open: while it is
    suspended, also under a stay, proposed for withdrawal or has an open critical finding, that is kept, and the twelve
    months count, unless a panel annuls the one suspension that was all it was ended under.
    """
    case = await queries.case(actor, certification_id, now, lock=True)
    look = await moves.situation(actor, case, Act.END, now, reason=reason)
    rules.passed(case.standing, Act.END, look)
    evaluation = (await file.evaluations([case.id])).get(case.id)
    critical = evaluation is not None and any(
        one.grade is Grade.CRITICAL and one.state is not Mending.CLOSED for one in evaluation.findings
    )
    advised = (await signing.proposals([case.id])).get(case.id, ())
    proposed = any(one.act in (Act.SUSPEND, Act.WITHDRAW) and not one.repeats for one in advised)
    under = await chains.under(case.id)
    fled = under[0] if len(under) == 1 and not critical and not proposed else None
    fleeing = critical or proposed or bool(under)
    await moves.move(case, Act.END, actor, now, look, ended_in_proceedings=fleeing, fled_from=fled)
    await execute("UPDATE proposal SET ended_at = $2, ended_by = $3 WHERE certification = $1 AND ended_at IS NULL",
                  case.id, now, actor.id)  # fmt: skip
    await trail.record(actor, now, "certification.ended", case.id, in_proceedings=fleeing)
    await outbox.announce("certification.ended", now, certification=case.id)
