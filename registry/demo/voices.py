"""Chapter six: who is not content. A seal copied by somebody never certified, a traveller's notice, two complaints, and
an appeal that a panel is to hear.
"""

from collections.abc import Sequence
from uuid import UUID

from registry.access.actor import STRANGER
from registry.appeals import service as appeals
from registry.appeals.schemas import Lodge as Appeal
from registry.appeals.schemas import Seat
from registry.complaints import handling, marks
from registry.complaints import queries as known
from registry.complaints import service as complaints
from registry.complaints.misuse import Shows
from registry.complaints.schemas import Assign, Evidence, Lodge, Mismatch, OpenMisuse
from registry.core import picture
from registry.core.calendar import day_of
from registry.core.db import fetch
from registry.core.i18n import DEFAULT_ZONE, _
from registry.demo.stage import Member, Stage
from registry.printing import qr
from registry.seals import queries as seals

GROUNDS = (
    "El día de la segunda visita el portón estaba cerrado por una fuga de agua y avisamos por teléfono. Nadie impidió"
    " nada: tenemos el recibo del fontanero."
)
WANTED = "Que se anule el retiro y se haga la visita cualquier día, sin aviso."
PANEL = ("pia", "paulo", "perla")


async def warn(stage: Stage, copied: Member) -> UUID:
    """A house that was never certified shows another one's seal: it is asked to take it down within five days."""
    code = (await of(stage, copied)).code
    case = await marks.open_misuse(
        stage["olga"], stage.now, OpenMisuse(name="Cabinas El Malecón", code=code, place="Paquera, Puntarenas")
    )
    photograph = picture.keep(qr.png(qr.address(stage.context.config.seal_base, code)))
    today = day_of(stage.now, DEFAULT_ZONE)
    seen = Evidence(shows=Shows.USE, taken_on=today, note="En la puerta de la recepción.", nobody_in_it=True)
    await marks.add_evidence(stage["olga"], stage.now, stage.context.storage, case, seen, photograph)
    await marks.warn(stage["olga"], stage.now, case, "El sello que usted muestra es de otro hotel. Quítelo, por favor.")
    return case


async def publish(stage: Stage, case: UUID) -> None:
    """Five days later it still hangs there: everybody may know."""
    await marks.publish(stage["olga"], stage.now, case, "Pasaron los cinco días y el sello copiado sigue en la puerta.")


async def of(stage: Stage, member: Member) -> seals.SealView:
    """The newest seal of a member's first unit."""
    unit = member.units[0].id
    return (await seals.of_units([unit], stage.now))[unit]


async def speak(stage: Stage, withdrawn: Member, others: Sequence[Member]) -> None:
    """What waits for the officer, a panel and the committee on the day the demo is opened."""
    await _appeal(stage, withdrawn)
    seal = await of(stage, stage.taxis[7])
    await complaints.report_mismatch(
        STRANGER, stage.now, Mismatch(code=seal.code, what="plate", seen="TSJ 9090", region="CR-SJ")
    )
    await complaints.lodge(
        STRANGER, stage.now,
        Lodge(about="holder", code_or_name=others[0].name,
              text="El rótulo con los teléfonos ya no está en la recepción desde hace semanas."),
    )  # fmt: skip
    stage.walk.on(hours=30)
    (first,) = await fetch("SELECT id FROM complaint")
    await handling.acknowledge(stage["olga"], stage.now, first["id"])
    seen = await known.one(stage["olga"], first["id"])
    everybody = await known.investigators(stage["olga"], seen, others[0].id, None, stage.now)
    free = next(one for one in everybody if not one.involved)
    about = Assign(investigator=free.person, organisation=others[0].id, note="Se verá con el hotel.")
    await handling.assign(stage["olga"], stage.now, first["id"], about)
    await complaints.lodge(
        STRANGER, stage.now,
        Lodge(about="registry", text="Escribí hace un mes para preguntar por un certificado y nadie me contestó."),
    )  # fmt: skip
    await stage.drain()
    stage.step(_("Notices, complaints and an appeal"), 1)


async def _appeal(stage: Stage, member: Member) -> None:
    (decision,) = await fetch(
        "SELECT id FROM decision WHERE certification = $1 AND act = 'withdraw'", member.certification
    )
    lodged = await appeals.lodge(
        member.signer, stage.now, Appeal(decision=decision["id"], grounds=GROUNDS, wanted=WANTED)
    )
    stage.walk.on(hours=20)
    await appeals.acknowledge(stage["olga"], stage.now, lodged)
    panel = tuple(stage[key].id for key in PANEL)
    await appeals.seat(stage["olga"], stage.now, lodged, Seat(panel=panel, chair=panel[0]))
    await appeals.declare(stage["paulo"], stage.now, lodged)
