"""What a code opens, put together: where it is typed, the state with its days, what the authority said, the replies."""

from datetime import datetime
from typing import Any

import msgspec

from public_site.report_form.view import HIDDEN, scripted
from registry.authorities.directory import Directory, Record
from registry.core import crypto
from registry.core.context import Context
from registry.core.errors import Refusal
from registry.core.i18n import N_, language
from registry.core.pages import Page, again, page
from registry.reports import envelope, notary, queries
from registry.reports.rules import Outcome, Progress, State
from registry.reports.schemas import Box, ReplyView

OUTCOMES = {
    Outcome.CHILD_LOCATED_SAFE: N_(
        "The authority found the child or adolescent, and they are well. Thank you for telling."
    ),
    Outcome.CHILD_PROTECTED: N_("The authority took a measure of protection. Thank you for telling."),
    Outcome.INVESTIGATION_OPENED: N_(
        "The authority opened an investigation. We cannot tell you more. Thank you for telling."
    ),
    Outcome.JOINED_TO_EXISTING: N_(
        "What you told joined an investigation that was already open. Thank you for telling."
    ),
    Outcome.INSPECTION_DONE: N_("The authority made an inspection. Thank you for telling."),
    Outcome.REFERRED_ABROAD: N_("The authority passed it on to another country. Thank you for telling."),
    Outcome.UNFOUNDED_GOOD_FAITH: N_("The authority looked into it and found no grounds. You did right to tell."),
    Outcome.NOT_ENOUGH_INFORMATION: N_("There was not enough to act on. If you remember more, file another report."),
    Outcome.NOT_COMPETENT_FORWARDED: N_("It was for another office, and was passed on to it."),
    Outcome.UNREADABLE: N_("The office could not open it. Please file it again, or call one of the numbers."),
    Outcome.FALSE_REPORT: N_("The authority closed it."),
    Outcome.NO_FEEDBACK_ALLOWED: N_("The authority closed it. The law does not let it tell more."),
}
PROGRESS = {
    Progress.ACCEPTED: N_("The authority accepted it and is working on it."),
    Progress.NEED_INFO: N_(
        "The authority needs to know more. If you can, file another report and say that it adds to an earlier one."
    ),
    Progress.TRANSFERRED: N_("The authority passed it on to another office."),
    Progress.NOT_COMPETENT: N_("It is for another office. The authority says so; it must still say what came of it."),
    Progress.DUPLICATE: N_("The authority knows of it already from another report. Thank you for telling."),
}


def return_page(context: Context, refusal: Refusal | None = None) -> Page:
    """Where a code is typed. A code that failed is not written into the page again."""
    values = scripted("return.js", context)
    if refusal is None:
        return page("report_form/return.html", headers=HIDDEN, **values)
    shown = again("report_form/return.html", refusal, **values)
    shown.headers.update(HIDDEN)
    # Unknown, wrong and purged look the same, also to a program that only reads the status.
    shown.status_code = 422
    return shown


async def box_page(context: Context, now: datetime, box: Box, identity: str | None) -> Page:
    """State, dates and replies. Without the identity that the code gives they stay sealed: the browser opens them."""
    directory = await queries.directory(context, now, None)
    names = {a: _name(directory, a) for a in box.chain}
    return page(
        "report_form/box.html", headers=HIDDEN, box=box, track=track(box, names), names=names, State=State,
        outcome=OUTCOMES.get(box.outcome) if box.outcome else "", progress=progress(box), last=box.returned_on,
        replies=ordered([_reply(directory, r, box, identity) for r in box.replies], [r.counter for r in box.replies]),
        zone=context.config.time_zone, due=pending(box, now),
    )  # fmt: skip


def ordered(replies: list[dict[str, Any]], counters: list[int]) -> list[dict[str, Any]]:
    """Says of each reply that holds whether one before it is missing, or it comes again: as the browser does."""
    seen: set[int] = set()
    for reply, counter in zip(replies, counters, strict=True):
        if reply.get("signed"):
            following = counter == max(seen, default=0) + 1
            reply["word"] = "again" if counter in seen else "held" if following else "order"
            seen.add(counter)
    return replies


def progress(box: Box) -> str:
    """What the authority said of it before the outcome; nothing for a word that we do not know yet."""
    return PROGRESS[Progress(box.progress)] if box.progress in set(Progress) and not box.outcome else ""


def pending(box: Box, now: datetime) -> datetime | None:
    """When somebody must have opened it at the latest; None once acknowledged."""
    if box.acknowledged or box.closed:
        return None
    return next((at for at in box.due if at > now), None)


def track(box: Box, names: dict[Any, str]) -> list[dict[str, Any]]:
    """The steps as the reporter reads them: done with a day, or to come."""
    who = names.get(box.answered_by) or names[box.chain[0]]
    steps = [
        (State.SEALED, N_("Sealed"), box.received, ""),
        (State.NOTIFIED, N_("Delivered"), box.notified or box.opened, ""),
        (State.OPENED, N_("Opened"), box.opened, who),
        (State.ACKNOWLEDGED, N_("A person took charge"), box.acknowledged, who),
        (State.CLOSED, N_("Outcome"), box.closed, ""),
    ]
    return [
        {"step": step, "words": words, "when": when, "small": small if when else "", "next": when is None}
        for step, words, when, small in steps
    ]


def _name(directory: Directory | None, authority: Any) -> str:
    record: Record | None = directory.record(authority) if directory else None
    return record.name(language()) if record else ""


def _reply(directory: Directory | None, reply: ReplyView, box: Box, identity: str | None) -> dict[str, Any]:
    """A reply opened with the code, and whether the office's signature holds; or as it is kept, for a browser."""
    record = directory.record(reply.authority) if directory else None
    shown: dict[str, Any] = {"name": record.name(language()) if record else "", "on": reply.sent_on}
    body = bytes.fromhex(reply.body)
    if identity is None:
        return shown | {"sealed": msgspec.structs.replace(reply, body=crypto.b64url(body))}
    try:
        text = envelope.open_reply(body, identity)
    except Refusal:
        return shown | {"text": "", "signed": False}
    said = notary.statement(
        "reply", box.envelope, bytes.fromhex(box.sha256), counter=reply.counter, reply=crypto.sha256(body).hex()
    )
    try:
        notary.attested(record.signing if record else "", reply.signature, said)
    except Refusal:
        return shown | {"text": text, "signed": False}
    return shown | {"text": text, "signed": True}
