"""A complaint over HTTP: the code once, the words never again; and a mark that does not match, in one form."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from public_site.app import create_app
from registry.core.context import Context
from registry.core.db import fetch
from tests.public_site.world import TAXI

pytestmark = pytest.mark.anyio
WORDS = "El taxi llevaba el sello y el conductor no quiso mostrar la licencia."


@pytest.fixture
async def visitor(committed: str, context: Context) -> AsyncIterator[httpx.AsyncClient]:
    door = create_app(context)
    headers = {"accept": "text/html", "accept-language": "es"}
    transport = httpx.ASGITransport(door)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as client:
        yield client


def code_in(page: str) -> str:
    shown = re.search(r'<p class="ref">(.*?)</p>', page, re.S)
    assert shown
    return "-".join(re.findall(r"<span>(\w+)</span>", shown[1]))


async def test_a_complaint_gets_a_code_that_opens_where_it_stands(visitor: httpx.AsyncClient) -> None:
    form = await visitor.get(f"/complaint/about/{TAXI}")
    assert TAXI in form.text
    assert form.text.index("/report") < form.text.index("<form"), "a worry about a child is told first where to go"
    sent = {"about": "holder", "code_or_name": TAXI, "text": WORDS, "contact": "", "form": _id(form.text)}
    page = await visitor.post("/complaint", data=sent)
    code = code_in(page.text)
    assert ">localhost:8000/<wbr>complaint/<wbr>answer</a>" in page.text, "an address breaks at its slashes alone"
    told = await visitor.post("/complaint/answer", data={"code": code.lower().replace("-", " ")})
    assert "Queja Q-" in told.text
    assert "Ya la tenemos." in told.text
    assert WORDS not in told.text
    assert code not in told.text
    await visitor.post("/complaint", data=sent)
    assert len(await fetch("SELECT 1 FROM complaint")) == 1, "the same form twice is one complaint"


async def test_what_was_typed_survives_a_refusal(visitor: httpx.AsyncClient) -> None:
    page = await visitor.post("/complaint", data={"about": "", "text": WORDS, "code_or_name": "Hotel Laguna"})
    assert page.status_code == 422
    assert WORDS in page.text
    assert "Hotel Laguna" in page.text
    assert "Falta decir de quién es la queja." in page.text
    wrong = await visitor.post("/complaint", data={"about": "holder", "text": WORDS, "contact": "no es correo"})
    assert wrong.status_code == 422
    assert 'value="no es correo"' in wrong.text
    long = await visitor.post("/complaint", data={"about": "holder", "text": "a" * 9000})
    assert long.status_code == 422


@pytest.mark.parametrize("code", ["", "nonsense", "Q-2026-0001-0000-0000-0000-0000"])
async def test_a_wrong_code_opens_nothing(visitor: httpx.AsyncClient, code: str) -> None:
    page = await visitor.post("/complaint/answer", data={"code": code})
    assert page.status_code in (404, 422)
    assert 'id="code-error"' in page.text


async def test_a_mismatch_needs_one_touch_on_what_differs(visitor: httpx.AsyncClient) -> None:
    told = await visitor.post("/notice", data={"about": "mismatch", "code": TAXI, "what": "vehicle", "seen": "gris"})
    assert told.status_code == 303
    assert told.headers["location"] == f"/notice?code={TAXI}"
    [kept] = await fetch("SELECT about, code, seen FROM mismatch_notice")
    assert (kept["about"], kept["code"], kept["seen"]) == ("mismatch", TAXI, "gris")
    assert (
        await visitor.post("/notice", data={"about": "mismatch", "code": TAXI, "what": "driver"})
    ).status_code == 422
    assert (await visitor.post("/notice", data={"about": "other", "code": TAXI})).status_code == 422


def _id(page: str) -> str:
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found
    return found[1]
