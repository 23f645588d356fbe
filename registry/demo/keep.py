"""Chapter five: what keeps a certificate true. Each year its surveillance; one renewal, one car taken out by name."""

from collections.abc import Sequence
from uuid import UUID

from registry.certification import intake, scope
from registry.certification import queries as cases
from registry.certification import service as certification
from registry.certification.sampling import Occasion, Risk
from registry.certification.schemas import Apply, InternalCheck
from registry.core.i18n import _
from registry.demo import evaluate, prepare
from registry.demo.stage import Member, Stage, batches, together
from registry.schemes import queries as schemes
from registry.surveillance import queries as years
from registry.surveillance import service as surveillance
from registry.surveillance.schemas import Report

DONE = "Se repitió el repaso en todos los turnos y se revisó que el procedimiento esté a la vista."
CLOSED = "El informe coincide con el registro y no hay nada pendiente de este año."


async def watch(stage: Stage, wave: Sequence[Member]) -> None:
    """A year after its grant: the report in the registry's own figures, a visit for whom the draw chose, the close."""
    held = [member for member in wave if member.certification is not None]
    if not held:
        return
    await together(report(stage, member) for member in held)
    found = await years.years([member.certification for member in held if member.certification], stage.now)
    drawn = [one.case.id for one in found if one.year.visit]
    for case in drawn:
        await evaluate.plan(stage, case, stage["nadia"], 2)
    await stage.drain()
    stage.walk.on(days=2)
    for case in drawn:
        await evaluate.visit(stage, case, stage["nadia"])
        await evaluate.review(stage, case)
    for one in found:
        if not blocked(one):
            await surveillance.complete_year(stage["carla"], stage.now, one.case.id, CLOSED)
    stage.step(_("Hotels: surveillance of the year"), len(held))


def blocked(one: years.Watched) -> bool:
    """Whether something but the report and the visit, which are done by now, still lacks."""
    return any(need.code not in ("report-missing", "surveillance-visit-missing") for need in one.lacking)


async def report(stage: Stage, member: Member) -> None:
    """The business signs its year."""
    assert member.certification is not None, member.name
    case = await cases.case(member.signer, member.certification, stage.now)
    known = await years.figures(case, stage.now)
    await surveillance.report_year(member.signer, stage.now, case.id, Report(figures=known, done=DONE))


async def watch_group(stage: Stage, group: UUID, units: Sequence[UUID]) -> None:
    """The taxi company's year: every car checked again from inside, a smaller sample from outside."""
    passed = InternalCheck(passed=True, notes="Tarjeta a la vista, registro de capacitación visto.")
    for some in batches(units, 50):
        await certification.check_units(stage["ines"], stage.now, group, dict.fromkeys(some, passed))
    await evaluate.plan(stage, group, stage["nadia"], 3, Risk.NEW)
    await stage.drain()
    stage.walk.on(days=3)
    await evaluate.visit(stage, group, stage["nadia"])
    await evaluate.review(stage, group)
    known = await years.figures(await cases.case(stage["mauro"], group, stage.now), stage.now)
    await surveillance.report_year(stage["mauro"], stage.now, group, Report(figures=known, done=DONE))
    await surveillance.complete_year(stage["carla"], stage.now, group, CLOSED)


async def reduce(stage: Stage, group: UUID, unit: UUID) -> None:
    """A car was sold: its association asks that it be taken out, and a decider does; the others stay as they are."""
    why = "El dueño vendió el carro y el nuevo no es de la cooperativa."
    await scope.ask_reduction(stage["mauro"], stage.now, group, [unit], why)
    await scope.reduce(stage["dora"], stage.now, group, [unit], why)
    await stage.drain()


async def renew(stage: Stage, member: Member) -> None:
    """A certificate near its end is renewed: the same way again, the same codes, the anniversary kept."""
    version = await schemes.current(prepare.SCHEME, stage.now)
    data = Apply(client_id=member.id, scheme_version=version.id, unit_ids=tuple(unit.id for unit in member.units),
                 occasion=Occasion.RENEWAL)  # fmt: skip
    member.certification = await intake.apply(member.signer, stage.now, data)
    await evaluate.assess(stage, member.signer, member.certification, member.name)
    await evaluate.accept(stage, member.certification)
    await evaluate.plan(stage, member.certification, stage["bruno"], 2)
    await stage.drain()
    stage.walk.on(days=2)
    await evaluate.visit(stage, member.certification, stage["bruno"])
    await evaluate.review(stage, member.certification)
    await evaluate.decide(stage, member.certification)
    await stage.drain()
