"""The auditor's pages: my visits, one visit, the checklist by criterion and by unit, the two meetings, the report."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from audit.findings.routes import served
from audit.findings.words import STATES as FINDING_STATES
from audit.visits import file, form, queries, rules, service, summary, words
from audit.visits.file import File
from audit.visits.rules import Reply, State
from audit.visits.schemas import AddEvidence, AnswerDraft, ClosingForm, OpeningForm, ReplaceForm, ReportForm
from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.accounts import queries as accounts
from registry.core import picture
from registry.core.context import Context
from registry.core.errors import Conflict, Invalid, NotFound, Refusal
from registry.core.i18n import N_, _
from registry.core.ids import uuid7
from registry.core.pages import Page, RailEntry, again, page, see_other
from registry.schemes import queries as schemes

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Parts = Body(media_type=RequestEncodingType.MULTI_PART)
LARGEST = 60 * 1024 * 1024
"""Bytes of one section with its photographs; each file has its own, smaller limit."""
LATEST, EVERY = 12, 2000
"""Finished visits shown at first, and when asked for all."""
WORDS: dict[str, Any] = {
    "STATES": words.STATES, "OCCASIONS": words.OCCASIONS, "METHODS": words.METHODS, "REPLIES": words.REPLIES,
    "REASONS": words.REASONS, "EXPLAINED": words.EXPLAINED, "OUTCOMES": words.OUTCOMES,
    "RECOMMENDATIONS": words.RECOMMENDATIONS, "FINDING_STATES": FINDING_STATES,
    "REASONS_OF": {"not_applicable": rules.REASONS[Reply.NOT_APPLICABLE],
                        "not_evaluable": rules.REASONS[Reply.NOT_EVALUABLE]}}  # fmt: skip


@get("/audit")
async def audit(actor: NamedDependency[Actor]) -> Response[Any]:
    return see_other("/audit/visits" if actor.may(Permission.VISITS_CONDUCT) else "/audit/findings")


@get("/audit/visits")
async def visits(actor: NamedDependency[Actor], now: NamedDependency[datetime], every: FromQuery[bool] = False) -> Page:
    actor.require(Permission.VISITS_CONDUCT)
    lines = await file.lines(actor, EVERY if every else LATEST)
    titles = {"open": _("Open now"), "closed": _("Report to write"), "planned": _("Still to come"),
              "finished": _("Finished")}  # fmt: skip
    groups = [(key, titles[key], [line for line in lines if line.visit.state == state]) for key, state in file.GROUPS]
    more = not every and sum(line.visit.state == State.REPORTED for line in lines) == LATEST
    return page("visits/list.html", lines=lines, groups=groups, more=more, waiting=await queries.waiting(actor, now),
                today=now.date(), **WORDS)  # fmt: skip


async def _opened(actor: Actor, visit_id: UUID) -> File:
    actor.require(Permission.VISITS_VIEW)
    return await file.of(await queries.find(actor, visit_id))


@get("/audit/visits/{visit_id:uuid}")
async def visit(actor: NamedDependency[Actor], now: NamedDependency[datetime], visit_id: FromPath[UUID]) -> Page:
    one = await _opened(actor, visit_id)
    next_url, next_label = file.following(one)
    row, found = one.visit, file.findings(one, one.found, now)
    return page(
        "visits/visit.html", visit_row=row, progress=one.progress, groups=file.criteria(one), units=file.sample(one),
        reading=file.results(one)["reading"], found=found, names=await accounts.called(row.team),
        evidence=await file.kept(visit_id), can=queries.allowed(actor, row), next_url=next_url, next_label=next_label,
        version=one.version.version, **WORDS)  # fmt: skip


@get("/audit/visits/{visit_id:uuid}/opening")
async def opening(actor: NamedDependency[Actor], visit_id: FromPath[UUID]) -> Page | Response[Any]:
    one = await _opened(actor, visit_id)
    if not queries.allowed(actor, one.visit).open:
        return see_other(f"/audit/visits/{visit_id}")
    return page("visits/opening.html", visit_row=one.visit, questions=one.progress.of, **WORDS)


@post("/audit/visits/{visit_id:uuid}/opening", status_code=200)
async def open_visit(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    visit_id: FromPath[UUID],
    data: Annotated[OpeningForm, Form],
) -> Response[Any]:
    try:
        await service.open_visit(actor, now, visit_id, data.opening, once=data.once)
    except Invalid as refusal:
        one = await _opened(actor, visit_id)
        return again("visits/opening.html", refusal, data, visit_row=one.visit, questions=one.progress.of, **WORDS)
    return see_other(file.following(await _opened(actor, visit_id))[0])


# The checklist.


async def _section(
    actor: Actor, now: datetime, visit_id: UUID, place: str, unit: UUID | None, saved: int | None
) -> dict[str, Any]:
    one = await _opened(actor, visit_id)
    questions = await file.questions(one, place, unit, now)
    criterion = next((c for c in one.version.criteria if place == f"criteria/{c.id}"), None)
    heading = f"{criterion.id} · {file.words(criterion.name)}" if criterion else one.labels.get(unit or visit_id, "?")
    can = queries.allowed(actor, one.visit)
    untouched = all(question["over"] == "" for question in questions)
    return {
        "visit_row": one.visit, "questions": questions, "progress": one.progress, "heading": heading, "saved": saved,
        "action": f"/audit/visits/{visit_id}/{place}", "can_answer": can.answer, "unit_id": unit, "known_text": "",
        "can_replace": bool(unit) and can.answer and untouched, "next_label": file.following(one, place)[1],
        "fields": file.fields(one, place), **WORDS,
    }  # fmt: skip


async def _shown(actor: Actor, now: datetime, visit_id: UUID, place: str, unit: UUID | None, saved: int | None) -> Page:
    values = await _section(actor, now, visit_id, place, unit, saved)
    drawn = page("visits/section.html", **values)
    drawn.typed = values["fields"]
    return drawn


@get("/audit/visits/{visit_id:uuid}/criteria/{criterion:str}")
async def section(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    visit_id: FromPath[UUID],
    criterion: FromPath[str],
    saved: FromQuery[int | None] = None,
) -> Page:
    return await _shown(actor, now, visit_id, f"criteria/{criterion}", None, saved)


@get("/audit/visits/{visit_id:uuid}/units/{unit:uuid}")
async def unit_section(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    visit_id: FromPath[UUID],
    unit: FromPath[UUID],
    saved: FromQuery[int | None] = None,
) -> Page:
    return await _shown(actor, now, visit_id, f"units/{unit}", unit, saved)


@post("/audit/visits/{visit_id:uuid}/criteria/{criterion:str}", status_code=200, request_max_body_size=LARGEST)
async def answer(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    context: NamedDependency[Context],
    visit_id: FromPath[UUID],
    criterion: FromPath[str],
    data: Annotated[dict[str, Any], Parts],
) -> Response[Any]:
    return await _answered(actor, now, context, visit_id, f"criteria/{criterion}", None, data)


@post("/audit/visits/{visit_id:uuid}/units/{unit:uuid}", status_code=200, request_max_body_size=LARGEST)
async def answer_unit(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    context: NamedDependency[Context],
    visit_id: FromPath[UUID],
    unit: FromPath[UUID],
    data: Annotated[dict[str, Any], Parts],
) -> Response[Any]:
    return await _answered(actor, now, context, visit_id, f"units/{unit}", unit, data)


async def _answered(
    actor: Actor, now: datetime, context: Context, visit_id: UUID, place: str, unit: UUID | None, data: dict[str, Any]
) -> Response[Any]:
    """Save what is complete; show again, as typed, what still owes something or was answered by somebody else."""
    one = await _opened(actor, visit_id)
    brought = form.section(await file.asked(one, place), unit, data)
    owed = dict(brought.owed)
    refusal: Refusal | None = None
    saved = 0
    try:
        saved = await _saved(actor, now, visit_id, brought.ready)
    except Conflict as conflict:
        if "fields" not in conflict.details:
            raise
        refusal = conflict
        owed |= conflict.details["fields"]
        free = [draft for draft in brought.ready if f"{draft.question}.reply" not in conflict.details["fields"]]
        saved = await _saved(actor, now, visit_id, free)
    owed |= await _files(actor, now, context, visit_id, unit, brought.files)
    if owed:
        values = await _section(actor, now, visit_id, place, unit, saved)
        told = Invalid("answers-incomplete", fields=owed) if refusal is None else Conflict(refusal.code, fields=owed)
        drawn = again("visits/section.html", told, values["fields"] | data, **values)
        # On top of the page several lines may say the same: each names its question.
        drawn.wrong = {name: f"{name.rpartition('.')[0]}: {text}" for name, text in drawn.wrong.items()}
        return drawn
    if data.get("go") == "stay":
        return see_other(f"/audit/visits/{visit_id}/{place}", saved=saved)
    url, _label = file.following(await _opened(actor, visit_id), place)
    return see_other(url)


async def _saved(actor: Actor, now: datetime, visit_id: UUID, drafts: list[AnswerDraft]) -> int:
    if drafts:
        await service.answer_many(actor, now, visit_id, drafts)
    return len(drafts)


async def _files(
    actor: Actor, now: datetime, context: Context, visit_id: UUID, unit: UUID | None, files: dict[str, UploadFile]
) -> dict[str, str]:
    """Keep each file; what could not be kept, by field."""
    wrong = {}
    for question, sent in files.items():
        try:
            kept = await cleaned(sent)
            meta = AddEvidence(id=uuid7(), name=sent.filename, question=question, unit=unit)
            await service.add_evidence(actor, now, context.storage, visit_id, meta, kept)
        except Refusal as refusal:
            wrong[f"{question}.file"] = refusal.code
    return wrong


async def cleaned(sent: UploadFile) -> picture.Kept:
    """The file as it may be kept; drawing a photograph again takes time, so a thread does it."""
    return await asyncio.to_thread(picture.keep, await sent.read(picture.MAX_BYTES + 1))


@post("/audit/visits/{visit_id:uuid}/units/{unit:uuid}/replacement", status_code=200)
async def replace_unit(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    visit_id: FromPath[UUID],
    unit: FromPath[UUID],
    data: Annotated[ReplaceForm, Form],
) -> Response[Any]:
    taken = await service.replace_unit(actor, now, visit_id, unit, data.reason, once=data.once)
    return see_other(f"/audit/visits/{visit_id}/units/{taken}")


# Evidence.


@post("/audit/visits/{visit_id:uuid}/evidence", status_code=200, request_max_body_size=LARGEST)
async def add_evidence(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    context: NamedDependency[Context],
    visit_id: FromPath[UUID],
    data: Annotated[dict[str, Any], Parts],
) -> Response[Any]:
    await _opened(actor, visit_id)
    sent = data.get("file")
    kept = await cleaned(sent) if isinstance(sent, UploadFile) and sent.filename else None
    meta = AddEvidence(id=form.identity(data.get("once")), name=getattr(sent, "filename", "") or "",
                       note=str(data.get("note", "")))  # fmt: skip
    await service.add_evidence(actor, now, context.storage, visit_id, meta, kept)
    return see_other(f"/audit/visits/{visit_id}#evidence")


@get("/audit/evidence/{evidence_id:uuid}")
async def evidence(
    actor: NamedDependency[Actor], context: NamedDependency[Context], evidence_id: FromPath[UUID]
) -> Response[bytes]:
    actor.require(Permission.VISITS_VIEW)
    row = await queries.piece(actor, evidence_id)
    if not row.storage_key:
        raise NotFound("visit-not-found")
    return served(await context.storage.get(row.storage_key), row.content_type, row.sha256)


# The closing meeting and the report.


async def _closing(actor: Actor, now: datetime, visit_id: UUID) -> dict[str, Any]:
    one = await _opened(actor, visit_id)
    terms = summary.terms(await schemes.version(one.visit.scheme_version))
    _text, shown_hash = queries.shown(one.found, queries.today(one.visit, now), terms)
    blank = [{"url": file.address(one, item), "label": item.question if item.unit is None else
              f"{one.labels.get(item.unit, '?')} {item.question}"} for item in one.blank]  # fmt: skip
    return {"visit_row": one.visit, "found": file.findings(one, one.found, now), "blank": blank,
            "shown_hash": shown_hash, "not_evaluable": file.not_evaluable(one),
            "appeal_days": one.version.parameters.appeal_days, **WORDS}  # fmt: skip


@get("/audit/visits/{visit_id:uuid}/closing")
async def closing(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], visit_id: FromPath[UUID]
) -> Page | Response[Any]:
    values = await _closing(actor, now, visit_id)
    if not queries.allowed(actor, values["visit_row"]).close:
        return see_other(f"/audit/visits/{visit_id}")
    return page("visits/closing.html", **values)


@post("/audit/visits/{visit_id:uuid}/closing", status_code=200)
async def close_visit(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    visit_id: FromPath[UUID],
    data: Annotated[ClosingForm, Form],
) -> Response[Any]:
    try:
        if data.save:
            raise Invalid("press-the-button")
        await service.close_visit(actor, now, visit_id, data.closing, once=data.once)
    except (Invalid, Conflict) as refusal:
        values = await _closing(actor, now, visit_id)
        if not queries.allowed(actor, values["visit_row"]).close:
            raise
        return again("visits/closing.html", refusal, data, **values)
    return see_other(f"/audit/visits/{visit_id}/report")


@get("/audit/visits/{visit_id:uuid}/report")
async def report(actor: NamedDependency[Actor], now: NamedDependency[datetime], visit_id: FromPath[UUID]) -> Page:
    return page("visits/report.html", **await _report(actor, now, visit_id))


async def _report(actor: Actor, now: datetime, visit_id: UUID) -> dict[str, Any]:
    one = await _opened(actor, visit_id)
    row = one.visit
    return {"visit_row": row, "found": file.findings(one, one.found, now), "units": len(one.units),
            "opening": queries.record(row.opening), "closing": queries.record(row.closing),
            "signature": await queries.signature(visit_id), "evidence": await file.kept(visit_id),
            "can": queries.allowed(actor, row), **file.results(one), **WORDS}  # fmt: skip


@post("/audit/visits/{visit_id:uuid}/report", status_code=200)
async def hand_in(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    visit_id: FromPath[UUID],
    data: Annotated[ReportForm, Form],
) -> Response[Any]:
    if data.save:
        return again("visits/report.html", Invalid("press-the-button"), data, **await _report(actor, now, visit_id))
    await service.report(actor, now, visit_id, data.notes, once=data.once)
    return see_other(f"/audit/visits/{visit_id}/report")


ROUTES = [audit, visits, visit, opening, open_visit, section, unit_section, answer, answer_unit, replace_unit,
          add_evidence, evidence, closing, close_visit, report, hand_in]  # fmt: skip
RAIL = [
    RailEntry(Permission.VISITS_CONDUCT, N_("Visits"), "/audit/visits", queries.waiting, home=frozenset({Role.AUDITOR}))
]
