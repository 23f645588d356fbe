"""Chapter six: an authority that signed, a form that is open in its province only, and a report on its way and back.

Three machines are played by three folders beside the data folder, never inside it: the custodians' with the root key,
the authority's with its own keys and case files, and the registry's. The agent is a process of its own that calls the
registry over HTTP; what it opened stands in its folder, and nowhere else: the last step looks for it everywhere else.
"""

import asyncio
import json
import re
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec

from registry.access.actor import SYSTEM
from registry.authorities import ceremony, lines, places, queries, service
from registry.authorities import directory as directories
from registry.authorities.directory import Competence
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
from registry.demo.result import ReportState
from registry.demo.serving import environment
from registry.demo.stage import Stage
from registry.reports import door, jobs
from registry.reports import service as reports
from registry.reports.agent import keys
from registry.reports.agent.caller import Register as Caller
from registry.reports.agent.caller import at_once
from registry.reports.agent.round import Agent

PLACE = "CR-P"
NAMES = {
    "es": "Unidad Regional de Protección, Pacífico Central",
    "en": "Regional Protection Unit, Central Pacific",
    "pt": "Unidade Regional de Proteção, Pacífico Central",
    "fr": "Unité régionale de protection, Pacifique central",
}
HOLDERS = ("Guardia de día", "Guardia de noche", "Oficina jurídica (sobre cerrado)", "Equipo de la guardia")
WORDS = ("velero gris con toldo remendado", "muelle de los azulejos rotos", "a la hora del segundo tren")
TOLD = f"Vi un {WORDS[0]} junto al {WORDS[1]}, {WORDS[2]}. Una persona adulta ofrecía dinero a una adolescente."
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


def folder(config: Config, of: str) -> Path:
    """The folder of another machine: beside the data folder, never inside it."""
    return config.data.with_name(f"{config.data.name}-{of}")


async def found(stage: Stage) -> None:
    """The authority signs, its keys are made and proven where they stay, the custodians sign the directory."""
    now, config = stage.now, stage.context.config
    mine = folder(config, "authority")
    authority = await service.register(
        SYSTEM,
        now,
        Register(
            NAMES,
            Kind.CHILD_PROTECTION,
            "CR",
            (Competence((PLACE,)),),
            ("es", "en"),
            always_open=True,
            hours=DAY,
            timezone="America/Costa_Rica",
        ),
    )
    stage.organisations["authority"] = authority
    for public in keys.make(mine, HOLDERS):
        task = await ceremony.record_key(SYSTEM, now, authority, msgspec.convert(public, PublicKey, strict=False))
        read = ReadBack(task.key, directories.aloud(public["public"]), Channel.VIDEO, public["holder"])
        await ceremony.read_back(SYSTEM, now, read)
        await ceremony.prove_key(SYSTEM, now, Proof(task.key, keys.answer(mine, task.use, task.task)))
    today = now.date()
    await service.sign_agreement(
        SYSTEM, now, authority, Sign("CONV-2026-07", "Dirección regional", today, today, today + timedelta(days=365))
    )
    for post in ("guardia", "jefatura"):
        contact = await service.add_contact(SYSTEM, now, authority, NewContact(post, f"{post}@proteccion.example"))
        await service.confirm_contact(SYSTEM, now, contact)
    for kind, place, names, number, hours, days, invented in LINES:
        checked = today - timedelta(days=days)
        await lines.add_hotline(SYSTEM, now, _line(kind, place, names, number, hours, checked, invented))
    await sign(stage, authority)
    await stage.employ([cast.AUTHORITY])
    await drill(stage, authority)
    stage.step(_("Authority: agreement, keys, directory"), 1)


def _line(
    kind: Line, place: str, names: dict[str, str], number: str, hours: Hours, checked: date, made: bool
) -> NewHotline:
    spoken = ("es",) if kind in (Line.LISTENING, Line.DEAF) else ("es", "en")
    texts = (number,) if kind in (Line.LISTENING, Line.DEAF) else ()
    return NewHotline(kind, "CR", names, (number,), hours, "America/Costa_Rica", spoken, checked,
                      "Operación del registro", place, texts, kind is Line.CHILD_PROTECTION, made,
                      "Lista de la demostración" if made else "Sistema de Emergencias 9-1-1",
                      "Operación del registro", "operacion@resguardo.example")  # fmt: skip


async def sign(stage: Stage, authority: UUID) -> None:
    """The custodians' part, in their own folder; the registry pins the public key and takes the signed file."""
    config = stage.context.config
    custodians = [
        crypto.FileSigner.load_or_make(folder(config, f"custodian-{number}") / "root.pem") for number in (1, 2, 3)
    ]
    pinned = Root(2, tuple(crypto.b64url(custodian.public_bytes()) for custodian in custodians))
    (config.data / queries.ROOT_FILE).write_text(str(pinned))
    document = await queries.next_directory(SYSTEM, stage.now)
    for custodian in custodians[:2]:
        document = directories.sign(directories.read(document), custodian)
    await service.load_directory(SYSTEM, stage.now, pinned, document)
    await stage.drain()
    keys.settle(folder(config, "authority"), keys.Settings(authority, str(pinned)))


async def drill(stage: Stage, authority: UUID) -> None:
    """A marked test goes the real way, at the story's own hour: outbox, the agents' door, the agent, the proof."""
    now, mine = stage.now, folder(stage.context.config, "authority")
    clock = at_once(now + ANSWERED_AFTER)
    app: Any = door.create_app(msgspec.structs.replace(stage.context, clock=clock))
    await reports.drill(SYSTEM, now, stage.context, authority)
    await jobs.deliver(stage.context, now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as http:
        signer, origin = keys.signer(mine), stage.context.config.origin
        caller = Caller(http, origin, authority, signer, clock)
        worker = Agent(caller, keys.settings(mine), keys.identities(mine), signer, mine / "cases", clock)
        if (await worker.once()).drills != 1:
            raise Conflict("drill-not-passed")


async def tell(stage: Stage, client: httpx.AsyncClient) -> str:
    """The closed provinces, a report filed without script, the authority's agent, and what the reporter then sees.
    Returns the report's code.
    """
    stage.result.report_closed_elsewhere = await closed_elsewhere(client)
    code = await file(client)
    await until(client, code, "notified")
    if (await agent(stage, client))["opened"] != 1:
        raise Conflict("report-not-opened")
    page = await look(client, code)
    stage.result.report_states = [
        ReportState(state, datetime.fromisoformat(at).astimezone(UTC).isoformat().replace("+00:00", "Z"))
        for state, at in re.findall(r'data-step="(\w+)">.*?<time datetime="([^"]+)"', page, re.S)
    ]
    cases = folder(stage.context.config, "authority") / "cases"
    if not any(word in path.read_text() for path in cases.glob("CASO-*.json") for word in WORDS):
        raise Conflict("report-not-opened")
    stage.step(_("Report: sealed, opened, acknowledged"), 1)
    return code


async def search(stage: Stage, code: str) -> None:
    """The last step: nothing of the report stands in clear in the registry's own folder."""
    stage.result.plaintext_leaks = await asyncio.to_thread(leaks, stage.context.config.data, (*WORDS, code))


async def closed_elsewhere(client: httpx.AsyncClient) -> bool:
    """Whether every other province has hotlines and no form, and refuses a report sent to it all the same."""
    token = await fresh(client)
    for place in (*(p for p in places.PROVINCES["CR"] if p != PLACE), places.ELSEWHERE):
        page = await client.get("/report", params={"place": place})
        refused = await client.post(
            "/report", data={"token": token, "place": place, "text": "Prueba de puerta cerrada."}
        )
        if 'name="text"' in page.text or "tel:911" not in page.text or refused.status_code != 409:
            return False
    return True


async def fresh(client: httpx.AsyncClient) -> str:
    """The token of a form just opened."""
    page = await client.get("/report", params={"place": PLACE})
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    if not found:
        raise Conflict("report-not-taken", status=page.status_code)
    return found[1]


async def file(client: httpx.AsyncClient) -> str:
    """File the report as a browser without script does; returns the code."""
    form = {
        "token": await fresh(client),
        "place": PLACE,
        "text": TOLD,
        "spot": WORDS[1],
        "when": "days",
        "what": "offered",
    }
    await asyncio.sleep(2.1)
    page = await client.post("/report", data=form)
    code = "".join(re.findall(r"<span>(\d{4})</span>", page.text))
    if page.status_code != 200 or len(code) != 20:
        raise Conflict("report-not-taken", status=page.status_code)
    return code


async def look(client: httpx.AsyncClient, code: str) -> str:
    """What the reporter sees with the code."""
    return (await client.post("/return", data={"code": code})).text


async def until(client: httpx.AsyncClient, code: str, state: str) -> None:
    """Wait, as a reporter would by reloading, until a state is reached."""
    for _try in range(40):
        if re.search(rf'data-step="{state}">[^\n]*<time', await look(client, code)):
            return
        await asyncio.sleep(0.25)
    raise Conflict("report-not-delivered")


async def agent(stage: Stage, client: httpx.AsyncClient) -> dict[str, int]:
    """One round of the authority's agent: another process, its own folder, only HTTP between."""
    config, mine = stage.context.config, folder(stage.context.config, "authority")
    command = ("-m", "registry", "authority", "agent", "--keys", str(mine), "--origin", str(client.base_url), "--once")
    run = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        env=environment(config),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, wrong = await run.communicate()
    if run.returncode != 0:
        raise Conflict("agent-failed", detail=wrong.decode()[-400:])
    done: dict[str, int] = json.loads(said)
    return done


def leaks(data: Path, words: tuple[str, ...]) -> int:
    """In how many files of the registry's folder (database with its log, store, mail, keys) a word of it stands."""
    wanted = [word.encode() for word in words]
    files = (path for path in data.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(any(word in content for word in wanted) for content in (path.read_bytes() for path in files))
