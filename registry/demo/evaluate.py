"""Chapter three, for each case: applied for, planned without conflict, visited, corrected, reviewed and decided."""

import random
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from audit.checklists import queries as checklists
from audit.findings import queries as found
from audit.findings import rules as finding
from audit.findings import service as findings
from audit.findings.schemas import Verify
from audit.visits import queries as visited
from audit.visits import service as visits
from audit.visits import summary
from audit.visits.rules import Item, Outcome, Reply
from audit.visits.schemas import AnswerDraft, Closing, Explained, Opening
from audit.visits.tables import Visit
from registry.access.actor import Actor
from registry.certification import intake, questionnaire, self_assessment
from registry.certification import queries as cases
from registry.certification import service as certification
from registry.certification.facts import Grade, Kind
from registry.certification.rules import Decision, Recommendation
from registry.certification.sampling import Risk
from registry.certification.schemas import Apply, Decide, Plan, Review
from registry.certification.screening import Point, Screening
from registry.core.ids import uuid7
from registry.demo.prepare import SCHEME
from registry.demo.stage import Member, Stage
from registry.schemes import queries as schemes

REASON = "Cumple los criterios; la revisión no encontró nada que lo impida."
SEEN = "Se pidió ver el documento durante la visita y no estaba a mano en el turno de noche."


async def apply(stage: Stage, member: Member) -> None:
    """The business asks for its certification."""
    version = await schemes.current(SCHEME, stage.now)
    data = Apply(kind=Kind.SINGLE, client_id=member.id, scheme_version=version.id,
                 unit_ids=tuple(unit.id for unit in member.units))  # fmt: skip
    member.certification = await intake.apply(member.signer, stage.now, data)
    await assess(stage, member.signer, member.certification, member.name)


async def assess(stage: Stage, actor: Actor, case: UUID, name: str) -> None:
    """The holder says how it sees itself, the same each time the story is told."""
    chance = random.Random(f"self {name}")
    asked = await cases.asked(await cases.case(actor, case, stage.now))
    replies = chance.choices(tuple(questionnaire.Reply), (7, 2, 1), k=sum(len(some) for _, some in asked))
    ids = [one.id for _, some in asked for one in some]
    said = {id: questionnaire.Said(reply) for id, reply in zip(ids, replies, strict=True)}
    await self_assessment.self_assess(actor, stage.now, case, questionnaire.SelfAssessment(said))


async def accept(stage: Stage, case: UUID) -> None:
    """The officer finds the application complete."""
    await intake.accept_application(
        stage["olga"], stage.now, case, Screening(checked=frozenset(Point), note="Solicitud completa.")
    )


async def plan(stage: Stage, case: UUID, auditor: Actor, days: int, risk: Risk = Risk.LOW) -> None:
    """The officer sends an auditor on a day to come; the visit appears on the auditor's list."""
    data = Plan(team=(auditor.id,), lead=auditor.id, visit_on=(stage.now + timedelta(days=days)).date(), risk=risk)
    await certification.plan(stage["olga"], stage.now, case, data)


async def visit(
    stage: Stage, case: UUID, auditor: Actor, flawed: Sequence[str] = (), grade: Grade | None = None
) -> UUID:
    """Hold the visit: opening, every question, closing with its signature, report. `flawed` ones do not conform."""
    waits = (Visit.certification == case) & (Visit.state == "planned")
    found_visit = await Visit.objects().where(waits).first()
    assert found_visit is not None, "planning a case puts its visit on the auditor's list"
    explained = tuple(Explained)
    opening = Opening(present="Gerencia y jefatura de recepción", language="es", explained=explained, declares=True)
    await visits.open_visit(auditor, stage.now, found_visit.id, opening)
    this = await visited.find(auditor, found_visit.id)
    items = visited.items(this, await visited.sample(this.id))
    asked, known = await checklists.questions(this.scheme_version), await visited.figures(this, stage.now)
    counted = {question for question, one in asked.items() if one.counted and question not in known}
    await visits.answer_many(auditor, stage.now, this.id, [answer(item, flawed, grade, counted) for item in items])
    stage.walk.on(hours=3)
    await close(stage, auditor, this.id)
    await visits.report(auditor, stage.now, this.id)
    return this.id


def answer(item: Item, flawed: Sequence[str], grade: Grade | None, counted: Collection[str]) -> AnswerDraft:
    """What the auditor finds about one question; what the registry cannot count, the auditor does."""
    if item.question not in flawed or item.unit is not None:
        figure = 2.0 if item.question in counted and item.unit is None else None
        return AnswerDraft(id=uuid7(), question=item.question, unit=item.unit, reply=Reply.CONFORMS, figure=figure)
    return AnswerDraft(id=uuid7(), question=item.question, reply=Reply.NONCONFORMITY, grade=grade, note=SEEN)


async def close(stage: Stage, auditor: Actor, visit_id: UUID) -> None:
    """Read the findings out; the business signs that it received them, which is not agreement."""
    this = await visited.find(auditor, visit_id)
    terms = summary.terms(await schemes.version(this.scheme_version))
    _, shown = visited.shown(await visited.found(visit_id), visited.today(this, stage.now), terms)
    data = Closing(present="Gerencia", language="es", shown_hash=shown, outcome=Outcome.RECEIVED,
                   name="Gerencia del establecimiento", role="Gerencia")  # fmt: skip
    await visits.close_visit(auditor, stage.now, visit_id, data)


async def correct(stage: Stage, member: Member, auditor: Actor, *, verified: bool = True) -> None:
    """The business answers its findings; the auditor verifies what was done."""
    for one in await found.listed(member.signer, waiting=True):
        plan_for = finding.Plan(
            correction="Se colocó el documento en recepción.", cause="Solo había copia en la oficina.",
            action="Cada turno firma que lo tiene a mano.", responsible="Gerencia",
            due_on=stage.now.date() + timedelta(days=10), proof="Foto del mueble de recepción, sin personas.",
        )  # fmt: skip
        await findings.answer_finding(member.signer, stage.now, one.id, plan_for)
        if verified:
            seen = Verify(method=finding.Method.PHOTOGRAPH, text="Vi la foto y la hoja de turnos firmada.")
            await findings.verify(auditor, stage.now, one.id, seen)


async def review(stage: Stage, case: UUID, recommendation: Recommendation = Recommendation.GRANT) -> None:
    """Somebody outside the evaluation checks it and recommends."""
    await certification.review(stage["carla"], stage.now, case, Review(recommendation=recommendation, notes=REASON))


async def decide(stage: Stage, case: UUID, decision: Decision = Decision.GRANT, reason: str = REASON) -> None:
    """Somebody outside the evaluation decides, with a reason."""
    await certification.decide(stage["dora"], stage.now, case, Decide(decision=decision, reason=reason))


def flaws(member: Member) -> tuple[tuple[str, ...], Grade | None]:
    """One hotel in four has something to mend: the same ones each time the story is told."""
    chance = random.Random(f"flaw {member.name}")
    if chance.random() > 0.25:
        return (), None
    return ("C1.03",), chance.choice((Grade.MINOR, Grade.MAJOR))
