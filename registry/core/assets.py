"""Style sheets, marks and scripts: served under `/static/<hash of the content>/<name>`, so a copy never goes stale.

Every static/ folder of the three packages is read once, at first use; text is compressed once. Litestar's own file
router answers 200 to If-None-Match and reads the disk each time, hence this small one.
"""

import gzip
import hashlib
import importlib.util
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

PACKAGES = ("registry", "public_site", "audit")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
}
_NO_GAIN = frozenset({".png"})


class Asset(msgspec.Struct, frozen=True):
    name: str
    hash: str
    content_type: str
    body: bytes
    packed: bytes | None

    @property
    def url(self) -> str:
        return f"/static/{self.hash}/{self.name}"


def folders(name: str) -> list[Path]:
    """Every `<package>/<name>` and `<package>/<room>/<name>` there is, found without importing the packages."""
    found: list[Path] = []
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            root = Path(place)
            found += [path for path in (root / name, *sorted(root.glob(f"*/{name}"))) if path.is_dir()]
    return found


@cache
def assets() -> dict[str, Asset]:
    """By name, relative to its static/ folder."""
    found: dict[str, Asset] = {}
    for folder in folders("static"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in TYPES:
                name = path.relative_to(folder).as_posix()
                found[name] = _read(path, name)
    return found


def _read(path: Path, name: str) -> Asset:
    body = path.read_bytes()
    packed = None if path.suffix in _NO_GAIN else gzip.compress(body, 9, mtime=0)
    if packed is not None and len(packed) >= len(body):
        packed = None
    return Asset(name, hashlib.sha256(body).hexdigest()[:12], TYPES[path.suffix], body, packed)


def static(name: str) -> str:
    """The address of a static file; a name that does not exist is a mistake in a template, said at once."""
    return assets()[name].url


def bundle(name: str) -> str:
    """The address of what the set-up gathered from client modules (package.json, "bundles"), or "" before it ran: every
    page that uses one works without it too."""
    asset = assets().get(f"build/{name}")
    return asset.url if asset else ""


Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Static:
    """Answers /static/… and hands everything else on."""

    def __init__(self, app: Callable[[Any, Receive, Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        asset = _wanted(scope["path"]) if scope["type"] == "http" and scope["path"].startswith("/static/") else None
        if asset is None or scope["method"] not in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        status, headers, body = answer(asset, dict(scope["headers"]))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _wanted(path: str) -> Asset | None:
    _, _, hash_, name = path.split("/", 3) if path.count("/") >= 3 else ("", "", "", "")
    asset = assets().get(name)
    return asset if asset and asset.hash == hash_ else None


def answer(asset: Asset, headers: dict[bytes, bytes]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body for these request headers."""
    zipped = asset.packed is not None and _takes_gzip(headers.get(b"accept-encoding", b""))
    body = asset.packed if zipped and asset.packed is not None else asset.body
    # Two encodings are two representations, so each has its own tag.
    tag = f'"{asset.hash}{"-gz" if zipped else ""}"'.encode()
    common = [
        (b"etag", tag),
        (b"cache-control", b"public, max-age=31536000, immutable"),
        (b"vary", b"accept-encoding"),
        (b"x-content-type-options", b"nosniff"),
    ]
    known = [part.strip().removeprefix(b"W/") for part in headers.get(b"if-none-match", b"").split(b",")]
    if tag in known or b"*" in known:
        return 304, common, b""
    if zipped:
        common.append((b"content-encoding", b"gzip"))
    length = str(len(body)).encode()
    return 200, [*common, (b"content-type", asset.content_type.encode()), (b"content-length", length)], body


def _takes_gzip(accept: bytes) -> bool:
    for part in accept.lower().split(b","):
        name, _, quality = part.partition(b";")
        if name.strip() in {b"gzip", b"*"}:
            return quality.strip().replace(b" ", b"") not in {b"q=0", b"q=0.0", b"q=0.00", b"q=0.000"}
    return False
