"""Typing a code, and how to scan one."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body

from registry.core.context import Context
from registry.core.errors import Invalid
from registry.core.pages import Page, again, page, see_other
from registry.seals.code import check


class Typed(msgspec.Struct, frozen=True):
    code: str = ""


@get("/scan", sync_to_thread=False)
def scan(context: NamedDependency[Context]) -> Page:
    return page("scanner/scan.html", host=_host(context))


@post("/scan", sync_to_thread=False)
def look_up(
    data: Annotated[Typed, Body(media_type=RequestEncodingType.URL_ENCODED)], context: NamedDependency[Context]
) -> Response[Any]:
    """To the seal's own address, so that it can be kept, shared and reloaded; what cannot be a code comes back."""
    try:
        return see_other(f"/s/{check(data.code)}")
    except Invalid as mistyped:
        refusal = Invalid(mistyped.code, fields={"code": mistyped.code})
        if not data.code.strip():
            refusal = Invalid("code-missing", fields={"code": "code-missing"})
        return again("scanner/scan.html", refusal, data, host=_host(context))


def _host(context: Context) -> str:
    """As the phone shows it."""
    return context.config.seal_base.lower()


ROUTES = [scan, look_up]
