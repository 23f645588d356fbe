"""The officer's page of codes, and reading one in each language."""

from datetime import datetime

import pytest

from registry.core.db import fetch
from registry.core.ids import uuid7
from registry.schemes import content
from tests import people
from tests.conftest import Browser
from tests.registry.learning import published

HERE = "/desk/schemes"


async def test_an_officer_publishes_the_text_of_the_repository_once(sign_in: Browser, now: datetime) -> None:
    olga = await sign_in(people.OLGA)
    (text,) = content.available()
    page = (await olga.get(HERE)).text
    assert text.sha256 in page
    data = {"once": str(uuid7()), "text": text.sha256, "effective_on": "2026-11-20"}
    for _ in range(2):
        assert (await olga.post(HERE, data=data)).status_code == 303
    assert len(await fetch("SELECT FROM scheme_version")) == 1
    assert "Olga Brenes" in (await olga.get(HERE)).text and 'name="text"' not in (await olga.get(HERE)).text


@pytest.mark.parametrize("day", ["", "mañana", "2026-11-19", "2026-02-31"])
async def test_a_day_that_cannot_be_is_said_at_its_field(sign_in: Browser, now: datetime, day: str) -> None:
    olga = await sign_in(people.OLGA)
    data = {"once": str(uuid7()), "text": content.available()[0].sha256, "effective_on": day}
    answer = await olga.post(HERE, data=data)
    assert answer.status_code == 422 and "effective_on-error" in answer.text
    assert not await fetch("SELECT FROM scheme_version")


@pytest.mark.parametrize("language", ["es", "en", "pt", "fr"])
async def test_a_version_is_read_in_each_of_its_languages(sign_in: Browser, now: datetime, language: str) -> None:
    version = await published(now)
    bruno = await sign_in(people.BRUNO)
    page = await bruno.get(f"{HERE}/{version.id}?read={language}&lang={language}")
    assert page.status_code == 200 and version.sha256 in page.text and "%(" not in page.text
    for question in version.questions:
        assert question.id in page.text
    assert version.term[language].opening in page.text
    assert version.criteria[3].name[language] in page.text


async def test_only_officers_publish_and_strangers_find_nothing(sign_in: Browser, now: datetime) -> None:
    version = await published(now)
    bruno, ernesto = await sign_in(people.BRUNO), await sign_in(people.ERNESTO)
    data = {"once": str(uuid7()), "text": version.sha256, "effective_on": "2026-11-20"}
    assert (await bruno.post(HERE, data=data)).status_code == 403
    assert (await ernesto.get(f"{HERE}/{version.id}")).status_code == 403
    assert (await bruno.get(f"{HERE}/{uuid7()}")).status_code == 404
