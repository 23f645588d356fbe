"""Standard Webhooks: signed as others check them, told once, and never outside the authority."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.core.errors import Invalid
from registry.reports.agent import deliver, webhook
from registry.reports.agent.caller import at_once
from tests.registry.reports.agent.test_paper import NOW, case

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver:
    def __init__(self) -> None:
        self.status, self.got = 200, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if outer.status == 200:
                    outer.got.append((dict(self.headers), body))
                self.send_response(outer.status)
                self.send_header("content-length", "0")
                self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def outbox(receiver: Receiver, folder: Path, **options: Any) -> webhook.Outbox:
    to = deliver.Webhook(f"http://127.0.0.1:{receiver.server.server_port}/hook", "s", **options)
    return webhook.Outbox(folder / "told", httpx.AsyncClient(), to, SECRET, at_once(NOW))


def test_the_signature_is_the_one_of_the_standards_own_example() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = webhook.signed(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    for bad in ("whsec_short", "whsec_!!", ""):
        with pytest.raises(Invalid, match="webhook-secret"):
            webhook.signed(bad, "x", at, b"")


async def test_a_case_is_told_once_and_without_a_word_of_it(receiver: Receiver, tmp_path: Path) -> None:
    box = outbox(receiver, tmp_path)
    box.about(case("canario"))
    receiver.status = 500
    assert await box.tell() == 1
    receiver.status = 200
    assert await box.tell() == 0
    again = outbox(receiver, tmp_path)
    again.about(case("canario"))
    assert await again.tell() == 0 and len(receiver.got) == 1
    headers, body = receiver.got[0]
    assert b"canario" not in body and json.loads(body)["type"] == "report.opened"
    assert json.loads(body)["data"]["reference"] == "CASO-0A0B0C0D"
    given = {k.lower(): v for k, v in headers.items()}
    wanted = webhook.signed(SECRET, given["webhook-id"], NOW, body)
    assert given["webhook-signature"] == wanted["webhook-signature"]


async def test_the_whole_case_goes_only_where_the_authority_asked_for_it(receiver: Receiver, tmp_path: Path) -> None:
    box = outbox(receiver, tmp_path, content=True)
    box.about(case("canario"))
    await box.tell()
    assert json.loads(receiver.got[0][1])["data"]["report"]["narrative"] == "canario"


@pytest.mark.parametrize("url", ["https://1.1.1.1/hook", "https://93.184.216.34/x"])
async def test_news_of_a_report_never_leaves_the_authoritys_network(url: str) -> None:
    with pytest.raises(Invalid, match="webhook-outside"):
        await deliver.inside(url)
    await deliver.inside("https://127.0.0.1/x")
    await deliver.inside("https://10.1.2.3/x")


@pytest.mark.parametrize("url", ["http://example.org", "ftp://x", "https://user:p@x", "", "http://93.184.216.34/"])
def test_an_address_is_encrypted_or_on_this_network(url: str) -> None:
    with pytest.raises(Invalid, match="address-not-safe"):
        deliver.safe(url)
    assert deliver.safe("https://primero.example/") == "https://primero.example"
