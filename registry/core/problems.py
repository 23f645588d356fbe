"""Every refusal and every failure, told: RFC 9457 problem documents for machines, a page for people. The one place that
knows HTTP status.

One sentence per code and language stands in the catalogues under `problem:<code>`. Anything that is not a Refusal is a
500 that hides its detail; the log has it, under the number shown on the page.
"""

import json
import logging
import secrets
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from registry.core import i18n, pages
from registry.core.errors import Busy, Conflict, Forbidden, Invalid, NotFound, Refusal, TooLarge
from registry.core.i18n import N_, _

log = logging.getLogger("registry")

STATUS: dict[type[Refusal], int] = {
    NotFound: 404, Forbidden: 403, Conflict: 409, Invalid: 422, TooLarge: 413, Busy: 429,
}  # fmt: skip
TITLES = {
    400: N_("We could not read that"),
    401: N_("Please sign in"),
    403: N_("This is not yours to do"),
    404: N_("There is nothing at this address"),
    405: N_("This address does not take that"),
    409: N_("Not as things stand now"),
    410: N_("It was here, and is gone"),
    413: N_("That is more than we take at once"),
    415: N_("We could not read that"),
    422: N_("Something to mend"),
    429: N_("One moment, please"),
    500: N_("Something broke on our side"),
    503: N_("Resting for a moment"),
}
OWN_TITLES = {
    "form-token-stale": N_("Once more, please"),
    "form-from-elsewhere": N_("This form came from elsewhere"),
}
"""Codes whose status says something else than they mean."""
HTTP_CODES = {
    400: N_("problem:not-readable"),
    401: N_("problem:sign-in-first"),
    403: N_("problem:permission-missing"),
    404: N_("problem:not-found"),
    405: N_("problem:method-not-taken"),
    410: N_("problem:gone"),
    413: N_("problem:body-too-large"),
    415: N_("problem:not-readable"),
    422: N_("problem:not-ours"),
    429: N_("problem:too-many-requests"),
    500: N_("problem:unexpected"),
    503: N_("problem:not-ready"),
}
TYPED = "typed"
"""In the scope: the bytes of an urlencoded form, kept by accounts.door until the answer is given."""


UNSTORABLE = frozenset({"CharacterNotInRepertoireError", "UntranslatableCharacterError"})
"""What PostgreSQL says of a NUL inside a text: the sender's doing, not ours."""


class Told(Response[bytes]):
    """A problem, ready to send."""


def status_of(refusal: Refusal) -> int:
    return next((STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS), 422)


def for_people(accept: str) -> bool:
    """True when HTML is named and nothing is wanted more than it. Browsers name it; programs do not."""
    best = {"page": 0.0, "data": 0.0}
    for part in accept.lower().split(",")[:20]:
        kind, _sep, rest = part.strip().partition(";")
        weight = i18n.quality(rest)
        if kind.strip() in {"text/html", "application/xhtml+xml"}:
            best["page"] = max(best["page"], weight)
        elif kind.strip().endswith("json"):
            best["data"] = max(best["data"], weight)
    return best["page"] > 0 and best["page"] >= best["data"]


def told(scope: Any, refusal: Refusal, status: int | None = None, sign_in: str = "", number: str = "") -> Told:
    """The refusal as this reader wants it: a page (with what was typed given back) or a problem document."""
    status = status or status_of(refusal)
    headers = {"cache-control": "no-store", "content-language": i18n.language(), "vary": "accept-language, accept"}
    if isinstance(refusal, Busy):
        headers["retry-after"] = str(int(refusal.details.get("retry_after", 30)))
    words = i18n.sentence(refusal)
    title = _(OWN_TITLES.get(refusal.code) or TITLES.get(status, TITLES[422]))
    fields = _fields(refusal)
    if for_people(_header(scope, b"accept")):
        body = _page(scope, status, title, words, fields, sign_in)
        return Told(body, status_code=status, media_type=pages.HTML, headers=headers)
    document = {"type": f"/problems/{refusal.code}", "title": title, "status": status, "detail": words,
                "code": refusal.code}  # fmt: skip
    if fields:
        document["fields"] = fields
    if number:
        document["instance"] = f"urn:problem:{number}"
    content = json.dumps(document, ensure_ascii=False).encode()
    return Told(content, status_code=status, media_type="application/problem+json", headers=headers)


def _fields(refusal: Refusal) -> dict[str, str]:
    fields: dict[str, str] = refusal.details.get("fields") or {}
    return {name: i18n.sentence(code, **refusal.details) for name, code in fields.items()}


def _page(scope: Any, status: int, title: str, words: str, fields: dict[str, str], sign_in: str) -> bytes:
    typed = scope.get(TYPED)
    resend, once = None, ""
    if typed and status in {401, 403, 422, 429} and scope["method"] == "POST" and not sensitive(scope["path"]):
        pairs = parse_qsl(typed.decode("utf-8", "replace"), keep_blank_values=True)
        once = next((value for name, value in pairs if name == "once"), "")
        resend = [(name, value) for name, value in pairs if name not in {"once", "form_token"}]
    query = scope.get("query_string", b"").decode("latin-1")
    before = pages._query.set(urlencode(parse_qsl(query)))
    try:
        return pages.render(
            "problem.html", title=title, words=words, mend=list(fields.items()), resend=resend, once=once,
            editable=status == 422, action=scope["path"] + ("?" + query if query else ""), sign_in=sign_in,
            refusal=None, done="", rail=pages.rooms(pages.visit.get()),
        ).encode()  # fmt: skip
    finally:
        pages._query.reset(before)


def sensitive(path: str) -> bool:
    """Addresses whose forms hold a password: what was typed there is never written into a page."""
    return path.startswith(("/desk/sign-in", "/desk/invitation", "/desk/account"))


def _header(scope: Any, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


# Litestar's exception handlers.


def on_refusal(request: Request[Any, Any, Any], refusal: Refusal) -> Told:
    return told(request.scope, refusal)


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Told:
    """What Litestar itself refuses: no such address, a body we cannot read, one that is too large."""
    status = 422 if error.status_code == 400 and request.method in {"POST", "PUT", "PATCH"} else error.status_code
    if isinstance(error, ValidationException):
        status = 422
        entries: list[Any] = list(error.extra) if isinstance(error.extra, list) else []
        fields = {str(e["key"]): "field-not-as-expected" for e in entries if _named(e)}
        return told(request.scope, Invalid("not-ours", **({"fields": fields} if fields else {})), 422)
    if status >= 500:
        return on_anything(request, error)
    code = HTTP_CODES.get(error.status_code, HTTP_CODES[400]).removeprefix("problem:")
    answer = told(request.scope, Refusal(code), status)
    for name, value in (error.headers or {}).items():
        answer.headers[name.lower()] = value
    return answer


QUIET = ("/report", "/return", "/embed/report", "/desk/caller", "/desk/authority", "/desk/moving", "/authority-api")
"""Where a message of an error may repeat what somebody told about a child: only its kind and its lines are logged."""


def traced(error: BaseException) -> str:
    """Kinds and lines of an error and of those behind it, without a word of their messages."""
    said, seen = [], set()
    behind: BaseException | None = error
    while behind is not None and id(behind) not in seen:
        seen.add(id(behind))
        lines = traceback.extract_tb(behind.__traceback__)[-8:]
        said.append(f"{type(behind).__name__} at " + " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(lines)))
        behind = behind.__cause__ or behind.__context__
    return "; ".join(said)


def _named(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("key"), str) and entry["key"] not in {"", "data"}


def on_anything(request: Request[Any, Any, Any], error: Exception) -> Told:
    """Nobody foresaw this: say so calmly, promise nothing happened by halves, and keep the detail to ourselves."""
    if type(error).__name__ in UNSTORABLE:
        return told(request.scope, Invalid("not-readable"), 422)
    number = secrets.token_hex(4)
    path: str = request.scope["path"]
    if path.startswith(QUIET):
        log.error("unexpected %s at %s %s: %s", number, request.method, path, traced(error))
    else:
        log.error("unexpected %s at %s %s", number, request.method, path, exc_info=error)
    return told(request.scope, Refusal("unexpected", number=number), 500, number=number)


HANDLERS: dict[Any, Callable[[Request[Any, Any, Any], Any], Response[Any]]] = {
    Refusal: on_refusal,
    HTTPException: on_http,
    Exception: on_anything,
}
N_("problem:field-not-as-expected")


async def send_told(answer: Told, scope: Any, send: Any) -> None:
    """For the doors that stand in front of Litestar."""
    body = answer.content
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    headers += [(b"content-type", str(answer.media_type).encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
