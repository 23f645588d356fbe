"""The life of a complaint (ISO/IEC 17065, 7.13): states, acts, days and codes. Pure."""

import unicodedata
from collections.abc import Callable, Collection
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from registry.core.calendar import working_days_after
from registry.core.errors import Conflict, Invalid

ACKNOWLEDGE_WORKING_DAYS = 3
ANSWER_DAYS = 60
"""17065 leaves both to the body; a complaint belongs to no scheme version, so these are the register's own."""
LONGEST_TEXT, LONGEST_LINE = 6000, 200
MOST_A_DAY = 20_000
"""Complaints of one day, seals of ours apart; the database counts (migrations/registry/floods.py)."""


class About(StrEnum):
    """Whom a complaint is about."""

    HOLDER = "holder"
    AUDITOR = "auditor"
    REGISTRY = "registry"


class State(StrEnum):
    """Where a complaint stands, named so that one knows who acts next."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    IN_INVESTIGATION = "in_investigation"
    CLOSED = "closed"


class Act(StrEnum):
    LODGE = "lodge"
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"  # found to be ours (7.13.3), and given to somebody uninvolved
    REASSIGN = "reassign"
    SET_ASIDE = "set_aside"  # not for us; nothing of the words is kept
    CONCLUDE = "conclude"


class Aside(StrEnum):
    """Why a complaint is set aside. A worry about a child that was moved stands among what belongs elsewhere."""

    ELSEWHERE = "elsewhere"
    SAID_BEFORE = "said_before"
    NO_COMPLAINT = "no_complaint"


class Outcome(StrEnum):
    FOUNDED = "founded"
    PARTLY = "partly"
    UNFOUNDED = "unfounded"
    ELSEWHERE = "elsewhere"  # belongs with somebody else


S, A = State, Act
AFTER: dict[tuple[State, Act], State] = {
    (S.RECEIVED, A.ACKNOWLEDGE): S.ACKNOWLEDGED,
    (S.RECEIVED, A.SET_ASIDE): S.CLOSED,
    (S.ACKNOWLEDGED, A.SET_ASIDE): S.CLOSED,
    (S.ACKNOWLEDGED, A.ASSIGN): S.IN_INVESTIGATION,
    (S.IN_INVESTIGATION, A.REASSIGN): S.IN_INVESTIGATION,
    (S.IN_INVESTIGATION, A.SET_ASIDE): S.CLOSED,
    (S.IN_INVESTIGATION, A.CONCLUDE): S.CLOSED,
}
OPEN = frozenset(State) - {S.CLOSED}
FOUND = frozenset({Outcome.FOUNDED, Outcome.PARTLY, Outcome.UNFOUNDED})
"""What somebody who looked into it can have found."""


def after(state: State, act: Act) -> State:
    """The state an act leads to, or a Conflict."""
    try:
        return AFTER[state, act]
    except KeyError:
        raise Conflict("complaint-act-not-possible", state=state, act=act) from None


class Clock(msgspec.Struct, frozen=True):
    """The last days on which we keep our word."""

    acknowledge_by: date
    answer_by: date


def clock(lodged_on: date, country: str) -> Clock:
    """Acknowledged in three working days of the operator's country, answered in sixty days."""
    return Clock(
        working_days_after(lodged_on, ACKNOWLEDGE_WORKING_DAYS, country), lodged_on + timedelta(days=ANSWER_DAYS)
    )


# The code of whoever complained: the number, which anybody here may know, and a secret, which only they do.

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET_LENGTH = 16


def new_secret(randbelow: Callable[[int], int]) -> str:
    """80 random bits, without I, L, O and U."""
    return "".join(_SIGNS[randbelow(32)] for _ in range(SECRET_LENGTH))


def code(number: str, secret: str) -> str:
    """What is handed out: Q-2026-0001-7F3K-9QWX-2MNP-4RTV."""
    return "-".join([number, *(secret[i : i + 4] for i in range(0, SECRET_LENGTH, 4))])


def read_code(typed: str) -> tuple[str, str]:
    """Number and secret of a typed code; case, spaces and the usual misreadings are forgiven. Invalid otherwise."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    signs = "".join(sign for sign in plain if sign.isalnum() and sign.isascii())
    head, secret = signs[:-SECRET_LENGTH], signs[-SECRET_LENGTH:].translate(str.maketrans("ILOU", "110V"))
    digits = head[1:].translate(str.maketrans("ILO", "110"))
    if len(digits) < 8 or head[:1] not in ("Q", "O", "0") or not digits.isdigit():
        raise Invalid("complaint-code-mistyped", fields={"code": "complaint-code-mistyped"})
    return f"Q-{digits[:4]}-{int(digits[4:]):04d}", secret


def involved(
    person: UUID,
    about: About,
    about_person: UUID | None,
    touched: Collection[UUID],
    tied: Collection[UUID],
    assigner: UUID | None,
) -> str:
    """What keeps somebody from looking into a complaint, or nothing (7.13.5): being whom it is about, a part in a case
    of the holder it is about, a tie of two years; and of a complaint about the register, giving it to oneself."""
    if person == about_person:
        return "person"
    if person in touched:
        return "case"
    if person in tied:
        return "tie"
    return "register" if about is About.REGISTRY and person == assigner else ""


def written(text: str, field: str = "text") -> str:
    """A complaint's words: line ends made one kind, control signs gone. Invalid when there are none, or too many."""
    kept = "".join(sign for sign in text.replace("\r\n", "\n") if sign in "\n\t" or sign.isprintable()).strip()
    if len(kept) < 10:
        raise Invalid("complaint-needs-words", fields={field: "complaint-needs-words"})
    if len(kept) > LONGEST_TEXT:
        raise Invalid("complaint-too-long", fields={field: "complaint-too-long"}, most=LONGEST_TEXT)
    return kept


def line(text: str, most: int = LONGEST_LINE) -> str:
    """One line without control characters, at most so long."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:most]
