"""What a code opens, put together: where it is typed, the state with its days, what the authority said, the replies."""

from datetime import datetime
from typing import Any

import msgspec

from public_site.report_form.view import HIDDEN, scripted
from registry.authorities import queries as authorities
from registry.authorities.directory import Directory, Record
from registry.authorities.past import formerly
from registry.core import crypto
from registry.core.context import Context
from registry.core.errors import Refusal
from registry.core.i18n import N_, _, day, language, moment, zone_name
from registry.core.pages import Page, again, page
from registry.reports import envelope, notary, queries
from registry.reports.rules import Outcome, Progress, State, link
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
CAME = {
    State.NOTIFIED: N_("The office was told that something waits for it."),
    State.FETCHED: N_("The office has taken it in and has not said yet that it could open it."),
    State.OPENED: N_("Somebody of the office opened it and has not said yet that a person takes charge."),
}
TAKEN = N_("A person of the authority opened it and took charge.")
SILENT = N_("The time to answer has passed without a word. We have told the people in charge.")
CALL = N_("If somebody is in danger, call.")
UNTOLD = N_("The authority closed it and did not say what came of it.")
DESTROYED = N_(
    "In a whole year no office answered, although each of them was told. A person of the register, who could not read"
    " it, decided to close it. The sealed text was destroyed, so that nobody can ever read it."
)
AGAIN = N_("We are sorry. If it still worries you, tell it again or call one of the numbers.")
Names = dict[Any, str]


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
    zone = context.config.time_zone
    return page(
        "report_form/box.html", headers=HIDDEN, box=box, zone=zone, track=track(box, names, now), last=box.returned_on,
        head=head(box), said=said(box, names, now, zone), calls=calls(box, now),
        progressed=box.progressed if progress(box) else None,
        replies=ordered(
            [await _reply(context, directory, r, box, identity) for r in box.replies], [r.counter for r in box.replies]
        ),
    )  # fmt: skip


def head(box: Box) -> str:
    """How far it came, in a line."""
    if box.closed:
        return N_("There is an outcome") if box.outcome else N_("It was closed without an answer")
    if box.replies:
        return N_("They have written to you")
    return {
        State.SEALED: N_("It is sealed and on its way"),
        State.NOTIFIED: N_("It has been delivered"),
        State.FETCHED: N_("The office has it"),
        State.OPENED: N_("It has been opened"),
    }.get(box.state, N_("A person took charge"))


def said(box: Box, names: Names, now: datetime, zone: str) -> list[str]:
    """What that means, in sentences of the reader's language: for each state, each outcome, and each silence."""
    if box.outcome:
        return [_(OUTCOMES[box.outcome])]
    if box.closed:
        return [_(UNTOLD)] if box.acknowledged else [_(DESTROYED), _(AGAIN)]
    if box.acknowledged:
        return [_(progress(box) or TAKEN), *outcome(box, now, zone)]
    return [*(_(CAME[one]) for one in CAME if one is box.state), *waiting(box, names, now, zone)]


def outcome(box: Box, now: datetime, zone: str) -> list[str]:
    """When word of an outcome is due, or that it is late."""
    when = day(box.outcome_due, zone)
    if now >= box.outcome_due:
        return [_("The outcome was due before %(when)s and has not come.", when=when), _(CALL)]
    if progress(box):
        return [_("The outcome is due before %(when)s.", when=when)]
    return [_("An outcome, or word of how it goes, is due before %(when)s.", when=when)]


def calls(box: Box, now: datetime) -> bool:
    """Whether somebody is better off with a number: nobody answers, or nobody could read it."""
    if box.closed:
        return box.outcome is Outcome.UNREADABLE or not (box.outcome or box.acknowledged)
    return now >= (box.outcome_due if box.acknowledged else box.due[-1])


def waiting(box: Box, names: Names, now: datetime, zone: str) -> list[str]:
    """Whose turn it is to answer, and before when; or that all of them were silent."""
    turn = link(now, box.due)
    if turn >= len(box.chain):
        return [_(SILENT), _(CALL)]
    when = f"{moment(box.due[turn], zone)} ({zone_name(zone)})"
    if turn == 0:
        return [_("Nobody has answered yet. They must before %(when)s.", when=when)]
    name = names[box.chain[turn]]
    return [_("No answer came in time, so now it is the turn of %(office)s: before %(when)s.", office=name, when=when)]


def ordered(replies: list[dict[str, Any]], counters: list[int]) -> list[dict[str, Any]]:
    """Says of each reply that holds whether one before it is missing, or it comes again: as the browser does."""
    seen: set[int] = set()
    for reply, counter in zip(replies, counters, strict=True):
        if reply["signed"]:
            following = counter == max(seen, default=0) + 1
            reply["word"] = "again" if counter in seen else "held" if following else "order"
            seen.add(counter)
    return replies


def progress(box: Box) -> str:
    """What the authority said of it before the outcome; nothing for a word that we do not know yet."""
    return PROGRESS[Progress(box.progress)] if box.progress in set(Progress) and not box.outcome else ""


def track(box: Box, names: Names, now: datetime) -> list[dict[str, Any]]:
    """The steps as the reporter reads them: done with a day, or to come, before a day where one was promised."""
    who = names.get(box.answered_by or box.chain[0]) or names[box.chain[0]]
    due = next((at for at in box.due if at > now), None)
    outcome = box.outcome_due if box.outcome_due > now else None
    steps = [
        (State.SEALED, N_("Sealed"), box.received, None, ""),
        (State.NOTIFIED, N_("Delivered"), box.notified or box.opened, None, ""),
        (State.OPENED, N_("Opened"), box.opened, None, who),
        (State.ACKNOWLEDGED, N_("A person took charge"), box.acknowledged, due, who),
    ]
    if box.outcome or not box.closed:
        steps.append((State.CLOSED, N_("Outcome"), box.closed, outcome, ""))
    else:
        steps = [*(one for one in steps if one[2]), (State.CLOSED, N_("It was closed"), box.closed, None, "")]
    return [
        {"step": step, "words": words, "when": when, "before": None if when else before, "small": small if when else "",
         "next": when is None}
        for step, words, when, before, small in steps
    ]  # fmt: skip


def _name(directory: Directory | None, authority: Any) -> str:
    record: Record | None = directory.record(authority) if directory else None
    return record.name(language()) if record else ""


async def _reply(
    context: Context, directory: Directory | None, reply: ReplyView, box: Box, identity: str | None
) -> dict[str, Any]:
    """A reply opened with the code, and whether the office's signature holds; or as it is kept, for a browser."""
    shown: dict[str, Any] = {
        "name": _name(directory, reply.authority), "on": reply.sent_on, "sealed": None, "text": "", "signed": False,
        "former": False, "word": "",
    }  # fmt: skip
    body = bytes.fromhex(reply.body)
    if identity is None:
        return shown | {"sealed": msgspec.structs.replace(reply, body=crypto.b64url(body))}
    try:
        text = envelope.open_reply(body, identity)
    except Refusal:
        return shown
    said = notary.statement(
        "reply", box.envelope, bytes.fromhex(box.sha256), counter=reply.counter, reply=crypto.sha256(body).hex()
    )
    signer = await _signer(context, directory, reply, said)
    if signer is None:
        return shown | {"text": text}
    record, former = signer
    return shown | {"text": text, "signed": True, "former": former, "name": record.name(language())}


async def _signer(
    context: Context, directory: Directory | None, reply: ReplyView, said: bytes
) -> tuple[Record, bool] | None:
    """The office's record whose key signed these bytes, and whether that key is one of before, with which nothing may
    have been signed since."""
    if directory is None:
        return None
    record = directory.record(reply.authority)
    if record is not None and _holds(record, reply.signature, said):
        return record, False
    pinned = authorities.root(context.config)
    async for former in formerly(context.published, pinned, directory, reply.authority):
        if reply.sent_on <= former.until.date() and _holds(former.record, reply.signature, said):
            return former.record, True
    return None


def _holds(record: Record, signature: str, said: bytes) -> bool:
    try:
        notary.attested(record.signing, signature, said)
    except Refusal:
        return False
    return True
