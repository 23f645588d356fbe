"""A complaint over HTTP: the code once, the words never again; and a mark that does not match, in one form."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest

from public_site.app import create_app
from registry.access.actor import STRANGER
from registry.complaints import service
from registry.complaints.schemas import Mismatch
from registry.core import i18n
from registry.core.context import Context
from registry.core.db import fetch
from tests.public_site.world import TAXI

pytestmark = pytest.mark.anyio
WORDS = "El taxi llevaba el sello y el conductor no quiso mostrar la licencia."


class Clock:
    """One that the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
async def visitor(committed: str, context: Context, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    door = create_app(msgspec.structs.replace(context, clock=clock))
    headers = {"accept": "text/html", "accept-language": "es"}
    transport = httpx.ASGITransport(door)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as client:
        yield client


def code_in(page: str) -> str:
    shown = re.search(r'<p class="ref">(.*?)</p>', page, re.S)
    assert shown
    return "-".join(re.findall(r"<span>(\w+)</span>", shown[1]))


async def test_a_complaint_gets_a_code_that_opens_where_it_stands(visitor: httpx.AsyncClient, clock: Clock) -> None:
    form = await visitor.get(f"/complaint/about/{TAXI}")
    assert TAXI in form.text
    assert form.text.index("/report") < form.text.index("<form"), "a worry about a child is told first where to go"
    sent = {"about": "holder", "code_or_name": TAXI, "text": WORDS, "contact": "", "token": _token(form.text)}
    clock.now += timedelta(seconds=20)
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


async def test_what_was_typed_survives_a_refusal(visitor: httpx.AsyncClient, clock: Clock) -> None:
    token = _token((await visitor.get("/complaint")).text)
    page = await visitor.post("/complaint", data={"text": WORDS, "code_or_name": "Hotel Laguna", "token": token})
    assert page.status_code == 422
    assert WORDS in page.text
    assert "Hotel Laguna" in page.text
    assert "Falta decir de quién es la queja." in page.text
    clock.now += timedelta(seconds=20)
    sent = {"about": "holder", "text": WORDS, "contact": "no es correo", "token": token}
    wrong = await visitor.post("/complaint", data=sent)
    assert wrong.status_code == 422
    assert 'value="no es correo"' in wrong.text
    long = await visitor.post("/complaint", data=sent | {"text": "a" * 9000})
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


async def test_a_program_that_posts_blindly_is_kept_nowhere_and_a_person_is_never_turned_away(
    visitor: httpx.AsyncClient, clock: Clock
) -> None:
    """Without the form, too fast, with the field nobody sees, with a used or an old form: the words come back."""
    page = (await visitor.get("/complaint")).text
    sent = {"about": "holder", "text": WORDS, "token": _token(page)}
    fast = await visitor.post("/complaint", data=sent)
    assert fast.status_code == 429 and WORDS in fast.text and _token(fast.text) == sent["token"]
    clock.now += timedelta(seconds=3)
    for wrong in ({"token": ""}, {"token": "AAAA"}, {"website": "https://spam.example"}):
        answer = await visitor.post("/complaint", data=sent | wrong)
        assert answer.status_code == 422 and WORDS in answer.text and "spam" not in answer.text
    assert await fetch("SELECT 1 FROM complaint") == []
    code_in((await visitor.post("/complaint", data=sent)).text)
    other = await visitor.post("/complaint", data=sent | {"text": WORDS + " Otra cosa."})
    assert other.status_code == 409 and _token(other.text) != sent["token"] and "Otra cosa." in other.text
    clock.now += timedelta(days=2)
    old = await visitor.post("/complaint", data=sent | {"token": _token(other.text)})
    assert old.status_code == 422 and WORDS in old.text
    clock.now += timedelta(seconds=3)
    code_in((await visitor.post("/complaint", data=sent | {"token": _token(old.text)})).text)


async def test_the_receipt_says_the_days_that_the_desk_keeps_late_in_the_evening(
    visitor: httpx.AsyncClient, clock: Clock
) -> None:
    """23:30 in Costa Rica, where it is tomorrow in UTC."""
    clock.now = datetime(2026, 11, 24, 23, 30, tzinfo=ZoneInfo("America/Costa_Rica")).astimezone(UTC)
    token = _token((await visitor.get("/complaint")).text)
    clock.now += timedelta(seconds=20)
    page = await visitor.post("/complaint", data={"about": "holder", "text": WORDS, "token": token})
    (kept,) = await fetch("SELECT lodged_on, acknowledge_by, answer_by FROM complaint")
    assert kept["lodged_on"] == date(2026, 11, 24)
    with i18n.speaking("es"):
        assert i18n.day(kept["acknowledge_by"]) in page.text and i18n.day(kept["answer_by"]) in page.text


async def test_whoever_was_only_counted_is_told_so(visitor: httpx.AsyncClient, clock: Clock) -> None:
    for number in range(20):
        await service.report_mismatch(STRANGER, clock.now, Mismatch(TAXI, what="vehicle", seen=f"gris {number}"))
    told = await visitor.post("/notice", data={"about": "mismatch", "code": TAXI, "what": "vehicle", "seen": "azul"})
    assert told.headers.get("location") == f"/notice?code={TAXI}&counted=yes", told.text
    assert "no guardamos sus palabras" in (await visitor.get(told.headers["location"])).text


def _token(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]
