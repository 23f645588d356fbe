"""The report form on an origin of its own: at its host only the form, everywhere else never the form.

A session of the desk, a service worker or a script of the register's own site must not reach the page on which somebody
writes about a child, so where `REGISTRY_REPORT_ORIGIN` is set they are two sites to every browser. At the form's host
whatever is not the form is 404; at any other host the form's addresses lead there when they are asked for, and take
nothing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from registry.config import Config
from registry.core.shield import header

FORM = ("/report", "/return", "/embed/report")
BESIDE = ("/static/", "/log/authorities/directory.json", "/log/authorities/directory/", "/healthz", "/readyz")
"""What the form needs at its own host: its style and script, the directories that custodians signed, and whether it is
up."""
Answer = tuple[int, dict[str, str]]
_placed: ContextVar[tuple[str, str]] = ContextVar("placed", default=("", ""))


def form_address(path: str) -> bool:
    """Whether a path is one of the report form."""
    return any(path == one or path.startswith(f"{one}/") for one in FORM)


@contextmanager
def placed(form: str, rest: str) -> Iterator[None]:
    """What stands before addresses of the form, and before all others, on the pages drawn inside."""
    token = _placed.set((form, rest))
    try:
        yield
    finally:
        _placed.reset(token)


def based(url: str) -> str:
    """An address of ours as a link from the page that is being drawn."""
    form, rest = _placed.get()
    if not url.startswith("/"):
        return url
    return (form if form_address(urlsplit(url).path) else rest) + url


class Apart:
    """What one house answers by itself, for the sake of the border between its two origins."""

    def __init__(self, config: Config) -> None:
        self.form, self.rest = config.form_base, config.origin
        self._host = urlsplit(self.form).netloc.lower()

    def here(self, scope: Mapping[str, Any]) -> bool:
        """Whether a request came to the form's own host."""
        return header(scope, b"host").lower() == self._host

    def turned(self, scope: Mapping[str, Any]) -> Answer | None:
        """The answer to what is at the wrong host; None for what may pass."""
        path: str = scope["path"]
        mine = form_address(path)
        if self.here(scope):
            return None if mine or path.startswith(BESIDE) else (404, {})
        if not mine:
            return None
        if scope["method"] not in ("GET", "HEAD"):
            return 404, {}
        query = scope["query_string"].decode("latin-1")
        return 303, {"location": f"{self.form}{path}{'?' + query if query else ''}", "referrer-policy": "no-referrer"}

    def bases(self, scope: Mapping[str, Any]) -> tuple[str, str]:
        """What stands before an address of the form, and before any other, on a page of this request."""
        return ("", self.rest) if self.here(scope) else (self.form, "")
