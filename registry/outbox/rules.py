"""When to try again. Pure."""

from datetime import timedelta
from enum import StrEnum

LEASE = timedelta(seconds=60)
"""How long a worker may be silent before another takes its message."""

ALARM_AFTER = 12
"""Attempts (about three days) after which a message is stuck: kept, counted and shown, until somebody releases it."""

_STEPS = (1, 5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600)


SKEW = timedelta(minutes=5)
"""How far apart the clocks of two workers may be."""


class State(StrEnum):
    """Waiting: we act next. Done: nobody. Stuck: a person."""

    WAITING = "waiting"
    DONE = "done"
    STUCK = "stuck"


def backoff(attempts: int, jitter: float) -> timedelta:
    """How long to wait after so many failed attempts; jitter in [0, 1) spreads the second half of the step."""
    step = _STEPS[min(max(attempts, 1), len(_STEPS)) - 1]
    return timedelta(seconds=step * (0.5 + jitter / 2))


def longest() -> list[timedelta]:
    """By attempts so far, how far ahead a message can be due while clocks run as they should. What is due later was
    announced or taken by a clock that has been put back since, and is due now."""
    return [timedelta(), *(max(LEASE, timedelta(seconds=step)) + SKEW for step in _STEPS)]


def after_failure(attempts: int) -> State:
    """Whether to go on by ourselves."""
    return State.STUCK if attempts >= ALARM_AFTER else State.WAITING
