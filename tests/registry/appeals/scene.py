"""A hotel whose certificate is suspended, a pool of panel members, and an appeal as far along as a test wants it."""

from datetime import datetime, timedelta
from uuid import UUID

from registry.access.permissions import Role
from registry.accounts.tables import Account
from registry.appeals import service
from registry.appeals.rules import Outcome
from registry.appeals.schemas import Lodge, Propose, Seat
from registry.certification import service as certification
from registry.certification.tables import Decision
from tests.registry.certification.scene import DORA, OLGA, REASON, Scene, granted, hold, person

PAULA = person(301, "Paula Chaves", Role.PANEL)
PEDRO = person(302, "Pedro Ureña", Role.PANEL)
PIA = person(303, "Pía Solano", Role.PANEL)
PABLO = person(304, "Pablo Mena", Role.PANEL)
IMELDA = person(305, "Imelda Rojas", Role.IMPARTIALITY)
POOL = (PAULA, PEDRO, PIA, PABLO)
GROUNDS = "La suspensión se basó en un documento que no era nuestro."
REASONS = "El documento era de otro hotel; la causa nunca existió."


async def pool(now: datetime) -> None:
    """The panel's people and the committee, with their accounts."""
    for actor in (*POOL, IMELDA):
        await Account(
            id=actor.id, email=f"{actor.id.int}@example.org", name=actor.name, password_hash="-",
            created_at=now - timedelta(days=900), codes_kept_at=now,
        ).save()  # fmt: skip
        for role in actor.roles:
            await hold(actor, role, None, now - timedelta(days=900))


async def suspended(now: datetime, here: Scene) -> tuple[UUID, UUID]:
    """A certificate that was suspended a moment ago: its case, and the decision."""
    case = await granted(now - timedelta(days=1), here)
    await certification.suspend(DORA, now, case, REASON)
    (row,) = await Decision.select(Decision.id).where(Decision.certification == case, Decision.act == "suspend")
    return case, row["id"]


async def lodged(now: datetime, here: Scene) -> UUID:
    await pool(now)
    _, decision = await suspended(now, here)
    return await service.lodge(here.ana, now, Lodge(decision=decision, grounds=GROUNDS, wanted="Que se reinstale."))


async def seated(now: datetime, here: Scene) -> UUID:
    appeal = await lodged(now, here)
    await service.acknowledge(OLGA, now, appeal)
    await service.seat(OLGA, now, appeal, Seat(panel=(PAULA.id, PEDRO.id, PIA.id), chair=PAULA.id))
    return appeal


async def heard(now: datetime, here: Scene) -> UUID:
    appeal = await seated(now, here)
    for member in (PAULA, PEDRO, PIA):
        await service.declare(member, now, appeal)
    return appeal


async def ruled(now: datetime, here: Scene, outcome: Outcome = Outcome.UPHELD) -> UUID:
    appeal = await heard(now, here)
    asked = "" if outcome is Outcome.DISMISSED else "Que se reinstale el certificado hoy."
    await service.propose(PAULA, now, appeal, Propose(outcome=outcome, reasons=REASONS, asked=asked))
    await service.vote(PEDRO, now, appeal, True)
    return appeal
