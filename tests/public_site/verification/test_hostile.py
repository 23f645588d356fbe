"""Whatever a name holds, it is only words: the pages keep their bones, the data its columns, the picture its shape.

Names are cleaned where they enter (clients/cells.py); here they come as an older or a broken register might publish
them.
"""

import csv
import io
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from xml.etree import ElementTree

import httpx
import msgspec
import pytest

from public_site.app import Door
from registry.seals.code import completed
from registry.seals.snapshot import Entry, Facts, Listing
from tests.public_site.world import TAXI_FACTS, World, entry, listings

pytestmark = pytest.mark.anyio
NAMES = (
    "Hotel Laguna Clara",
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></main><!--",
    "]]>&lt;b&gt;&amp;amp;",
    "{{ 7*7 }}{% raw %}${7*7}",
    "%(place)s %s %%",
    "\ue000name\ue001\ue000code\ue001",
    "\u202eoslaf odacifitreC\u202c",
    "👩‍👧 Hotel 🏨🇨🇷",
    "Ā\u0300" * 150,
    "A" * 300,
    "javascript:alert(1)",
    "//another.example/",
    '=HYPERLINK("http://another.example","Vigente")',
    "+506",
    "-1+1",
    "@SUM(A1)",
    "a\x00b\x0bc\nd\te",
)
PLAIN = NAMES[0]


def code_of(number: int, kind: str = "P") -> str:
    return completed(f"H0ST{kind}{number:09}")


def facts(name: str, plate: str = "") -> Facts:
    words = ("name", "holder", "association", "address", "district", "canton", "province", "description", "colour")
    return msgspec.structs.replace(TAXI_FACTS, **dict.fromkeys(words, name), plate=plate, premises=name)


def published() -> tuple[list[Entry], list[Listing]]:
    seals = [entry(code_of(at), facts=facts(name)) for at, name in enumerate(NAMES)]
    cars = [entry(code_of(at, "V"), facts=facts(name, name), region="CR-SJ") for at, name in enumerate(NAMES)]
    [one] = listings()
    listed = [
        msgspec.structs.replace(one, id=listing_of(at), name=name, kind=name, canton=name, province=name,
                                association=name) for at, name in enumerate(NAMES)
    ]  # fmt: skip
    return seals + cars, listed


def listing_of(number: int) -> str:
    return f"01932f5e-7c1a-7b3e-9d2f-{number:012}"


@pytest.fixture
async def reader(door: Door, world: World) -> AsyncIterator[httpx.AsyncClient]:
    seals, listed = published()
    await world.publish(seals, listed)
    assert await door.following.step(), door.following.trouble
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://localhost:8000") as client:
        client.headers["accept-language"] = "es"
        yield client


class Bones(HTMLParser):
    """A page without its words: tags, the names of their attributes, and where their links lead to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *(name for name, _ in attrs)))
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action")}

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment",))


PAGES = (lambda at: f"/s/{code_of(at)}", lambda at: f"/s/{code_of(at, 'V')}",
         lambda at: f"/find/committed/{listing_of(at)}")  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=["a place", "a vehicle", "who only signed"])
async def test_a_name_is_only_words_on_its_page(reader: httpx.AsyncClient, page) -> None:  # type: ignore[no-untyped-def]
    wanted = Bones((await reader.get(page(0))).text)
    for at, name in enumerate(NAMES):
        text = (await reader.get(page(at))).text
        said = Bones(text)
        assert said.found == wanted.found, name
        assert not set(text) & set("\u202e\u202c\x00\x0b"), "no sign that turns what is read"
        assert all(link.startswith(("/", "#", "?", "tel:")) and not link.startswith("//") for link in said.links), name


async def test_a_list_of_names_is_only_a_list(reader: httpx.AsyncClient) -> None:
    for path in ("/find", "/places", "/places/CR-G", "/data"):
        bones = Bones((await reader.get(path)).text)
        assert not {bone[0] for bone in bones.found} & {"script", "img", "comment"}, path
    for name in NAMES:
        found = Bones((await reader.get("/find", params={"q": name[:200]})).text)
        assert not {bone[0] for bone in found.found} & {"script", "img", "comment"}, name


async def test_data_keeps_its_columns_and_feeds_stay_whole(reader: httpx.AsyncClient) -> None:
    text = (await reader.get("/data/seals.csv")).content.decode("utf-8-sig")
    [_, head, *rows] = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 2 * len(NAMES)
    assert {len(row) for row in rows} == {len(head)}
    assert not [cell for row in rows for cell in row if cell.lstrip()[:1] in tuple("=+-@\t\r") and cell]
    for path in ("/data/seals.json", "/data/seals.jsonld", "/data/changes.json", "/api/v1/directory"):
        answer = await reader.get(path)
        assert answer.json(), path
        assert "html" not in answer.headers["content-type"], path
        assert answer.headers["x-content-type-options"] == "nosniff", path
    names = {one["name"] for one in (await reader.get("/data/seals.json")).json()["seals"]}
    assert set(NAMES) <= names, "data say what was published, as it was"
    ElementTree.fromstring((await reader.get("/data/changes.atom")).content)
    ElementTree.fromstring((await reader.get("/sitemap.xml")).content)
    examples = (await reader.get("/api/v1/openapi.json")).text
    assert not [name for name in NAMES if name in examples and "<" in name]


async def test_a_badge_and_a_text_hold_any_name(reader: httpx.AsyncClient) -> None:
    lines = len((await reader.get(f"/s/{code_of(0)}.txt")).text.splitlines())
    for at, name in enumerate(NAMES):
        drawn = ElementTree.fromstring((await reader.get(f"/badge/{code_of(at)}.svg")).content)
        assert {one.tag.rpartition("}")[2] for one in drawn.iter()} <= {"svg", "title", "rect", "g", "path", "text"}
        assert all(not key.startswith("on") for one in drawn.iter() for key in one.attrib), name
        said = (await reader.get(f"/s/{code_of(at)}.txt")).text
        assert len(said.splitlines()) == lines, f"{name!r} writes a line of its own"
        assert (await reader.get(f"/s/{code_of(at)}.json")).json()["facts"]["name"] == name
