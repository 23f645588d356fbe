"""The clock of the story: it stands still while a chapter works, and is moved by whoever tells the story."""

from datetime import UTC, datetime, timedelta


class Walk:
    """A clock that is set by hand and never goes back."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        """The instant of the story, as `core.clock.Clock`."""
        return self.now

    def to(self, then: datetime) -> datetime:
        """Go to a later instant; an earlier one leaves it where it is."""
        self.now = max(self.now, then)
        return self.now

    def on(self, **step: float) -> datetime:
        """Go on by days, hours or minutes."""
        return self.to(self.now + timedelta(**step))


def beginning(today: datetime) -> datetime:
    """Two and a half years before today, at nine in the morning in Costa Rica."""
    return (today.astimezone(UTC) - timedelta(days=913)).replace(hour=15, minute=0, second=0, microsecond=0)
