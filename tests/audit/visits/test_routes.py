"""The auditor's pages over ASGI: a whole visit by forms, nothing typed lost, and nobody else's visit there."""

import io
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from PIL import Image

from audit.visits import queries, service
from audit.visits.rules import Item
from audit.visits.schemas import Explained
from registry.access.actor import SYSTEM
from registry.core.ids import uuid7
from tests.audit import scene as audit
from tests.audit.findings.test_picture import SHARED, with_exif
from tests.audit.scene import MAJOR, MINOR, SEEN, draft
from tests.people import ANA, IRENE
from tests.registry.certification import scene
from tests.registry.certification.scene import BRUNO, CARLA, DORA, NADIA, OLGA, Scene

Browser = Callable[..., Awaitable[httpx.AsyncClient]]
NAUGHTY = SHARED / "data" / "hostile" / "blns.txt"


@pytest.fixture
async def hotel(db: None, now: datetime) -> Scene:
    here = await scene.hotel(now, await scene.opened(now))
    await scene.ready(now, here.version, here.client)
    await scene.hold(BRUNO, next(iter(BRUNO.roles)), None, now)
    return here


def fields(text: str) -> dict[str, str]:
    """What a browser would send of the page's big form, untouched."""
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))
    sent |= dict(re.findall(r'name="([\w.]+\.figure)" value="([^"]*)"', text))
    for tag in re.findall(r"<input type=\"radio\"[^>]*checked[^>]*>", text):
        sent[re.search(r'name="([^"]+)"', tag)[1]] = re.search(r'value="([^"]+)"', tag)[1]  # type: ignore[index]
    for name, words in re.findall(r'<textarea id="[^"]+" name="([^"]+)"[^>]*>\n?([^<]*)</textarea>', text):
        sent[name] = words
    return sent


async def send(
    browser: httpx.AsyncClient, url: str, data: dict[str, str], **files: tuple[str, bytes, str]
) -> httpx.Response:
    parts = [(name, (None, value)) for name, value in data.items()]
    return await browser.post(url, files=[*parts, *files.items()])


async def test_a_whole_visit_by_forms(sign_in: Browser, hotel: Scene, now: datetime) -> None:
    visit_id = await audit.planned(now, hotel)
    bruno = await sign_in(BRUNO)
    mine = await bruno.get("/audit/visits")
    assert mine.status_code == 200 and "Hotel Río Manso" in mine.text
    assert f"/audit/visits/{visit_id}/opening" in mine.text
    opening = await bruno.get(f"/audit/visits/{visit_id}/opening")
    half = fields(opening.text) | {"present": "Gerente general", "language": "es", "explained_scope": "yes"}
    refused = await bruno.post(f"/audit/visits/{visit_id}/opening", data=half)
    assert refused.status_code == 422 and "Gerente general" in refused.text and "Falta explicar algo" in refused.text
    said = half | {f"explained_{one.value}": "yes" for one in Explained}
    answer = await bruno.post(f"/audit/visits/{visit_id}/opening", data=said | {"declares": "yes"})
    assert answer.status_code == 303 and answer.headers["location"] == f"/audit/visits/{visit_id}/criteria/C1"

    for criterion in ("C1", "C2", "C3", "C4", "C5", "C6"):
        url = f"/audit/visits/{visit_id}/criteria/{criterion}"
        page = await bruno.get(url)
        sent = fields(page.text)
        for id in re.findall(r'<fieldset class="ask" id="([^"]+)"', page.text):
            sent[f"{id}.reply"] = "conforms"
            if f"{id}.figure" in sent and not sent[f"{id}.figure"]:
                sent[f"{id}.figure"] = "2"
        if criterion == "C4":
            sent |= {"C4.01.reply": "major", "C4.01.note": SEEN}
        answer = await send(bruno, url, sent | {"go": "next"})
        assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"/audit/visits/{visit_id}"
    whole = await bruno.get(f"/audit/visits/{visit_id}")
    assert SEEN in whole.text and f"/audit/visits/{visit_id}/closing" in whole.text

    closing = await bruno.get(f"/audit/visits/{visit_id}/closing")
    assert "4 dic 2026" in closing.text and "19 ene 2027" in closing.text
    signed = fields(closing.text) | {"present": "Gerente", "language": "es", "name": "", "role": "Gerente"}
    refused = await bruno.post(f"/audit/visits/{visit_id}/closing", data=signed)
    assert refused.status_code == 422 and "Escriba el nombre" in refused.text
    answer = await bruno.post(f"/audit/visits/{visit_id}/closing", data=signed | {"name": "Ana Villafuerte"})
    assert answer.status_code == 303
    report = await bruno.get(f"/audit/visits/{visit_id}/report")
    assert "Ana Villafuerte" in report.text and SEEN in report.text
    answer = await bruno.post(f"/audit/visits/{visit_id}/report", data=fields(report.text) | {"notes": "Colaboraron."})
    assert answer.status_code == 303
    assert (await queries.find(SYSTEM, visit_id)).state == "reported"
    assert "Colaboraron." in (await bruno.get(f"/audit/visits/{visit_id}/report")).text


async def test_a_section_saves_what_is_complete_and_keeps_every_typed_word(
    sign_in: Browser, hotel: Scene, now: datetime
) -> None:
    visit_id = await audit.opened(now, hotel)
    bruno = await sign_in(BRUNO)
    url = f"/audit/visits/{visit_id}/criteria/C4"
    sent = fields((await bruno.get(url)).text) | {
        "C4.01.reply": "conforms", "C4.03.reply": "minor", "C4.03.note": "corto", "C4.04.note": "Solo una nota suelta.",
        "C4.05.reply": "not_applicable", "C4.06.reply": "not_evaluable", "C4.06.reason_ne": "other",
    }  # fmt: skip
    answer = await send(bruno, url, sent | {"go": "next"})
    assert answer.status_code == 422
    for words in ("corto", "Solo una nota suelta.", "Diga en una frase qué se vio", "Escribió una nota sin elegir",
                  "Elija el motivo", "escriba el motivo en la nota", "1 respuesta está guardada"):  # fmt: skip
        assert words in answer.text, words
    assert set(await queries.standing(visit_id)) == {Item("C4.01")}
    again = fields(answer.text)
    assert again["C4.03.reply"] == "minor" and again["C4.06.reason_ne"] == "other"
    mended = again | {"C4.03.note": SEEN, "C4.04.reply": "good_practice", "C4.05.reason_na": "no_service",
                      "C4.06.note": "El teléfono no daba tono."}  # fmt: skip
    answer = await send(bruno, url, mended | {"go": "stay"})
    assert answer.status_code == 303 and answer.headers["location"].startswith(url)
    assert len(await queries.standing(visit_id)) == 5


async def test_the_same_form_twice_is_one_set_of_answers(sign_in: Browser, hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    bruno = await sign_in(BRUNO)
    url = f"/audit/visits/{visit_id}/criteria/C4"
    sent = fields((await bruno.get(url)).text) | {"C4.01.reply": "major", "C4.01.note": SEEN}
    for _ in range(3):
        assert (await send(bruno, url, sent)).status_code == 303
    assert len(await queries.found(visit_id)) == 1


async def test_two_auditors_with_the_same_page_see_each_others_answer(
    sign_in: Browser, hotel: Scene, now: datetime
) -> None:
    visit_id = await audit.opened(now, hotel, BRUNO, NADIA)
    bruno, nadia = await sign_in(BRUNO), await sign_in(NADIA)
    url = f"/audit/visits/{visit_id}/criteria/C4"
    drawn = fields((await nadia.get(url)).text)
    await send(bruno, url, fields((await bruno.get(url)).text) | {"C4.01.reply": "conforms"})
    answer = await send(nadia, url, drawn | {"C4.01.reply": "major", "C4.01.note": SEEN, "C4.03.reply": "conforms"})
    assert answer.status_code == 409
    assert "Bruno Arrieta" in answer.text and SEEN in answer.text
    assert Item("C4.03") in await queries.standing(visit_id), "what nobody else touched is saved"
    again = await send(nadia, url, fields(answer.text))
    assert again.status_code == 303
    assert (await queries.standing(visit_id))[Item("C4.01")].by == NADIA.id


async def test_a_photograph_arrives_with_the_answer_and_keeps_no_place(
    sign_in: Browser, hotel: Scene, now: datetime
) -> None:
    visit_id = await audit.opened(now, hotel)
    bruno = await sign_in(BRUNO)
    url = f"/audit/visits/{visit_id}/criteria/C4"
    sent = fields((await bruno.get(url)).text) | {"C4.01.reply": "conforms"}
    file = {"C4.01.file": ("IMG_0001.jpg", with_exif(), "image/jpeg")}
    assert (await send(bruno, url, sent, **file)).status_code == 303
    [piece] = await queries.evidence(visit_id)
    shown = await bruno.get(f"/audit/evidence/{piece.id}")
    assert shown.headers["content-type"] == "image/jpeg" and "sandbox" in shown.headers["content-security-policy"]
    with Image.open(io.BytesIO(shown.content)) as image:
        assert not image.getexif()
    assert "IMG_0001.jpg" in (await bruno.get(url)).text
    for browser in (await sign_in(NADIA), await sign_in(ANA, organisation=hotel.client)):
        assert (await browser.get(f"/audit/evidence/{piece.id}")).status_code in {403, 404}


@pytest.mark.parametrize("content", [b"MZ not a picture", b"<script>alert(1)</script>", b"\xff\xd8\xff half"])
async def test_what_is_no_evidence_is_refused_and_the_answer_is_kept(
    sign_in: Browser, hotel: Scene, now: datetime, content: bytes
) -> None:
    visit_id = await audit.opened(now, hotel)
    bruno = await sign_in(BRUNO)
    url = f"/audit/visits/{visit_id}/criteria/C4"
    sent = fields((await bruno.get(url)).text) | {"C4.01.reply": "conforms"}
    answer = await send(bruno, url, sent, **{"C4.01.file": ("x.jpg", content, "image/jpeg")})
    assert answer.status_code == 422 and ("no es una foto" in answer.text or "está dañado" in answer.text)
    assert Item("C4.01") in await queries.standing(visit_id) and not await queries.evidence(visit_id)


async def test_fifty_megabytes_are_refused_with_a_sentence(sign_in: Browser, hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    bruno = await sign_in(BRUNO)
    url = f"/audit/visits/{visit_id}/criteria/C4"
    sent = fields((await bruno.get(url)).text) | {"C4.01.reply": "conforms"}
    big = b"\xff\xd8\xff" + bytes(50 * 1024 * 1024)
    answer = await send(bruno, url, sent, **{"C4.01.file": ("big.jpg", big, "image/jpeg")})
    assert answer.status_code in {413, 422} and "MB" in answer.text


@pytest.mark.skipif(not NAUGHTY.is_file(), reason="the shared list of naughty strings is not here")
async def test_naughty_strings_are_shown_as_they_were_typed_and_run_nothing(
    sign_in: Browser, hotel: Scene, now: datetime
) -> None:
    visit_id = await audit.opened(now, hotel)
    bruno = await sign_in(BRUNO)
    url = f"/audit/visits/{visit_id}/criteria/C4"
    lines = [line for line in Path(NAUGHTY).read_text().splitlines() if line and not line.startswith("#")]
    for line in lines[:: max(1, len(lines) // 12)]:
        note = (line + " visto en la entrada")[:4000]
        sent = fields((await bruno.get(url)).text) | {"C4.01.reply": "major", "C4.01.note": note}
        answer = await send(bruno, url, sent | {"C4.01.id": str(uuid7())})
        assert answer.status_code == 303, line
        page = await bruno.get(url)
        assert page.status_code == 200 and "<script>alert" not in page.text


PAGES = ("", "/opening", "/criteria/C4", "/closing", "/report")


@pytest.mark.parametrize("page", PAGES)
async def test_another_auditors_visit_is_not_there(sign_in: Browser, hotel: Scene, now: datetime, page: str) -> None:
    visit_id = await audit.opened(now, hotel)
    nadia = await sign_in(NADIA)
    assert (await nadia.get(f"/audit/visits/{visit_id}{page}")).status_code == 404
    assert (await nadia.post(f"/audit/visits/{visit_id}/closing", data={"present": "x"})).status_code == 404
    assert (await send(nadia, f"/audit/visits/{visit_id}/criteria/C4", {"C4.01.reply": "conforms"})).status_code == 404
    assert (await send(nadia, f"/audit/visits/{visit_id}/evidence", {"note": "Una nota larga."})).status_code == 404


async def test_other_roles_read_at_most(sign_in: Browser, hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    for reader in (OLGA, CARLA, DORA):
        browser = await sign_in(reader)
        page = await browser.get(f"/audit/visits/{visit_id}/criteria/C4")
        assert page.status_code == 200 and "disabled" in page.text
        answer = await send(browser, f"/audit/visits/{visit_id}/criteria/C4", {"C4.01.reply": "conforms"})
        assert answer.status_code == 403
    for person, organisation in ((ANA, hotel.client), (IRENE, hotel.association)):
        browser = await sign_in(person, organisation=organisation)
        assert (await browser.get(f"/audit/visits/{visit_id}")).status_code in {403, 404}
        assert (await browser.get("/audit/visits")).status_code == 403


async def test_a_stranger_is_asked_to_sign_in(client: httpx.AsyncClient, db: None) -> None:
    answer = await client.get("/audit/visits")
    assert answer.status_code == 303 and answer.headers["location"].startswith("/desk/sign-in")


async def test_a_criterion_this_visit_does_not_have_is_not_there(sign_in: Browser, hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    bruno = await sign_in(BRUNO)
    for place in ("criteria/G", "criteria/Z9", f"units/{uuid7()}"):
        assert (await bruno.get(f"/audit/visits/{visit_id}/{place}")).status_code == 404


async def test_an_answer_after_the_closing_is_refused_with_a_sentence(
    sign_in: Browser, hotel: Scene, now: datetime
) -> None:
    visit_id = await audit.opened(now, hotel)
    bruno = await sign_in(BRUNO)
    url = f"/audit/visits/{visit_id}/criteria/C4"
    sent = fields((await bruno.get(url)).text) | {"C4.01.reply": "major", "C4.01.note": SEEN}
    await audit.answered(now, visit_id)
    await service.close_visit(BRUNO, now, visit_id, await audit.closing(now, visit_id))
    answer = await send(bruno, url, sent)
    assert answer.status_code == 409 and "La visita se cerró y sus hallazgos se leyeron" in answer.text


async def test_a_group_shows_its_sample_and_takes_a_reserve(sign_in: Browser, db: None, now: datetime) -> None:
    here = await scene.taxis(now, await scene.opened(now), 12)
    visit_id = await audit.group_planned(now, here)
    await service.open_visit(BRUNO, now, visit_id, audit.OPENING)
    first = (await queries.sample(visit_id))[0].unit
    bruno = await sign_in(BRUNO)
    page = await bruno.get(f"/audit/visits/{visit_id}")
    assert "TAL0" in page.text and "al azar" in page.text
    unit = await bruno.get(f"/audit/visits/{visit_id}/units/{first}")
    assert "C4.02" in unit.text and "no se puede visitar" in unit.text
    answer = await bruno.post(f"/audit/visits/{visit_id}/units/{first}/replacement",
                              data={"reason": "Está en el taller.", "once": str(uuid7())})  # fmt: skip
    assert answer.status_code == 303
    taken = UUID(answer.headers["location"].rsplit("/", 1)[1])
    url = f"/audit/visits/{visit_id}/units/{taken}"
    sent = fields((await bruno.get(url)).text) | {"C4.02.reply": "major", "C4.02.note": SEEN}
    assert (await send(bruno, url, sent)).status_code == 303
    assert "en el taller" in (await bruno.get(f"/audit/visits/{visit_id}")).text


async def test_every_page_leads_a_worry_about_a_child_elsewhere(sign_in: Browser, hotel: Scene, now: datetime) -> None:
    visit_id = await audit.opened(now, hotel)
    await service.answer(BRUNO, now, visit_id, draft(Item("C4.01"), *MAJOR))
    await service.answer(BRUNO, now, visit_id, draft(Item("C4.03"), *MINOR))
    bruno = await sign_in(BRUNO)
    for url in ("/audit/visits", *(f"/audit/visits/{visit_id}{page}" for page in PAGES if page != "/opening")):
        page = await bruno.get(url)
        assert 'class="concern"' in page.text and 'href="/report"' in page.text, url
