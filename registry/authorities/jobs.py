"""What runs later: publishing; and on a beat of its own, asking owners to ring their lines and warning of what ends."""

import asyncio
import contextlib
import logging
from datetime import date, datetime
from typing import Any
from uuid import UUID

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.accounts import queries as people
from registry.accounts.tables import Invitation
from registry.authorities import hotlines, lines, queries, rules, service
from registry.authorities.queries import Kept
from registry.core import i18n
from registry.core.calendar import day_of
from registry.core.context import Context
from registry.core.i18n import N_, _
from registry.outbox.service import once_a_round

log = logging.getLogger(__name__)

ENDING = {
    "directory": N_("The signed directory of authorities ends on %(day)s"),
    "record": N_("The keys of %(name)s end on %(day)s"),
    "agreement": N_("The agreement with %(name)s ends on %(day)s"),
}
ENDING_NEXT = {
    "directory": N_("Export the next one and take it to the custodians: when it ends, every form closes."),
    "record": N_("Hold the yearly ceremony and have the next directory signed: 14 days before, its form closes."),
    "agreement": N_("Sign the next agreement: when it ends, the form of its places closes."),
}
RING_SUBJECT = N_("Please ring a hotline: %(name)s")
RING_TEXT = N_(
    "Good day.\n\nThe hotline %(name)s (%(numbers)s) was last rung on %(day)s. After 180 days pages mark it as old;"
    " after a year they hide it.\n\nRing it, ask whether it still answers, in which languages and at what hours, and"
    " write down what you heard:\n%(url)s"
)

OFFERED_SUBJECT = N_("Somebody was offered your office's desk")
OFFERED = N_(
    "Good day.\n\n%(operator)s offered %(name)s <%(email)s> the desk of %(office)s in the register. There they see that"
    " something waits for you, and since when; what it says opens only with your keys.\n\nIf your office asked for it,"
    " you need do nothing. If it did not, call the register today: the offer ends at one word of yours."
)
DESK_OF_AN_OFFICE = frozenset({Role.AUTHORITY_OFFICER, Role.AUTHORITY_AGENT})


@once_a_round
async def publish(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """Publish the directory and the hotlines as they are now."""
    await service.publish(context, now)


async def tell_office(context: Context, now: datetime, payload: dict[str, Any]) -> None:
    """To every confirmed contact of an office: who was offered its desk. Nobody comes in there unseen, also nobody whom
    the register itself let in."""
    offered = await Invitation.objects().get(Invitation.id == UUID(payload["invitation"]))
    if offered is None or offered.role not in DESK_OF_AN_OFFICE or offered.letters > 1:
        return
    office = (await people.names([offered.organisation])).get(offered.organisation, "")
    for contact, language, email in await queries.reached(offered.organisation):
        with i18n.speaking(language):
            text = _(
                OFFERED, operator=context.config.operator, name=offered.name, email=offered.email, office=office
            )  # fmt: skip
            await context.mail.send(email, _(OFFERED_SUBJECT), text, key=f"offered-{offered.id}-{contact}")


async def remind(context: Context, now: datetime) -> int:
    """Everything that is due to be said today; returns how many were told. Twice is once."""
    today = day_of(now, context.config.time_zone)
    return await _warn(context, now, today) + await _ask(context, now, today)


async def _warn(context: Context, now: datetime, today: date) -> int:
    sent, told = await queries.warned(), 0
    for ending in await queries.endings(now):
        days = rules.stage(ending.ends_on, today)
        if days is None or ending.key(days) in sent:
            continue
        for officer in await queries.officers():
            with i18n.speaking(officer["language"]):
                day = i18n.long_day(ending.ends_on)
                subject = _(ENDING[ending.what], name=ending.name, day=day)
                url = f"{context.config.origin}/desk/authorities"
                text = "\n\n".join((subject + ".", _(ENDING_NEXT[ending.what]), url))
            await context.mail.send(officer["email"], subject, text, key=f"{ending.key(days)}-{officer['id']}")
        await service.keep_warned(SYSTEM, now, ending.key(days))
        told += 1
    return told


async def _ask(context: Context, now: datetime, today: date) -> int:
    asked = 0
    for kept in await queries.kept_lines():
        if not hotlines.to_ring(kept.line.checked_on, kept.asked_on, today):
            continue
        for language, address in await _owners(context, kept):
            with i18n.speaking(language):
                name = kept.line.name(language)
                text = _(
                    RING_TEXT,
                    name=name,
                    numbers=", ".join(hotlines.local(n) for n in kept.line.numbers),
                    day=i18n.long_day(kept.line.checked_on),
                    url=f"{context.config.origin}/desk/hotlines",
                )
                subject = _(RING_SUBJECT, name=name)
            await context.mail.send(address, subject, text, key=f"ring-{kept.line.id}-{today}-{address}")
        await lines.ask_owner(SYSTEM, now, kept.line.id)
        asked += 1
    return asked


async def _owners(context: Context, kept: Kept) -> list[tuple[str, str]]:
    """Whom to ask: the owner where one can be written to, otherwise whoever keeps the lines."""
    if kept.owner_email:
        return [(context.config.language, kept.owner_email)]
    return [(officer["language"], officer["email"]) for officer in await queries.officers()]


async def keep_reminding(context: Context, stopping: asyncio.Event, beat: float = 3600.0) -> None:
    """Until asked to stop: look every hour."""
    while not stopping.is_set():
        try:
            await remind(context, context.clock())
        except Exception as error:  # a letter that cannot go now goes at the next beat
            log.warning("reminders of authorities wait: %s", type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), beat)
