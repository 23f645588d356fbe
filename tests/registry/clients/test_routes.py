"""The desk's pages of lists, associations and rosters, as their users ask for them."""

import re
from datetime import datetime
from uuid import UUID

import httpx
import pytest

from registry.clients import queries
from registry.clients.spreadsheet import FILE_LIMIT
from registry.demo import lists as story
from tests.conftest import Browser
from tests.people import ANA, ERNESTO, IRENE, OLGA
from tests.registry.clients.test_lists import DOS, HEADER, UNO, chamber

ENROL = {"name": "Cámara Dos Costas", "kind": "hotels", "country": "CR", "contact_email": "a@b.example"}


async def sent(browser: httpx.AsyncClient, association: UUID | str, name: str, data: bytes) -> httpx.Response:
    form = {"association": str(association)}
    return await browser.post("/desk/imports", data=form, files={"list": (name, data)})


async def at(browser: httpx.AsyncClient, answer: httpx.Response) -> httpx.Response:
    assert answer.status_code == 303, answer.text[-3000:]
    return await browser.get(answer.headers["location"])


async def test_from_an_association_to_a_list_to_members_and_back(sign_in: Browser, now: datetime) -> None:
    olga = await sign_in(OLGA)
    page = await at(olga, await olga.post("/desk/associations", data=ENROL))
    assert page.status_code == 200
    association = re.findall(r'name="association" value="([0-9a-f-]{36})"', page.text)[0]
    irene = await sign_in(IRENE, UUID(association))
    answer = await sent(irene, association, *story.hotel_list(mended=False))
    page = await at(irene, answer)
    place = answer.headers["location"]
    assert page.status_code == 200 and "296" in page.text
    assert page.text.count('class="why"') == 8
    for show in ("all", "new", "changed", "same"):
        assert (await irene.get(place, params={"show": show})).status_code == 200
    back = await irene.get(f"{place}/file")
    assert back.headers["content-type"].startswith("text/csv") and back.text.count("\r\n") == 297
    page = await at(irene, await irene.post(f"{place}/commit", data={"mode": "good"}))
    assert "288" in page.text
    page = await at(irene, await irene.post(f"{place}/undo", data={}))
    assert page.status_code == 200
    assert await queries.members(UUID(association)) == []
    assert (await irene.get("/desk/imports")).status_code == 200


async def test_a_returned_workbook_is_a_workbook_and_comes_in_again(sign_in: Browser, now: datetime) -> None:
    association = await chamber(now, "taxis")
    irene = await sign_in(IRENE, association)
    answer = await sent(irene, association, *story.taxi_list(mended=False))
    back = await irene.get(answer.headers["location"] + "/file")
    assert back.content[:2] == b"PK"
    page = await at(irene, await sent(irene, association, "otra.xlsx", back.content))
    assert page.text.count('class="why"') == 6


async def test_a_wrong_file_is_refused_with_a_sentence_at_the_field(sign_in: Browser, now: datetime) -> None:
    association = await chamber(now)
    irene = await sign_in(IRENE, association)
    for name, data in (
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("a.pdf", b"%PDF-1.7"),
        ("a.json", b'{"a": 1}'),
        ("a.csv", b""),
    ):
        answer = await sent(irene, association, name, data)
        assert answer.status_code == 422 and 'id="list-error"' in answer.text, name


async def test_a_file_over_the_limit_is_refused_while_it_arrives(sign_in: Browser, now: datetime) -> None:
    association = await chamber(now)
    irene = await sign_in(IRENE, association)
    read = 0

    async def endless():  # type: ignore[no-untyped-def]
        nonlocal read
        head = '--x\r\nContent-Disposition: form-data; name="list"; filename="a.csv"\r\n\r\n'
        yield head.encode()
        while read < 4 * FILE_LIMIT:
            read += 1 << 20
            yield b"a" * (1 << 20)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = await irene.post("/desk/imports", content=endless(), headers=headers)
    assert answer.status_code == 413


async def test_columns_are_asked_for_and_answered(sign_in: Browser, now: datetime) -> None:
    association = await chamber(now)
    irene = await sign_in(IRENE, association)
    answer = await sent(irene, association, "a.csv", "Rótulo;Sitio\nHotel Uno;Osa\n".encode())
    place = answer.headers["location"]
    page = await at(irene, answer)
    assert f'action="{place}/columns"' in page.text
    wrong = await irene.post(f"{place}/columns", data={"name": "0"})
    assert wrong.status_code == 422 and 'id="canton-error"' in wrong.text
    page = await at(irene, await irene.post(f"{place}/columns", data={"name": "0", "canton": "1", "rooms": ""}))
    assert "Hotel Uno" in page.text
    assert (await irene.get(f"{place}/columns")).status_code == 200


async def test_an_encoding_is_asked_for_with_samples(sign_in: Browser, now: datetime) -> None:
    association = await chamber(now)
    irene = await sign_in(IRENE, association)
    data = "Nombre;Cantón\n".encode("cp1252") + b"Hotel \x96\x97\x91\x92\xa4\xa2;Osa\n" + b"\xf5\xa2 Hotel;Osa\n"
    answer = await sent(irene, association, "a.csv", data)
    page = await at(irene, answer)
    assert 'name="encoding"' in page.text
    place = answer.headers["location"]
    assert (await irene.post(f"{place}/encoding", data={"encoding": "x"})).status_code == 422
    assert (await at(irene, await irene.post(f"{place}/encoding", data={"encoding": "cp850"}))).status_code == 200


async def test_a_suggestion_is_taken_by_its_button_and_nothing_else(sign_in: Browser, now: datetime) -> None:
    association = await chamber(now)
    irene = await sign_in(IRENE, association)
    answer = await sent(irene, association, "a.csv", (HEADER + UNO + "Hotel Dos;=3-101-990002;Quepos;;;\n").encode())
    place = answer.headers["location"]
    assert 'value="3|tax_id|0"' in (await at(irene, answer)).text
    assert (await irene.post(f"{place}/mend", data={"mend": "3|tax_id|7"})).status_code == 409
    page = await at(irene, await irene.post(f"{place}/mend", data={"mend": "3|tax_id|0"}))
    assert page.status_code == 200 and 'class="why"' not in page.text


async def test_members_who_are_not_in_a_list_leave_only_when_marked(sign_in: Browser, now: datetime) -> None:
    association = await chamber(now)
    irene = await sign_in(IRENE, association)
    for name, text in (("1.csv", HEADER + UNO + DOS), ("2.csv", HEADER + UNO)):
        answer = await sent(irene, association, name, text.encode())
        place = answer.headers["location"]
        await irene.post(f"{place}/commit", data={"mode": "good"})
    assert len(await queries.members(association)) == 2
    page = await irene.get(place)
    (gone,) = re.findall(r'name="left" value="([0-9a-f-]+)"', page.text)
    assert (await irene.post(f"{place}/absent", data={"reason": "x"})).status_code == 422
    await at(
        irene, await irene.post(f"{place}/absent", data={"left": gone, "reason": "cerró", "left_on": "2026-11-01"})
    )
    assert [member.name for member in await queries.members(association)] == ["Hotel Uno"]


async def test_a_member_whose_row_is_to_be_mended_is_not_absent(sign_in: Browser, now: datetime) -> None:
    association = await chamber(now)
    irene = await sign_in(IRENE, association)
    answer = await sent(irene, association, "1.csv", (HEADER + UNO + DOS).encode())
    await irene.post(answer.headers["location"] + "/commit", data={"mode": "good"})
    bad = HEADER + UNO.replace("20;", "muchas;") + DOS.replace("3-101-990002", "=3-101-990002")
    page = await at(irene, await sent(irene, association, "2.csv", bad.encode()))
    assert page.text.count('class="why"') == 2 and 'name="left"' not in page.text


async def test_a_roster_is_pasted_mended_and_kept(sign_in: Browser, now: datetime) -> None:
    association = await chamber(now)
    irene = await sign_in(IRENE, association)
    answer = await sent(irene, association, "1.csv", (HEADER + UNO).encode())
    await irene.post(answer.headers["location"] + "/commit", data={"mode": "good"})
    (member,) = await queries.members(association)
    ana = await sign_in(ANA, member.id)
    place = f"/desk/roster/{member.id}"
    text = "Lidia Obregón; recepción; noche; ; 2020-01-08\nÓscar Mata; astronauta\n"
    wrong = await ana.post(place, data={"people": text}, files={"list": ("", b"")})
    assert wrong.status_code == 422 and "astronauta" in wrong.text and "Lidia Obregón" in wrong.text
    good = text.replace("astronauta", "camarero de piso; día; sí")
    page = await at(ana, await ana.post(place, data={"people": good}, files={"list": ("", b"")}))
    assert "Óscar Mata" in page.text
    page = await at(ana, await ana.post(f"{place}/add", data={"name": "Eva Mora", "post": "guide", "shift": "day"}))
    worker = re.findall(r"/left/([0-9a-f-]{36})", page.text)[0]
    page = await at(ana, await ana.post(f"{place}/left/{worker}", data={"left_on": "2026-11-20"}))
    assert len(await queries.workers([member.id], now.date())) == 2
    assert (await ana.get("/desk/roster")).status_code == 303
    assert (await irene.get(place)).status_code in (403, 404)
    assert "Lidia" not in (await irene.get(f"/desk/business/{member.id}")).text
    page = await at(
        ana, await ana.post(f"/desk/business/{member.id}", data={"phone": "2661 0000", "name": "Hotel Uno"})
    )
    assert "+506 2661 0000" in page.text
    wrong = await ana.post(f"/desk/business/{member.id}", data={"email": "no", "name": "Hotel Uno"})
    assert wrong.status_code == 422 and 'id="email-error"' in wrong.text


async def test_one_member_is_written_by_hand(sign_in: Browser, now: datetime) -> None:
    association = await chamber(now)
    irene = await sign_in(IRENE, association)
    assert (await irene.get("/desk/members/new")).status_code == 200
    form = {
        "association": str(association),
        "name": "Posada Nueva",
        "tax_id": "3101990777",
        "canton": "Osa",
        "rooms": "x",
    }
    assert 'id="rooms-error"' in (await irene.post("/desk/members/new", data=form)).text
    answer = await irene.post("/desk/members/new", data=form | {"rooms": "9"})
    assert answer.status_code == 303
    assert [m.name for m in await queries.members(association)] == ["Posada Nueva"]


@pytest.mark.parametrize("path", ["/desk/imports", "/desk/associations", "/desk/roster", "/desk/members/new"])
async def test_pages_are_for_those_who_may(sign_in: Browser, client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 303
    ana = await sign_in(ANA)
    assert (await ana.get(path)).status_code in (403, 404)


async def test_odd_digits_in_a_form_are_no_fault_of_ours_and_the_template_is_for_who_imports(
    sign_in: Browser, now: datetime
) -> None:
    association = await chamber(now, "hotels")
    irene = await sign_in(IRENE, association)
    place = (await sent(irene, association, *story.hotel_list(mended=False))).headers["location"]
    for odd in ("²|name|0", "1|name|²", f"{'9' * 40}|name|0", f"1|name|{'9' * 5000}"):
        assert (await irene.post(f"{place}/mend", data={"mend": odd})).status_code == 409
    assert (await irene.post(f"{place}/columns", data={"name": "²"})).status_code == 422
    assert (await irene.get("/desk/imports/template")).status_code == 200
    assert (await (await sign_in(ERNESTO)).get("/desk/imports/template")).status_code == 403
