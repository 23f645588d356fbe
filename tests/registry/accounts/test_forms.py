"""Forms: only of our own pages, only of one's own session."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.accounts.door import _PART, _from_parts
from registry.core.db import fetch
from registry.core.limits import Limits
from tests.conftest import Browser
from tests.people import AMALIA, BRUNO
from tests.registry.accounts.pages import hidden

pytestmark = pytest.mark.anyio


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
