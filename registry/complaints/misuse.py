"""The life of a misuse of the mark (ISO/IEC 17030, 6): what a notice is about, when two are one, what follows. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from registry.core.calendar import add_months
from registry.core.errors import Conflict
from registry.printing.rules import STOP_USE_DAYS

CLOSED_WITHIN = timedelta(days=30)
"""V2 of the indicators: misuse closed within 30 days, of all that were opened."""
EVIDENCE_MONTHS = 12
"""How long a closed case keeps its pictures: as long as its line stands in the public list, well past the 30 days an
appeal has. What of it proves something without showing anybody (the hash, the day, what it shows) stays."""
_WINDOW = 600  # seconds
_NOTICES = UUID("6b1c5a64-6a0e-5f0b-9d53-2f6a1f4c9e01")


class About(StrEnum):
    """What a notice says of a mark."""

    MISMATCH = "mismatch"  # the plate, name or address is another
    STILL_SHOWN = "still_shown"  # suspended, withdrawn or expired, and still on show
    NOT_THEIRS = "not_theirs"  # a seal where there is only a commitment
    UNKNOWN_CODE = "unknown_code"  # a code the register does not hold


class Told(StrEnum):
    """Where a notice stands: nobody looked, or somebody did."""

    OPEN = "open"
    CLOSED = "closed"


class Kind(StrEnum):
    """Whether somebody uses a mark they may not, or has lost theirs and takes it down (domain.md 2, mark rules)."""

    MISUSE = "misuse"
    REMOVAL = "removal"


class Shows(StrEnum):
    """What a piece of evidence shows."""

    USE = "use"
    REMOVED = "removed"


class State(StrEnum):
    """Where a case stands, named so that one knows who acts next."""

    OPEN = "open"
    WARNED = "warned"
    PUBLISHED = "published"
    REMOVED = "removed"
    CLOSED = "closed"


class Act(StrEnum):
    OPEN = "open"
    NOTE = "note"  # evidence, or another notice about the same
    WARN = "warn"
    PROVE = "prove"  # a photograph shows that it is gone
    PUBLISH = "publish"
    CLOSE = "close"


class Outcome(StrEnum):
    NONE_FOUND = "none_found"
    REMOVED = "removed"
    PUBLISHED = "published"
    REFERRED = "referred"


S, A = State, Act
AFTER: dict[tuple[State, Act], State] = {
    (S.OPEN, A.NOTE): S.OPEN,
    (S.WARNED, A.NOTE): S.WARNED,
    (S.PUBLISHED, A.NOTE): S.PUBLISHED,
    (S.REMOVED, A.NOTE): S.REMOVED,
    (S.OPEN, A.WARN): S.WARNED,
    (S.WARNED, A.WARN): S.WARNED,  # a second letter, with a day of its own
    (S.WARNED, A.PROVE): S.REMOVED,
    (S.PUBLISHED, A.PROVE): S.REMOVED,
    (S.WARNED, A.PUBLISH): S.PUBLISHED,
    (S.OPEN, A.CLOSE): S.CLOSED,
    (S.WARNED, A.CLOSE): S.CLOSED,
    (S.PUBLISHED, A.CLOSE): S.CLOSED,
    (S.REMOVED, A.CLOSE): S.CLOSED,
}
OPEN = frozenset(State) - {S.CLOSED}
ENDS: dict[State, frozenset[Outcome]] = {
    S.OPEN: frozenset({Outcome.NONE_FOUND, Outcome.REFERRED}),
    S.WARNED: frozenset({Outcome.NONE_FOUND, Outcome.REFERRED}),
    S.PUBLISHED: frozenset({Outcome.PUBLISHED, Outcome.REFERRED}),
    S.REMOVED: frozenset({Outcome.REMOVED}),
}
"""How a case may end from where it stands: nobody is said to have removed what no photograph shows removed."""


def after(state: State, act: Act) -> State:
    """The state an act leads to, or a Conflict."""
    try:
        return AFTER[state, act]
    except KeyError:
        raise Conflict("misuse-act-not-possible", state=state, act=act) from None


def same(about: About, code: str, seen: str, now: datetime) -> UUID:
    """The id of a notice. The page it comes from is the same bytes for everybody, so it can carry no id of its own;
    browsers send a form twice on their own. The same words about the same seal in the same ten minutes are one
    notice."""
    window = int(now.timestamp()) // _WINDOW
    return uuid5(_NOTICES, "\n".join((about, code, seen.strip().casefold(), str(window))))


def stop_by(warned_on: date) -> date:
    """The last day a mark may still hang: ours is five days after the letter (17030 leaves it to the owner)."""
    return warned_on + timedelta(days=STOP_USE_DAYS)


def publishable(stop_use_by: date | None, today: date) -> None:
    """Nobody is named in public before their five days are over."""
    if stop_use_by is None or today <= stop_use_by:
        raise Conflict("misuse-too-early", stop_by=stop_use_by)


def ended(state: State, outcome: Outcome) -> None:
    """Raise Conflict when a case cannot end like this from where it stands."""
    after(state, Act.CLOSE)
    if outcome not in ENDS[state]:
        raise Conflict("misuse-end-not-possible", state=state, outcome=outcome)


def evidence_outlived(closed_on: date | None, today: date) -> bool:
    """Whether nothing of a case can be contested any more, as far as days tell."""
    return closed_on is not None and add_months(closed_on, EVIDENCE_MONTHS) <= today


def in_time(opened_on: date, closed_on: date | None, today: date) -> bool | None:
    """Whether a case counts as closed within 30 days (V2); None while that is still open."""
    if closed_on is not None:
        return closed_on - opened_on <= CLOSED_WITHIN
    return None if today - opened_on <= CLOSED_WITHIN else False
