"""Drills: when an authority is tested. At least once a week, at an hour that nobody can know beforehand.

The next hour is not written anywhere, not even here: at every beat it is drawn anew whether now is the hour. Between a
day and a week after the last drill every instant is equally likely, seen from the start of that span; at its end the
drill is certain. So reading the database, the code or the history tells nobody when the next one comes, and whoever was
drilled yesterday may be drilled tonight.

One in four is urgent, where somebody is there at that hour: it has the shorter clock, and rings the duty numbers, so
that the telephone is known to ring before it has to.
"""

import logging
from datetime import datetime, timedelta
from random import Random, SystemRandom
from uuid import UUID
from zoneinfo import ZoneInfo

from registry.access.actor import SYSTEM
from registry.authorities.directory import Record
from registry.core.context import Context
from registry.core.db import REPORTS_DB, fetch, transaction
from registry.reports import queries, service

log = logging.getLogger(__name__)
RESTS, WEEK = timedelta(days=1), timedelta(days=7)
FIRST = timedelta(hours=1)
BEAT = timedelta(minutes=1)
URGENT = 0.25


def chance(last: datetime | None, now: datetime, since: timedelta = BEAT) -> float:
    """How likely a drill is in the span of `since` that ends now: certain after a week; within about an hour for who
    was never drilled.

    The hazard of an hour drawn evenly between RESTS and WEEK: what is left of the span, if it has not come yet.
    """
    if last is None:
        return min(1.0, since / FIRST)
    if now - last >= WEEK:
        return 1.0
    begun = max(last + RESTS, now - since)
    if begun >= now:
        return 0.0
    return (now - begun) / (last + WEEK - begun)


def attended(record: Record, now: datetime) -> bool:
    """Whether somebody is there at this hour. Where nobody said when, and it is not always, only its letters ring."""
    if record.hours is None:
        return record.always_open
    return record.always_open or record.hours.open_at(now.astimezone(ZoneInfo(record.timezone)))


async def drill(context: Context, now: datetime, since: timedelta = BEAT, draws: Random | None = None) -> list[UUID]:
    """Draw for every authority of the directory in force, and send the drills whose hour it is. Two workers draw one
    after the other, and the second sees the first one's drills."""
    found = (await queries.facts(context, now, REPORTS_DB)).directory
    if found is None:
        return []
    draws = draws or SystemRandom()
    sent = []
    async with transaction(REPORTS_DB):
        await fetch("SELECT pg_advisory_xact_lock(7262)", engine=REPORTS_DB)
        rows = await fetch("SELECT authority, max(sent_at) AS last FROM reports.drill GROUP BY 1", engine=REPORTS_DB)
        last = {row["authority"]: row["last"] for row in rows}
        for record in found.records:
            if draws.random() < chance(last.get(record.authority), now, since):
                try:
                    urgent = draws.random() < URGENT and attended(record, now)
                    await service.drill(SYSTEM, now, context, record.authority, urgent=urgent)
                except Exception as error:  # one office that cannot be drilled keeps nobody else from it
                    log.warning("a drill was not sent: %s", type(error).__name__)
                    continue
                sent.append(record.authority)
    return sent
