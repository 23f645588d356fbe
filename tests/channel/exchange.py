"""A telephone gateway on a port of this machine, as far as Twilio's API 2010-04-01 is documented.

POST /2010-04-01/Accounts/{sid}/Messages.json  To, From, Body    -> 201 {"sid": "SM…", "status": "queued", …}
POST /2010-04-01/Accounts/{sid}/Calls.json     To, From, Twiml   -> 201 {"sid": "CA…", "status": "queued", …}
401 code 20003 without the account's password; 400 with 21604, 21211, 21205 (no To, not a number, no Twiml or Url) or
32018 (Twiml longer than 4,000); 429 code 20429; 500. Errors: {"code", "message", "more_info", "status"}.
"""

import base64
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import msgspec

SID, SECRET, FROM = "AC" + "0" * 32, "geheim:+&/ñ", "+50640001234"
HERE = f"/2010-04-01/Accounts/{SID}/"


class Rung(msgspec.Struct, frozen=True):
    """What was taken: kind is Messages or Calls, and `said` what the telephone shows or says."""

    kind: str
    to: str
    said: str
    language: str = ""
    loop: str = ""


class Exchange:
    """Running between `with` and its end. `taken` is what it took; `asked` every request that reached it, by kind;
    `trouble` a status for everything; `silent` makes it take a request and say nothing for so many seconds."""

    def __init__(self) -> None:
        self.taken: list[Rung] = []
        self.asked: list[str] = []
        self.bytes = bytearray()
        self.trouble = 0
        self.silent = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                outer.bytes += self.requestline.encode() + bytes(str(self.headers), "utf-8") + body + b"\n"
                status, said = outer.answer(self.path, dict(self.headers.items()), body)
                time.sleep(outer.silent)
                data = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_args: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://{SID}:geheim%3A%2B%26%2F%C3%B1@127.0.0.1:{self._server.server_port}{HERE.rstrip('/')}"

    def __enter__(self) -> "Exchange":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        who = base64.b64encode(f"{SID}:{SECRET}".encode()).decode()
        given = {name.lower(): value for name, value in headers.items()}
        if given.get("authorization") != f"Basic {who}":
            return error(401, 20003)
        kind = path.removeprefix(HERE).removesuffix(".json")
        if path != f"{HERE}{kind}.json" or kind not in ("Messages", "Calls"):
            return error(404, 20404)
        self.asked.append(kind)
        if self.trouble:
            return error(self.trouble, 20429 if self.trouble == 429 else 20500)
        return self._taken(kind, parse_qs(body.decode(), keep_blank_values=True, strict_parsing=True))

    def _taken(self, kind: str, fields: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        to, said = fields.get("To", [""])[0], fields.get("Body" if kind == "Messages" else "Twiml", [""])[0]
        if fields.get("From") != [FROM]:
            return error(400, 21603)
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", to):
            return error(400, 21211 if to else 21604)
        if not said:
            return error(400, 21602 if kind == "Messages" else 21205)
        if kind == "Messages":
            self.taken.append(Rung(kind, to, said))
        elif len(said) > 4000:
            return error(400, 32018)
        else:
            (say,) = ElementTree.fromstring(said).findall("Say")
            self.taken.append(Rung(kind, to, say.text or "", say.get("language", ""), say.get("loop", "")))
        sid = ("SM" if kind == "Messages" else "CA") + f"{len(self.taken):032x}"
        return 201, {"sid": sid, "account_sid": SID, "to": to, "from": FROM, "status": "queued", "error_code": None}


def error(status: int, code: int) -> tuple[int, dict[str, Any]]:
    """As the documentation shows one."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return status, {"code": code, "message": "refused", "more_info": more, "status": status}
