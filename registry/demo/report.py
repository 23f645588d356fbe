"""Chapter seven: a report on its way and back, where three offices stand behind the form, and nowhere else.

Each machine is played by a folder beside the data folder, never inside it: the custodians' with the root key, each
office's with its own keys and case files, the reporter's with the code on paper, and the registry's. The agent is a
process of its own that calls the registry over HTTP; what it opened stands in its folder, and nowhere else: the last
step looks for it everywhere else.
"""

import asyncio
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx

from registry.authorities import places
from registry.core import crypto
from registry.core.errors import Conflict
from registry.core.i18n import _
from registry.demo.offices import CODE, PLACE, REPORTER, folder
from registry.demo.result import ReportState
from registry.demo.serving import environment
from registry.demo.stage import Stage
from registry.reports import card as cards
from registry.reports.agent import folder as files
from registry.reports.agent import keys, saying
from registry.reports.agent.caller import Register
from registry.reports.card_routes import card_of
from registry.reports.rules import Outcome

WORDS = ("velero gris con toldo remendado", "muelle de los azulejos rotos", "a la hora del segundo tren")
TOLD = f"Vi un {WORDS[0]} junto al {WORDS[1]}, {WORDS[2]}. Una persona adulta ofrecía dinero a una adolescente."


async def tell(stage: Stage, client: httpx.AsyncClient) -> str:
    """The closed provinces, a report filed without script, the authority's agent, and what the reporter then sees.
    Returns the report's code.
    """
    stage.result.report_closed_elsewhere = await closed_elsewhere(client)
    code = await file(client)
    await until(client, code, "notified")
    if (await agent(stage, client))["opened"] != 1:
        raise Conflict("report-not-opened")
    await answer(stage, client)
    keep_code(stage, code)
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


async def answer(stage: Stage, client: httpx.AsyncClient) -> None:
    """An officer, at the office's machine: words for whoever reported, and what came of it, both signed there."""
    mine = folder(stage.context.config, "authority")
    signer, settings = keys.signer(mine), keys.settings(mine)
    case = next(files.read(path) for path in sorted((mine / "cases").glob("CASO-*.json")))
    register = Register(client, str(client.base_url), settings.authority, signer)
    words = saying.words(case, "received", "", free_text=False)
    for said in (saying.reply(case, signer, words, 1), saying.outcome(case, signer, Outcome.INVESTIGATION_OPENED)):
        await register.tell(case.envelope, said.what, said.data)


def keep_code(stage: Stage, code: str) -> None:
    """The reporter writes it down, on paper of their own."""
    paper = folder(stage.context.config, REPORTER)
    paper.mkdir(mode=0o700, exist_ok=True)
    crypto.write_secret(paper / CODE, code.encode())


def card(stage: Stage) -> str:
    """What the card of a trained employee opens, in the province where somebody answers; its path."""
    known = (member for member in stage.hotels if member.certification and member.units[0].province == PLACE)
    member = next(known, None)
    if member is None:
        return ""
    return f"/report?staff={cards.write(cards.key(stage.context), card_of(member.units[0]))}"


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
