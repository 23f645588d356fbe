"""A visit's states, what each answer owes, and when a visit may be closed. Pure: no database, clock or request.

Blank is none of the answers (domain.md 3): what was not looked at is never a pass, nor "not applicable".
"""

from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

import msgspec

from audit.findings.rules import MAX_WORDS, MIN_WORDS
from registry.certification.facts import Grade
from registry.core.errors import Conflict, Invalid


class State(StrEnum):
    """planned and opened wait for the team, closed for the lead's report; reported is final."""

    PLANNED = "planned"
    OPENED = "opened"
    CLOSED = "closed"
    REPORTED = "reported"


class Act(StrEnum):
    """What a team does to its visit."""

    OPEN = "open"
    ANSWER = "answer"
    CLOSE = "close"
    REPORT = "report"


AFTER: dict[tuple[State, Act], State] = {
    (State.PLANNED, Act.OPEN): State.OPENED,
    (State.OPENED, Act.ANSWER): State.OPENED,
    (State.OPENED, Act.CLOSE): State.CLOSED,
    (State.CLOSED, Act.REPORT): State.REPORTED,
}
FINAL = frozenset({State.REPORTED})


class Reply(StrEnum):
    """The six answers to a question (domain.md 3)."""

    CONFORMS = "conforms"
    GOOD_PRACTICE = "good_practice"
    NONCONFORMITY = "nonconformity"
    OBSERVATION = "observation"
    NOT_APPLICABLE = "not_applicable"
    NOT_EVALUABLE = "not_evaluable"


class Reason(StrEnum):
    """Why a question does not apply or could not be evaluated. `other` owes a sentence."""

    NO_SERVICE = "no_service"
    LAW_DIFFERS = "law_differs"
    NO_SEAL_YET = "no_seal_yet"
    FIRST_CYCLE = "first_cycle"
    NO_ACCESS = "no_access"
    PERSON_AWAY = "person_away"
    RECORD_NOT_SHOWN = "record_not_shown"
    OTHER = "other"


REASONS: dict[Reply, tuple[Reason, ...]] = {
    Reply.NOT_APPLICABLE: (
        Reason.NO_SERVICE,
        Reason.LAW_DIFFERS,
        Reason.NO_SEAL_YET,
        Reason.FIRST_CYCLE,
        Reason.OTHER,
    ),
    Reply.NOT_EVALUABLE: (Reason.NO_ACCESS, Reason.PERSON_AWAY, Reason.RECORD_NOT_SHOWN, Reason.OTHER),
}
RAISES_A_FINDING = frozenset({Reply.NONCONFORMITY, Reply.OBSERVATION})
MIN_PRESENT = 3
"""Characters that can name who was at a meeting by their part; fewer name nobody."""
NC_GRADES = (Grade.CRITICAL, Grade.MAJOR, Grade.MINOR)


class Outcome(StrEnum):
    """How the closing meeting ended for the signature. Refusing to sign is a valid outcome; it needs no reason."""

    RECEIVED = "received"
    REFUSED = "refused"


class Item(msgspec.Struct, frozen=True, order=True):
    """One thing to answer: a question of the visit, or a question about one sampled unit."""

    question: str
    unit: UUID | None = None


class Draft(msgspec.Struct, frozen=True):
    """One answer as given, before it is judged complete. `figure` is a percentage or a count the auditor confirms."""

    reply: Reply
    grade: Grade | None = None
    reason: Reason | None = None
    note: str = ""
    figure: float | None = None


class Given(msgspec.Struct, frozen=True):
    """The answer that stands now for one item."""

    item: Item
    reply: Reply
    grade: Grade | None = None


class Progress(msgspec.Struct, frozen=True):
    """How much was looked at; it never says how much conforms."""

    seen: int
    of: int

    @property
    def left(self) -> int:
        return self.of - self.seen


def after(state: State, act: Act) -> State:
    """The state an act leads to, or a Conflict that says what the visit is now."""
    try:
        return AFTER[state, act]
    except KeyError:
        raise Conflict(f"visit-{act}-{state}") from None


def owes(draft: Draft, *, counted: bool = False) -> dict[str, str]:
    """What an answer still owes, field by field, as refusal codes; empty when it is complete.

    A nonconformity owes what was seen and a grade; "not applicable" and "not evaluable" a reason, in words when
    it is `other`; a question that counts owes its figure. Only an answer that owes nothing counts as looked at.
    """
    owed: dict[str, str] = {}
    note = draft.note.strip()
    if draft.reply is Reply.NONCONFORMITY:
        if draft.grade not in NC_GRADES:
            owed["grade"] = "answer-grade-missing"
        if len(note) < MIN_WORDS:
            owed["note"] = "answer-seen-missing"
    elif draft.reply is Reply.OBSERVATION and len(note) < MIN_WORDS:
        owed["note"] = "answer-better-missing"
    elif draft.reply in REASONS:
        if draft.reason not in REASONS[draft.reply]:
            owed["reason"] = "answer-reason-missing"
        elif draft.reason is Reason.OTHER and len(note) < MIN_WORDS:
            owed["note"] = "answer-reason-words-missing"
    if counted and draft.reply not in REASONS and draft.figure is None:
        owed["figure"] = "answer-figure-missing"
    if draft.figure is not None and not 0 <= draft.figure <= 1_000_000:
        owed["figure"] = "answer-figure-impossible"
    if len(draft.note) > MAX_WORDS:
        owed["note"] = "text-too-long"
    return owed


def grade_of(draft: Draft) -> Grade | None:
    """The grade of the finding an answer raises, None when it raises none."""
    if draft.reply is Reply.OBSERVATION:
        return Grade.OBSERVATION
    return draft.grade if draft.reply is Reply.NONCONFORMITY else None


def tidy(draft: Draft) -> Draft:
    """The answer without what belongs to another choice: a grade left marked when the answer became "conforms"."""
    return Draft(
        reply=draft.reply,
        grade=draft.grade if draft.reply is Reply.NONCONFORMITY else None,
        reason=draft.reason if draft.reply in REASONS else None,
        # PostgreSQL keeps no NUL in a text.
        note=draft.note.replace("\0", "").strip(),
        figure=None if draft.reply in REASONS else draft.figure,
    )


def progress(items: Iterable[Item], answered: Iterable[Item]) -> Progress:
    """Items looked at, of the items asked. An answer to something not asked counts for nothing."""
    asked = frozenset(items)
    return Progress(len(asked & frozenset(answered)), len(asked))


def unanswered(items: Iterable[Item], answered: Iterable[Item]) -> list[Item]:
    """The items still blank, in the order they are asked."""
    done = frozenset(answered)
    return [item for item in items if item not in done]


def closable(state: State, items: Iterable[Item], answered: Iterable[Item]) -> None:
    """A visit closes only when it is open and no question is blank; the refusal says how many are and the first."""
    after(state, Act.CLOSE)
    blank = unanswered(items, answered)
    if blank:
        raise Conflict("visit-unanswered", count=len(blank), first=", ".join(item.question for item in blank[:5]))


def signed(outcome: Outcome, name: str, role: str) -> None:
    """A signature names who received the findings; a refusal to sign asks for nobody's name."""
    if outcome is Outcome.REFUSED:
        return
    wrong = {
        field: f"signature-{field}-missing" for field, text in (("name", name), ("role", role)) if not text.strip()
    }
    if wrong:
        raise Invalid("signature-incomplete", fields=wrong)


class Merge(StrEnum):
    """What to do with an answer that comes back on a form showing an older one."""

    SAVE = "save"
    SKIP = "skip"
    ASK = "ask"


def merge(draft: Draft, shown: Draft | None, standing: Draft | None) -> Merge:
    """A form sends every answer it shows, also those nobody touched: only what this person changed is saved.

    `shown` is the answer the page was drawn with, `standing` the one that stands now. Where another person answered in
    between and this one changed it too, neither wins in silence: the form asks, with both.
    """
    if draft in (standing, shown):
        return Merge.SKIP
    return Merge.SAVE if shown == standing else Merge.ASK
