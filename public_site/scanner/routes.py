"""Typing a code, scanning one, and taking a copy along.

The page answers at /scan and at /scan/: the second is inside the worker's scope, and the script moves there.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body

from public_site.scanner import shell
from public_site.scanner.words import words
from public_site.verification.answers import Answers
from public_site.verification.trust import Trust
from registry.core import i18n, pages
from registry.core.assets import bundle
from registry.core.context import Context
from registry.core.errors import Invalid, NotFound
from registry.core.i18n import _
from registry.core.pages import Page, again, page, see_other
from registry.core.shield import POLICY
from registry.seals.code import check

# Only here may a page ask for the camera, and only our own; only here is there something for the home screen.
HEADERS = {
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
    "content-security-policy": f"{POLICY}; worker-src 'self'; manifest-src 'self'",
}


class Typed(msgspec.Struct, frozen=True):
    code: str = ""


@get("/scan", sync_to_thread=False)
def scan(context: NamedDependency[Context], trust: NamedDependency[Trust]) -> Page:
    return page("scanner/scan.html", headers=HEADERS, **_values(context, trust))


@post("/scan", sync_to_thread=False)
def look_up(
    data: Annotated[Typed, Body(media_type=RequestEncodingType.URL_ENCODED)],
    context: NamedDependency[Context],
    trust: NamedDependency[Trust],
) -> Response[Any]:
    """To the seal's own address, so that it can be kept, shared and reloaded; what cannot be a code comes back."""
    try:
        return see_other(f"/s/{check(data.code)}")
    except Invalid as mistyped:
        refusal = Invalid(mistyped.code, fields={"code": mistyped.code})
        if not data.code.strip():
            refusal = Invalid("code-missing", fields={"code": "code-missing"})
        shown = again("scanner/scan.html", refusal, data, **_values(context, trust))
        shown.headers.update(HEADERS)
        return shown


@get("/scan/trip", sync_to_thread=False)
def trip(context: NamedDependency[Context], trust: NamedDependency[Trust]) -> Page:
    """No page: what the script adds to it for whoever takes a copy along."""
    return page("scanner/trip.html", **_values(context, trust))


@get("/scan/worker.js", sync_to_thread=False)
def worker(
    context: NamedDependency[Context],
    trust: NamedDependency[Trust],
    answers: NamedDependency[Answers],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """The service worker, the only one of this site: its scope is /scan/."""
    if not shell.ready():
        raise NotFound("not-found")

    def draw(template: str, language: str) -> str:
        with (
            i18n.speaking(language, chosen=True),
            pages.emergency_lines(answers.near(context.config.country, now).bar),
        ):
            return pages.render(template, refusal=None, done="", rail=[], **_values(context, trust))

    # Browsers compare it with the one they have, byte by byte, when the page is opened.
    return Response(
        shell.worker(draw), media_type="text/javascript; charset=utf-8", headers={"cache-control": "no-cache"}
    )


@get("/scan/app.webmanifest", sync_to_thread=False)
def manifest() -> Response[bytes]:
    body = shell.manifest(_("Resguardo: check seals"), i18n.language())
    return Response(body, media_type="application/manifest+json", headers={"cache-control": "no-cache"})


def _values(context: Context, trust: Trust) -> dict[str, Any]:
    config = context.config
    bases = dict.fromkeys(base.rstrip("/") for base in (config.seal_origin or config.origin, config.origin))
    scripts = {name.removesuffix(".js"): bundle(name) for name in shell.BUNDLES} if shell.ready() else {}
    return {
        "host": config.seal_base.lower(), "scripts": scripts, "words": _json(words(config.time_zone, config.country)),
        "keys": _json(trust.jwks()), "bases": _json(list(bases)),
    }  # fmt: skip


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


ROUTES = [scan, look_up, trip, worker, manifest]
