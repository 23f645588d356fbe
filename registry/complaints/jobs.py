"""Letters, and the public list of misuse. A letter to a complainant says that there is an answer, never what about."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from registry.access.actor import SYSTEM
from registry.authorities import hotlines
from registry.authorities import queries as authorities
from registry.complaints import handling, listed, marks, queries, seen
from registry.complaints.rules import Act, Outcome
from registry.core import emergency, i18n
from registry.core.calendar import day_of
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.i18n import N_, _
from registry.outbox.service import once_a_round

logger = logging.getLogger(__name__)
SAID = {
    Act.ACKNOWLEDGE: N_("We have your complaint %(number)s. You have an answer before the end of %(answer)s."),
    Act.CONCLUDE: N_("Somebody without a part in it has looked into your complaint %(number)s. The answer is ready."),
    Act.SET_ASIDE: N_(
        "What you wrote under %(number)s is not something we deal with as a complaint. A person read it and passed it"
        " on where that could be done. We keep none of your words. If a child or adolescent is in danger, call"
        " %(danger)s."
    ),
}


async def tell(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """To whoever complained and left an address; the last letter is followed by forgetting the address."""
    complaint, act = await queries.one(SYSTEM, UUID(payload["complaint"])), Act(payload["act"])
    if not complaint.contact:
        return
    danger = await _emergency(context, now)
    with i18n.speaking(complaint.language):
        said = _(
            SAID[act], number=complaint.number, answer=i18n.long_day(complaint.answer_by), danger=danger,
        )  # fmt: skip
        text = _(
            "Good day.\n\n%(said)s\n\nRead it with the code you were given:\n%(url)s\n\n"
            "Nobody can show you the code again, and we never ask for it in a letter.",
            said=said,
            url=f"{context.config.origin}/complaint/answer",
        )
        subject = _("Your complaint %(number)s", number=complaint.number)
    await context.mail.send(complaint.contact, subject, text, key=f"complaint-{complaint.id}-{act}")
    if act is not Act.ACKNOWLEDGE:
        await handling.forget(SYSTEM, now, complaint.id)


async def _emergency(context: Context, now: datetime) -> str:
    """The number that saves where this register works, as its signed list has it."""
    today = now.astimezone(ZoneInfo(context.config.time_zone)).date()
    lines = hotlines.shown(await authorities.published_lines(context), context.config.country, today)
    numbers = [hotlines.local(one.hotline.numbers[0]) for one in lines if one.hotline.kind is hotlines.Kind.EMERGENCY]
    return numbers[0] if numbers else emergency.number(context.config.country)


async def forget_holder(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    if client := payload.get("client"):  # announcements of before this was told
        await handling.forget_holder(SYSTEM, now, UUID(client), payload["codes"])


async def tell_investigator(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    complaint = await queries.one(SYSTEM, UUID(payload["complaint"]))
    if complaint.outcome is Outcome.ELSEWHERE:  # set aside meanwhile: nobody is asked to look into it
        return
    for person in await _accounts([complaint.investigator]):
        with i18n.speaking(person["language"]):
            subject = _("Complaint %(number)s is yours to look into", number=complaint.number)
            text = _(
                "Good day, %(person)s.\n\nComplaint %(number)s was given to you, because you had no part in what it is"
                " about. It is answered before the end of %(answer)s:\n%(url)s",
                person=person["name"],
                number=complaint.number,
                answer=i18n.long_day(complaint.answer_by),
                url=f"{context.config.origin}/desk/complaints/{complaint.id}",
            )
        key = f"complaint-{complaint.id}-investigator-{person['id']}"
        await context.mail.send(person["email"], subject, text, key=key)


async def tell_holder(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """The letter about a mark, to everybody who speaks for its holder; to the never certified it goes by hand."""
    case = await seen.case(SYSTEM, UUID(payload["misuse"]))
    if case.holder is None or case.stop_by is None:
        return
    words = next((step.note for step in reversed(await seen.steps(case.id)) if step.act == "warn"), "")
    speak = await fetch(
        "SELECT DISTINCT account FROM role_held WHERE ended_at IS NULL AND organisation = $1"
        " AND role IN ('representative', 'association_admin')",
        case.holder,
    )
    for person in await _accounts([row["account"] for row in speak]):
        with i18n.speaking(person["language"]):
            why = _("The certificate is over, so the mark comes down.") if case.kind == "removal" else words
            subject = _("Take the mark down before the end of %(day)s", day=i18n.long_day(case.stop_by))
            text = _(
                "Good day, %(person)s.\n\n%(name)s, case %(number)s.\n\n%(why)s\n\nTake down every mark, sticker and"
                " picture of the seal before the end of %(day)s, and send a photograph that shows it gone. After that"
                " day the use of the mark may be published.\n%(url)s",
                person=person["name"],
                name=case.holder_name,
                number=case.number,
                why=why,
                day=i18n.long_day(case.stop_by),
                url=f"{context.config.origin}/desk/misuse/{case.id}",
            )
        await context.mail.send(person["email"], subject, text, key=f"misuse-{case.id}-{payload['on']}-{person['id']}")


async def ask_removal(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """After a whole certificate is lost. Single units are reminded by the letter of their decision."""
    if not payload.get("units"):
        await marks.ask_removal(SYSTEM, now, UUID(payload["certification"]), context.config.time_zone)


@once_a_round
async def publish(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """Write the public list anew, whole, from what holds now; nothing if it says that already."""
    entries = tuple(await seen.published(day_of(now, context.config.time_zone)))
    signer, did = context.keys.snapshot, context.config.did
    with suppress(KeyError):
        if listed.settled(await context.published.get(listed.KEY), entries, now, f"{did}#{signer.kid}"):
            return
    await context.published.put(listed.KEY, listed.sign(entries, now, signer, did), content_type="application/jose")


async def forget_evidence(context: Context, now: datetime) -> None:
    """Of every case that is long over."""
    zone = context.config.time_zone
    for case in await seen.outlived(day_of(now, zone)):
        await marks.forget_evidence(SYSTEM, now, context.storage, case, zone)


async def keep_listed(context: Context, stopping: asyncio.Event, beat: float = 900.0) -> None:
    """Until asked to stop, what time alone does: a line leaves the list, which also follows a change of keys, and
    pictures that nobody can need any more are deleted."""
    while not stopping.is_set():
        try:
            await publish(context, context.clock(), {})
            await forget_evidence(context, context.clock())
        except Exception as error:  # whatever it was, the next round may do it
            logger.warning("misuse of the mark waits: %s", type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), beat)


async def _accounts(ids: list[Any]) -> list[dict[str, Any]]:
    return await fetch(
        "SELECT id, name, email, language FROM account WHERE state = 'active' AND id = ANY($1::uuid[]) ORDER BY id",
        [one for one in ids if one],
    )
