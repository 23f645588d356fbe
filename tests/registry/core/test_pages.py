"""Problems, pages and static files, over ASGI, with an application of their own."""

import gzip
from typing import Annotated, Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, JSONBody

from registry.core import assets, i18n, limits, pages, problems
from registry.core.assets import Static
from registry.core.errors import Busy, Conflict, Forbidden, Invalid, NotFound, Refusal, TooLarge
from registry.core.limits import Gate, Group

pytestmark = pytest.mark.anyio
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class Typed(msgspec.Struct, forbid_unknown_fields=True):
    plate: str
    seats: int


@get("/refuse/{kind:str}")
async def refuse(kind: FromPath[str]) -> None:
    kinds: dict[str, Refusal] = {
        "missing": NotFound("not-found"),
        "forbidden": Forbidden("permission-missing"),
        "conflict": Conflict("sign-in-over"),
        "invalid": Invalid("not-ours", fields={"plate": "field-not-as-expected"}),
        "large": TooLarge("body-too-large"),
        "busy": Busy("too-many-requests", retry_after=7),
    }
    raise kinds[kind]


@get("/break")
async def broken() -> None:
    raise RuntimeError("secret detail: plate SJB-123")


@post("/json")
async def take_json(data: JSONBody[Typed]) -> None: ...


@post("/form")
async def take_form(data: Annotated[Typed, Body(media_type=RequestEncodingType.URL_ENCODED)]) -> None: ...


@post("/small", request_max_body_size=100)
async def take_little(data: JSONBody[dict[str, Any]]) -> None: ...


@pytest.fixture
async def client() -> Any:
    app = Litestar(
        [refuse, broken, take_json, take_form, take_little], exception_handlers=problems.HANDLERS, openapi_config=None
    )
    transport = httpx.ASGITransport(app=Static(app), raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.mark.parametrize(
    ("kind", "status"),
    [("missing", 404), ("forbidden", 403), ("conflict", 409), ("invalid", 422), ("large", 413), ("busy", 429)],
)
async def test_a_refusal_is_a_problem_document_or_a_page(client: httpx.AsyncClient, kind: str, status: int) -> None:
    told = await client.get(f"/refuse/{kind}")
    assert told.status_code == status
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["status"] == status
    assert told.json()["detail"].endswith(".")
    shown = await client.get(f"/refuse/{kind}", headers=BROWSER)
    assert shown.status_code == status
    assert shown.headers["content-type"].startswith("text/html")
    assert told.json()["title"] in shown.text
    assert ("retry-after" in shown.headers) == (kind == "busy")


async def test_what_nobody_foresaw_hides_its_detail(client: httpx.AsyncClient) -> None:
    for headers in ({}, BROWSER):
        answer = await client.get("/break", headers=headers)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "SJB" not in answer.text
        assert "RuntimeError" not in answer.text


async def test_no_such_page_and_no_such_way_are_told(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere", headers=BROWSER)).status_code == 404
    answer = await client.post("/break", json={})
    assert answer.status_code == 405
    assert answer.json()["code"] == "method-not-taken"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"plate": 1, "seats": "x"}',
        b'{"plate": "a", "seats": 1, "more": 2}',
        b"\xff\xfe",
        b"{" * 5000,
    ],
)
async def test_json_that_is_not_ours_is_told_so(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/json", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")


async def test_a_form_that_is_not_ours_is_told_which_field(client: httpx.AsyncClient) -> None:
    answer = await client.post("/form", data={"plate": "SJB 123", "seats": "many"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "not-ours"


async def test_a_body_over_its_limit_is_told_so(client: httpx.AsyncClient) -> None:
    answer = await client.post("/small", json={"x": "y" * 200})
    assert answer.status_code == 413
    assert answer.json()["code"] == "body-too-large"


async def test_a_problem_speaks_the_readers_language(client: httpx.AsyncClient) -> None:
    with i18n.speaking("pt"):
        answer = await client.get("/nowhere")
    assert answer.headers["content-language"] == "pt"
    assert answer.json()["title"] == "Não há nada neste endereço"


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("", False), ("*/*", False), ("text/html", True), ("text/html;q=0.1, application/json", False),
        ("application/problem+json, text/html", True), ("text/html;q=0, */*", False), (BROWSER["accept"], True),
    ],
)  # fmt: skip
def test_a_page_is_for_who_names_html(accept: str, page: bool) -> None:
    assert problems.for_people(accept) is page


# Static files.


async def test_a_static_file_is_kept_for_ever_under_its_hash(client: httpx.AsyncClient) -> None:
    url = assets.static("base.css")
    first = await client.get(url)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert first.headers["content-encoding"] == "gzip"
    plain = await client.get(url, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == first.text
    assert plain.headers["etag"] != first.headers["etag"]
    for tag in (first.headers["etag"], "W/" + first.headers["etag"], f'"other", {first.headers["etag"]}', "*"):
        again = await client.get(url, headers={"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")
    head = await client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(assets.assets()["base.css"].packed or b""))


@pytest.mark.parametrize(
    "path",
    ["/static/000000000000/base.css", "/static/base.css", "/static/", "/static/../pages.py", "/static/x/%2e%2e/a"],
)
async def test_nothing_else_is_static(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


def test_every_asset_unpacks_to_itself() -> None:
    for asset in assets.assets().values():
        assert asset.packed is None or gzip.decompress(asset.packed) == asset.body


def test_the_style_sheets_fit_the_first_flight() -> None:
    found = assets.assets()
    public = sum(len(found[name].packed or b"") for name in ("base.css", "public.css", "mark.svg"))
    desk = sum(len(found[name].packed or b"") for name in ("base.css", "desk.css", "desk-pages.css", "desk-small.css"))
    assert public < 7_000
    assert desk < 14_000


# Addresses and forms.


def test_a_language_chosen_is_kept_in_every_link() -> None:
    assert pages.to("/find?q=a b") == "/find?q=a b"
    with i18n.speaking("fr", chosen=True):
        assert pages.to("/find") == "/find?lang=fr"
        assert pages.to("/find?q=x#y", page=2) == "/find?q=x&lang=fr&page=2#y"
        assert pages.see_other("/find").headers["location"] == "/find?lang=fr"


def test_a_form_shown_again_has_what_was_typed_and_what_to_mend() -> None:
    refusal = Invalid("not-ours", fields={"plate": "field-not-as-expected"})
    shown = pages.again("problem.html", refusal, Typed("<b>", 3))
    assert shown.status_code == 422
    assert shown.typed == {"plate": "<b>", "seats": 3}
    assert shown.wrong["plate"].endswith(".")


@given(st.text(max_size=60))
def test_whatever_is_typed_is_drawn_as_text(text: str) -> None:
    template = pages.environment().from_string(
        '{% from "macros.html" import field, area %}{{ field("a", label, hint=label) }}'
        '{{ area("b", label, value=label) }}'
    )
    drawn = template.render(label=text)
    assert "<script" not in drawn
    assert drawn.count("<textarea") == 1
    assert drawn.count("<input") == 1


# The limiter.

GROUP = Group("test", ("/x",), burst=3, every=10.0)


def test_a_burst_passes_and_then_one_at_a_time() -> None:
    at = 0.0
    gate = Gate(lambda: at)
    assert [gate.wait(GROUP, "203.0.113.9") for _ in range(3)] == [0, 0, 0]
    assert gate.wait(GROUP, "203.0.113.9") == pytest.approx(10)
    assert gate.wait(GROUP, "203.0.113.10") == 0
    at = 10.0
    assert gate.wait(GROUP, "203.0.113.9") == 0
    assert gate.wait(GROUP, "203.0.113.9") > 0


@given(st.lists(st.floats(0, 30), max_size=60))
def test_no_rhythm_of_asking_beats_the_rate(pauses: list[float]) -> None:
    at = 0.0
    gate = Gate(lambda: at)
    passed = []
    for pause in pauses:
        at += pause
        if gate.wait(GROUP, "a") == 0:
            passed.append(at)
    for index in range(len(passed)):
        inside = [moment for moment in passed if passed[index] <= moment < passed[index] + 10.0]
        assert len(inside) <= GROUP.burst + 1


def test_the_limiter_forgets_addresses_rather_than_growing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MANY", 100)
    gate = Gate(lambda: 0.0)
    for number in range(500):
        gate.wait(GROUP, f"198.51.100.{number}")
    assert len(gate._due) <= 101


def test_an_ipv6_household_is_one_and_a_proxy_is_believed_only_when_ours() -> None:
    assert limits._network("2001:db8::1") == limits._network("2001:db8::ffff")
    assert limits._network("2001:db8::1") != limits._network("2001:db8:0:1::1")
    scope = {"client": ("10.0.0.1", 1), "headers": [(b"x-forwarded-for", b"6.6.6.6, 203.0.113.9, 10.0.0.2")]}
    assert limits.address_of(scope, frozenset()) == "10.0.0.1"
    assert limits.address_of(scope, frozenset({"10.0.0.1", "10.0.0.2"})) == "203.0.113.9"
