"""The days a case is counted in: what is answered, confirmed or resolved by when, and when silence closes it. Pure."""

from datetime import date, datetime, timedelta

from registry.core.calendar import add_months, working_days_after

CONFIRM_WITHIN = 5
"""Working days in which a second decider confirms an urgent suspension, or lifts it (domain.md 2)."""
LAPSE_NOTICES = (30, 7)
"""Days before a file closes for silence at which its holder is told so (domain.md 2)."""
ANSWER_NOTICES = (7,)
"""The same before the days to answer are over; the letter that asks says it first."""


def confirm_by(decided_on: date, country: str) -> date:
    """The last day of that, by the working days where the holder is, who reads it."""
    return working_days_after(decided_on, CONFIRM_WITHIN, country)


def suspension_ends(since: date, months: int) -> date:
    """The day by which a suspension is resolved, one way or the other: nothing ends by itself, a decider is asked."""
    return add_months(since, months)


def answer_by(asked_on: date, answer_days: int) -> date:
    """The last day to answer what an officer asked of an application. Later an officer may decline it, and until it
    has lapsed an answer still counts.
    """
    return asked_on + timedelta(days=answer_days)


def lapses_at(heard_at: datetime, silence_days: int) -> datetime:
    """The first instant at which a file is closed because its holder, whose turn it is, said nothing for so long."""
    return heard_at + timedelta(days=silence_days)


def too_old(visited_on: date | None, today: date, max_age_days: int) -> bool:
    """Whether an evaluation no longer says what is there, its corrections included: it is done again (domain.md 2)."""
    return visited_on is not None and visited_on + timedelta(days=max_age_days) < today
