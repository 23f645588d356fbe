"""What changed since a sequence, as JSON Feed and as Atom; and the map of our pages for search engines. Pure.

The sequence is the seal's last position in the public log. A seal that changed twice stands here once, with what it
says now: whoever goes on from `next` misses nothing. A seal that ends by its own date changes no log; its
`valid_until` says when.
"""

import hashlib
import re
from datetime import datetime
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec

from public_site.directory.book import Book
from public_site.open_data.rows import LICENCE, Public, public
from registry.authorities import places
from registry.core.i18n import LANGUAGES

MOST = 500
"""Changes in one answer; `next` goes on."""
PAGES = ("/", "/find", "/places", "/help", "/scan", "/data", "/api", "/badge", "/complaint", "/misuse")


class Changes(msgspec.Struct, frozen=True):
    rows: list[Public]
    next: int
    more: bool


def changed(book: Book, since: int, origin: str) -> Changes:
    """The seals whose last change has this sequence or a later one, oldest first."""
    found = book.since(since)
    rows = [public(hit, origin) for hit in islice(found, MOST)]
    return Changes(rows, (rows[-1].sequence or 0) + 1 if rows else since, next(found, None) is not None)


def json_feed(found: Changes, title: str, address: str, log_size: int) -> bytes:
    """JSON Feed 1.1; `_resguardo` holds the row itself."""
    said: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1", "title": title, "feed_url": address,
        "_licence": LICENCE, "_next": found.next, "_log_size": log_size,
        "items": [
            {"id": f"{row.url}#{row.sequence}", "url": row.url, "title": f"{row.name}: {row.state}",
             "content_text": f"{row.name}: {row.state}", "date_modified": row.since, "_resguardo": row}
            for row in found.rows
        ],
    }  # fmt: skip
    if found.more:
        said["next_url"] = f"{address}?since={found.next}"
    return msgspec.json.encode(said)


def atom(found: Changes, title: str, origin: str, updated: datetime) -> bytes:
    address = f"{origin}/data/changes.atom"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>', '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{_text(address)}</id><title>{_text(title)}</title><updated>{_instant(updated)}</updated>",
        f'<link rel="self" href={quoteattr(address)}/><rights>{LICENCE}</rights>',
        f"<author><name>{_text(title)}</name></author>",
    ]  # fmt: skip
    if found.more:
        lines.append(f'<link rel="next" href={quoteattr(f"{address}?since={found.next}")}/>')
    for row in found.rows:
        lines.append(
            f"<entry><id>{_text(row.url)}#{row.sequence}</id><title>{_text(row.name)}: {row.state}</title>"
            f"<link href={quoteattr(row.url)}/><updated>{_instant(row.since or updated)}</updated>"
            f"<summary>{_text(row.name)}: {row.state}</summary></entry>"
        )
    return "\n".join([*lines, "</feed>", ""]).encode()


def sitemap(origin: str, country: str) -> bytes:
    """Each page once, with its languages beside it."""
    paths = [*PAGES, *(f"/places/{code}" for code in places.PROVINCES.get(country, {}))]
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<urlset {spaces}>"]
    for path in paths:
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{language}" href={quoteattr(f"{origin}{path}?lang={language}")}/>'
            for language in LANGUAGES
        )
        lines.append(f"<url><loc>{_text(origin + path)}</loc>{links}</url>")
    return "\n".join([*lines, "</urlset>", ""]).encode()


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:20]


def _text(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return escape("".join(letter for letter in text if letter >= " " and not _NO_XML(letter)))


_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]").match
"""One name that held such a sign would break the feed for everybody."""


def _instant(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
