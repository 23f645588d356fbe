"""The page on which a holder says how it sees itself: every question of the scheme on one page, saved whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.certification import file, queries, self_assessment, words
from registry.certification.questionnaire import Reply, Said, SelfAssessment
from registry.core import ids
from registry.core.errors import Conflict, Invalid
from registry.core.pages import again, page, see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)


@get("/desk/certifications/{certification_id:uuid}/assessment")
async def assessment_page(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], certification_id: FromPath[UUID]
) -> Response[Any]:
    return page("certification/assessment.html", **await _assessment(actor, now, certification_id))


@post("/desk/certifications/{certification_id:uuid}/assessment", status_code=303)
async def assess(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], certification_id: FromPath[UUID],
    data: Annotated[dict[str, str], Form],
) -> Response[Any]:  # fmt: skip
    try:
        await self_assessment.self_assess(actor, now, certification_id, read(data), once=ids.read(data.get("once", "")))
    except (Invalid, Conflict) as refusal:
        known = await _assessment(actor, now, certification_id)
        return again("certification/assessment.html", refusal, data, **known)
    return see_other(f"/desk/certifications/{certification_id}#assessment")


def read(data: Mapping[str, str]) -> SelfAssessment:
    """The replies a browser sent, `a-C1.01` with its note `n-C1.01`; what is no reply counts as none."""
    replies = {str(reply) for reply in Reply}
    return SelfAssessment({
        name[2:]: Said(Reply(given), data.get(f"n-{name[2:]}", "").strip())
        for name, given in data.items() if name.startswith("a-") and given in replies
    })  # fmt: skip


async def _assessment(actor: Actor, now: datetime, certification_id: UUID) -> dict[str, Any]:
    actor.require(Permission.CERTIFICATION_APPLY)
    case = await queries.case(actor, certification_id, now)
    return {"case": case, "asked": await queries.asked(case), "saved": await file.self_assessment(case.id),
            "words": words}  # fmt: skip


ROUTES = [assessment_page, assess]
