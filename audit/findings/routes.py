"""Findings, seen from both sides: the business answers its own, the team verifies."""

import asyncio
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from audit.findings import file, queries, service, words
from audit.findings.rules import Plan
from audit.findings.schemas import Draft, Reopen, Verify, VerifyForm
from audit.findings.tables import Finding
from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.core import picture
from registry.core.context import Context
from registry.core.errors import Forbidden, Invalid, Refusal
from registry.core.i18n import N_, long_day
from registry.core.pages import Page, RailEntry, again, page, see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Parts = Body(media_type=RequestEncodingType.MULTI_PART)
LARGEST = 25 * 1024 * 1024
WORDS: dict[str, Any] = {"STATES": words.STATES, "METHODS": words.METHODS, "RESULTS": words.RESULTS}


def _may_read(actor: Actor) -> None:
    if not (actor.may(Permission.FINDINGS_ANSWER) or actor.may(Permission.VISITS_VIEW)
            or Role.ASSOCIATION_ADMIN in actor.roles):  # fmt: skip
        raise Forbidden("permission-missing", permission=str(Permission.FINDINGS_ANSWER))


@get("/audit/findings")
async def findings(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    all: FromQuery[str] = "",  # noqa: A002  the word in the address
) -> Page:
    _may_read(actor)
    rows = await file.lines(actor, now, waiting=not all)
    return page("findings/list.html", rows=rows, waiting=await queries.waiting(actor, now), all=bool(all),
                answers=not actor.may(Permission.VISITS_VIEW), **WORDS)  # fmt: skip


@get("/audit/findings/{finding_id:uuid}")
async def finding(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    finding_id: FromPath[UUID],
    kept: FromQuery[str] = "",
) -> Page:
    _may_read(actor)
    row = await queries.find(actor, finding_id)
    values = await file.values(actor, now, row)
    template = "findings/verify.html" if actor.may(Permission.VISITS_VIEW) else "findings/answer.html"
    return page(template, kept_at=values["draft"]["at"] if kept else None, **values, **WORDS)


@post("/audit/findings/{finding_id:uuid}/answer", status_code=200, request_max_body_size=LARGEST)
async def answer_finding(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    context: NamedDependency[Context],
    finding_id: FromPath[UUID],
    data: Annotated[dict[str, Any], Parts],
) -> Response[Any]:
    """Only "send" sends it; whatever the button, what was typed and cannot be sent is kept as a draft."""
    typed = {name: str(data.get(name, "")).replace("\r\n", "\n").replace("\0", "") for name in Draft.__struct_fields__}
    try:
        wrong = await _file(actor, now, context, finding_id, data.get("file"))
        if wrong:
            raise Invalid("finding-answer-incomplete", fields=wrong)
        if data.get("send"):
            plan = Plan(**{**typed, "due_on": day(typed["due_on"])})  # type: ignore[arg-type]  # fields of the form
            once = file.identity(data["once"]) if data.get("once") else None
            await service.answer_finding(actor, now, finding_id, plan, once=once)
            return see_other(f"/audit/findings/{finding_id}")
    except Invalid as refusal:
        await service.save_draft(actor, now, finding_id, Draft(**typed))
        values = await file.values(actor, now, await queries.find(actor, finding_id))
        told = Invalid(refusal.code, **_filled(refusal, typed, values["row"]))
        return again("findings/answer.html", told, typed, kept_at=now, **values, **WORDS)
    await service.save_draft(actor, now, finding_id, Draft(**typed))
    if data.get("remove"):
        await service.remove_proof(actor, now, finding_id, file.identity(data["remove"]))
    return see_other(f"/audit/findings/{finding_id}", kept="yes")


def _filled(refusal: Refusal, typed: dict[str, str], row: Finding) -> dict[str, Any]:
    """What the sentences about the date name: what was typed, and the limit."""
    limit = long_day(row.close_on) if row.close_on else ""
    since = long_day(row.closed_on) if row.closed_on else ""
    return {**refusal.details, "typed": typed["due_on"], "limit": limit, "since": since}


async def _file(actor: Actor, now: datetime, context: Context, finding_id: UUID, sent: Any) -> dict[str, str]:
    if not isinstance(sent, UploadFile) or not sent.filename:
        return {}
    try:
        kept = await asyncio.to_thread(picture.keep, await sent.read(picture.MAX_BYTES + 1))
        await service.add_proof(actor, now, context.storage, finding_id, sent.filename, kept)
    except Refusal as refusal:
        return {"file": refusal.code}
    return {}


def day(typed: str) -> date | None:
    """A date as people here write it, day first; also the browser's own 2026-12-31. None when it is neither."""
    for form in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%d/%m/%y"):
        try:
            return datetime.strptime(typed.strip(), form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None


@post("/audit/findings/{finding_id:uuid}/verification", status_code=200)
async def verify(
    actor: NamedDependency[Actor],
    now: NamedDependency[datetime],
    finding_id: FromPath[UUID],
    data: Annotated[VerifyForm, Form],
) -> Response[Any]:
    try:
        if not data.send:
            raise Invalid("press-the-button")
        if data.result == "reopen":
            await service.reopen(actor, now, finding_id, Reopen(reason=data.text), once=data.once)
        elif data.result in ("verify", "accept"):
            looked = Verify(method=data.method, text=data.text, plan_only=data.result == "accept")
            await service.verify(actor, now, finding_id, looked, once=data.once)
        else:
            raise Invalid("finding-words-missing", fields={"result": "finding-result-missing"})
    except Invalid as refusal:
        given = refusal.details.get("fields", {})
        fields = {"text" if name == "reason" else name: code for name, code in given.items()}
        told = Invalid(refusal.code, **(refusal.details | {"fields": fields}))
        values = await file.values(actor, now, await queries.find(actor, finding_id))
        return again("findings/verify.html", told, data, kept_at=None, **values, **WORDS)
    return see_other(f"/audit/findings/{finding_id}")


@get("/audit/proofs/{proof_id:uuid}")
async def proof(
    actor: NamedDependency[Actor], context: NamedDependency[Context], proof_id: FromPath[UUID]
) -> Response[bytes]:
    _may_read(actor)
    row = await queries.proof(actor, proof_id)
    return served(await context.storage.get(row.storage_key), row.content_type, row.sha256)


def served(data: bytes, content_type: str, sha256: str) -> Response[bytes]:
    """A kept file: pictures are shown, anything else is only handed down, and nothing in it may run."""
    shown = content_type == picture.JPEG
    name = f"{sha256[:12]}.{'jpg' if shown else 'pdf'}"
    return Response(data, media_type=content_type, headers={
        "content-disposition": f'{"inline" if shown else "attachment"}; filename="{name}"',
        "content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
    })  # fmt: skip


ROUTES = [findings, finding, answer_finding, verify, proof]
RAIL = [RailEntry(Permission.FINDINGS_VERIFY, N_("Findings to verify"), "/audit/findings", queries.waiting,
                  home=frozenset({Role.AUDITOR})),
        RailEntry(Permission.FINDINGS_ANSWER, N_("Audits"), "/audit/findings", queries.waiting)]  # fmt: skip
