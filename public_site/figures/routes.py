"""/figures: the published numbers as a page; /data/figures.csv and /data/figures.json: the same for programs."""

import csv
import io
from typing import Any

import msgspec
from litestar import Response, get

from registry.core.pages import Page, page
from registry.reports import counts, figures
from registry.reports.figure_words import WORDS

HEADERS = {"access-control-allow-origin": "*", "cache-control": "public, max-age=3600"}


@get("/figures")
async def shown() -> Page:
    """In words, the newest quarter first."""
    return page("figures/figures.html", quarters=await counts.published(), words=WORDS, median=figures.MEDIAN)


@get("/data/figures.json")
async def as_json() -> Response[bytes]:
    """`null`: fewer than five, or left out so that another number cannot be found by subtracting."""
    rows = [
        {"country": one.country, "quarter": one.name, "published_on": one.published_on,
         **{what: one[what] for what in figures.SHOWN}}
        for one in await counts.published()
    ]  # fmt: skip
    body = msgspec.json.encode({"format": "resguardo-figures/1", "rounded_to": figures.STEP, "figures": rows})
    return Response(body, media_type="application/json", headers=HEADERS)


@get("/data/figures.csv")
async def as_csv() -> Response[bytes]:
    """A line for each country and quarter; an empty cell is a number that was left out."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["country", "quarter", "published_on", *figures.SHOWN])
    for one in await counts.published():
        values = [one[what] for what in figures.SHOWN]
        writer.writerow([one.country, one.name, one.published_on, *("" if v is None else v for v in values)])
    return Response(out.getvalue().encode(), media_type="text/csv; charset=utf-8", headers=HEADERS)


ROUTES: list[Any] = [shown, as_json, as_csv]
