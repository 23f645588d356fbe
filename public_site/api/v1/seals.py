"""GET /api/v1/seals/{code}: what a seal says now."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from public_site.api.v1.schemas import Seal
from public_site.verification import media
from public_site.verification.answers import Answers, Asked


@get(
    "/api/v1/seals/{code:str}", summary="What a seal says now", tags=["seals"],
    responses={
        200: ResponseSpec(Seal, generate_examples=False, description="Also suspended, withdrawn or expired"),
        400: ResponseSpec(Seal, generate_examples=False, description="The check characters are wrong"),
        404: ResponseSpec(Seal, generate_examples=False, description="The register does not hold it"),
        503: ResponseSpec(Seal, generate_examples=False, description="It cannot be confirmed now"),
    },
)  # fmt: skip
async def seal(
    code: FromPath[str], request: Request[Any, Any, Any], answers: NamedDependency[Answers]
) -> Response[Any]:
    """200 with a verdict (also suspended, withdrawn, expired), 404 unknown, 400 mistyped, 503 cannot confirm now.

    The code is forgiven capitals, spaces, hyphens, O for 0 and I or L for 1.
    """
    answer = await answers.of(Asked(code, media.JSON, "en"))
    headers = {name.decode(): value.decode() for name, value in answer.headers if name != b"content-length"}
    if answer.status == 200 and headers["etag"] in request.headers.get("if-none-match", ""):
        headers.pop("content-type")
        return Response(b"", status_code=304, headers=headers)
    return Response(answer.body, status_code=answer.status, media_type=headers.pop("content-type"), headers=headers)
