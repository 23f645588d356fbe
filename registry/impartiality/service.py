"""The committee's verb about ties, and the three about the glass: break, agree, see."""

from datetime import datetime
from uuid import UUID

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.certification import moves
from registry.certification import queries as certification
from registry.certification.impartiality import Bond, Part
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, NotFound
from registry.core.ids import uuid7
from registry.impartiality import queries, rules, tables
from registry.impartiality.rules import Treatment
from registry.outbox import service as outbox
from registry.trail import service as trail


@verb(Permission.IMPARTIALITY_REVIEW)
async def review_tie(
    actor: Actor, now: datetime, person: UUID, organisation: UUID, bond: Bond, treatment: Treatment, note: str = ""
) -> None:
    """The committee's yearly look at a tie, and how it is treated. It changes nobody's ties."""
    if not await fetch(
        "SELECT 1 FROM tie WHERE person = $1 AND organisation = $2 AND bond = $3", person, organisation, bond
    ):
        raise NotFound("tie-not-found")
    await tables.TieReview(
        id=uuid7(), person=person, organisation=organisation, bond=bond, treatment=treatment,
        note=note.strip()[:2000], reviewed_by=actor.id, name=actor.name, reviewed_at=now,
    ).save()  # fmt: skip
    await trail.record(actor, now, "impartiality.tie_reviewed", organisation, person=person, treatment=treatment)


@verb(Permission.CERTIFICATION_DECIDE)
async def break_glass(actor: Actor, now: datetime, certification_id: UUID, reason: str) -> UUID:
    """Ask to sign in a case whose holder one evaluated before, because nobody else can. Nothing is lifted yet."""
    case = await certification.case(actor, certification_id, now)
    made = tables.Glass(
        id=uuid7(), certification=case.id, person=actor.id, name=actor.name, reason=rules.reasoned(reason),
        broken_at=now, ends_at=now + rules.GLASS_LASTS,
    )  # fmt: skip
    await made.save()
    await trail.record(actor, now, "impartiality.glass_broken", case.id, glass=made.id)
    await outbox.announce("impartiality.glass_broken", now, glass=made.id)
    return UUID(str(made.id))


@verb(Permission.CERTIFICATION_DECIDE)
async def agree_to_glass(actor: Actor, now: datetime, glass_id: UUID, reason: str) -> None:
    """A second decider agrees; only now, and for the rest of the day, the first may sign in this one case."""
    broken = await queries.glass(glass_id)
    rules.agreed(broken.person, actor.id, broken.second, broken.broken_at, now)
    # Nobody with a tie of their own opens the case to somebody else.
    await moves.be_impartial(actor, Part.DECIDE, await certification.case(actor, broken.certification, now), now)
    await execute(
        "UPDATE glass SET second = $2, second_name = $3, second_reason = $4, agreed_at = $5 WHERE id = $1",
        glass_id, actor.id, actor.name, rules.reasoned(reason), now,
    )  # fmt: skip
    await trail.record(actor, now, "impartiality.glass_agreed", broken.certification, glass=glass_id)
    await outbox.announce("impartiality.glass_agreed", now, glass=glass_id)


@verb(Permission.IMPARTIALITY_REVIEW)
async def see_glass(actor: Actor, now: datetime, glass_id: UUID) -> None:
    """The committee has seen it."""
    broken = await queries.glass(glass_id)
    if broken.seen_at:
        raise Conflict("glass-already-seen")
    await execute("UPDATE glass SET seen_by = $2, seen_at = $3 WHERE id = $1", glass_id, actor.id, now)
    await trail.record(actor, now, "impartiality.glass_seen", broken.certification, glass=glass_id)
