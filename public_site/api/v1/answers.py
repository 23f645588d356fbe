"""How every endpoint answers: to anybody's page, with a tag, and with the copy's own state beside it."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response

from public_site.api.v1.schemas import Copy
from public_site.verification import rules
from public_site.verification.following import Following
from registry.core import crypto
from registry.seals.snapshot import Kind

SOON = "public, max-age=5, must-revalidate"


def answered(request: Request[Any, Any, Any], said: msgspec.Struct) -> Response[Any]:
    """JSON with an ETag; 304 when it is the one they have."""
    body = msgspec.json.encode(said)
    headers = {
        "etag": f'"{crypto.sha256(body).hex()[:20]}"', "cache-control": SOON, "access-control-allow-origin": "*",
        "vary": "accept-language",
    }  # fmt: skip
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def copy_of(following: Following, now: datetime) -> Copy:
    copy, as_of = following.copy, following.as_of
    fresh = following.instant(now) - as_of <= rules.DOOR[Kind.ESTABLISHMENT].green
    # To the minute, as on the pages: equal answers have equal tags.
    return Copy(copy.seq, copy.issued_at, as_of.replace(second=0, microsecond=0), copy.log.size, fresh)
