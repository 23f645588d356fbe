"""The pages and files that open without a network for whoever saved a copy, and the worker that holds them.

The worker's text names them all under one version: a new script, sheet, sentence or telephone number is a new version,
which browsers fetch whole or not at all.
"""

import hashlib
from collections.abc import Callable

import msgspec

from registry.core import i18n
from registry.core.assets import assets, bundle, static

BUNDLES = ("scan.js", "camera.js", "trip.js", "ed25519.js")
SHEETS = ("base.css", "public.css", "scan.css", "mark.svg")


def ready() -> bool:
    """Whether the set-up has gathered the scripts; without them the page is the form it always is."""
    return all(bundle(name) for name in (*BUNDLES, "worker.js"))


def worker(draw: Callable[[str, str], str]) -> bytes:
    """The worker's text. `draw` gives a template of the page in a language."""
    drawn = [draw(f"scanner/{name}.html", language) for language in i18n.LANGUAGES for name in ("scan", "trip")]
    files = [static(name) for name in SHEETS] + [bundle(name) for name in BUNDLES]
    files += [f"/scan/trip?lang={language}" for language in i18n.LANGUAGES]
    version = hashlib.sha256(msgspec.json.encode([drawn, files])).hexdigest()[:16]
    pages = {language: f"/scan/?lang={language}" for language in i18n.LANGUAGES}
    shell = msgspec.json.encode({"version": version, "pages": pages, "files": files})
    return b"self.SHELL=" + shell + b";\n" + assets()["build/worker.js"].body


def manifest(name: str, language: str) -> bytes:
    """What a phone asks for to put the page on its home screen, where a saved copy is kept for good."""
    icon = {"src": static("mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    return msgspec.json.encode({
        "name": name, "short_name": name, "lang": language, "id": "/scan/", "start_url": "/scan/", "scope": "/scan/",
        "display": "standalone", "background_color": "#ffffff", "theme_color": "#0b5563", "icons": [icon],
    })  # fmt: skip
