"""The open data: everything public and nothing of a vehicle, in three forms, and what changed since."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import httpx
import msgspec
import pytest

from public_site.app import Door
from public_site.open_data.rows import cell, csv_lines, public
from registry.seals.snapshot import State
from tests.public_site.world import HOTEL, HOTEL_FACTS, LISTING, NOW, TAXI, World, entries, entry

pytestmark = pytest.mark.anyio
HOSTILE = Path(__file__).parents[4] / "shared" / "data" / "hostile"
FORMS = ("/data/seals.csv", "/data/seals.json", "/data/seals.jsonld", "/data/changes.json", "/data/changes.atom")


@pytest.mark.parametrize("address", FORMS)
async def test_no_form_holds_a_plate_or_a_vehicles_code(visitor: httpx.AsyncClient, address: str) -> None:
    answer = await visitor.get(address)
    assert answer.status_code == 200
    for secret in ("TSJ", "4417", TAXI, "PQ0412", "Toyota", "Mora Quirós", "Garza"):
        assert secret not in answer.text, f"{address} says {secret}"
    assert "Hotel Laguna Clara" in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "creativecommons.org/licenses/by/4.0" in answer.text
    again = await visitor.get(address, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_the_spreadsheet_has_a_row_for_each_and_says_its_licence(visitor: httpx.AsyncClient) -> None:
    data = (await visitor.get("/data/seals.csv")).content.decode("utf-8-sig")
    [licence, head, *rows] = list(csv.reader(io.StringIO(data)))
    assert "creativecommons" in licence[0]
    assert "as of 2026-11-21T20:02" in licence[0]
    states = {row[head.index("name")]: row[head.index("state")] for row in rows}
    assert states["Hotel Laguna Clara"] == "valid"
    assert states["Hostal Camino Largo"] == "expired"
    assert states["Cabinas Río Tibio"] == "committed"


async def test_who_only_signed_is_certified_in_no_form(visitor: httpx.AsyncClient) -> None:
    said = (await visitor.get("/data/seals.jsonld")).json()
    by_name = {one["name"]: one for one in said["dataFeedElement"]}
    assert "hasCertification" not in by_name["Cabinas Río Tibio"]
    assert by_name["Hotel Laguna Clara"]["hasCertification"]["certificationStatus"].endswith("CertificationActive")
    assert by_name["Hostal Camino Largo"]["hasCertification"]["certificationStatus"].endswith("CertificationInactive")
    rows = (await visitor.get("/data/seals.json")).json()
    assert rows["about"]["vehicles"] == {"CR-P": {"suspended": 1}, "CR-SJ": {"valid": 1}}
    [signed] = [row for row in rows["seals"] if row["url"].endswith(LISTING)]
    assert signed["state"] == "committed"
    assert "code" not in signed


async def test_a_follower_that_goes_on_from_next_misses_nothing(
    visitor: httpx.AsyncClient, door: Door, world: World
) -> None:
    first = (await visitor.get("/data/changes.json")).json()
    assert len(first["items"]) == 5
    assert (await visitor.get("/data/changes.json", params={"since": first["_next"]})).json()["items"] == []
    gone = entry(HOTEL, State.SUSPENDED, since=NOW, log_index=49_000)
    await world.publish([one if one.code != HOTEL else gone for one in entries()])
    await door.following.step()
    news = (await visitor.get("/data/changes.json", params={"since": first["_next"]})).json()
    assert [item["title"] for item in news["items"]] == ["Hotel Laguna Clara: suspended"]
    assert news["_next"] == 49_001
    feed = ElementTree.fromstring((await visitor.get(f"/data/changes.atom?since={first['_next']}")).content)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 1


async def test_a_stale_copy_hands_out_nothing_valid(visitor: httpx.AsyncClient, clock) -> None:  # type: ignore[no-untyped-def]
    clock.at = NOW + timedelta(minutes=20)
    for address in ("/data/seals.json", "/api/v1/directory", "/api/v1/search?q=laguna"):
        assert '"valid"' not in (await visitor.get(address)).text, address


def hostile() -> list[str]:
    known = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1+1", '=cmd|" /C calc"!A0', "a\x00b", "\u202e=1"]
    for path in sorted((HOSTILE / "csv_injection").rglob("*")) if HOSTILE.exists() else ():
        if path.is_file():
            known += [line for line in path.read_text(errors="replace").split("\n") if line][:200]
    return known


def test_no_cell_is_a_formula() -> None:
    for name in hostile():
        assert not cell(name).lstrip("\u202e \n").startswith(("=", "+", "-", "@", "\t", "\r")), name
        assert "\x00" not in cell(name)


def test_a_formula_in_a_name_stays_a_name() -> None:
    from public_site.directory.book import Hit, seal_row
    from public_site.verification import rules

    facts = msgspec.structs.replace(HOTEL_FACTS, name='=HYPERLINK("https://bad.example")', address="-2+3")
    sealed = entry(HOTEL, facts=facts)
    row = public(Hit(seal_row(sealed), rules.verdict(sealed, NOW, NOW)), "https://registro.example")
    line = list(csv_lines([row], "CC BY"))[-1].decode()
    assert line.startswith("\"'=HYPERLINK")
    assert ",'-2+3," in line
    assert json.loads(msgspec.json.encode(row))["name"].startswith("=HYPERLINK"), "only spreadsheets need the guard"


async def test_the_map_of_pages_names_no_seal(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/sitemap.xml")
    addresses = [one.text or "" for one in ElementTree.fromstring(page.content).iter() if one.tag.endswith("}loc")]
    assert "http://localhost:8000/places/CR-G" in addresses
    assert not [one for one in addresses if "/s/" in one]
    for address in addresses:
        assert (await visitor.get(address, headers={"accept": "text/html"})).status_code == 200, address
    assert "Sitemap: http://localhost:8000/sitemap.xml" in (await visitor.get("/robots.txt")).text
