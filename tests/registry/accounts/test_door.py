"""The door in front of the desk: sessions, forms, headers, limits; and what hostile browsers get."""

import base64
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.access.actor import STRANGER, SYSTEM
from registry.access.permissions import Role
from registry.accounts import entry, jobs, queries, rules, service
from registry.accounts.door import _PART, _from_parts, cookie_name, set_cookie
from registry.accounts.schemas import Invite
from registry.config import Config
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.limits import Limits
from registry.outbox import service as outbox
from tests.conftest import NOW, Browser
from tests.people import AMALIA, BRUNO, EVERYBODY, IRENE, PASSWORD, enter

pytestmark = pytest.mark.anyio
EMAIL = "nueva@registro.example"


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text[:2000]
    return found[1]


async def came_in(client: httpx.AsyncClient, context: Context) -> bytes:
    """The whole way of a new person, by the pages alone. Returns the phone's secret."""
    made = await service.invite(SYSTEM, NOW, Invite(EMAIL, "Nueva Persona", Role.ADMINISTRATOR))
    await outbox.drain(context, NOW)
    link = f"/desk/invitation/{jobs.link_token(context.keys, made, 1)}"
    page = await client.get(link)
    assert page.status_code == 200
    assert "Nueva Persona" in page.text
    short = await client.post(link, data={"name": "Nueva Persona", "password": "corta"})
    assert short.status_code == 422
    assert 'id="password-error"' in short.text
    assert "corta" not in short.text
    taken = await client.post(link, data={"name": "Nueva Persona", "password": PASSWORD})
    assert taken.headers["location"] == "/desk/sign-in/phone"
    phone = await client.get("/desk/sign-in/phone")
    assert phone.status_code == 200
    typed = re.search(r'<b class="mono">([A-Z2-7 ]+)</b>', phone.text)
    assert typed
    secret = base64.b32decode(typed[1].replace(" ", ""))
    again = await client.post("/desk/sign-in/phone", data={"code": "000000"})
    assert again.status_code == 422
    done = await client.post("/desk/sign-in/phone", data={"code": rules.totp(secret, rules.step_at(NOW))})
    assert done.headers["location"] == "/desk/account/codes"
    return secret


async def test_an_invited_person_comes_in_by_the_pages(client: httpx.AsyncClient, context: Context) -> None:
    await came_in(client, context)
    codes = await client.get("/desk/account/codes")
    assert len(re.findall(r"<li>[0-9a-z]{5}-[0-9a-z]{5}</li>", codes.text)) == rules.RECOVERY_CODES
    kept = await client.post(
        "/desk/account/codes", data={"form_token": hidden(codes, "form_token"), "once": hidden(codes, "once")}
    )
    assert kept.status_code == 303
    assert (await client.get("/desk/account/codes")).status_code == 303
    first = await client.get("/desk")
    assert first.headers["location"] == "/desk/people"


async def test_signing_in_by_the_pages_leads_back_where_one_wanted(client: httpx.AsyncClient, context: Context) -> None:
    secret = await came_in(client, context)
    client.cookies.clear()
    away = await client.get("/desk/people?q=ana")
    assert away.status_code == 303
    assert urlsplit(away.headers["location"]).path == "/desk/sign-in"
    wanted = parse_qs(urlsplit(away.headers["location"]).query)["next"][0]
    assert wanted == "/desk/people?q=ana"
    wrong = await client.post("/desk/sign-in", data={"email": EMAIL, "password": "no es", "next": wanted})
    assert wrong.status_code == 422
    assert f'value="{EMAIL}"' in wrong.text
    assert 'value="no es"' not in wrong.text
    right = await client.post("/desk/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": wanted})
    assert right.status_code == 303
    half = client.cookies["resguardo"]
    assert (await client.get("/desk/people")).status_code == 303, "half a sign-in opens nothing"
    account = await queries.account_by_email(EMAIL)
    code = entry.recovery_codes(context.keys, account, 1)[0]  # type: ignore[arg-type]
    let_in = await client.post("/desk/sign-in/code", data={"code": code, "next": wanted})
    assert let_in.headers["location"] == wanted
    assert client.cookies["resguardo"] != half
    assert (await client.get(wanted)).status_code == 200
    assert secret


async def test_a_planted_session_becomes_nobodys(client: httpx.AsyncClient, context: Context) -> None:
    client.cookies.set("resguardo", "planted-by-somebody-else-0123456789")
    await came_in(client, context)
    assert client.cookies.get("resguardo", domain="localhost.local") != "planted-by-somebody-else-0123456789"
    rows = await fetch("SELECT count(*) AS n FROM desk_session WHERE ended_at IS NULL AND stage = 'full'")
    assert rows[0]["n"] == 1


async def test_a_stranger_gets_no_cookie_anywhere(client: httpx.AsyncClient) -> None:
    for path in ("/desk", "/desk/sign-in", "/desk/people", "/audit", "/desk/invitation/x", "/desk/nothing"):
        assert "set-cookie" not in (await client.get(path)).headers


@pytest.mark.parametrize(
    "path", ["/desk/people", "/desk/account", "/desk/nothing/at/all", "/audit/visits", "/desk/../desk/people"]
)
async def test_a_stranger_is_sent_to_the_door_whether_the_page_exists_or_not(
    client: httpx.AsyncClient, path: str
) -> None:
    page = await client.get(path)
    assert page.status_code == 303
    assert page.headers["location"].startswith("/desk/sign-in?")
    told = await client.get(path, headers={"accept": "application/json"})
    assert told.status_code == 401
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["code"] == "sign-in-first"


async def test_a_strangers_form_is_given_back_with_the_way_in(client: httpx.AsyncClient) -> None:
    answer = await client.post("/desk/people/invitations", data={"name": "José <b>", "email": "j@x.example"})
    assert answer.status_code == 401
    assert 'value="José &lt;b&gt;"' in answer.text
    assert "/desk/sign-in" in answer.text


@pytest.mark.parametrize("person", EVERYBODY, ids=lambda person: person.role)
async def test_only_who_may_invite_sees_the_people(sign_in: Browser, person: Any) -> None:
    browser = await sign_in(person)
    allowed = person.role in {Role.ADMINISTRATOR, Role.ASSOCIATION_ADMIN, Role.OFFICER}
    assert (await browser.get("/desk/people")).status_code == (200 if allowed else 404)
    assert (await browser.get("/desk/account")).status_code == 200


# Forms.

INVITE = {"name": "Otra Persona", "email": "otra@x.example", "role": "auditor", "language": "es"}


async def test_a_form_needs_its_sessions_token(sign_in: Browser) -> None:
    browser = await sign_in(AMALIA)
    token = browser.headers.pop("x-form-token")
    once = "01930000-0000-7000-8000-000000000001"
    for forged in (
        {},
        {"form_token": ""},
        {"form_token": "x"},
        {"form_token": token[:-1] + "A" if token[-1] != "A" else "B"},
    ):
        answer = await browser.post("/desk/people/invitations", data=INVITE | {"once": once} | forged)
        assert answer.status_code == 403
        assert 'value="Otra Persona"' in answer.text, "what was typed is given back"
    sent = await browser.post("/desk/people/invitations", data=INVITE | {"once": once, "form_token": token})
    assert sent.status_code == 303
    again = await browser.post("/desk/people/invitations", data=INVITE | {"once": once, "form_token": token})
    assert again.status_code == 303
    rows = await fetch("SELECT count(*) AS n FROM invitation WHERE email = 'otra@x.example'")
    assert rows[0]["n"] == 1


async def test_another_persons_token_is_no_token(sign_in: Browser) -> None:
    amalia, bruno = await sign_in(AMALIA), await sign_in(BRUNO)
    amalia.headers["x-form-token"] = bruno.headers["x-form-token"]
    assert (await amalia.post("/desk/sign-out", data={})).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://localhost:8001"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"origin": "http://localhost:8000"}, 303),
        ({}, 303),
    ],
)
async def test_a_form_of_another_site_is_refused_even_with_the_token(
    sign_in: Browser, headers: dict[str, str], status: int
) -> None:
    browser = await sign_in(AMALIA)
    assert (await browser.post("/desk/sign-out", data={}, headers=headers)).status_code == status


async def test_nobody_is_signed_in_by_another_site(client: httpx.AsyncClient) -> None:
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        answer = await client.post("/desk/sign-in", data={"email": "a@b.cr", "password": "x"}, headers=headers)
        assert answer.status_code == 403
        assert "password" not in answer.text or 'name="password" value="x"' not in answer.text


@pytest.mark.parametrize("kind", ["text/plain", "", "application/xml"])
async def test_no_content_type_slips_past_the_token(sign_in: Browser, kind: str) -> None:
    browser = await sign_in(AMALIA)
    browser.headers.pop("x-form-token")
    answer = await browser.post("/desk/sign-out", content=b"once=", headers={"content-type": kind})
    assert answer.status_code == 403


async def test_signing_out_takes_the_cookie_back(sign_in: Browser) -> None:
    browser = await sign_in(BRUNO)
    page = await browser.get("/desk/sign-out")
    answer = await browser.post("/desk/sign-out", data={"once": hidden(page, "once")})
    assert answer.status_code == 303
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert (await browser.get("/desk/account")).status_code == 303


def test_the_token_is_cut_out_of_a_form_with_files() -> None:
    body = (b'--b\r\nContent-Disposition: form-data; name="form_token"\r\n\r\nabc_-1\r\n'
            b'--b\r\nContent-Disposition: form-data; name="list"; filename="a.csv"\r\n\r\nx\r\n--b--\r\n')  # fmt: skip
    found = _PART.search(body)
    assert found
    assert found["token"] == b"abc_-1"
    assert (body[: found.start()] + body[found.end() :]).startswith(
        b'--b\r\nContent-Disposition: form-data; name="list"'
    )


# Headers, cookies, limits.


async def test_every_answer_carries_the_policy(sign_in: Browser, client: httpx.AsyncClient) -> None:
    browser = await sign_in(AMALIA)
    for answer in (
        await browser.get("/desk/people"),
        await browser.get("/desk/nothing"),
        await client.get("/desk/sign-in"),
        await client.get("/desk"),
        await client.post("/desk/people/invitations", data={}),
    ):
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


async def test_no_page_of_this_room_has_script_or_style_inside(sign_in: Browser, client: httpx.AsyncClient) -> None:
    browser = await sign_in(IRENE)
    for answer in (
        await browser.get("/desk/people"),
        await browser.get("/desk/account"),
        await client.get("/desk/sign-in"),
    ):
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", answer.text)


def test_a_cookie_is_bound_to_tls_where_there_is_tls() -> None:
    safe = Config(origin="https://resguardo.example")
    assert cookie_name(safe) == "__Host-resguardo"
    assert set_cookie(safe, "x").endswith("Secure")
    plain = set_cookie(Config(), "x")
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain


@pytest.mark.parametrize(
    "cookie", ["resguardo=", "resguardo=../../x", "resguardo='; DROP", "resguardo=" + "é" * 40, "=;;=", "x" * 5000]
)
async def test_a_nonsense_cookie_is_a_stranger(client: httpx.AsyncClient, cookie: str) -> None:
    answer = await client.get("/desk/people", headers={"cookie": cookie.encode("utf-8")})  # type: ignore[dict-item]
    assert answer.status_code == 303


async def test_guessing_is_slowed_kindly(client: httpx.AsyncClient) -> None:
    answers = [await client.post("/desk/sign-in/code", data={"code": "1"}) for _ in range(40)]
    late = answers[-1]
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) >= 1
    assert "espere" in late.text.lower()


async def test_a_form_that_is_too_large_is_told_so(sign_in: Browser) -> None:
    browser = await sign_in(AMALIA)
    answer = await browser.post("/desk/people/invitations", data={"name": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "413" not in answer.text


# Hostile words.


async def test_whatever_is_typed_comes_back_as_text(sign_in: Browser, naughty: list[str]) -> None:
    browser = await sign_in(AMALIA)
    for text in naughty:
        answer = await browser.post(
            "/desk/people/invitations",
            data={"name": text, "email": text, "role": text, "organisation": text, "language": text,
                  "once": "01930000-0000-7000-8000-000000000002"},
        )  # fmt: skip
        assert answer.status_code in {409, 422}, text
        assert "<script>alert" not in answer.text
        found = await browser.get("/desk/people", params={"q": text, "after": text, "role": text, "organisation": text})
        assert found.status_code == 200, text
        assert "<script>alert" not in found.text


async def test_whatever_is_typed_at_the_door_is_refused_calmly(client: httpx.AsyncClient, naughty: list[str]) -> None:
    for text in naughty[:12]:
        answer = await client.post("/desk/sign-in", data={"email": text, "password": text, "next": text})
        assert answer.status_code in {422, 429}, text
        assert "<script>alert" not in answer.text


async def test_the_account_page_changes_language_and_password(sign_in: Browser, context: Context) -> None:
    browser = await sign_in(BRUNO)
    assert (await browser.post("/desk/account/language", data={"language": "fr"})).status_code == 303
    assert "Mon compte" in (await browser.get("/desk/account")).text
    assert "My account" in (await browser.get("/desk/account?lang=en")).text
    wrong = await browser.post("/desk/account/password", data={"current": "x", "password": "une phrase bien longue"})
    assert wrong.status_code == 422
    assert (await enter(BRUNO, NOW)).language == "fr"
    assert STRANGER.language


# Forms with files go by unread, but for their token.


@given(
    st.binary(max_size=3000),
    st.integers(1, 700),
    st.from_regex(r"[\w-]{10,60}", fullmatch=True).filter(str.isascii),
    st.sampled_from([b"", b"Content-Type: text/plain\r\n"]),
)
async def test_a_form_with_files_passes_whole_whatever_its_pieces(
    file: bytes, piece: int, token: str, extra: bytes
) -> None:
    head = (
        b'--bound\r\nContent-Disposition: form-data; name="form_token"\r\n' + extra + b"\r\n" + token.encode() + b"\r\n"
    )
    rest = (
        b'--bound\r\nContent-Disposition: form-data; name="list"; filename="a.csv"\r\n\r\n'
        + file
        + b"\r\n--bound--\r\n"
    )
    pieces = [(head + rest)[i : i + piece] for i in range(0, len(head + rest), piece)]
    waiting = [
        {"type": "http.request", "body": part, "more_body": number < len(pieces) - 1}
        for number, part in enumerate(pieces)
    ]

    async def receive() -> Any:
        return waiting.pop(0)

    scope: dict[str, Any] = {"headers": [(b"content-length", str(len(head + rest)).encode())]}
    found, again = await _from_parts(scope, receive)
    assert found == token
    passed = b""
    while True:
        message = await again()
        passed += message["body"]
        if not message["more_body"]:
            break
    assert passed == rest
    assert scope["headers"] == [(b"content-length", str(len(rest)).encode())]


async def test_whoever_sends_too_much_is_heard_out_before_being_told() -> None:
    heard = 0
    parts = [{"type": "http.request", "body": b"x" * 1000, "more_body": number < 50} for number in range(51)]

    async def receive() -> Any:
        nonlocal heard
        heard += 1
        return parts.pop(0)

    async def refuses(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 413, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append((message["type"], heard))

    scope = {"type": "http", "method": "POST", "path": "/desk/import", "headers": [], "client": ("203.0.113.1", 1)}
    await Limits(refuses)(scope, receive, send)
    assert told[0] == ("http.response.start", 51)
