"""A Primero on a port of this machine, as far as its API v2 is documented.

POST /api/v2/tokens {"user": {...}}          -> 200 {"token": …}, 401
GET  /api/v2/forms /lookups /locations       -> 200 {"data": […], "metadata": {"total", "per", "page"}}, 403
POST /api/v2/incidents {"data": {"id": …}}   -> 204 with our id, 409 already there, 422 with the field, 403
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

FIELDS = ("incident_date", "incident_location", "cp_incident_location_type", "incident_description",
          "cp_incident_violence_type", "urgent_protection_concern")  # fmt: skip
LOOKUPS = {
    "lookup-violence-type": ("sexual_exploitation", "trafficked_smuggled"),
    "lookup-location-type": ("hotel", "vehicle"),
    **{f"lookup-other-{n}": ("one",) for n in range(150)},
}
LOCATIONS = ("CR", "CR05", "CR06")
MAPPING = {
    "fields": {
        "incident_location": {"from": "place.code", "values": {"CR-G": "CR05"}, "lookup": "locations"},
        "cp_incident_violence_type": {"value": "sexual_exploitation", "lookup": "lookup-violence-type"},
        "incident_description": {"from": "narrative"},
        "urgent_protection_concern": {"from": "urgent"},
    }
}


class Primero:
    """Running between `with` and its end. `incidents` by id; `refuse` a status for every incident that is posted;
    `forget` makes it forget its tokens once."""

    def __init__(self) -> None:
        self.incidents: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        self.refuse = 0
        self.tokens: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args: Any) -> None:
                pass

            def do_GET(self) -> None:
                outer.answer(self, "GET", {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                outer.answer(self, "POST", json.loads(body or b"{}"))

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Primero":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        self.tokens.clear()

    def answer(self, to: BaseHTTPRequestHandler, method: str, said: dict[str, Any]) -> None:
        parts = urlsplit(to.path)
        path = parts.path.removeprefix("/api/v2")
        self.asked.append((method, path))
        status, body = self._answered(method, path, parse_qs(parts.query), said, to.headers.get("authorization", ""))
        data = b"" if status == 204 else json.dumps(body).encode()
        to.send_response(status)
        to.send_header("content-type", "application/json")
        to.send_header("content-length", str(len(data)))
        to.end_headers()
        to.wfile.write(data)

    def _answered(
        self, method: str, path: str, query: dict[str, list[str]], said: dict[str, Any], bearer: str
    ) -> tuple[int, Any]:
        if (method, path) == ("POST", "/tokens"):
            if said.get("user") != {"user_name": "resguardo", "password": "p"}:
                return 401, _error(401, path)
            self.tokens.add(f"Bearer t{len(self.asked)}")
            return 200, {"id": 1, "user_name": "resguardo", "token": f"t{len(self.asked)}"}
        if bearer not in self.tokens:
            return 401, _error(401, path)
        if (method, path) == ("POST", "/incidents"):
            return self._incident(said["data"])
        lists = {
            "/forms": [
                {"unique_id": "cp_incident_form", "parent_form": "incident", "fields": [{"name": n} for n in FIELDS]},
                {"unique_id": "cp_case", "parent_form": "case", "fields": [{"name": "name"}]},
            ],
            "/lookups": [
                {"unique_id": name, "values": {"en": [{"id": i, "display_text": i} for i in ids], "es": []}}
                for name, ids in LOOKUPS.items()
            ],
            "/locations": [{"code": code, "type": "country"} for code in LOCATIONS],
        }
        if method == "GET" and path in lists:
            per, page = int(query.get("per", ["20"])[0]), int(query.get("page", ["1"])[0])
            whole = lists[path]
            shown = whole[(page - 1) * per : page * per]
            return 200, {"data": shown, "metadata": {"total": len(whole), "per": per, "page": page}}
        return 404, _error(404, path)

    def _incident(self, data: dict[str, Any]) -> tuple[int, Any]:
        if self.refuse:
            return self.refuse, _error(self.refuse, "/api/v2/incidents", "incident_location")
        if data.get("incident_location", "CR05") not in LOCATIONS:
            return 422, _error(422, "/api/v2/incidents", "incident_location")
        if data["id"] in self.incidents:
            return 409, _error(409, "/api/v2/incidents")
        self.incidents[data["id"]] = data
        return 204, None


def _error(status: int, resource: str, detail: str = "") -> dict[str, Any]:
    return {"errors": [{"status": status, "resource": resource, "detail": detail, "message": "refused"}]}
