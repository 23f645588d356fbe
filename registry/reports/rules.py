"""States, clocks and retries of a sealed report. Pure.

A state says how far an envelope came and only moves forward; lateness is never stored, it is computed from `now`, so a
clock that nobody watched still closes the gate. The agreement may tighten our clocks and never loosen them.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from registry.authorities.directory import Terms
from registry.core.errors import Conflict


class State(StrEnum):
    SEALED = "sealed"
    NOTIFIED = "notified"
    FETCHED = "fetched"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    PURGED = "purged"


ORDER = list(State)
ANSWERED = frozenset({State.ACKNOWLEDGED, State.CLOSED, State.PURGED})


class Outcome(StrEnum):
    """What the authority says came of it; the reporter reads a plain sentence for each."""

    CHILD_LOCATED_SAFE = "child_located_safe"
    CHILD_PROTECTED = "child_protected"
    INVESTIGATION_OPENED = "investigation_opened"
    JOINED_TO_EXISTING = "joined_to_existing"
    INSPECTION_DONE = "inspection_done"
    REFERRED_ABROAD = "referred_abroad"
    UNFOUNDED_GOOD_FAITH = "unfounded_good_faith"
    NOT_ENOUGH_INFORMATION = "not_enough_information"
    NOT_COMPETENT_FORWARDED = "not_competent_forwarded"
    UNREADABLE = "unreadable"
    FALSE_REPORT = "false_report"
    NO_FEEDBACK_ALLOWED = "no_feedback_allowed"


class Progress(StrEnum):
    """What an authority says between its acknowledgement and the outcome; the reporter reads a sentence for each."""

    ACCEPTED = "accepted"
    NEED_INFO = "need_info"
    TRANSFERRED = "transferred"
    NOT_COMPETENT = "not_competent"
    DUPLICATE = "duplicate"


class Blocked(StrEnum):
    """Why an office's own system did not take what was opened: its agent tells us the kind, and never what it was.
    With a form newer than its program it opened nothing: the program must be renewed."""

    UNKNOWN_LOOKUP = "unknown_lookup"
    NOT_ALLOWED = "not_allowed"
    MAPPING = "mapping"
    UNREACHABLE = "unreachable"
    NEWER_FORM = "newer_form"


ACTED = (
    Outcome.CHILD_LOCATED_SAFE,
    Outcome.CHILD_PROTECTED,
    Outcome.INVESTIGATION_OPENED,
    Outcome.JOINED_TO_EXISTING,
    Outcome.INSPECTION_DONE,
    Outcome.REFERRED_ABROAD,
)
COULD_NOT = (
    Outcome.UNFOUNDED_GOOD_FAITH,
    Outcome.NOT_ENOUGH_INFORMATION,
    Outcome.NOT_COMPETENT_FORWARDED,
    Outcome.UNREADABLE,
    Outcome.FALSE_REPORT,
)

URGENT_HOURS, NORMAL_HOURS, OUTCOME_DAYS = 4, 72, 90
"""reporting.md 5.9. EU 2019/1937 art. 9 would allow 7 days and 3 months: ours are ceilings below those."""
CEILING = {True: timedelta(hours=24), False: timedelta(days=7)}
"""reporting.md 5.9: within this every office of the chain has had its turn, if urgent and if not."""
LEAST = {True: timedelta(hours=4), False: timedelta(hours=12)}
"""The least that is left of it for each of the last offices."""
PURGE_IMPORTED, PURGE_ANSWERED, PURGE_LAST = timedelta(days=30), timedelta(days=180), timedelta(days=365)
AFTER_ANSWER, BOX_AFTER_END = timedelta(days=30), timedelta(days=90)
"""reporting.md 5.10; ours beside it: an office that answered late still has a month to take the file in, and a reporter
who learned late what came of it still has a season to come back."""
RETRY_MINUTES = (0, 1, 5, 15, 60, 180, 360, 720)
DAILY = 24 * 60


def forward(state: State, to: State) -> State:
    """The state after an event that shows it came as far as `to`. Late or repeated events change nothing."""
    if state is State.PURGED:
        raise Conflict("report-purged")
    return max(state, to, key=ORDER.index)


def within(terms: Terms, urgent: bool) -> timedelta:
    """How long one office has to acknowledge."""
    hours = min(terms.urgent_hours, URGENT_HOURS) if urgent else min(terms.acknowledge_hours, NORMAL_HOURS)
    return timedelta(hours=hours)


def deadlines(received: datetime, urgent: bool, chain: tuple[Terms, ...]) -> tuple[datetime, ...]:
    """When each office must have acknowledged; the next one's clock starts when the one before runs out. Under the
    ceiling of them all, a long chain gives its last offices less."""
    out, at, last, least = [], received, received + CEILING[urgent], LEAST[urgent]
    for after, terms in zip(reversed(range(len(chain))), chain, strict=True):
        at = min(at + within(terms, urgent), last - after * least)
        out.append(at)
    return tuple(out)


def outcome_due(received: datetime, terms: Terms) -> datetime:
    return received + timedelta(days=min(terms.outcome_days, OUTCOME_DAYS))


def link(now: datetime, due: tuple[datetime, ...]) -> int:
    """Whose turn it is: 0 the first office, 1 the second …; len(due) when all have been silent."""
    return sum(now >= at for at in due)


def retry(attempt: int, now: datetime, chance: Random) -> datetime:
    """When to try again after a failed notice (attempts count from 1): full jitter under a growing cap, for ever."""
    cap = RETRY_MINUTES[attempt] if attempt < len(RETRY_MINUTES) else DAILY
    return now + timedelta(minutes=max(0.5, chance.uniform(0.5, 1) * cap))


def purgeable(
    state: State, received: datetime, answered: datetime | None, imported: datetime | None, now: datetime
) -> bool:
    """Whether the ciphertext may go: 30 days after the office said that it keeps it in its own system, or 180 days
    after filing once it was acknowledged. Never one that nobody acknowledged: that needs a person."""
    if state not in ANSWERED or answered is None:
        return False
    if imported is not None and now - imported >= PURGE_IMPORTED:
        return True
    return now - received >= PURGE_ANSWERED and now - answered >= AFTER_ANSWER


def box_over(state: State, received: datetime, ended: datetime | None, now: datetime) -> bool:
    """Whether the reply box may go: a year after filing, and a season after the last that was said of it."""
    return (
        state in ANSWERED - {State.PURGED}
        and now - received >= PURGE_LAST
        and (ended is None or now - ended >= BOX_AFTER_END)
    )


def last_resort(state: State, received: datetime, now: datetime) -> bool:
    """Whether a person may decide that what nobody acknowledged is destroyed: a year after filing at the earliest."""
    return state not in ANSWERED and now - received >= PURGE_LAST


def hour(now: datetime) -> datetime:
    """The only precision at which we remember when a report came."""
    return now.replace(minute=0, second=0, microsecond=0)
