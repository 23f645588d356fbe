"""Reading and signing over ASGI: in four languages, once, and never by somebody else."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from registry.commitments import service
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.ids import uuid7
from tests import people
from tests.conftest import Browser
from tests.registry.commitments.test_service import form
from tests.registry.learning_people import house as the_house

HERE = "/desk/commitments"
HOSTILE = ["'; DROP TABLE commitment;--", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}",
           "%(name)s %s", "=cmd|' /C calc'!A0", "Ana\u202eaceN", "Ñandú 漢字 🏨",
           "O'Hara & Sons", "{workers}"]  # fmt: skip


def filled(page: str, **changed: Any) -> dict[str, Any]:
    """The form as the page gives it, with what a person adds."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    return hidden | {"signatory_name": "Ana Villafuerte", "signatory_position": "Gerente general", "power": "owner",
                     "power_to_bind": "yes"} | changed  # fmt: skip


async def test_a_business_reads_the_term_in_full_and_signs_it_once(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    ana = await sign_in(at.ana)
    page = await ana.get(HERE, follow_redirects=True)
    assert page.status_code == 200 and page.text.count("<li>") > 10
    for promise in at.version.term["es"].promises:
        assert promise in page.text
    assert "Hotel Farol del Golfo, con 5 personas trabajadoras" in page.text
    data = filled(page.text)
    first = await ana.post(f"{HERE}/of/{at.hotel}/sign", data=data)
    assert first.status_code == 303, first.text
    again = await ana.post(f"{HERE}/of/{at.hotel}/sign", data=data)
    assert again.headers["location"] == first.headers["location"]
    assert len(await fetch("SELECT FROM commitment")) == 1
    signed = await ana.get(first.headers["location"])
    assert signed.status_code == 200 and "Gerente general" in signed.text and at.version.term["es"].close in signed.text
    (row,) = await fetch("SELECT sha256, fingerprint FROM commitment")
    assert row["sha256"] in signed.text and data["fingerprint"] == row["fingerprint"]
    assert f"{at.hotel}/sign" not in (await ana.get(f"{HERE}/of/{at.hotel}")).text, "there is nothing left to sign"


async def test_enter_alone_never_signs_and_keeps_what_was_typed(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    ana = await sign_in(at.ana)
    page = (await ana.get(f"{HERE}/of/{at.hotel}")).text
    start = page.index(f"{HERE}/of/{at.hotel}/sign")
    assert page[start:].index('<button name="save"') < page[start:].index("Firmar el compromiso")
    answer = await ana.post(
        f"{HERE}/of/{at.hotel}/sign", data=filled(page, save="yes", signatory_position="Dueña & hija")
    )
    assert answer.status_code == 200 and 'value="Dueña &amp; hija"' in answer.text
    assert 'value="owner" checked' in answer.text and not await fetch("SELECT FROM commitment")


async def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    ana = await sign_in(at.ana)
    page = (await ana.get(f"{HERE}/of/{at.hotel}")).text
    for change, where in (({"signatory_name": " "}, "signatory_name-error"), ({"power": ""}, "power-error"),
                          ({"power_to_bind": ""}, "power_to_bind-error")):  # fmt: skip
        answer = await ana.post(f"{HERE}/of/{at.hotel}/sign", data=filled(page, **change))
        assert answer.status_code == 422 and where in answer.text and 'value="Gerente general"' in answer.text
    assert not await fetch("SELECT FROM commitment")


@pytest.mark.parametrize("words", HOSTILE)
async def test_hostile_words_are_shown_as_words(sign_in: Browser, now: datetime, words: str) -> None:
    at = await the_house(now)
    ana = await sign_in(at.ana)
    data = filled(
        (await ana.get(f"{HERE}/of/{at.hotel}")).text, signatory_name=f"Ana {words}", signatory_position=words
    )
    answer = await ana.post(f"{HERE}/of/{at.hotel}/sign", data=data)
    assert answer.status_code == 303
    page = (await ana.get(answer.headers["location"])).text
    assert "<script>alert" not in page and "<img src=x" not in page and "\u202e" not in page
    assert "{{7*7}}" in page or "7*7" not in words


async def test_who_does_not_represent_the_business_cannot_sign_it(sign_in: Browser, now: datetime) -> None:
    at = await the_house(now)
    ana = await sign_in(at.ana)
    data = filled((await ana.get(f"{HERE}/of/{at.hotel}")).text)
    for actor, reads, signs in (
        (at.irene, 200, 403),
        (people.OLGA, 200, 403),
        (at.berta, 404, 404),
        (at.teo, 403, 403),
    ):
        browser = await sign_in(actor)
        page = await browser.get(f"{HERE}/of/{at.hotel}")
        assert page.status_code == reads and f"{at.hotel}/sign" not in page.text
        answer = await browser.post(f"{HERE}/of/{at.hotel}/sign", data=data | {"once": str(uuid7())})
        assert answer.status_code == signs
    assert not await fetch("SELECT FROM commitment")


async def test_a_signed_document_is_read_only_by_those_who_see_the_business(
    sign_in: Browser, now: datetime, context: Context
) -> None:
    at = await the_house(now)
    id = await service.sign(at.ana, now, at.hotel, form(at), context.storage)
    for actor, status in ((at.ana, 200), (at.irene, 200), (at.berta, 404), (people.OLGA, 200), (people.BRUNO, 200)):
        assert (await (await sign_in(actor)).get(f"{HERE}/{id}")).status_code == status
    assert (await (await sign_in(at.ana)).get(f"{HERE}/{uuid7()}")).status_code == 404


async def test_an_association_sees_who_signed_and_who_did_not(
    sign_in: Browser, now: datetime, context: Context
) -> None:
    at = await the_house(now)
    await service.sign(at.ana, now, at.hotel, form(at), context.storage)
    irene = await sign_in(at.irene)
    page = (await irene.get(HERE)).text
    assert page.index("Posada Tres Ceibas") < page.index("Hotel Farol del Golfo"), "who is missing comes first"
    assert "Domingo Arce" not in page
    assert "Hotel Farol del Golfo" not in (await irene.get(HERE + "?show=unsigned")).text
    assert "Posada Tres Ceibas" not in (await irene.get(HERE + "?q=farol")).text


async def test_a_business_ends_its_commitment_with_a_reason(sign_in: Browser, now: datetime, context: Context) -> None:
    at = await the_house(now)
    await service.sign(at.ana, now - timedelta(hours=1), at.hotel, form(at), context.storage)
    ana = await sign_in(at.ana)
    data = {"once": str(uuid7()), "reason": "no"}
    assert (await ana.post(f"{HERE}/of/{at.hotel}/end", data=data)).status_code == 422
    data = {"once": str(uuid7()), "reason": "Cerramos el hotel este año."}
    for _ in range(2):
        assert (await ana.post(f"{HERE}/of/{at.hotel}/end", data=data)).status_code == 303
    assert f"{at.hotel}/sign" in (await ana.get(f"{HERE}/of/{at.hotel}")).text, "it may be signed again"


@pytest.mark.parametrize("language", ["es", "en", "pt", "fr"])
async def test_the_page_and_the_text_speak_four_languages(sign_in: Browser, now: datetime, language: str) -> None:
    at = await the_house(now)
    ana, irene = await sign_in(at.ana), await sign_in(at.irene)
    page = await ana.get(f"{HERE}/of/{at.hotel}?lang={language}&read={language}")
    assert at.version.term[language].promises[0] in page.text and f'<html lang="{language}"' in page.text
    assert "%(" not in page.text and "problem:" not in page.text
    answer = await ana.post(f"{HERE}/of/{at.hotel}/sign?lang={language}", data=filled(page.text))
    assert answer.status_code == 303
    signed = await ana.get(answer.headers["location"])
    assert at.version.term[language].close.split(";")[0] in signed.text
    assert (await irene.get(f"{HERE}?lang={language}")).status_code == 200
