"""The only place that reads the clock. Everything else gets `now`, an aware UTC instant, as an argument."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)
