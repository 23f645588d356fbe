"""What the holder says against its team, and the officer's answer; both are given in the case's file."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from registry.certification import forms, objections
from registry.certification.case_routes import Now, Who, done
from registry.core.errors import Invalid

Form = Body(media_type=RequestEncodingType.URL_ENCODED)


@post("/desk/certifications/{certification_id:uuid}/objection", status_code=303)
async def object_to_team(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.ObjectionForm, Form]
) -> Response[Any]:
    async def act() -> None:
        persons = forms.ids(data.persons, "persons", "objection-to-nobody")
        await objections.object_to_team(actor, now, certification_id, persons, data.reason, once=data.once)

    return await done(actor, now, certification_id, data, act)


@post("/desk/certifications/{certification_id:uuid}/objection/answer", status_code=303)
async def answer_objection(
    actor: Who, now: Now, certification_id: FromPath[UUID], data: Annotated[forms.AnswerForm, Form]
) -> Response[Any]:
    async def act() -> None:
        if data.team not in ("keep", "change"):
            raise Invalid("choose-one", fields={"team": "choose-one"})
        await objections.answer_objection(
            actor, now, certification_id, data.team == "change", data.reason, once=data.once
        )

    return await done(actor, now, certification_id, data, act)


ROUTES = [object_to_team, answer_objection]
