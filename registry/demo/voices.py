"""Chapter six: who is not content. A traveller's notice, two complaints, and an appeal that a panel is to hear."""

from collections.abc import Sequence

from registry.access.actor import STRANGER
from registry.appeals import service as appeals
from registry.appeals.schemas import Lodge as Appeal
from registry.appeals.schemas import Seat
from registry.complaints import handling
from registry.complaints import queries as known
from registry.complaints import service as complaints
from registry.complaints.schemas import Assign, Lodge, Mismatch
from registry.core.db import fetch
from registry.core.i18n import _
from registry.demo.stage import Member, Stage
from registry.seals import queries as seals

GROUNDS = (
    "El día de la segunda visita el portón estaba cerrado por una fuga de agua y avisamos por teléfono. Nadie impidió"
    " nada: tenemos el recibo del fontanero."
)
WANTED = "Que se anule el retiro y se haga la visita cualquier día, sin aviso."
PANEL = ("pia", "paulo", "perla")


async def speak(stage: Stage, withdrawn: Member, others: Sequence[Member]) -> None:
    """What waits for the officer, a panel and the committee on the day the demo is opened."""
    await _appeal(stage, withdrawn)
    car = stage.taxis[7].units[0]
    seal = (await seals.of_units([car.id], stage.now))[car.id]
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
