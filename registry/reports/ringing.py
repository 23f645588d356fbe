"""An urgent report rings the duty numbers of an office (reporting.md 5.9), beside the letters to its contacts.

A duty number counts once somebody answered it and read it back. What is rung is always the same, for a report and for a
drill: a text, and a call that says it. No number is rung twice within 15 minutes, whatever arrives for whichever office
has it; what comes meanwhile waits for the next ring. Nobody was rung until a call was taken: then again after an hour,
then daily, until somebody acknowledges. What failed for certain is tried again as letters are. Where nobody knows
whether it rang (a gateway that says nothing) a quarter of an hour passes first.

The gate does not ask for a duty number: an office may be open without one (5.8), and its page says so.
"""

import logging
from collections.abc import Awaitable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Permission
from registry.access.verbs import verb
from registry.core import i18n
from registry.core.context import Context
from registry.core.db import REPORTS_DB, execute, fetch
from registry.core.i18n import N_, _
from registry.core.telephone import NotTaken
from registry.reports import rules
from registry.reports.delivery import DUE
from registry.reports.steps import record_many

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=15)
TEXT = N_(
    "%(operator)s: something urgent waits for your office in the register. Let your agent collect it, or sign in to"
    " your desk, now. This notice is always the same."
)


class Rang(msgspec.Struct):
    """What came of ringing the numbers of one office. `until`: when the first of those that were rung a moment ago may
    be rung again."""

    heard: bool = False
    unsure: bool = False
    until: datetime | None = None
    trouble: str = "no number"


async def ring(context: Context, now: datetime, chance: Random | None = None) -> int:
    """Ring every office that is due to be rung. Returns how many urgent envelopes were rung for."""
    rows = await fetch(f"SELECT DISTINCT authority FROM reports.ring WHERE {DUE}", now, engine=REPORTS_DB)
    return sum([await _office(context, now, row["authority"], chance or Random()) for row in rows])


async def _office(context: Context, now: datetime, authority: UUID, chance: Random) -> int:
    leased = await fetch(
        "UPDATE reports.ring SET due_at = $1::timestamptz + interval '1 minute', attempts = attempts + 1"
        f" WHERE id IN (SELECT id FROM reports.ring WHERE {DUE} AND authority = $2 FOR UPDATE SKIP LOCKED)"
        " RETURNING id, attempts, (SELECT e.state FROM reports.envelope e WHERE e.id = envelope) AS state",
        now,
        authority,
        engine=REPORTS_DB,
    )
    answered = [row["id"] for row in leased if rules.State(row["state"]) in rules.ANSWERED]
    fresh = [row for row in leased if row["id"] not in set(answered)]
    if answered:
        await rung(SYSTEM, now, answered, "answered already")
    if not fresh:
        return 0
    rang = await _numbers(context, now, authority)
    if rang.heard:
        await rung(SYSTEM, now, [row["id"] for row in fresh])
        return len(fresh)
    await _later(now, fresh, rang, chance)
    return 0


async def _later(now: datetime, rows: list[dict[str, Any]], rang: Rang, chance: Random) -> None:
    """Nobody heard it: as soon as the number may ring again, or by the schedule of letters."""
    for tries in {row["attempts"] for row in rows}:
        until = rang.until or max(rules.retry(tries, now, chance), now + EVERY * rang.unsure)
        await execute(
            "UPDATE reports.ring SET due_at = $2, trouble = $3, attempts = attempts - $4::int WHERE id = ANY($1)",
            [row["id"] for row in rows if row["attempts"] == tries],
            until,
            rang.trouble[:80],
            rang.until is not None,
            engine=REPORTS_DB,
        )


async def _numbers(context: Context, now: datetime, authority: UUID) -> Rang:
    """Ring every duty number of the office that may be rung now."""
    rang, waits = Rang(), []
    for language, number in await _duty(authority):
        mine, before = await _reserve(number, now)
        if not mine:
            waits.append((before or now) + EVERY)
            continue
        with i18n.speaking(language):
            text = _(TEXT, operator=context.config.operator)
        called = await _try(context.telephone.call(number, text, language), rang)
        texted = await _try(context.telephone.send(number, text), Rang() if called else rang)
        rang.heard |= called is True
        if called is False and texted is False:
            await _release(number, before)
    if waits and not rang.heard and not rang.unsure:
        rang.until, rang.trouble = min(waits), "batched"
    return rang


async def _try(ringing: Awaitable[None], rang: Rang) -> bool | None:
    """True when it was taken, False when certainly not, None when nobody knows."""
    try:
        await ringing
    except NotTaken as error:
        rang.trouble = f"not taken: {error}"
        return False
    except Exception as error:  # a gateway may fail in any way; the rows outlive it
        log.warning("a telephone was perhaps not rung: %s", type(error).__name__)
        rang.trouble, rang.unsure = type(error).__name__, True
        return None
    return True


async def _duty(authority: UUID) -> list[tuple[str, str]]:
    """The numbers that were read back, once each, and the language of the office."""
    rows = await fetch(
        "SELECT DISTINCT coalesce(a.languages[1], 'es') AS language, c.phone FROM public.authority_contact c"
        " JOIN public.authority a ON a.id = c.authority WHERE a.id = $1 AND c.phone <> ''"
        " AND c.number_confirmed_at IS NOT NULL AND c.ended_at IS NULL ORDER BY c.phone",
        authority,
        engine=REPORTS_DB,
    )
    return [(row["language"], row["phone"]) for row in rows]


async def _reserve(number: str, now: datetime) -> tuple[bool, datetime | None]:
    """Whether the number may be rung now, and when it was rung before. Whoever reserves it rings it: of two workers
    one. A ring of later than the next quarter of an hour was written by a clock that was wrong then."""
    (row,) = await fetch(
        "WITH before AS (SELECT at FROM reports.rung WHERE number = $1), mine AS (INSERT INTO reports.rung (number, at)"
        " VALUES ($1, $2) ON CONFLICT (number) DO UPDATE SET at = $2 WHERE rung.at <= $2::timestamptz - $3::interval"
        " OR rung.at > $2::timestamptz + $3::interval RETURNING 1)"
        " SELECT EXISTS (SELECT FROM mine) AS mine, (SELECT at FROM before) AS before",
        number,
        now,
        EVERY,
        engine=REPORTS_DB,
    )
    return row["mine"], row["before"]


async def _release(number: str, before: datetime | None) -> None:
    """Nothing was taken, so nothing rang: the number may be tried again at once."""
    await execute(
        "DELETE FROM reports.rung WHERE number = $1 AND $2::timestamptz IS NULL", number, before, engine=REPORTS_DB
    )
    await execute(
        "UPDATE reports.rung SET at = $2 WHERE number = $1 AND $2::timestamptz IS NOT NULL",
        number,
        before,
        engine=REPORTS_DB,
    )


@verb(Permission.REPORTS_DELIVER, engine=REPORTS_DB)
async def rung(actor: Actor, now: datetime, rings: list[UUID], note: str = "") -> None:
    """A call was taken for all these; or, with a note, none was needed. The log says so of the first one."""
    done = await fetch(
        "UPDATE reports.ring SET done_at = $2, trouble = $3::text, times = times + ($3::text = '')::int WHERE id IN"
        " (SELECT id FROM reports.ring WHERE id = ANY($1) AND done_at IS NULL ORDER BY id FOR UPDATE)"
        " RETURNING envelope, authority, times",
        rings,
        now,
        note,
        engine=REPORTS_DB,
    )
    first = [(row["envelope"], row["authority"]) for row in done if row["times"] == 1 and not note]
    await record_many(first, "reports.rung", rules.hour(now))


async def due_again(now: datetime) -> int:
    """Whoever was rung and has acknowledged nothing is rung again: after an hour, then daily, without end."""
    rows = await fetch(
        "UPDATE reports.ring r SET done_at = NULL, due_at = $1, attempts = 0 FROM reports.envelope e"
        " WHERE e.id = r.envelope AND e.state = ANY($2::text[]) AND (r.done_at <= $1::timestamptz - interval '1 day'"
        " OR r.done_at > $1::timestamptz + interval '1 day'"
        " OR (r.times <= 1 AND r.done_at <= $1::timestamptz - interval '1 hour')) RETURNING r.id",
        now,
        [str(s) for s in rules.State if s not in rules.ANSWERED],
        engine=REPORTS_DB,
    )
    return len(rows)
