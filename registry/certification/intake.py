"""An application comes in: opened, completed, taken back by who applies; returned, declined or accepted by an officer
(7.2, 7.3). What it has to bring is said in applications.py.
"""

import secrets
from datetime import datetime
from uuid import UUID

import asyncpg

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification import applications, moves, queries, rules, sampling, screening, tables
from registry.certification.rules import Act, State
from registry.certification.sampling import Occasion
from registry.certification.schemas import Apply
from registry.certification.screening import Screening
from registry.core.bulk import insert_many
from registry.core.calendar import day_of
from registry.core.db import fetch, transaction
from registry.core.errors import Conflict
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.trail import service as trail


@verb(Permission.CERTIFICATION_APPLY)
async def apply(actor: Actor, now: datetime, data: Apply) -> UUID:
    """Open a case (7.2). An association may apply for its members, one case each or as a group; it signs for nobody."""
    application = await applications.checked(actor, now, data)
    for lapsed in await applications.clear(application, now, data.occasion):
        await moves.lapse(actor, lapsed, now)
    renews = await applications.renewed(application, now) if data.occasion is Occasion.RENEWAL else None
    (year,) = await fetch(
        "INSERT INTO case_year (year, last) VALUES ($1, 1)"
        " ON CONFLICT (year) DO UPDATE SET last = case_year.last + 1 RETURNING year, last",
        day_of(now, application.zone).year,
    )
    case = tables.Certification(
        id=uuid7(), number=f"C-{year['year']}-{year['last']:04d}", kind=data.kind, client=application.client,
        association=application.association, name=application.name, scheme=application.version.scheme,
        scheme_version=application.version.id, zone=application.zone, state=State.APPLIED, moved_at=now,
        applied_at=now, applied_by=actor.id, occasion=data.occasion, renews=renews,
    )  # fmt: skip
    await case.save()
    try:
        async with transaction():
            await insert_many(
                tables.ScopeUnit(
                    id=uuid7(), certification=case.id, unit_kind=unit.kind, unit_id=unit.id, client=unit.client_id,
                    label=unit.plate or unit.name, scheme=application.version.scheme,
                )
                for unit in application.units
            )  # fmt: skip
    except asyncpg.UniqueViolationError:  # somebody else applied for one of them at the same moment
        raise Conflict("unit-already-applied", unit=application.name) from None
    await moves.add_step(case.id, Act.APPLY, State.APPLIED, actor, now)
    await trail.record(actor, now, "certification.applied", case.id, number=case.number, units=len(application.units))
    await outbox.announce("certification.applied", now, certification=case.id)
    return UUID(str(case.id))


@verb(Permission.CERTIFICATION_APPLY)
async def complete_application(actor: Actor, now: datetime, certification_id: UUID, answer: str) -> None:
    """Answer what the officer asked for; the application is looked at again."""
    case = await queries.case(actor, certification_id, now, lock=True)
    await moves.move(case, Act.COMPLETE, actor, now, reason=answer)
    await trail.record(actor, now, "certification.completed", case.id)


@verb(Permission.CERTIFICATION_APPLY)
async def withdraw_application(actor: Actor, now: datetime, certification_id: UUID, reason: str) -> None:
    """Take an application back before it is decided."""
    case = await queries.case(actor, certification_id, now, lock=True)
    await moves.move(case, Act.CANCEL, actor, now, reason=reason)
    await trail.record(actor, now, "certification.cancelled", case.id)


@verb(Permission.CERTIFICATION_ACCEPT)
async def return_application(actor: Actor, now: datetime, certification_id: UUID, reason: str) -> None:
    """Ask the applicant for what is missing or unclear (7.3), within the scheme's days to answer."""
    case = await queries.case(actor, certification_id, now, lock=True)
    await moves.move(case, Act.RETURN, actor, now, reason=reason)
    await trail.record(actor, now, "certification.returned", case.id)
    await outbox.announce("certification.returned", now, certification=case.id, at=now.isoformat())


@verb(Permission.CERTIFICATION_ACCEPT)
async def decline_application(actor: Actor, now: datetime, certification_id: UUID, reason: str) -> None:
    """Decline what this scheme cannot serve, or nobody completed in time, with the reason (7.3.4)."""
    case = await queries.case(actor, certification_id, now, lock=True)
    await moves.move(case, Act.DECLINE, actor, now, reason=reason)
    await trail.record(actor, now, "certification.declined", case.id)
    await outbox.announce("certification.declined", now, certification=case.id, at=now.isoformat())


@verb(Permission.CERTIFICATION_ACCEPT)
async def accept_application(actor: Actor, now: datetime, certification_id: UUID, data: Screening) -> None:
    """Find an application complete (7.3), point by point, and say how high its risk is. Chooses the seed of a later
    draw and puts its hash on record.
    """
    case = await queries.case(actor, certification_id, now, lock=True)
    look = await moves.situation(actor, case, Act.ACCEPT, now, reason=data.note)
    rules.passed(case.standing, Act.ACCEPT, look)
    screening.whole(data)
    await tables.ApplicationReview(
        id=uuid7(), certification=case.id, checked=sorted(data.checked), risk=data.risk, factors=data.factors.strip(),
        note=data.note.strip(), reviewed_by=actor.id, name=actor.name, reviewed_at=now,
    ).save()  # fmt: skip
    seed = secrets.token_bytes(32)
    await moves.move(case, Act.ACCEPT, actor, now, look, seed=seed, risk=data.risk)
    await trail.record(
        actor, now, "certification.accepted", case.id, seed_sha256=sampling.seed_hash(seed), risk=data.risk
    )  # fmt: skip
    await outbox.announce("certification.accepted", now, certification=case.id)
