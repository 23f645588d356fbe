"""The register of ties (4.2): what people declare of themselves, and what somebody else found, which says who did; and
beside it what auditors know (6.1.2).
"""

from datetime import datetime
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.accounts import queries as accounts
from registry.certification import file, guards, tables
from registry.certification.competence import Competence, recordable
from registry.certification.impartiality import declarable
from registry.certification.schemas import DeclareTie
from registry.core.errors import Invalid, NotFound
from registry.core.ids import uuid7
from registry.trail import service as trail


@verb(Permission.CERTIFICATION_DECLARE)
async def declare_tie(actor: Actor, now: datetime, data: DeclareTie) -> UUID:
    """Enter a tie of one's own in the impartiality register. A newer entry about the same tie says how it is now."""
    name = await file.organisation_name(data.organisation)
    lasting_from = await file.lasting_from(actor.id, data.organisation, data.bond)
    declarable(data.bond, data.since, data.until, now.date(), lasting_from)
    tie = tables.Tie(
        id=uuid7(), person=actor.id, organisation=data.organisation, organisation_name=name, bond=data.bond,
        since=data.since, until=data.until, source=guards.words(data.source, "source"),
        recorded_by=actor.id, recorded_at=now,
    )  # fmt: skip
    await tie.save()
    await trail.record(actor, now, "certification.tie_declared", data.organisation, bond=data.bond)
    return UUID(str(tie.id))


@verb(Permission.CERTIFICATION_DISCOVER)
async def discover_tie(actor: Actor, now: datetime, person: UUID, data: DeclareTie) -> UUID:
    """Enter another person's tie, with how it came to be known. It holds at once; they can declare how it is now."""
    if person == actor.id:
        raise Invalid("declare-your-own", fields={"person": "declare-your-own"})
    if not (await accounts.called([person])).get(person):
        raise NotFound("person-not-found")
    name = await file.organisation_name(data.organisation)
    declarable(data.bond, data.since, data.until, now.date(), await file.lasting_from(
        person, data.organisation, data.bond))  # fmt: skip
    tie = tables.Tie(
        id=uuid7(), person=person, organisation=data.organisation, organisation_name=name, bond=data.bond,
        since=data.since, until=data.until, source=guards.words(data.source, "source"), recorded_by=actor.id,
        recorded_at=now,
    )  # fmt: skip
    await tie.save()
    await trail.record(actor, now, "certification.tie_discovered", data.organisation, bond=data.bond, person=person)
    return UUID(str(tie.id))


@verb(Permission.CERTIFICATION_PLAN)
async def record_competence(actor: Actor, now: datetime, data: Competence) -> UUID:
    """Write down what an auditor knows, and how we know it. A newer line takes the place of the one before."""
    recordable(data)
    if data.person not in {person for person, _ in await file.auditors()}:
        raise NotFound("person-not-found")
    made = uuid7()
    await tables.AuditorCompetence(
        id=made, person=data.person, kinds=sorted(data.kinds), languages=sorted(data.languages),
        basis=data.basis.strip(), recorded_by=actor.id, recorded_at=now,
    ).save()  # fmt: skip
    await trail.record(
        actor, now, "certification.competence_recorded", data.person, kinds=sorted(data.kinds),
        languages=sorted(data.languages),
    )  # fmt: skip
    return made
