"""What runs beside the doors: telling offices that something waits, escalating silence, purging what is over.

This room's own outbox: the main one must not know that a report exists.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from registry.access.actor import SYSTEM
from registry.core import i18n
from registry.core.context import Context
from registry.core.crypto import token
from registry.core.db import REPORTS_DB, fetch
from registry.core.i18n import N_, _
from registry.reports import counts, delivery, drilling, erasing, heads, opening, retention, ringing, rules

log = logging.getLogger(__name__)
NOTICE_EVERY = timedelta(minutes=15)
"""An office gets at most one notice in this time, whatever arrives or comes to it from an office before it, flood or
not; each envelope still has its own row until told. Its agent sees it at once."""

JUMP, DOUBT = timedelta(minutes=5), 86_400.0

SUBJECT = N_("Something waits for your office")
TEXT = N_(
    "Something waits for your office in the register.\n\nLet your agent collect it, or sign in to your desk."
    " This letter is always the same: it never says what waits, how much, or from where. Please do not answer it."
)
ALARM_SUBJECT = N_("An office is silent")
ALARM_TEXT = N_(
    "Every office of a chain let its time run out. Its form is closed. Call the offices by telephone now; the register"
    " does not know more than this."
)

STUCK_SUBJECT = N_("An office could not take an envelope in")
OLD_TEXT = N_(
    "The program of an office is older than the form, so it opened nothing and keeps the envelope. Call the office by"
    " telephone now and let it renew its program; its clock goes on."
)
STUCK_TEXT = N_(
    "An office opened an envelope, and its own case system did not take it (%(why)s). The envelope lies in its agent's"
    " folder. Call the office by telephone now; its clock goes on."
)


async def deliver(context: Context, now: datetime, chance: Random | None = None) -> int:
    """Tell every office that is due to be told. Returns how many envelopes were announced."""
    told = 0
    for office in await delivery.waiting(now):
        while rows := await delivery.lease(now, office):
            told += await _tell(context, now, office, rows, chance or Random())
    return told


async def _tell(context: Context, now: datetime, office: UUID, rows: list[dict[str, Any]], chance: Random) -> int:
    """One letter speaks for all of them."""
    answered, fresh = [row["id"] for row in rows if row["answered"]], [row for row in rows if not row["answered"]]
    if answered:
        await delivery.notified(SYSTEM, now, answered, "answered already")
    if not fresh:
        return len(answered)
    told_at = await _last_notice(office, now)
    if told_at and told_at < now < told_at + NOTICE_EVERY:
        await delivery.postponed([row["id"] for row in fresh], told_at + NOTICE_EVERY, "batched", tried=False)
        return len(answered)
    try:
        if told_at != now:  # a letter of this very run speaks for these too
            await _write(context, office)
    except Exception as error:  # a transport may fail in any way; the rows outlive it
        log.warning("a notice was not sent: %s", type(error).__name__)
        for tries in {row["attempts"] for row in fresh}:
            these = [row["id"] for row in fresh if row["attempts"] == tries]
            await delivery.postponed(these, rules.retry(tries, now, chance), type(error).__name__)
        return len(answered)
    await delivery.notified(SYSTEM, now, [row["id"] for row in fresh])
    return len(rows)


async def _write(context: Context, authority: UUID) -> None:
    """To every contact. One whose address is refused keeps no other from hearing; who did not hear is told again with
    the next reminder. Where nobody heard it is a failure."""
    trouble: Exception = ConnectionError("an office without a contact")
    heard = 0
    for language, address in await _addresses(authority):
        try:
            with i18n.speaking(language):
                await context.mail.send(address, _(SUBJECT), _(TEXT), key=f"notice-{token(12)}")
            heard += 1
        except Exception as error:  # a transport may fail in any way
            trouble = error
    if not heard:
        raise trouble


async def _last_notice(authority: UUID, now: datetime) -> datetime | None:
    (row,) = await fetch(
        "SELECT max(done_at) AS at FROM reports.delivery WHERE authority = $1 AND done_at <= $2 AND trouble = ''",
        authority,
        now,
        engine=REPORTS_DB,
    )
    at: datetime | None = row["at"]
    return at


async def _addresses(authority: UUID) -> list[tuple[str, str]]:
    rows = await fetch(
        "SELECT coalesce(a.languages[1], 'es') AS language, c.email FROM public.authority_contact c"
        " JOIN public.authority a ON a.id = c.authority WHERE a.id = $1 AND c.confirmed_at IS NOT NULL"
        " ORDER BY c.email",
        authority,
        engine=REPORTS_DB,
    )
    return [(row["language"], row["email"]) for row in rows]


async def watch(context: Context, now: datetime) -> None:
    """Escalate what was met with silence, remind, write down which gates moved; when every office was silent, tell the
    people who run this register."""
    await delivery.escalate(SYSTEM, now)
    await delivery.due_again(now)
    await ringing.due_again(now)
    await opening.remember(SYSTEM, now, context)
    for person in await retention.keepers(context):
        try:
            await _alarm(context, now, person)
        except Exception as error:  # whoever could not be reached is tried again, and keeps nobody else from knowing
            log.warning("an alarm was not sent: %s", type(error).__name__)


async def _alarm(context: Context, now: datetime, person: retention.Keeper) -> None:
    """One letter about everything that this person does not know of yet."""
    if not (found := await retention.untold(person.who)):
        return
    with i18n.speaking(person.language):
        await context.mail.send(person.email, _(ALARM_SUBJECT), _(ALARM_TEXT), key=f"alarm-{token(12)}")
    await retention.told(SYSTEM, now, person.who, found)


async def tell_stuck(context: Context, now: datetime) -> None:
    """Deliveries that are blocked, told to the people who run this register: the kind, and nothing else."""
    if not (found := await delivery.stuck()):
        return
    with i18n.speaking(context.config.language):
        kinds = sorted({row["blocked"] for row in found})
        stuck = [kind for kind in kinds if kind != rules.Blocked.NEWER_FORM]
        told = [_(STUCK_TEXT) % {"why": ", ".join(stuck)}] if stuck else []
        text = "\n\n".join(told + ([_(OLD_TEXT)] if stuck != kinds else []))
        await context.mail.send(context.config.mail_from, _(STUCK_SUBJECT), text, key=f"alarm-{token(12)}")
    await delivery.stuck_told(SYSTEM, now, found)


async def beat(context: Context, now: datetime, beats: int = 0, *, sure: bool = True, calm: bool = True) -> None:
    """What is due at this beat. Each step fails alone: a post office that is down keeps no clock from running.
    Nothing is destroyed by a clock we are not `sure` of, and by one that is not `calm` no telephone rings."""
    steps: list[Callable[[Context, datetime], Awaitable[object]]] = [deliver, *([ringing.ring] if calm else [])]
    if beats % 60 == 0:
        steps += [mark, watch, drilling.drill, tell_stuck]
    if beats % 3600 == 0:
        steps += [purge, publish] if sure else [publish]
    for step in steps:
        try:
            await step(context, now)
        except Exception as error:  # the next beat tries again; what is due stays due
            log.warning("the reports' worker waits: %s", type(error).__name__)


async def mark(_context: Context, now: datetime) -> None:
    await delivery.mark_bursts(SYSTEM, now)


async def purge(context: Context, now: datetime) -> int:
    return await delivery.purge(SYSTEM, now, context) + await erasing.sweep(SYSTEM, now, context)


async def publish(context: Context, now: datetime) -> None:
    await counts.publish(SYSTEM, now)
    await heads.publish(context, now)


async def work(context: Context, stopping: asyncio.Event, beat_every: float = 1.0) -> None:
    """Deliver every second, watch clocks and draw for drills every minute, purge and publish every hour."""
    beats, sane = 0, Steady()
    while not stopping.is_set():
        now = context.clock()
        running = asyncio.get_running_loop().time()
        await beat(context, now, beats, sure=sane.sure(now, running), calm=sane.calm(running))
        beats += 1
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), beat_every)


class Steady:
    """Whether the clock of the wall goes as the clock of the machine does. After a jump it is not believed for a day:
    what it would destroy meanwhile can wait. For a quarter of an hour it is not calm: by a clock that jumps a telephone
    would ring at each jump."""

    def __init__(self) -> None:
        self._seen: tuple[datetime, float] | None = None
        self._doubted = self._calm = 0.0

    def sure(self, now: datetime, running: float) -> bool:
        if self._seen is not None:
            jumped = (now - self._seen[0]) - timedelta(seconds=running - self._seen[1])
            if abs(jumped) > JUMP:
                log.error("the clock jumped by %s; nothing is purged for a day", jumped)
                self._doubted, self._calm = running + DOUBT, running + NOTICE_EVERY.total_seconds()
        self._seen = now, running
        return running >= self._doubted

    def calm(self, running: float) -> bool:
        """Whether it has gone on for a quarter of an hour without a jump. Asked after `sure`."""
        return running >= self._calm
