"""The stranger's pages over HTTP, on a database of their own where commits are real."""

import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import msgspec
import pytest

from public_site.app import create_app
from registry.authorities import hotlines
from registry.core import problems
from registry.core.context import Context
from registry.core.db import REPORTS_DB, fetch
from registry.reports.code import new_code
from tests.public_site.world import hotlines as signed_lines
from tests.registry.reports.world import World, made

CANARY = "canario-violeta-7261"


class Clock:
    """A clock that the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Visit(msgspec.Struct):
    http: httpx.AsyncClient
    clock: Clock
    world: World


@pytest.fixture
async def visit(committed: str, context: Context, now: datetime, tmp_path: Path) -> AsyncIterator[Visit]:
    world = await made(context, now, tmp_path)
    clock = Clock(now)
    app = create_app(msgspec.structs.replace(world.context, clock=clock), exception_handlers=problems.HANDLERS)
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app)
        headers = {"accept-language": "en", "accept": "text/html"}
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as http:
            yield Visit(http, clock, world)


def token(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]


def code_in(page: str) -> str:
    return "".join(re.findall(r"<span>(\d{4})</span>", page))


async def send(visit: Visit, **fields: str) -> httpx.Response:
    page = (await visit.http.get("/report?place=CR-G")).text
    visit.clock.now += timedelta(seconds=5)
    return await visit.http.post("/report", data={"token": token(page), "place": "CR-G", "text": CANARY} | fields)


async def stored() -> int:
    (row,) = await fetch(
        "SELECT count(*) FROM reports.envelope WHERE id NOT IN (SELECT envelope FROM reports.drill)", engine=REPORTS_DB
    )
    return int(row["count"])


async def test_without_a_place_nothing_is_asked_but_the_place(visit: Visit) -> None:
    page = (await visit.http.get("/report")).text
    assert "<textarea" not in page and "Guanacaste" in page
    assert "<title>Form</title>" in page
    assert 'class="after"' not in page, "the list of places is in view, not folded behind a link"


async def test_a_report_is_filed_without_script_and_its_code_shows_the_answer(visit: Visit) -> None:
    answer = await send(visit)
    assert answer.status_code == 200 and "Received and sealed" in answer.text
    assert answer.headers["cache-control"] == "no-store" and "set-cookie" not in answer.headers
    code = code_in(answer.text)
    assert len(code) == 20 and CANARY not in answer.text

    visit.world.context = msgspec.structs.replace(visit.world.context, clock=visit.clock)
    await visit.world.agent(visit.clock.now).once()
    seen = await visit.http.post("/return", data={"code": f"{code[:4]} {code[4:12]}-{code[12:]}"})
    assert seen.status_code == 200 and "A person took charge" in seen.text
    assert CANARY not in seen.text and code not in seen.text and "first time" in seen.text
    again = await visit.http.post("/return", data={"code": code})
    assert "Last opened with this code" in again.text


async def test_a_place_without_an_authority_has_no_form_and_shows_whom_to_call(visit: Visit) -> None:
    page = await visit.http.get("/report?place=CR-L")
    assert page.status_code == 200 and 'name="text"' not in page.text
    assert (
        "Here nobody can receive your report yet" in page.text and "tel:911" in page.text and "2555-0147" in page.text
    )


async def test_somewhere_else_says_that_no_number_is_known(visit: Visit) -> None:
    page = (await visit.http.get("/report?place=ZZ")).text
    assert (
        "We know of no other number" in page and "tel:112" in page and "hotel" not in page and 'name="text"' not in page
    )


async def test_a_gate_that_closes_while_somebody_writes_stores_nothing_and_gives_the_text_back(visit: Visit) -> None:
    page = (await visit.http.get("/report?place=CR-G")).text
    visit.clock.now += timedelta(days=40)
    answer = await visit.http.post(
        "/report", data={"token": token(page), "place": "CR-G", "text": CANARY, "spot": "Muelle"}
    )
    assert answer.status_code == 409 and CANARY in answer.text and "Muelle" in answer.text and "tel:911" in answer.text
    assert await stored() == 0


async def test_the_form_cannot_be_sent_to_another_place_than_one_that_is_open(visit: Visit) -> None:
    answer = await send(visit, place="CR-L")
    assert answer.status_code == 409 and CANARY in answer.text and await stored() == 0


async def test_pressing_twice_files_once_and_shows_the_same_code(visit: Visit) -> None:
    page = (await visit.http.get("/report?place=CR-G")).text
    visit.clock.now += timedelta(seconds=5)
    form = {"token": token(page), "place": "CR-G", "text": CANARY}
    first, second = await visit.http.post("/report", data=form), await visit.http.post("/report", data=form)
    assert code_in(first.text) == code_in(second.text) != "" and await stored() == 1


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"text": "   "}, 422, "one sentence"),
        ({"website": "http://spam"}, 422, "hidden field"),
        ({"token": "AAAA"}, 422, "press"),
        ({"text": CANARY + " 1234 5678 9012 3456 7895"}, 422, "code"),
    ],
)
async def test_whatever_is_wrong_the_words_come_back(
    visit: Visit, fields: dict[str, str], status: int, says: str
) -> None:
    answer = await send(visit, spot="Muelle viejo", **fields)
    assert answer.status_code == status and "Muelle viejo" in answer.text and await stored() == 0
    if "text" not in fields:
        assert CANARY in answer.text


async def test_too_fast_is_asked_to_press_again_with_the_same_form(visit: Visit) -> None:
    page = (await visit.http.get("/report?place=CR-G")).text
    form = {"token": token(page), "place": "CR-G", "text": CANARY}
    quick = await visit.http.post("/report", data=form)
    assert CANARY in quick.text and token(quick.text) == form["token"] and await stored() == 0
    visit.clock.now += timedelta(seconds=3)
    assert (await visit.http.post("/report", data=form)).status_code == 200


async def test_a_form_that_was_used_for_another_text_gives_the_new_text_back(visit: Visit) -> None:
    page = (await visit.http.get("/report?place=CR-G")).text
    visit.clock.now += timedelta(seconds=5)
    form = {"token": token(page), "place": "CR-G", "text": CANARY}
    await visit.http.post("/report", data=form)
    other = await visit.http.post("/report", data=form | {"text": "otro texto"})
    assert "otro texto" in other.text and token(other.text) != form["token"] and await stored() == 1


async def test_forty_reports_from_one_network_are_all_taken(visit: Visit) -> None:
    for i in range(40):
        assert (await send(visit, text=f"{CANARY} {i}")).status_code == 200
    assert await stored() == 40


async def test_a_mistyped_code_is_told_so_and_an_unknown_one_shows_no_more(visit: Visit) -> None:
    mistyped = await visit.http.post("/return", data={"code": "1234 5678 9012 3456 7890"})
    unknown = await visit.http.post("/return", data={"code": "12345678901234567895"})
    short = await visit.http.post("/return", data={"code": "1234"})
    assert mistyped.status_code == unknown.status_code == short.status_code == 422
    assert "12345678901234567895" not in unknown.text


async def test_a_text_that_is_too_long_comes_back_and_one_that_nobody_types_is_refused_in_memory(visit: Visit) -> None:
    long = CANARY + "x" * 400_000
    answer = await send(visit, text=long)
    assert answer.status_code == 422 and long in answer.text and await stored() == 0
    answer = await visit.http.post(
        "/report", content=b"text=" + b"x" * 1_100_000, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 413 and "xxxx" not in answer.text


@pytest.mark.parametrize("language", ["es", "en", "pt", "fr"])
async def test_pages_are_whole_in_every_language(visit: Visit, language: str) -> None:
    for path in ("/report", "/report?place=CR-G", "/report?place=CR-L", "/return", "/help", "/help?place=CR-G"):
        joiner = "&" if "?" in path else "?"
        page = await visit.http.get(f"{path}{joiner}lang={language}")
        assert page.status_code == 200 and f'lang="{language}"' in page.text
        assert "tel:911" in page.text
        assert len(page.content) < 60_000


async def test_no_address_ever_holds_what_was_typed(visit: Visit) -> None:
    answer = await send(visit)
    assert quote(CANARY) not in str(answer.url) and not re.search(r'(href|action)="[^"]*\d{20}', answer.text)


async def test_naughty_text_is_escaped_and_kept(visit: Visit) -> None:
    text = '"><script>alert(1)</script> \u202e ñ 😀 {{7*7}} \x00'
    page = (await visit.http.get("/report?place=CR-G")).text
    answer = await visit.http.post("/report", data={"token": token(page), "place": "CR-G", "text": text})
    assert "<script>alert" not in answer.text and "&lt;script&gt;" in answer.text and "{{7*7}}" in answer.text


@pytest.mark.parametrize("address", ["/report", "/return"])
async def test_a_form_of_a_thousand_fields_and_a_line_that_breaks_off_are_no_fault_of_ours(
    visit: Visit, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert (await visit.http.post(address, content="a=1&" * 1000, headers=kind)).status_code == 422
    messages = [{"type": "http.request", "body": b"text=", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> object:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: object) -> None: ...

    scope = {"type": "http", "method": "POST", "path": address, "raw_path": address.encode(), "query_string": b"",
             "root_path": "", "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1), "scheme": "http",
             "server": ("localhost", 8000), "http_version": "1.1", "state": {}}  # fmt: skip
    await visit.http._transport.app(scope, receive, send)  # type: ignore[attr-defined]
    ours = [record.getMessage() for record in caplog.records if record.name != "httpx"]  # that one is the browser's
    assert not [line for line in ours if address in line], "no log says that somebody was about to tell something"


async def test_whom_to_call_is_what_the_manifest_signed_for(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unsigned(context: Context) -> object:
        raise AssertionError("a list that nobody signed for")

    following = visit.http._transport.app.following  # type: ignore[attr-defined]  # the door behind this client
    following._replace(msgspec.structs.replace(following.copy, hotlines=hotlines.decode(signed_lines())))
    monkeypatch.setattr("registry.authorities.queries.published_lines", unsigned)
    page = await visit.http.get("/report", params={"place": "CR-L"})
    assert "Here nobody can receive your report" in page.text
    assert "2555-0147" in page.text


@pytest.mark.parametrize("field", ["text", "contact", "children_description", "spot"])
async def test_a_code_in_any_field_is_refused_with_every_word_kept(visit: Visit, field: str) -> None:
    code = new_code(lambda below: 4242)
    typed = {"text": CANARY} | {field: f"{CANARY}-x {code[:4]} {code[4:8]} {code[8:12]} {code[12:16]} {code[16:]}"}
    answer = await send(visit, **typed)
    assert answer.status_code == 422 and "reference code" in answer.text
    assert CANARY in answer.text and await stored() == 0
    if field in ("text", "contact", "spot"):
        assert typed[field] in answer.text


async def test_what_the_form_asks_more_reaches_the_office_and_makes_it_urgent(visit: Visit) -> None:
    more = {"child_in_danger_now": "yes", "plate": "SJB-482", "children_count": "dos", "when_date": "el martes"}
    assert (await send(visit, **more)).status_code == 200
    (row,) = await fetch("SELECT urgent, form FROM reports.envelope WHERE sealed_by = 'server' AND id NOT IN"
                         " (SELECT envelope FROM reports.drill)", engine=REPORTS_DB)  # fmt: skip
    assert row["urgent"] and row["form"] == "2026-12"
    done = await visit.world.agent().once()
    (case,) = [json.loads(Path(file).read_text()) for file in done.files]
    assert case["report"]["vehicle"] == {"plate": "SJB-482"} and case["report"]["child_in_danger_now"] is True
    assert case["report"]["children"] == {"about": "dos"} and case["report"]["moment"] == {"about": "el martes"}


async def test_a_form_that_seems_to_come_from_elsewhere_stores_nothing_and_gives_every_word_back(visit: Visit) -> None:
    path = "/report"
    form = {"place": "CR-G", "text": CANARY, "spot": "junto al muelle", "plate": "ABC 123"}
    fresh = token((await visit.http.get("/report", params={"place": "CR-G"})).text)
    visit.clock.now += timedelta(seconds=5)
    sent = form | {"token": fresh}
    said = await visit.http.post(path, data=sent, headers={"sec-fetch-site": "cross-site"})
    assert said.status_code == 403 and "came from another site" in said.text
    assert all(word in said.text for word in (CANARY, "junto al muelle", "ABC 123"))
    before = await fetch("SELECT 1 FROM reports.envelope e WHERE NOT EXISTS (SELECT FROM reports.drill d"
                         " WHERE d.envelope = e.id)", engine=REPORTS_DB)  # fmt: skip
    assert before == []
    visit.clock.now += timedelta(seconds=5)
    again = await visit.http.post(
        path, data=form | {"token": token(said.text)}, headers={"sec-fetch-site": "same-origin"}
    )
    assert again.status_code == 200 and code_in(again.text)
    scripted = await visit.http.post(path, json={}, headers={"sec-fetch-site": "cross-site"})
    assert scripted.status_code == 403 and scripted.json()["code"] == "form-from-elsewhere"
