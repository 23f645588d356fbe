"""Patterns a person should look at (domain.md 4, fraud signals). Pure. A signal refuses nothing and proves nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

DAY = timedelta(days=1)
BURST = timedelta(hours=1)


class Span(msgspec.Struct, frozen=True):
    """When and where a session of the same facilitator was held."""

    id: UUID
    started_at: datetime
    minutes: int
    place: str
    people: int = 0

    @property
    def ends_at(self) -> datetime:
        """The planned end: what two sessions of one person must not share."""
        return self.started_at + timedelta(minutes=self.minutes)


class Seen(msgspec.Struct, frozen=True):
    """One person in the session: whether they still work there, and the score if the check was taken."""

    client: UUID
    active: bool
    score: int | None


class Signal(msgspec.Struct, frozen=True):
    """`code` has its sentence under `signal:<code>`; `count` people or sessions it is about."""

    code: str
    count: int


def signals(
    session: Span,
    others: Iterable[Span],
    people: Sequence[Seen],
    payroll: dict[UUID, int],
    entered_at: datetime,
    *,
    group_limit: int,
    same_score_limit: int,
) -> tuple[Signal, ...]:
    """What stands out. `payroll` counts active workers by business; `others` are the facilitator's sessions."""
    near = [other for other in others if other.id != session.id]
    overlapping = sum(other.started_at < session.ends_at and session.started_at < other.ends_at for other in near)
    within_hour = sum(other.people for other in near if abs(other.started_at - session.started_at) < BURST)
    there: dict[UUID, int] = {}
    for one in people:
        there[one.client] = there.get(one.client, 0) + 1
    scores = [one.score for one in people if one.score is not None]
    found = {
        "overlap": overlapping,
        "larger-than-payroll": sum(number > payroll.get(client, 0) for client, number in there.items()),
        "leavers": sum(not one.active for one in people),
        "burst": len(people) + within_hour if len(people) + within_hour > group_limit else 0,
        "same-scores": len(scores) if len(scores) >= same_score_limit and len(set(scores)) == 1 else 0,
        "entered-late": int(entered_at - session.ends_at > DAY),
    }
    return tuple(Signal(code, count) for code, count in found.items() if count)
