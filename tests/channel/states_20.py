"""The states of the channel's pages that check 20 looks at, as the server writes them: reporter's and operator's."""

import asyncio
import json
import re
from datetime import timedelta
from types import SimpleNamespace

import httpx

from public_site.report_form import box as boxes
from registry.core.i18n import LANGUAGES, speaking
from registry.core.pages import danger, emergency_lines, render
from registry.reports.card_routes import Printed, symbol
from registry.reports.rules import Outcome, State
from registry.reports.schemas import Box, ReplyView
from tests.channel import pictures
from tests.public_site.report_form import test_box as worlds
from tests.registry.reports.test_canary import House, code_in

ADDRESSES = {"where": "/report", "form": "/report?place=CR-G", "closed": "/report?place=CR-L", "return": "/return",
             "help": "/help?place=CR-G", "no number": "/help?place=ZZ", "elsewhere": "/report?place=ZZ"}  # fmt: skip
SENTENCE = "Vi a un hombre que ofrecía dinero a una adolescente en el muelle."
DWELL = 2.2
EXPECTED = {
    "where": 'id="where-place"', "form": 'id="report"', "mend": 'id="text-error"', "receipt": 'class="ref"',
    "gone": SENTENCE, "answer": 'class="track"', "mistyped": 'id="code-error"', "return": 'id="code"',
    "files": 'id="files-error"', "hurried": 'id="to-mend"', "desk place": 'id="place"', "desk form": 'id="contact"',
    "desk mend": 'id="text-error"', "desk code": 'class="dictated', "desk again": "/desk/caller", "desk card": "<svg",
    "desk no card": "<h1", "desk gone": SENTENCE, "desk closed": "2555-0147",
}  # fmt: skip
"""What a page has only in this state; any other has the number that saves now."""
Pages = dict[str, str]


async def all_of(at: House, faults: list[str]) -> dict[str, Pages]:
    """Every state in every language; those after a form by sending it, without any script."""
    states: dict[str, Pages] = {}
    seat = json.loads((await asyncio.to_thread(at.run, "tests.registry.reports.seat")).stdout)
    desk = {"x-form-token": seat["form"], "accept": "text/html"}
    async with (
        httpx.AsyncClient(base_url=at.origin, timeout=30) as http,
        httpx.AsyncClient(
            base_url=at.origin, timeout=30, headers=desk, cookies={seat["cookie"]: seat["token"]}
        ) as operator,
    ):
        for language in LANGUAGES:
            pages = await _reporters(http, language) | _boxes(language) | await _operators(operator, language)
            faults += [f"{language} {name}: no state" for name, page in pages.items() if _lacks(name, page)]
            faults += [f"{language} {name}: {why}" for name, page in pages.items() for why in _badly(name, page)]
            for name, page in pages.items():
                states.setdefault(name, {})[language] = page
    return states


async def _reporters(http: httpx.AsyncClient, language: str) -> Pages:
    pages = {name: (await http.get(path, params=asked(path, language))).text for name, path in ADDRESSES.items()}
    said, form = {"lang": language}, {"token": hidden(pages["form"]), "place": "CR-G", "text": SENTENCE}
    pages["hurried"] = (await http.post("/report", params=said, data=form)).text
    await asyncio.sleep(DWELL)  # a form that is sent faster was not written by a person
    pages["mend"] = (await http.post("/report", params=said, data=form | {"text": "", "plate": "SJB 1"})).text
    wrong = {"files": ("a.gif", pictures.wrong()["a GIF"])}
    pages["files"] = (await http.post("/report/attachments", params=said, data=form, files=wrong)).text
    pages["receipt"] = (await http.post("/report", params=said, data=form)).text
    pages["gone"] = (await http.post("/report", params=said, data=form | {"place": "CR-L"})).text
    code = {"code": code_in(pages["receipt"])}
    pages["answer"] = (await http.post("/return", params=said, data=code)).text
    pages["mistyped"] = (await http.post("/return", params=said, data={"code": "1234"})).text
    return pages


async def _operators(http: httpx.AsyncClient, language: str) -> Pages:
    """/desk/caller in each of its states, and the page of the staff's cards."""
    said = {"lang": language}

    async def told(**data: str) -> str:
        return (await http.post("/desk/caller", params=said, data=data)).text

    pages = {"desk place": (await http.get("/desk/caller", params=said)).text}
    pages["desk form"] = await told(act="place", place="CR-G")
    pages["desk closed"] = await told(act="place", place="CR-L")
    sent = {name: hidden(pages["desk form"], name) for name in ("ticket", "seen")} | {"act": "send", "place": "CR-G"}
    pages["desk mend"] = await told(**sent)
    pages["desk code"] = await told(**sent, text=SENTENCE)
    pages["desk gone"] = await told(**sent | {"place": "CR-L", "seen": ""}, text=SENTENCE)
    side, path = symbol("http://localhost/report?staff=x")
    cards = [Printed("Hotel Las Palmeras del Golfo", plate, "http://localhost/report", side, path)
             for plate in ("", "SJB 101")]  # fmt: skip
    with speaking(language, chosen=True), emergency_lines((danger("911"),)):
        for name, trained, shown in (("desk card", True, cards), ("desk no card", False, [])):
            pages[name] = render("reports/cards.html", client=SimpleNamespace(id="x", name="Hotel Las Palmeras"),
                                 trained=trained, cards=shown, refusal=None, done="", rail=[])  # fmt: skip
    return pages


def _boxes(language: str) -> Pages:
    """What a code opens much later: another's turn, silence, each kind of end, and replies that hold or do not."""
    ended = worlds.box(State.CLOSED, outcome=Outcome.NOT_ENOUGH_INFORMATION)
    found = {
        "turn": worlds.box(State.NOTIFIED, worlds.SECONDS_TURN), "silence": worlds.box(State.NOTIFIED, worlds.SILENT),
        "asks more": worlds.box(State.ACKNOWLEDGED, worlds.LATE, progress="need_info"), "outcome": ended,
        "closed without answer": worlds.box(State.CLOSED, worlds.LATE, silent=True), "replies": ended,
    }  # fmt: skip
    with speaking(language, chosen=True), emergency_lines((danger("911"),)):
        return {name: _box(one, replies=name == "replies") for name, one in found.items()}


def _box(found: Box, *, replies: bool) -> str:
    now, zone = worlds.NOW, worlds.ZONE
    name, text = "Unidad de Protección", "Gracias. ¿Recuerda el color del carro? Escríbalo en otra denuncia."
    reply = {
        "name": name,
        "text": text,
        "on": now.date(),
        "sealed": None,
        "signed": True,
        "word": "held",
        "former": False,
    }
    sealed = ReplyView(worlds.FIRST, 1, "AA", "AA", now.date())
    shown = [reply, reply | {"word": "order"}, reply | {"word": "again"}, reply | {"signed": False},
             reply | {"former": True},
             reply | {"sealed": sealed}]  # fmt: skip
    return render(
        "report_form/box.html", rail=[], refusal=None, done="", box=found, zone=zone,
        last=now.date() - timedelta(days=2), replies=shown if replies else [],
        track=boxes.track(found, worlds.NAMES, now), head=boxes.head(found),
        said=boxes.said(found, worlds.NAMES, now, zone), progressed=None, calls=boxes.calls(found, now),
    ).replace(" hidden>", ">")  # fmt: skip  # as after the script: whatever it may show is looked at


def _lacks(name: str, page: str) -> bool:
    return EXPECTED.get(name, 'href="tel:911"') not in page


def _badly(name: str, page: str) -> list[str]:
    found = unreadable(page, desk=name.startswith("desk"))
    headings = len(re.findall(r"<h1\b", page))
    return found if headings == 1 else [*found, f"{headings} headings of the page"]


def unreadable(page: str, *, desk: bool = False) -> list[str]:
    """What a browser of text alone would stumble over."""
    found = []
    body = page.partition("<body>")[2] or page.partition("<body ")[2]
    for field in re.findall(r"<(?:input|select|textarea)\b[^>]*>", body):
        called, id = (re.search(rf'\b{what}="([^"]*)"', field) for what in ("name", "id"))
        if 'type="hidden"' in field or 'type="radio"' in field or 'type="checkbox"' in field or "aria-label" in field:
            continue
        if not id or f'for="{id[1]}"' not in body:
            found.append(f"no label for {called[1] if called else field}")
    for box in re.findall(r"<label[^>]*>\s*<input[^>]*>(.*?)</label>", body, re.S):
        if not re.sub(r"<[^>]+>", "", box).strip():
            found.append("a box without words")
    if not desk and body.find("tel:911") > body.find("<main"):
        found.append("the emergency number is not first")
    return found


def asked(path: str, language: str) -> dict[str, str]:
    query = dict(part.split("=") for part in path.partition("?")[2].split("&") if part)
    return query | {"lang": language}


def hidden(page: str, name: str = "token") -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]
