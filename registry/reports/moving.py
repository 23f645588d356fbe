"""A worry about a child that somebody typed where it does not belong: into a complaint, a notice or an appeal.

A person finds it and moves it. It is sealed like any stranger's report, as if its writer had used the right form; then
its words are taken out there, and only a number stays. Nothing in the trail, in a list or in a letter tells such a case
from any other that was set aside. Where nobody can receive reports the words are read out over the telephone, and only
then taken out: they are never lost and never kept.
"""

import asyncio
import secrets
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from registry.access.actor import STRANGER, Actor
from registry.appeals import queries as appeals
from registry.appeals import service as appealing
from registry.complaints import handling, marks, seen
from registry.complaints import queries as complaints
from registry.complaints.rules import Aside
from registry.core import crypto
from registry.core.context import Context
from registry.reports import service
from registry.reports.code import derive, new_code
from registry.reports.envelope import Place, Report
from registry.reports.schemas import Filing

What = Literal["complaint", "notice", "appeal"]
LISTS: dict[str, str] = {"complaint": "/desk/complaints", "notice": "/desk/notices", "appeal": "/desk/appeals"}


class Words(msgspec.Struct, frozen=True):
    """What was typed, where, under which number, and the place it names, if any."""

    what: What
    id: UUID
    number: str
    text: str
    region: str = ""


async def words(actor: Actor, what: str, id: UUID) -> Words:
    """The words as this actor may read them; NotFound otherwise."""
    if what == "complaint":
        complaint = await complaints.one(actor, id)
        return Words("complaint", id, complaint.number, "\n".join(filter(None, (complaint.named, complaint.text))))
    if what == "appeal":
        appeal = await appeals.case(actor, id)
        return Words("appeal", id, appeal.number, "\n".join(filter(None, (appeal.grounds, appeal.wanted))))
    notice = await seen.notice(actor, id)
    text = "\n".join(filter(None, (notice.code, notice.seen, notice.note)))
    return Words("notice", id, notice.code, text, notice.region)


async def seal(actor: Actor, now: datetime, context: Context, found: Words, place: str) -> None:
    """File the words to the authority of a place. Twice is once; Conflict `report-closed` when nobody receives it.

    The code that opens the reply box is thrown away: it belongs to whoever wrote, and they are told nothing but that
    their words went to whom they concern.
    """
    fresh = new_code(secrets.randbelow)
    derived = await asyncio.to_thread(derive, fresh, service.label(context))
    nonce = crypto.hmac_sha256(context.keys.derived("moved words"), found.id.bytes)
    report = Report(Place(place), f"{found.number}\n\n{found.text}"[:12_000])
    await service.file(STRANGER, now, context, Filing(report, fresh, derived, nonce, found.text.encode()))


async def take_out(actor: Actor, now: datetime, context: Context, found: Words) -> None:
    """Take the words out where they stood; the trail says what it says of anything set aside."""
    if found.what == "complaint":
        await handling.set_aside(actor, now, found.id, Aside.ELSEWHERE, context.config.time_zone)
    elif found.what == "appeal":
        await appealing.set_words_aside(actor, now, found.id)
    else:
        await marks.set_notice_aside(actor, now, found.id)
