"""The door in front of the desk: sessions, forms, headers, limits; and what hostile browsers get."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from registry.access.actor import STRANGER
from registry.access.permissions import Role
from registry.accounts import entry, queries, rules
from registry.accounts.door import cookie_name, set_cookie
from registry.config import Config
from registry.core.context import Context
from registry.core.db import fetch
from tests.conftest import NOW, Browser
from tests.people import AMALIA, BRUNO, EVERYBODY, IRENE, PASSWORD, enter
from tests.registry.accounts.pages import EMAIL, came_in, hidden

pytestmark = pytest.mark.anyio


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
