"""/badge/CODE.svg, and /badge: how a holder puts it on a page."""

from datetime import datetime
from functools import cache
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from markupsafe import Markup

from public_site.badges.picture import badge, svg
from public_site.verification.answers import Answers
from registry.core import crypto, i18n
from registry.core.context import Context
from registry.core.errors import Invalid, NotFound
from registry.core.i18n import _
from registry.core.pages import Page, environment, page
from registry.seals.code import check, grouped

SOON = "public, max-age=30, must-revalidate"
"""How long another site's visitors may see what was true: less than the minute in which a decision shows anywhere."""


@get("/badge/{name:str}")
async def picture(
    name: FromPath[str], request: Request[Any, Any, Any], answers: NamedDependency[Answers],
    now: NamedDependency[datetime], context: NamedDependency[Context],
) -> Response[bytes]:  # fmt: skip
    """Always a picture, whatever the seal says: a broken image on somebody's page tells nobody anything."""
    typed, dot, ending = name.rpartition(".")
    if not dot or ending.lower() != "svg":
        raise NotFound("not-found")
    _, entry, verdict = answers.look(typed, now)
    config = context.config
    shown = badge(entry, verdict, config.operator, entry.zone if entry else config.time_zone)
    body = svg(shown, _drawing(shown.look), i18n.language())
    headers = {
        "cache-control": SOON, "etag": f'"{crypto.sha256(body).hex()[:20]}"', "vary": "accept-language",
        "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin",
        "content-language": i18n.language(), "content-security-policy": "default-src 'none'",
    }  # fmt: skip
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type="image/svg+xml", headers=headers)


@get("/badge", sync_to_thread=False)
def snippet(context: NamedDependency[Context], code: Annotated[str, QueryParameter(max_length=60)] = "") -> Page:
    """The lines to paste, once the code is there."""
    spelled, wrong = "", ""
    try:
        spelled = check(code) if code.strip() else ""
    except Invalid as refusal:
        wrong = refusal.code
    return page(
        "badges/badge.html", code=spelled, grouped=grouped(spelled) if spelled else "", typed_code=code,
        wrong_code=wrong, lines=_lines(context.config.seal_origin or context.config.origin, spelled) if spelled else "",
    )  # fmt: skip


def _lines(origin: str, code: str) -> str:
    """As they are pasted; the page escapes them once more."""
    alt = _("Seal %(code)s: what it says now", code=grouped(code))
    return str(Markup(
        '<a href="{}/s/{}"><img src="{}/badge/{}.svg?lang={}" width="300" height="64" alt="{}"></a>'
    ).format(origin, code, origin, code, i18n.language(), alt))  # fmt: skip


@cache
def _drawing(look: str) -> str:
    """The shape the pages themselves draw."""
    shapes: dict[str, str] = environment().get_template("shapes.html").module.SHAPES  # type: ignore[attr-defined]  # a variable of the template
    return shapes[look]


ROUTES = [picture, snippet]
