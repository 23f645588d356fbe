"""GET /api/v1/seals/{code}: what a seal says now."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from public_site.verification import media
from public_site.verification.answers import Answers, Asked


@get("/api/v1/seals/{code:str}")
async def seal(code: FromPath[str], answers: NamedDependency[Answers]) -> Response[bytes]:
    """200 with a verdict (also suspended, withdrawn, expired), 404 unknown, 400 mistyped, 503 cannot confirm now."""
    answer = await answers.of(Asked(code, media.JSON, "en"))
    headers = {name.decode(): value.decode() for name, value in answer.headers if name != b"content-length"}
    return Response(answer.body, status_code=answer.status, media_type=headers.pop("content-type"), headers=headers)
