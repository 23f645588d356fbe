"""A visit of a hotel and one of a group, planned, opened and answered the way people do it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from audit.checklists import queries as checklists
from audit.findings.rules import Plan as Mending
from audit.visits import queries, service
from audit.visits.jobs import schedule_visit
from audit.visits.rules import Item, Outcome, Reason, Reply
from audit.visits.schemas import AnswerDraft, Closing, Opening
from registry.access.actor import SYSTEM, Actor
from registry.certification import intake
from registry.certification import service as certification
from registry.certification.facts import Grade
from registry.certification.schemas import Plan
from registry.core.ids import uuid7
from tests.registry.certification import scene
from tests.registry.certification.scene import BRUNO, OLGA, Scene

SEEN = "El sello está detrás de una planta y no se ve desde la entrada."
OPENING = Opening(present="Gerente general, jefa de recepción", language="es", declares=True)
Finds = Mapping[str, tuple[Reply, Grade | None]]


async def planned(now: datetime, here: Scene, *team: Actor) -> UUID:
    """A hotel's case planned; its visit on the list of the team."""
    people = [one.id for one in team or (BRUNO,)]
    case = await scene.applied(now, here)
    await intake.accept_application(OLGA, now, case, scene.SCREENED)
    await certification.plan(OLGA, now, case, Plan(team=tuple(people), lead=people[0], visit_on=now.date()))
    return await on_list(now, case)


async def group_planned(now: datetime, here: Scene) -> UUID:
    """A group's case planned and its sample drawn."""
    case = await scene.group_applied(now, here)
    await intake.accept_application(OLGA, now, case, scene.SCREENED)
    await certification.plan(OLGA, now, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=now.date()))
    return await on_list(now, case)


async def on_list(now: datetime, case: UUID) -> UUID:
    """What reactions.py does when the case was planned."""
    await schedule_visit(None, now, {"certification": str(case)})  # type: ignore[arg-type]
    return (await queries.visits_of([case]))[case]


def draft(item: Item, reply: Reply = Reply.CONFORMS, grade: Grade | None = None, **more: Any) -> AnswerDraft:
    """An answer that owes nothing."""
    values: dict[str, Any] = {"id": uuid7(), "question": item.question, "unit": item.unit, "reply": reply,
                              "grade": grade}  # fmt: skip
    if reply in (Reply.NONCONFORMITY, Reply.OBSERVATION):
        values["note"] = SEEN
    if reply is Reply.NOT_APPLICABLE:
        values["reason"] = Reason.NO_SEAL_YET
    if reply is Reply.NOT_EVALUABLE:
        values["reason"] = Reason.NO_ACCESS
    return AnswerDraft(**(values | more))


async def items(visit_id: UUID) -> list[Item]:
    visit = await queries.find(SYSTEM, visit_id)
    return queries.items(visit, await queries.sample(visit_id))


async def answered(now: datetime, visit_id: UUID, finds: Finds | None = None, by: Actor = BRUNO) -> None:
    """Every question answered: these findings at the place, everything else in order."""
    visit = await queries.find(SYSTEM, visit_id)
    asked = await checklists.questions(visit.scheme_version)
    drafts = []
    for item in await items(visit_id):
        reply, grade = (finds or {}).get(item.question, (Reply.CONFORMS, None)) if item.unit is None else (
            Reply.CONFORMS, None)  # fmt: skip
        figure = 3.0 if asked[item.question].type == "count" and item.unit is None else None
        drafts.append(draft(item, reply, grade, figure=figure))
    await service.answer_many(by, now, visit_id, drafts)


async def closing(now: datetime, visit_id: UUID, **more: Any) -> Closing:
    """The closing meeting of the findings as they stand."""
    from audit.visits import summary
    from registry.schemes import queries as schemes

    visit = await queries.find(SYSTEM, visit_id)
    terms = summary.terms(await schemes.version(visit.scheme_version))
    _text, shown = queries.shown(await queries.found(visit_id), queries.today(visit, now), terms)
    values: dict[str, Any] = {"present": "Gerente general", "language": "es", "shown_hash": shown,
                              "outcome": Outcome.RECEIVED, "name": "Ana Villafuerte", "role": "Gerente"}  # fmt: skip
    return Closing(**(values | more))


async def opened(now: datetime, here: Scene, *team: Actor) -> UUID:
    visit = await planned(now, here, *team)
    await service.open_visit(BRUNO, now, visit, OPENING)
    return visit


async def closed(now: datetime, here: Scene, finds: Finds | None = None) -> UUID:
    visit = await opened(now, here)
    await answered(now, visit, finds)
    await service.close_visit(BRUNO, now, visit, await closing(now, visit))
    return visit


async def reported(now: datetime, here: Scene, finds: Finds | None = None) -> UUID:
    visit = await closed(now, here, finds)
    await service.report(BRUNO, now, visit)
    return visit


def mended(now: datetime, days: int = 10, **more: Any) -> Mending:
    """A client's whole answer."""
    values: dict[str, Any] = {
        "correction": "Movimos el sello a la puerta.", "cause": "Nadie era responsable del sello.",
        "action": "Recepción lo revisa cada lunes.", "responsible": "Jefa de recepción",
        "due_on": now.date() + timedelta(days=days),
    }  # fmt: skip
    return Mending(**(values | more))


MAJOR = (Reply.NONCONFORMITY, Grade.MAJOR)
MINOR = (Reply.NONCONFORMITY, Grade.MINOR)
OBSERVATION = (Reply.OBSERVATION, None)
CRITICAL = (Reply.NONCONFORMITY, Grade.CRITICAL)
