"""/data: what there is; the files; and the feeds of changes."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream

from public_site.directory.book import VEHICLES, Book, Filter
from public_site.directory.search import directory_of, summed
from public_site.open_data import feeds
from public_site.open_data.rows import FIELDS, LICENCE, Public, csv_lines, linked, public
from public_site.verification.following import Following
from registry.core import i18n
from registry.core.context import Context
from registry.core.pages import Page, page
from registry.seals.rules import REFRESH

AT_ONCE = 100
"""Rows written between two breaths of the loop."""
Since = Annotated[int, QueryParameter(ge=0, le=1 << 53)]


class About(msgspec.Struct, frozen=True):
    """What stands at the head of every file."""

    title: str
    publisher: str
    licence: str
    as_of: datetime
    copy_issued_at: datetime
    copy_number: int
    next_before: datetime
    log_size: int
    vehicles: dict[str, dict[str, int]]
    """Seals of vehicles, counted by region and state; they are not listed."""
    notes: str = "Being absent says nothing bad of anyone. `committed` has signed and is not certified."


@get("/data")
async def data(following: NamedDependency[Following], now: NamedDependency[datetime]) -> Page:
    """Which files there are, in words."""
    book = await directory_of(following).book(now)
    copy = following.copy
    return page(
        "open_data/data.html", fields=FIELDS, licence=LICENCE, total=len(book.ordered), copy=copy,
        vehicles=sum(summed(book.counts, 2, Filter(group=VEHICLES)).values()), log_size=copy.log.size,
    )  # fmt: skip


@get("/data/seals.csv")
async def as_csv(
    request: Request[Any, Any, Any], following: NamedDependency[Following], now: NamedDependency[datetime],
    context: NamedDependency[Context],
) -> Response[Any]:  # fmt: skip
    book = await directory_of(following).book(now)
    about = _about(book, following, context)
    preface = f"{about.title}. {about.publisher}. {LICENCE} as of {about.as_of:%Y-%m-%dT%H:%M:%SZ}"
    return _stream(request, following, csv_lines(_rows(book, context), preface), "text/csv; charset=utf-8", "csv")


@get("/data/seals.json")
async def as_json(
    request: Request[Any, Any, Any], following: NamedDependency[Following], now: NamedDependency[datetime],
    context: NamedDependency[Context],
) -> Response[Any]:  # fmt: skip
    book = await directory_of(following).book(now)
    head = msgspec.json.encode(_about(book, following, context))
    rows = (msgspec.json.encode(row) for row in _rows(book, context))
    return _stream(
        request, following, _document(b'{"about":' + head + b',"seals":[', rows, b"]}"), "application/json", "json"
    )


@get("/data/seals.jsonld")
async def as_json_ld(
    request: Request[Any, Any, Any], following: NamedDependency[Following], now: NamedDependency[datetime],
    context: NamedDependency[Context],
) -> Response[Any]:  # fmt: skip
    book = await directory_of(following).book(now)
    about = _about(book, following, context)
    head = msgspec.json.encode(
        {"@context": "https://schema.org/", "@type": "DataFeed", "@id": f"{context.config.origin}/data/seals.jsonld",
         "name": about.title, "license": LICENCE, "dateModified": about.copy_issued_at,
         "publisher": {"@type": "Organization", "name": about.publisher}}
    )  # fmt: skip
    rows = (msgspec.json.encode(linked(row)) for row in _rows(book, context))
    whole = _document(head[:-1] + b',"dataFeedElement":[', rows, b"]}")
    return _stream(request, following, whole, "application/ld+json", "jsonld")


@get("/data/changes.json")
async def changes(
    request: Request[Any, Any, Any], following: NamedDependency[Following], now: NamedDependency[datetime],
    context: NamedDependency[Context], since: Since = 0,
) -> Response[bytes]:  # fmt: skip
    """JSON Feed 1.1: what changed from a sequence on, oldest first, each seal once with what it says now."""
    found = feeds.changed((await directory_of(following).book(now)), since, context.config.origin)
    title, address = _title(context), f"{context.config.origin}/data/changes.json"
    body = feeds.json_feed(found, title, address, following.copy.log.size)
    return _answer(request, body, "application/feed+json")


@get("/data/changes.atom")
async def changes_atom(
    request: Request[Any, Any, Any], following: NamedDependency[Following], now: NamedDependency[datetime],
    context: NamedDependency[Context], since: Since = 0,
) -> Response[bytes]:  # fmt: skip
    found = feeds.changed((await directory_of(following).book(now)), since, context.config.origin)
    body = feeds.atom(found, _title(context), context.config.origin, following.copy.issued_at)
    return _answer(request, body, "application/atom+xml")


@get("/sitemap.xml")
async def sitemap(
    request: Request[Any, Any, Any], following: NamedDependency[Following], context: NamedDependency[Context]
) -> Response[bytes]:
    """The pages that may be found by searching; a seal's own page is for whoever stands before it."""
    return _answer(request, feeds.sitemap(context.config.origin, context.config.country), "application/xml")


def _title(context: Context) -> str:
    return f"{context.config.operator}: seals"


def _about(book: Book, following: Following, context: Context) -> About:
    copy = following.copy
    vehicles: dict[str, dict[str, int]] = {}
    for (region, group, state), count in sorted(book.counts.items()):
        if group == VEHICLES:
            vehicles.setdefault(region, {})[state] = count
    return About(
        _title(context), context.config.operator, LICENCE, following.as_of, copy.issued_at, copy.seq,
        copy.issued_at + REFRESH, copy.log.size, vehicles,
    )  # fmt: skip


def _rows(book: Book, context: Context) -> Iterator[Public]:
    return (public(hit, context.config.origin) for hit in book.every())


def _document(head: bytes, rows: Iterable[bytes], tail: bytes) -> Iterator[bytes]:
    yield head
    for number, row in enumerate(rows):
        yield (b",\n" if number else b"\n") + row
    yield b"\n" + tail


def _stream(
    request: Request[Any, Any, Any], following: Following, parts: Iterator[bytes], kind: str, ending: str
) -> Response[Any]:
    """Row by row, so that a register of a million needs no memory for it; the copy's number is its tag."""
    minute = following.as_of.strftime("%Y%m%d%H%M")
    headers = {
        "etag": f'W/"{following.copy.seq}-{minute}-{ending}"', "access-control-allow-origin": "*",
        "cache-control": "public, max-age=60", "link": f'<{LICENCE}>; rel="license"',
        "content-disposition": f'attachment; filename="resguardo-seals.{ending}"',
    }  # fmt: skip
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Stream(_breathing(parts), media_type=kind, headers=headers)


async def _breathing(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    while some := b"".join(islice(parts, AT_ONCE)):
        yield some
        await asyncio.sleep(0)


def _answer(request: Request[Any, Any, Any], body: bytes, kind: str) -> Response[bytes]:
    headers = {
        "etag": f'"{feeds.digest(body)}"', "access-control-allow-origin": "*", "cache-control": "public, max-age=30",
        "content-language": i18n.language(), "link": f'<{LICENCE}>; rel="license"',
    }  # fmt: skip
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)


ROUTES = [data, as_csv, as_json, as_json_ld, changes, changes_atom, sitemap]
