"""Chapter six, before anybody reports: three offices behind one form, where everywhere else nobody has agreed yet.

A police unit reads first, a child-protection service stands behind it, and behind both a labour inspectorate, which
answers for child labour alone and so opens no form of its own. Each makes its keys in a folder of its own, beside the
data folder and never inside it; three custodians hold the root's.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec

from registry.access.actor import SYSTEM
from registry.authorities import ceremony, lines, queries, service
from registry.authorities import directory as directories
from registry.authorities.directory import Competence, Offence
from registry.authorities.hotlines import Kind as Line
from registry.authorities.hours import Hours
from registry.authorities.root import Root
from registry.authorities.rules import Channel, Kind
from registry.authorities.schemas import NewContact, NewHotline, Proof, PublicKey, ReadBack, Register, Sign
from registry.config import Config
from registry.core import crypto
from registry.core.errors import Conflict
from registry.core.i18n import _
from registry.demo import cast
from registry.demo.stage import Stage
from registry.reports import door, jobs
from registry.reports import service as reports
from registry.reports.agent import keys
from registry.reports.agent.caller import Register as Caller
from registry.reports.agent.caller import at_once
from registry.reports.agent.round import Agent

PLACE = "CR-P"
ZONE = "America/Costa_Rica"
HOLDERS = ("Guardia de día", "Guardia de noche", "Oficina jurídica (sobre cerrado)", "Equipo de la guardia")
ANSWERED_AFTER = timedelta(minutes=41)
"""The guard was at lunch when the drill came."""
DAY, EVENING = Hours(), Hours("daily", "07:00", "22:00")
LINES = (
    (Line.EMERGENCY, "", {"es": "Emergencia", "en": "Emergency", "pt": "Emergência", "fr": "Urgence"},
     "911", DAY, 8, False),
    (Line.CHILD_PROTECTION, "", {"es": "Línea de Protección de la Niñez", "en": "Child Protection Line",
                                 "pt": "Linha de Proteção da Infância", "fr": "Ligne de protection de l’enfance"},
     "2555-0147", DAY, 9, True),
    (Line.POLICE, "CR-P", {"es": "Policía turística, Puntarenas", "en": "Tourist police, Puntarenas",
                           "pt": "Polícia turística, Puntarenas", "fr": "Police touristique, Puntarenas"},
     "2555-0163", EVENING, 9, True),
    (Line.POLICE, "CR-L", {"es": "Policía turística, Limón", "en": "Tourist police, Limón",
                           "pt": "Polícia turística, Limón", "fr": "Police touristique, Limón"},
     "2555-0171", EVENING, 12, True),
    (Line.LISTENING, "", {"es": "Escucha para adolescentes", "en": "Line for adolescents",
                          "pt": "Escuta para adolescentes", "fr": "Écoute pour adolescents"},
     "2555-0118", Hours("weekdays", "08:00", "20:00"), 16, True),
    (Line.DEAF, "", {"es": "Atención a personas sordas, por texto", "en": "For deaf people, by text",
                     "pt": "Atendimento a pessoas surdas, por texto", "fr": "Pour personnes sourdes, par texte"},
     "2555-0129", Hours("weekdays", "08:00", "16:00"), 232, True),
)  # fmt: skip
"""Kind, place, names, number, hours, days since somebody rang it, invented."""


class Office(msgspec.Struct, frozen=True):
    """An office of the chain. `key` names it in the story and its folder; `mail` is its domain."""

    key: str
    kind: Kind
    names: dict[str, str]
    place: str
    mail: str
    agreement: str
    hours: Hours = DAY
    offences: tuple[Offence, ...] = ()


CHAIN = (
    Office("authority", Kind.POLICE, {
        "es": "Unidad Policial de Protección, Pacífico Central", "en": "Police Protection Unit, Central Pacific",
        "pt": "Unidade Policial de Proteção, Pacífico Central",
        "fr": "Unité de police de protection, Pacifique central",
    }, PLACE, "unidadpolicial.example", "CONV-2026-07"),
    Office("authority-children", Kind.CHILD_PROTECTION, {
        "es": "Servicio Regional de Niñez, Pacífico Central", "en": "Regional Children’s Service, Central Pacific",
        "pt": "Serviço Regional da Infância, Pacífico Central",
        "fr": "Service régional de l’enfance, Pacifique central",
    }, PLACE, "ninez.example", "CONV-2026-08"),
    Office("authority-labour", Kind.LABOUR_INSPECTORATE, {
        "es": "Inspección Regional de Trabajo, Pacífico Central", "en": "Regional Labour Inspectorate, Central Pacific",
        "pt": "Inspeção Regional do Trabalho, Pacífico Central",
        "fr": "Inspection régionale du travail, Pacifique central",
    }, "CR", "trabajo.example", "CONV-2026-09", Hours("weekdays", "07:00", "16:00"), (Offence.CHILD_LABOUR,)),
)  # fmt: skip
"""In the order in which they read. All invented."""
CUSTODIANS = tuple(f"custodian-{number}" for number in (1, 2, 3))
REPORTER, CODE = "reporter", "code.txt"
FOLDERS = (*CUSTODIANS, *(office.key for office in CHAIN), REPORTER)
"""The other machines of the story, each a folder."""


def folder(config: Config, of: str) -> Path:
    """The folder of another machine: beside the data folder, never inside it."""
    return config.data.with_name(f"{config.data.name}-{of}")


async def found(stage: Stage) -> None:
    """Three offices sign, their keys are made and proven where they stay, the custodians sign the directory."""
    behind: UUID | None = None
    made = [await enrol(stage, office) for office in CHAIN]
    for office, authority in zip(reversed(CHAIN), reversed(made), strict=True):
        if behind is not None:
            await service.amend(SYSTEM, stage.now, authority, registered(office, behind))
        behind = authority
    today = stage.now.date()
    for kind, place, names, number, hours, days, invented in LINES:
        checked = today - timedelta(days=days)
        await lines.add_hotline(SYSTEM, stage.now, _line(kind, place, names, number, hours, checked, invented))
    await sign(stage)
    await stage.employ(cast.CHANNEL)
    await stage.employ([cast.TRAINED], by=stage["mauro"])
    stage.step(_("Authority: agreement, keys, directory"), 1)


def registered(office: Office, behind: UUID | None = None) -> Register:
    """The record of an office. Its first day it has nobody behind it: those come after it."""
    return Register(office.names, office.kind, "CR", (Competence((office.place,)),), ("es", "en"), then=behind,
                    always_open=office.hours.always, offences=office.offences, hours=office.hours,
                    timezone=ZONE)  # fmt: skip


async def enrol(stage: Stage, office: Office) -> UUID:
    """One office: its record, its keys, its agreement, and two contacts who answered."""
    now, mine = stage.now, folder(stage.context.config, office.key)
    authority = await service.register(SYSTEM, now, registered(office))
    stage.organisations[office.key] = authority
    for public in keys.make(mine, HOLDERS):
        task = await ceremony.record_key(SYSTEM, now, authority, msgspec.convert(public, PublicKey, strict=False))
        read = ReadBack(task.key, directories.aloud(public["public"]), Channel.VIDEO, public["holder"])
        await ceremony.read_back(SYSTEM, now, read)
        await ceremony.prove_key(SYSTEM, now, Proof(task.key, keys.proof(mine, task.task)))
    today = now.date()
    until = today + timedelta(days=365)
    await service.sign_agreement(
        SYSTEM, now, authority, Sign(office.agreement, "Dirección regional", today, today, until)
    )
    for post, duty in (("guardia", "+50625550188"), ("jefatura", "")):
        new = NewContact(post, f"{post}@{office.mail}", duty)
        contact = await service.add_contact(SYSTEM, now, authority, new)
        await service.confirm_contact(SYSTEM, now, contact)
        if duty:
            await service.confirm_number(SYSTEM, now, contact, duty)
    return authority


def _line(
    kind: Line, place: str, names: dict[str, str], number: str, hours: Hours, checked: date, made: bool
) -> NewHotline:
    spoken = ("es",) if kind in (Line.LISTENING, Line.DEAF) else ("es", "en")
    texts = (number,) if kind in (Line.LISTENING, Line.DEAF) else ()
    return NewHotline(kind, "CR", names, (number,), hours, "America/Costa_Rica", spoken, checked,
                      "Operación del registro", place, texts, kind is Line.CHILD_PROTECTION, made,
                      "Lista de la demostración" if made else "Sistema de Emergencias 9-1-1",
                      "Operación del registro", "operacion@resguardo.example")  # fmt: skip


async def sign(stage: Stage) -> None:
    """The custodians' part, in their own folders; the registry pins the public keys and takes the signed file."""
    config = stage.context.config
    custodians = [crypto.FileSigner.load_or_make(folder(config, name) / "root.pem") for name in CUSTODIANS]
    pinned = Root(2, tuple(crypto.b64url(custodian.public_bytes()) for custodian in custodians))
    (config.data / queries.ROOT_FILE).write_text(str(pinned))
    document = await queries.next_directory(SYSTEM, stage.now)
    for custodian in custodians[:2]:
        document = directories.sign(directories.read(document), custodian)
    await service.load_directory(SYSTEM, stage.now, pinned, document)
    await stage.drain()
    for office in CHAIN:
        settings = keys.Settings(stage.organisations[office.key], str(pinned))
        keys.settle(folder(config, office.key), settings)


async def drill(stage: Stage) -> None:
    """A marked test goes the real way to each office, at the story's own hour: outbox, the agents' door, the agent,
    the proof."""
    now, clock = stage.now, at_once(stage.now + ANSWERED_AFTER)
    app: Any = door.create_app(msgspec.structs.replace(stage.context, clock=clock))
    for office in CHAIN:
        await reports.drill(SYSTEM, now, stage.context, stage.organisations[office.key])
    await jobs.deliver(stage.context, now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as http:
        for office in CHAIN:
            mine = folder(stage.context.config, office.key)
            settings, signer = keys.settings(mine), keys.signer(mine)
            caller = Caller(http, stage.context.config.origin, settings.authority, signer, clock)
            worker = Agent(caller, settings, keys.identities(mine), signer, mine / "cases", clock)
            if (await worker.once()).drills != 1:
                raise Conflict("drill-not-passed")
