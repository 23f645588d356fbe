"""A report sealed in a real browser: what leaves the phone, what the office opens, and the answer read."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import pytest

from registry.core import crypto
from registry.reports import envelope, notary
from registry.reports.agent import keys
from registry.reports.agent.caller import Register
from tests.journeys.test_stranger import ARGUMENTS, CHROMIUM, playwright, pytestmark  # noqa: F401
from tests.registry.reports.test_canary import House, house  # noqa: F401

CANARY = "canario-turquesa-5519"
WRITE, SEND = "Qué pasó", "Sellar y enviar"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


def phone(browser: Any, **options: Any) -> tuple[Any, list[Any]]:
    """A page of 360 px, and every request it makes."""
    page = browser.new_context(locale="es-CR", viewport={"width": 360, "height": 800}, **options).new_page()
    requests: list[Any] = []
    page.on("request", lambda request: requests.append(request))
    return page, requests


def write(page: Any, house: House, text: str) -> None:  # noqa: F811
    page.goto(f"{house.origin}/report?place=CR-G")
    page.get_by_label(WRITE).fill(text)
    page.wait_for_timeout(2100)  # a form that is sent faster was not written by a person


def answer(house: House, text: str, counter: int = 1) -> None:  # noqa: F811
    """The office's own machine answers the newest case: sealed to the code, signed by the office."""

    async def run() -> None:
        folder = house.folder / "unit"
        case = max((house.folder / "cases").glob("CASO-*.json"), key=lambda path: path.stat().st_mtime)
        told = json.loads(case.read_text())
        async with httpx.AsyncClient() as http:
            signer = keys.signer(folder)
            register = Register(http, house.origin, keys.settings(folder).authority, signer)
            which = UUID(told["envelope"])
            outer, _ = await register.contents(which)
            body = envelope.seal_reply(text, told["reply_recipient"])
            said = notary.statement(
                "reply", which, bytes.fromhex(outer.sha256), counter=counter, reply=crypto.sha256(body).hex()
            )
            signature = crypto.b64url(signer.sign(said))
            sent = {"counter": counter, "body": crypto.b64url(body), "signature": signature}
            await register.tell(which, "replies", sent)

    with ThreadPoolExecutor(1) as elsewhere:  # the browser's own loop runs in this thread
        elsewhere.submit(asyncio.run, run()).result()


def test_a_report_is_sealed_on_the_phone_and_its_answer_opened_there(browser: Any, house: House) -> None:  # noqa: F811
    page, requests = phone(browser)
    write(page, house, CANARY)
    assert page.get_by_text("Su texto se sella aquí").is_visible()
    assert not page.get_by_text("el sellado se hace en nuestro servidor").is_visible()
    page.get_by_role("button", name=SEND).click()
    page.get_by_role("heading", name="Recibido y sellado").wait_for(timeout=30_000)
    code = "".join(page.locator(".ref span").all_inner_texts())
    (post,) = [r for r in requests if r.method == "POST"]
    sent = post.post_data_buffer
    for secret in (CANARY, code, code[:10]):
        assert secret.encode() not in sent
    told = json.loads(sent)
    assert set(told) == {"envelope", "chain", "keys", "directory", "form", "size_step", "sealed", "reply_recipient",
                         "lookup", "proof_hash", "token", "website", "place", "premises", "home", "urgent"}  # fmt: skip
    assert all(code not in r.url and CANARY not in r.url for r in requests)
    assert all(r.url.startswith(house.origin) for r in requests) and page.context.cookies() == []
    assert house.agent()["opened"] == 1
    answer(house, f"¿A qué hora fue? {CANARY[::-1]}")

    page, requests = phone(browser)
    page.goto(f"{house.origin}/return")
    page.get_by_label("Su código").fill(" ".join(code[i : i + 4] for i in range(0, 20, 4)))
    page.get_by_role("button", name="Ver la respuesta").click()
    page.get_by_text(f"¿A qué hora fue? {CANARY[::-1]}").wait_for(timeout=30_000)
    assert page.get_by_text("firma comprobada en su teléfono", exact=True).is_visible()
    (post,) = [r for r in requests if r.method == "POST"]
    assert set(json.loads(post.post_data_buffer)) == {"lookup"} and code.encode() not in post.post_data_buffer
    assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0


def test_a_directory_that_too_few_custodians_signed_seals_nothing(browser: Any, house: House) -> None:  # noqa: F811
    page, requests = phone(browser)
    published = json.loads((house.data / "published" / "authorities" / "directory.json").read_text())
    page.route("**/authorities/directory.json", lambda route: route.fulfill(json=published | {"signatures": []}))
    write(page, house, CANARY)
    page.get_by_role("button", name=SEND).click()
    page.get_by_text("No pudimos comprobar quién lo leería").wait_for(timeout=30_000)
    assert page.get_by_label(WRITE).input_value() == CANARY
    assert not [r for r in requests if r.method == "POST"]


def test_a_line_that_breaks_keeps_the_text_and_the_second_press_sends_it_once(
    browser: Any,
    house: House,  # noqa: F811
) -> None:
    page, requests = phone(browser)
    write(page, house, CANARY)
    page.context.set_offline(True)
    page.get_by_role("button", name=SEND).click()
    page.get_by_text("No se pudo enviar").wait_for(timeout=30_000)
    assert page.get_by_label(WRITE).input_value() == CANARY
    page.context.set_offline(False)
    before = house.agent()["opened"]
    lost = {"first": True}

    def lose(route: Any) -> None:
        """The report arrives and the answer is lost on its way back."""
        if route.request.method == "POST" and lost.pop("first", False):
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/report*", lose)
    page.get_by_role("button", name=SEND).click()
    page.get_by_text("No se pudo enviar").wait_for(timeout=30_000)
    page.get_by_role("button", name=SEND).click()
    page.get_by_role("heading", name="Recibido y sellado").wait_for(timeout=30_000)
    code = "".join(page.locator(".ref span").all_inner_texts())
    posts = {r.post_data for r in requests if r.method == "POST"}
    assert len(code) == 20 and len(posts) == 1, "the same sealed bytes, whenever it was pressed"
    assert before == 0 and house.agent()["opened"] == 1


def test_without_a_script_the_page_says_that_the_server_seals(browser: Any, house: House) -> None:  # noqa: F811
    page, _ = phone(browser, java_script_enabled=False)
    write(page, house, CANARY)
    assert page.get_by_text("el sellado se hace en nuestro servidor").is_visible()
    assert not page.get_by_text("Su texto se sella aquí").is_visible()


def received(browser: Any, house: House, **options: Any) -> tuple[Any, str]:  # noqa: F811
    """The receipt of a report just sent, and its code."""
    page, _ = phone(browser, **options)
    write(page, house, CANARY)
    page.get_by_role("button", name=SEND).click()
    page.get_by_role("heading", name="Recibido y sellado").wait_for(timeout=30_000)
    return page, "".join(page.locator(".ref span").all_inner_texts())


def questions(page: Any) -> list[str]:
    """What the browser asks whoever leaves, and nobody but it: each is answered with “stay”."""
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    return asked


def leads(page: Any) -> list[str]:
    """The links of a page that go to another: not those that ring, nor the one past the head."""
    found: list[str] = page.locator("a:visible").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    return [href for href in found if not href.startswith(("tel:", "#"))]


@pytest.mark.parametrize("scripted", [True, False])
def test_nothing_on_the_receipt_leads_away_from_the_code_but_the_way_out(
    browser: Any,
    house: House,  # noqa: F811
    scripted: bool,
) -> None:
    page, code = received(browser, house, java_script_enabled=scripted)
    assert len(code) == 20
    assert leads(page) == ["https://www.wikipedia.org/"]
    page.get_by_role("button", name="Terminar").click()
    assert page.get_by_role("heading", name="Recibido y sellado").is_visible(), "not before it is kept"
    page.get_by_label("Ya lo guardé").check()
    page.get_by_role("button", name="Terminar").click()
    page.locator("#code").wait_for()
    assert code not in page.url and "/" in leads(page)


def test_the_receipt_is_said_in_another_language_without_losing_its_code(browser: Any, house: House) -> None:  # noqa: F811
    page, code = received(browser, house)
    page.get_by_label("Ya lo guardé").check()
    page.get_by_role("button", name="Français").click()
    heading = page.get_by_role("heading", name="Reçu et scellé")
    heading.wait_for()
    assert (
        heading.evaluate("one => document.activeElement === one") and page.locator("main").get_attribute("lang") == "fr"
    )
    assert "".join(page.locator(".ref span").all_inner_texts()) == code
    assert page.get_by_label("Je l’ai gardé").is_checked() and page.get_by_role("button", name="Imprimer").is_visible()
    page.get_by_role("button", name="Terminer").click()
    page.wait_for_url("**/return*")
    assert "lang=fr" in page.url and page.get_by_role("heading", name="Voir la réponse").is_visible()


def test_whoever_loads_the_receipt_again_is_asked_until_the_code_is_kept(browser: Any, house: House) -> None:  # noqa: F811
    page, code = received(browser, house)
    asked = questions(page)
    page.evaluate("void setTimeout(() => location.reload())")
    page.wait_for_timeout(300)
    page.evaluate("void setTimeout(() => history.back())")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"] * 2 and "".join(page.locator(".ref span").all_inner_texts()) == code
    stored = "[JSON.stringify([history.state, {...localStorage}, {...sessionStorage}]), location.href].join()"
    assert code not in page.evaluate(stored) and CANARY not in page.evaluate(stored)
    page.get_by_label("Ya lo guardé").check()
    page.reload()
    assert asked == ["beforeunload"] * 2 and page.locator("#text").input_value() == "" and code not in page.content()


@pytest.mark.parametrize("how", ["click", "Shift"])
def test_the_way_out_asks_nobody_anything_also_at_the_receipt(browser: Any, house: House, how: str) -> None:  # noqa: F811
    page, code = received(browser, house)
    asked = questions(page)
    page.context.route("https://**", lambda route: route.fulfill(body="elsewhere"))
    if how == "click":
        page.locator("#leave").click()
    else:
        for _ in range(3):
            page.keyboard.press("Shift")
    page.get_by_text("elsewhere").wait_for()
    assert asked == []
    page.go_back()
    assert code not in page.content() and CANARY not in page.content()


def test_what_is_to_be_mended_is_said_at_its_field_in_view_and_to_a_screen_reader(browser: Any, house: House) -> None:  # noqa: F811
    page, requests = phone(browser)
    page.goto(f"{house.origin}/report?place=CR-G")
    page.get_by_role("button", name=SEND).click()
    text, said = page.locator("#text"), page.locator("#text-error")
    said.wait_for()
    assert "Todavía no se envió nada" in said.inner_text() and said.evaluate(
        "one => { const at = one.getBoundingClientRect(); return at.top > 60 && at.bottom < innerHeight }"
    )
    assert text.get_attribute("aria-describedby") == "text-hint text-error" and text.get_attribute("aria-invalid")
    assert text.evaluate("one => document.activeElement === one")
    text.fill(CANARY)
    page.locator("summary").click()
    page.locator("#plate").fill("01458288256566661990")
    page.locator("summary").click()
    page.get_by_role("button", name=SEND).click()
    page.locator("#plate-error").wait_for()
    assert said.count() == 0 and text.get_attribute("aria-describedby") == "text-hint"
    assert page.locator("#plate").is_visible(), "what is folded opens where something in it is to be mended"
    assert not [r for r in requests if r.method == "POST"] and text.input_value() == CANARY
    page.goto(f"{house.origin}/return")
    page.locator("#code").fill("1234")
    page.locator("#return button").click()
    page.locator("#code-error").wait_for()
    assert page.locator("#code").get_attribute("aria-describedby") == "code-error"


def test_a_gate_that_closes_gives_back_every_answer_by_the_script_as_by_the_server(browser: Any, house: House) -> None:  # noqa: F811
    page, _ = phone(browser)
    write(page, house, CANARY)
    page.get_by_label("Hoy", exact=True).check()
    page.get_by_label("Hubo dinero, regalos o promesas a cambio").check()
    page.locator("summary").click()
    page.locator("#children_sex").select_option("both")
    page.get_by_label("6 a 11 años").check()
    closed = httpx.post(f"{house.origin}/report?lang=es", data={
        "place": "CR-L", "text": CANARY, "when": "today", "what": "paid", "children_sex": "both",
        "children_age": "6-11", "token": house.token()}).text  # fmt: skip
    empty = closed.replace(
        closed[closed.index("<textarea") : closed.index("</textarea>")], "<textarea data-hole=given>"
    )
    page.route(
        "**/report*", lambda route: route.fulfill(status=409, body=empty, content_type="text/html; charset=utf-8")
    )
    page.get_by_role("button", name=SEND).click()
    given = page.locator("[data-hole=given]")
    given.wait_for(timeout=30_000)
    by_server = closed[closed.index("<textarea") :].partition(">\n")[2].partition("</textarea>")[0]
    assert given.text_content() == by_server.replace("&#39;", "'"), "both say the same"
    assert CANARY in by_server and "6 a 11 años" in by_server
