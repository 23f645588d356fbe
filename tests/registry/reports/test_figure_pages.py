"""The published figures as people and programs get them: four languages, CSV and JSON. What is published and what is
not is in test_figures."""

import csv
import io
from datetime import date

import httpx
import pytest

from registry.reports import counts
from registry.reports.counts import Quarter
from tests.people import OLGA

FIGURES = {"received": 15, "acknowledged": 10, "in_time": None, "median_hours": 4, "outcomes": 5,
           "outcome:inspection_done": 5, "outcome:false_report": None}  # fmt: skip


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    async def told(*_: object) -> list[Quarter]:
        return [Quarter("CR", date(2026, 7, 1), date(2026, 10, 31), dict(FIGURES))]

    monkeypatch.setattr(counts, "published", told)


async def test_before_the_first_quarter_the_page_says_so(client: httpx.AsyncClient) -> None:
    page = await client.get("/figures?lang=en")
    assert page.status_code == 200 and "No quarter has been published yet" in page.text


@pytest.mark.parametrize(("lang", "words"), [("es", "se omite"), ("en", "left out"), ("pt", "omitido"), ("fr", "omis")])
async def test_the_page_says_what_was_published_in_four_languages(
    client: httpx.AsyncClient, published: None, lang: str, words: str
) -> None:
    page = await client.get(f"/figures?lang={lang}")
    assert page.status_code == 200 and "2026-Q3" in page.text and words in page.text
    assert "set-cookie" not in page.headers


async def test_programs_get_the_same_as_csv_and_json(client: httpx.AsyncClient, published: None) -> None:
    (row,) = (await client.get("/data/figures.json")).json()["figures"]
    assert (row["received"], row["in_time"], row["quarter"]) == (15, None, "2026-Q3")
    (line,) = csv.DictReader(io.StringIO((await client.get("/data/figures.csv")).text))
    assert (line["received"], line["in_time"], line["median_hours"]) == ("15", "", "4")


async def test_the_desk_reads_what_everybody_reads(published: None, sign_in) -> None:  # type: ignore[no-untyped-def]
    olga = await sign_in(OLGA)
    page = await olga.get("/desk/figures")
    assert page.status_code == 200 and "2026-Q3" in page.text
