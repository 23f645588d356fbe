"""Chapter two, for each business: somebody joins for it, signs the term, enters the roster; the staff is trained."""

import random
from collections.abc import Sequence
from uuid import UUID

from registry.clients import service as enrolling
from registry.commitments import service as commitments
from registry.commitments.schemas import Sign
from registry.core.i18n import _
from registry.demo.lists import roster
from registry.demo.stage import Member, Stage, together
from registry.schemes import queries as schemes
from registry.training import queries as trained
from registry.training import service as training
from registry.training.schemas import Attendee, Open

SCHEME = "sectt-code"


async def join(stage: Stage, admin: str, members: Sequence[Member]) -> None:
    """The association invites somebody of each business, and they join."""
    people = [stage.representing(member) for member in members]
    offers = await together(stage.invite(stage[admin], person) for person in people)
    await stage.drain()
    actors = await together(stage.join(invitation) for invitation in offers)
    for member, actor in zip(members, actors, strict=True):
        member.representative = actor


async def sign(stage: Stage, member: Member) -> None:
    """Bind the business to the term in force, in Spanish."""
    version = await schemes.current(SCHEME, stage.now)
    data = Sign(scheme_version=version.id, language="es", signatory_name=member.signer.name,
                signatory_position="Representación legal", power_to_bind=True)  # fmt: skip
    await commitments.sign(member.signer, stage.now, member.id, data, stage.context.storage)


async def enter_roster(stage: Stage, member: Member) -> None:
    """Write down who works there."""
    drafts = roster(member.name, member.units[0].rooms, stage.now.date())
    await enrolling.enter_roster(member.signer, stage.now, member.id, drafts)
    member.workers = len(drafts)


async def sign_up(stage: Stage, member: Member) -> None:
    """The business signs and says who works there."""
    await sign(stage, member)
    await enter_roster(stage, member)
    stage.step(_("Commitment and roster"), 2)


async def train(stage: Stage, members: Sequence[Member], place: str) -> None:
    """Hold one session for the people of some businesses: everybody who lacks something attends, answers and passes."""
    tomas, session = stage["tomas"], await open_session(stage, members, place)
    if session is None:
        return
    view = await trained.session(tomas, session)
    present = [one for one in await trained.roster(view, stage.now) if one.lacks]
    stage.walk.on(minutes=view.minutes + 5)
    chance, asked = random.Random(f"scores {place}"), len(view.items)
    scores = range(-(-asked * 4 // 5), asked + 1)  # everybody passes; everybody alike would be flagged, and rightly so
    people = [Attendee(one.worker, chance.choice(scores)) for one in present]
    await training.record_attendance(tomas, stage.now, session, people)
    await training.close_session(tomas, stage.now, session)


async def begin_training(stage: Stage, member: Member, place: str) -> None:
    """Open a session and leave it open: the trainer's work of today."""
    await open_session(stage, [member], place)


async def open_session(stage: Stage, members: Sequence[Member], place: str) -> UUID | None:
    """A session for the modules that people of these businesses lack; None where nobody lacks any."""
    ids = [member.id for member in members]
    everybody = (await trained.people(ids, stage.now)).values()
    modules = sorted({module for people in everybody for one in people for module in one.lacks})
    if not modules:
        return None
    return await training.open_session(
        stage["tomas"], stage.now, Open(clients=ids, modules=modules, place=place, language="es")
    )
