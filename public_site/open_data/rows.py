"""A row of the open data: the same fields in every form. Pure."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

import msgspec

from public_site.directory.book import Hit

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets take for a formula (OWASP, CSV injection), also in wide letters."""


class Public(msgspec.Struct, frozen=True, omit_defaults=True):
    """One establishment with a seal, or one business that has only signed: then `code` is empty and `state` is
    committed, which is not certified."""

    name: str
    kind: str
    state: str
    region: str
    province: str = ""
    canton: str = ""
    district: str = ""
    address: str = ""
    holder: str = ""
    association: str = ""
    code: str = ""
    since: datetime | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    signed_on: date | None = None
    trained_on: date | None = None
    audited_on: date | None = None
    renewed_on: date | None = None
    scheme: str = ""
    version: str = ""
    sequence: int | None = None
    url: str = ""


FIELDS = Public.__struct_fields__


def public(hit: Hit, origin: str) -> Public:
    """What a row says. A hit without a row is a vehicle, and has none."""
    row = hit.row
    if row is None:
        raise ValueError("a vehicle is not listed")
    state = str(hit.verdict.state)
    if listing := row.listing:
        return Public(
            listing.name, listing.kind, state, listing.region, listing.province, listing.canton,
            association=listing.association, signed_on=listing.signed_on, scheme=listing.scheme,
            version=listing.version, url=f"{origin}/find/committed/{listing.id}",
        )  # fmt: skip
    entry = row.entry
    assert entry is not None
    facts = entry.facts
    return Public(
        row.name, facts.premises or row.group, state, entry.region, facts.province, facts.canton, facts.district,
        facts.address, facts.holder, facts.association, entry.code, hit.verdict.since, entry.valid_from,
        entry.valid_until, facts.committed_on, facts.trained_on, facts.audited_on, facts.renewed_on, entry.scheme,
        entry.version, entry.log_index, f"{origin}/s/{entry.code}",
    )  # fmt: skip


def csv_lines(rows: Iterable[Public], preface: str) -> Iterator[bytes]:
    """With a byte order mark, so that spreadsheets read the accents; the licence in a first line of its own."""
    yield ("\ufeff" + _line([preface])).encode()
    yield _line(FIELDS).encode()
    for row in rows:
        yield _line([cell(getattr(row, name)) for name in FIELDS]).encode()


def cell(value: Any) -> str:
    """As text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else str(value)
    text = "".join(letter if letter.isprintable() or letter in "\n" else " " for letter in text)
    return "'" + text if text.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else text


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def linked(row: Public) -> dict[str, Any]:
    """As schema.org says it: an organisation, and the certification it has; never one for who has only signed."""
    premises = {"hotel": "Hotel", "hostel": "Hostel", "resort": "Resort", "camping": "Campground"}
    lodging = {"guesthouse", "apartment", "rural", "cabins", "lodge", "lodging", "other"}
    kind = premises.get(row.kind) or ("LodgingBusiness" if row.kind in lodging else "LocalBusiness")
    place = {"addressRegion": row.province, "addressLocality": row.canton, "streetAddress": row.address}
    said: dict[str, Any] = {
        "@type": kind, "@id": row.url, "name": row.name,
        "address": {"@type": "PostalAddress", "addressCountry": row.region[:2]} | {k: v for k, v in place.items() if v},
    }  # fmt: skip
    if row.code and row.state == "valid":
        said["hasCertification"] = {
            "@type": "Certification", "identifier": row.code, "url": row.url, "name": f"{row.scheme} {row.version}",
            "certificationStatus": "https://schema.org/CertificationActive",
            "validFrom": row.valid_from, "expires": row.valid_until, "auditDate": row.audited_on,
        }  # fmt: skip
    elif row.code:
        said["hasCertification"] = {
            "@type": "Certification", "identifier": row.code, "url": row.url, "name": f"{row.scheme} {row.version}",
            "certificationStatus": "https://schema.org/CertificationInactive",
        }  # fmt: skip
    return said
