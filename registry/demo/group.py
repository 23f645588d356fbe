"""Chapter four: the taxi company as a certified group. Its own checks of every car, an outside sample, one decision."""

from collections.abc import Sequence
from uuid import UUID

from registry.certification import intake
from registry.certification import queries as cases
from registry.certification import service as certification
from registry.certification.facts import Kind
from registry.certification.sampling import Risk
from registry.certification.schemas import Apply, InternalCheck
from registry.core.i18n import _
from registry.demo import cast, evaluate, prepare
from registry.demo.stage import Member, Stage, batches, together
from registry.schemes import queries as schemes

CLASS = 25
"""Owners and drivers trained in one session."""


async def prepare_members(stage: Stage, members: Sequence[Member], unsigned: int) -> None:
    """Owners join, sign for themselves and name their drivers; all but the last few come to a session."""
    await prepare.join(stage, "mauro", members)
    await together(prepare.sign_up(stage, member) for member in members[: len(members) - unsigned])
    for some in batches(members[: len(members) - unsigned], CLASS):
        await prepare.train(stage, some, "Salón comunal, San José")
        stage.walk.on(hours=20)
        stage.step(_("Taxis: training"), len(some))


async def certify(stage: Stage, members: Sequence[Member]) -> UUID:
    """One case for the group: every car checked from inside, a sample drawn and visited from outside, then decided."""
    units = [unit.id for member in members for unit in member.units]
    version = await schemes.current(prepare.SCHEME, stage.now)
    data = Apply(kind=Kind.GROUP, association_id=stage.organisations[cast.TAXIS], scheme_version=version.id,
                 unit_ids=tuple(units))  # fmt: skip
    case = await intake.apply(stage["mauro"], stage.now, data)
    await evaluate.assess(stage, stage["mauro"], case, cast.TAXIS)
    stage.walk.on(days=5)
    await evaluate.accept(stage, case)
    stage.walk.on(days=10)
    passed = InternalCheck(passed=True, notes="Tarjeta a la vista, registro de capacitación visto.")
    for some in batches(units, 50):
        await certification.check_units(stage["ines"], stage.now, case, dict.fromkeys(some, passed))
        stage.walk.on(days=1)
        stage.step(_("Taxis: internal checks"), len(some))
    await evaluate.plan(stage, case, stage["nadia"], 14, Risk.NEW)
    await stage.drain()
    stage.walk.on(days=14)
    await evaluate.visit(stage, case, stage["nadia"])
    stage.walk.on(days=6)
    await evaluate.review(stage, case)
    stage.walk.on(days=4)
    await evaluate.decide(stage, case)
    await stage.drain()
    scope = await cases.scope(case, stage.now)
    stage.step(_("Taxis: decision and seals"), len(scope))
    return case
