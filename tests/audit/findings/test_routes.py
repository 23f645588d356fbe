"""The pages of findings over ASGI: the business answers with one thing to mend, the auditor verifies, nobody else."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import httpx
import pytest

from audit.findings import queries, service
from audit.visits import queries as visits
from registry.access.actor import SYSTEM, Actor
from registry.core.ids import uuid7
from tests.audit import scene as audit
from tests.audit.findings.test_picture import with_exif
from tests.audit.scene import MAJOR, OBSERVATION, mended
from tests.people import ANA, IRENE, TOMAS
from tests.registry.certification import scene
from tests.registry.certification.scene import BRUNO, CARLA, NADIA, OLGA, Scene

Browser = Callable[..., Awaitable[httpx.AsyncClient]]
TYPED = {
    "correction": "Movimos el sello a la puerta.", "cause": "Nadie era responsable del sello.",
    "action": "Recepción lo revisa cada lunes.", "responsible": "Jefatura de recepción", "due_on": "15/01/2027",
    "proof": "", "disagreement": "",
}  # fmt: skip


@pytest.fixture
async def hotel(db: None, now: datetime) -> Scene:
    here = await scene.hotel(now, await scene.opened(now))
    await scene.ready(now, here.version, here.client)
    return here


@pytest.fixture
async def finding(hotel: Scene, now: datetime) -> UUID:
    visit_id = await audit.reported(now, hotel, {"C4.01": MAJOR, "C5.04": OBSERVATION})
    return next(row.id for row in await visits.found(visit_id) if row.question == "C4.01")


def once(text: str) -> str:
    return re.search(r'name="once" value="([^"]+)"', text)[1]  # type: ignore[index]


async def send(
    browser: httpx.AsyncClient, finding: UUID, *files: tuple[str, bytes, str], **data: str
) -> httpx.Response:
    parts = [(name, (None, value)) for name, value in (TYPED | data).items()]
    return await browser.post(f"/audit/findings/{finding}/answer", files=[*parts, *(("file", file) for file in files)])


async def test_the_business_answers_with_one_thing_to_mend_and_keeps_the_rest(
    sign_in: Browser, hotel: Scene, finding: UUID
) -> None:
    ana = await sign_in(ANA, organisation=hotel.client)
    mine = await ana.get("/audit/findings")
    assert mine.status_code == 200 and f"/audit/findings/{finding}" in mine.text and "4 dic 2026" in mine.text
    page = await ana.get(f"/audit/findings/{finding}")
    assert "Responder la no conformidad C4.01" in page.text and audit.SEEN in page.text
    sent = {"send": "yes", "once": once(page.text)}
    answer = await send(ana, finding, **(sent | {"due_on": "20/01/2027"}))
    assert answer.status_code == 422
    for words in ("Escribió 20/01/2027", "19 de enero de 2027", TYPED["cause"], 'value="20/01/2027"'):
        assert words in answer.text, words
    later = await ana.get(f"/audit/findings/{finding}")
    assert "Movimos el sello a la puerta." in later.text and 'value="20/01/2027"' in later.text, "the draft kept it"
    assert (await send(ana, finding, **sent)).status_code == 303
    assert (await send(ana, finding, **sent)).status_code == 303, "the second tap gives the first answer"
    assert len(await queries.history(finding)) == 1
    assert "Respondido" in (await ana.get(f"/audit/findings/{finding}")).text


async def test_enter_alone_sends_nothing(sign_in: Browser, hotel: Scene, finding: UUID) -> None:
    ana = await sign_in(ANA, organisation=hotel.client)
    answer = await send(ana, finding, save="yes")
    assert answer.status_code == 303 and answer.headers["location"].endswith("kept=yes")
    assert "Guardado a las" in (await ana.get(answer.headers["location"])).text
    assert (await queries.find(SYSTEM, finding)).state == "raised"


async def test_a_proof_is_cleaned_shown_and_taken_out(sign_in: Browser, hotel: Scene, finding: UUID) -> None:
    ana = await sign_in(ANA, organisation=hotel.client)
    assert (await send(ana, finding, ("puerta.jpg", with_exif(), "image/jpeg"), save="yes")).status_code == 303
    [proof] = await queries.proofs(finding)
    page = await ana.get(f"/audit/findings/{finding}")
    assert "puerta.jpg" in page.text and "sin lugar ni datos del teléfono" in page.text
    assert (await ana.get(f"/audit/proofs/{proof.id}")).headers["content-type"] == "image/jpeg"
    refused = await send(ana, finding, ("x.exe", b"MZ", "image/jpeg"), save="yes", cause="Otra causa, más larga.")
    assert refused.status_code == 422 and "no es una foto" in refused.text and "Otra causa, más larga." in refused.text
    assert (await (await sign_in(NADIA)).get(f"/audit/proofs/{proof.id}")).status_code == 404
    assert (await send(ana, finding, remove=str(proof.id))).status_code == 303
    assert await queries.proofs(finding) == []


async def test_the_auditor_verifies_and_opens_again(
    sign_in: Browser, hotel: Scene, finding: UUID, now: datetime
) -> None:
    await service.answer_finding(hotel.ana, now, finding, mended(now))
    bruno = await sign_in(BRUNO)
    assert f"/audit/findings/{finding}" in (await bruno.get("/audit/findings")).text
    page = await bruno.get(f"/audit/findings/{finding}")
    assert "Nadie era responsable del sello." in page.text
    url = f"/audit/findings/{finding}/verification"
    said = {"send": "yes", "once": once(page.text), "text": "La foto no muestra la puerta.", "method": "photograph"}
    nothing = await bruno.post(url, data=said)
    assert nothing.status_code == 422 and "La foto no muestra la puerta." in nothing.text
    enter = await bruno.post(url, data=said | {"result": "verify", "send": "", "save": "yes"})
    assert enter.status_code == 422 and (await queries.find(SYSTEM, finding)).state == "answered"
    assert (await bruno.post(url, data=said | {"result": "reopen"})).status_code == 303
    assert (await queries.find(SYSTEM, finding)).state == "reopened"
    await service.answer_finding(hotel.ana, now, finding, mended(now))
    again = said | {"result": "verify", "once": str(uuid7()), "text": "Ahora se ve desde la acera."}
    assert (await bruno.post(url, data=again)).status_code == 303
    assert (await queries.find(SYSTEM, finding)).state == "verified"
    assert "Ahora se ve desde la acera." in (await (await sign_in(ANA, organisation=hotel.client)).get(
        f"/audit/findings/{finding}")).text  # fmt: skip


async def test_wrong_people_find_nothing_or_may_do_nothing(
    sign_in: Browser, hotel: Scene, finding: UUID, now: datetime
) -> None:
    other = await scene.business(now, "lodging", "Otro hotel", None)
    outside = [(NADIA, None), (IRENE, hotel.association), (ANA, other)]
    for person, organisation in outside:
        browser = await sign_in(person, organisation=organisation) if organisation else await sign_in(person)
        assert (await browser.get(f"/audit/findings/{finding}")).status_code == 404, person
    readers: list[Actor] = [OLGA, CARLA]
    for reader in readers:
        browser = await sign_in(reader)
        page = await browser.get(f"/audit/findings/{finding}")
        assert page.status_code == 200 and "/verification" not in page.text and "/answer" not in page.text
        verdict = {"send": "yes", "result": "verify", "text": "Me parece que está bien."}
        assert (await browser.post(f"/audit/findings/{finding}/verification", data=verdict)).status_code == 403
        assert (await send(browser, finding, send="yes")).status_code == 403
    trainer = await sign_in(TOMAS)
    assert (await trainer.get("/audit/findings")).status_code == 403
    assert (await queries.find(SYSTEM, finding)).state == "raised"


async def test_an_observation_has_no_form(sign_in: Browser, hotel: Scene, finding: UUID) -> None:
    visit_id = (await queries.find(SYSTEM, finding)).visit
    observation = next(row.id for row in await visits.found(visit_id) if row.question == "C5.04")
    ana = await sign_in(ANA, organisation=hotel.client)
    page = await ana.get(f"/audit/findings/{observation}")
    assert page.status_code == 200 and "Observación C5.04" in page.text and "/answer" not in page.text
    assert str(observation) not in (await ana.get("/audit/findings")).text
    assert str(observation) in (await ana.get("/audit/findings?all=yes")).text


async def test_empty_lists_say_the_next_step(sign_in: Browser, db: None, now: datetime) -> None:
    await scene.opened(now)
    client = await scene.business(now, "lodging", "Hotel nuevo", None)
    ana = await sign_in(ANA, organisation=client)
    assert "Nada espera por usted" in (await ana.get("/audit/findings")).text
    bruno = await sign_in(BRUNO)
    assert "Nada por verificar" in (await bruno.get("/audit/findings")).text
    assert "Todavía no hay visitas" in (await bruno.get("/audit/visits")).text


async def test_every_page_of_findings_leads_a_worry_about_a_child_elsewhere(
    sign_in: Browser, hotel: Scene, finding: UUID
) -> None:
    for browser in (await sign_in(ANA, organisation=hotel.client), await sign_in(BRUNO)):
        for url in ("/audit/findings", f"/audit/findings/{finding}"):
            page = await browser.get(url)
            assert 'class="concern"' in page.text and 'href="/report"' in page.text
