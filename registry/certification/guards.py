"""The guards of rules.ROWS: each looks at one Situation and raises by name. Pure; said once, used by every row.

A Situation is deny-by-default: what nobody looked up stays as if it were against the act.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from registry.certification.facts import Kind, Opposed, Parameters, Requirement
from registry.certification.impartiality import Obstacle
from registry.core.calendar import add_months
from registry.core.errors import Conflict, Forbidden, Invalid


class Cause(StrEnum):
    """Why a certificate is suspended or withdrawn (7.11, domain.md 2). A traveller's report is never one of them."""

    CRITICAL_FINDING = "critical_finding"
    CORRECTIONS_OVERDUE = "corrections_overdue"
    VISIT_REFUSED = "visit_refused"
    MARK_MISUSE = "mark_misuse"
    COVERAGE_LOW = "coverage_low"
    SURVEILLANCE_FAILED = "surveillance_failed"
    HOLDER_ASKS = "holder_asks"
    UNRESOLVED = "unresolved"
    FRAUD = "fraud"
    FACILITATION = "facilitation"
    CONVICTION = "conviction"
    OTHER = "other"
    """Another breach of the agreement; the reason says which."""


OF_SUSPENSION = (
    Cause.CRITICAL_FINDING, Cause.CORRECTIONS_OVERDUE, Cause.VISIT_REFUSED, Cause.MARK_MISUSE, Cause.COVERAGE_LOW,
    Cause.SURVEILLANCE_FAILED, Cause.HOLDER_ASKS, Cause.OTHER,
)  # fmt: skip
OF_WITHDRAWAL = (Cause.UNRESOLVED, Cause.FRAUD, Cause.FACILITATION, Cause.CONVICTION, Cause.OTHER)


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What the guards of one act look at."""

    person: UUID
    reason: str = ""
    obstacles: tuple[Obstacle, ...] | None = None
    """What keeps the person from this part of the case; None means that nobody looked."""
    of_the_holder: bool = False
    is_the_holder: bool = False
    of_the_team: bool = False
    unanswered: tuple[str, ...] | None = None
    """Questions of the self-assessment that nobody answered; None means that nobody looked."""
    self_assessed: bool = False
    awaited: bool = True
    """The applicant's days to answer run."""
    objection: Opposed | None = None
    """The holder's word against the team; None means that nobody looked."""
    too_old: bool = False
    """What the evaluation found was seen so long ago that it is done again."""
    lacking: tuple[Requirement, ...] | None = None
    cause: Cause | None = None
    urgent: bool = False
    signed_before: frozenset[UUID] = frozenset()
    """Who proposed this act, or decided what it continues."""
    consult: bool = False
    """An authority asked to be consulted first; yes or no is all that is told (I10)."""
    consulted: bool = False
    held: bool = False
    """An investigation keeps the public state as it is."""
    confirmable: bool = False
    """An urgent suspension waits for its second person."""
    cause_verified: bool = False
    remaining: int = 0
    """Units that stay covered."""
    added: int = 0
    """Units an extension brings, with those that came since the last audit from outside."""
    growth_limit: int | None = None
    """How many a group may grow by until then; None for a single holder."""
    since_expiry: timedelta | None = None
    reviewed: bool = False


Guard = Callable[[Situation], None]


def reasoned(s: Situation) -> None:
    """Every act that changes what a person may do says why."""
    words(s.reason)


def holder(s: Situation) -> None:
    """Only the holder speaks for itself: the business, or the association for its group."""
    if not s.of_the_holder:
        raise Forbidden("not-the-applicant")


def itself(s: Situation) -> None:
    """Nobody answers for another: a business for itself, an association for its office and not for its members."""
    if not s.is_the_holder:
        raise Forbidden("not-the-holder")


def answered(s: Situation) -> None:
    """Every question has its reply; "don't know" is one."""
    if s.unanswered is None or s.unanswered:
        left = s.unanswered or ()
        fields = dict.fromkeys((f"a-{one}" for one in left), "self-assessment-unanswered")
        raise Invalid("self-assessment-incomplete", fields=fields, count=len(left))


def self_assessed(s: Situation) -> None:
    """A first plan is made once the holder has said how it sees itself, where the scheme asks for it."""
    if not s.self_assessed:
        raise Conflict("self-assessment-missing")


def not_awaited(s: Situation) -> None:
    """Nothing is declined while its applicant still has days to answer what was asked."""
    if s.awaited:
        raise Conflict("answer-awaited")


def unopposed(s: Situation) -> None:
    """What the holder says against the team is answered before anything else is done with it, and before a visit."""
    if s.objection not in (Opposed.NOT, Opposed.ANSWERED):
        raise Conflict("objection-open")


def first_objection(s: Situation) -> None:
    """A holder objects once in a case: its reasons together, not one team after the other."""
    if s.objection is not Opposed.NOT:
        raise Conflict("objection-made")


def opposed(s: Situation) -> None:
    """There is an objection, and nobody has answered it."""
    if s.objection is not Opposed.OPEN:
        raise Conflict("objection-missing")


def grown_old(s: Situation) -> None:
    """A case is evaluated anew when what was found is too old, its corrections included, and not before."""
    if not s.too_old:
        raise Conflict("evaluation-not-old")


def team(s: Situation) -> None:
    """Only the assigned team evaluates."""
    if not s.of_the_team:
        raise Forbidden("not-on-this-team")


def impartial(s: Situation) -> None:
    """Whoever evaluated, trained, worked for or belongs to the holder stays out, whatever roles they hold (I1-I3)."""
    if s.obstacles is None:
        raise Forbidden("impartiality-unknown")
    for obstacle in s.obstacles:
        raise Forbidden(obstacle.code, ends_on=obstacle.ends_on)


def complete(s: Situation) -> None:
    """Nothing that blocks is missing (7.6; I4). The refusal carries the exact list."""
    lacking = [one for one in s.lacking or () if one.blocks]
    if s.lacking is None or lacking:
        raise Conflict("requirements-missing", missing=lacking, count=len(lacking))


def caused(s: Situation) -> None:
    """A suspension has a cause of the list; what travellers report is not on it."""
    if s.cause not in OF_SUSPENSION:
        raise Invalid("cause-missing", fields={"cause": "cause-missing"})


def grave(s: Situation) -> None:
    """So has a withdrawal."""
    if s.cause not in OF_WITHDRAWAL:
        raise Invalid("cause-missing", fields={"cause": "cause-missing"})


def four_eyes(s: Situation) -> None:
    """Somebody else proposed it or signed before; an urgent one needs that person afterwards."""
    if not s.urgent and not s.signed_before - {s.person}:
        raise Conflict("four-eyes-needed")


def another(s: Situation) -> None:
    """Nobody confirms, or lifts, what they decided alone."""
    if not s.confirmable:
        raise Conflict("nothing-to-confirm")
    if s.person in s.signed_before:
        raise Forbidden("same-decider")


def consulted(s: Situation) -> None:
    """Where an authority asked for it, it is consulted before the public sees anything (no tipping-off)."""
    if s.consult and not s.consulted:
        raise Invalid("consult-first", fields={"consulted": "consult-first"})


def not_held(s: Situation) -> None:
    """An investigation hold keeps the public state unchanged while it lasts."""
    if s.held:
        raise Conflict("investigation-hold")


def verified(s: Situation) -> None:
    """The cause is gone, and an auditor saw it; a decider's word alone does not end a suspension."""
    if not s.cause_verified:
        raise Conflict("cause-not-verified")


def something_remains(s: Situation) -> None:
    """A reduction leaves something covered; to end all of it is another act, with another name in public."""
    if s.remaining < 1:
        raise Conflict("nothing-remains")


def room_to_grow(s: Situation) -> None:
    """A group grows by so much between two audits from outside, and no more (domain.md 3)."""
    if s.growth_limit is not None and s.added > s.growth_limit:
        raise Conflict("group-grows-too-much", added=s.added, limit=s.growth_limit)


def looked_at(s: Situation) -> None:
    """What is added was evaluated and reviewed since it was asked for."""
    if not s.reviewed:
        raise Conflict("extension-not-reviewed")


# What is asked of the words and things an act brings.

SHORTEST_REASON, LONGEST_REASON = 10, 4000


def words(reason: str, field: str = "reason") -> str:
    """The reason, trimmed: words that somebody else can follow."""
    plain = " ".join(reason.split())
    if len(plain) < SHORTEST_REASON:
        raise Invalid("reason-too-short", fields={field: "reason-too-short"}, least=SHORTEST_REASON)
    if len(plain) > LONGEST_REASON:
        raise Invalid("reason-too-long", fields={field: "reason-too-long"}, most=LONGEST_REASON)
    return reason.strip()


def short(notes: Mapping[str, str], most: int) -> None:
    """Raise Invalid for every note of a question that is longer than somebody will read."""
    fields = {f"n-{id}": "note-too-long" for id, note in notes.items() if len(note) > most}
    if fields:
        raise Invalid("note-too-long", fields=fields, most=most)


def staffed(team: Collection[UUID], lead: UUID, auditors: Collection[UUID]) -> None:
    """Raise Invalid unless a team is somebody, all of them auditors, and led by one of them."""
    if not team or not set(team) <= set(auditors):
        raise Invalid("team-missing", fields={"team": "team-missing"})
    if lead not in team:
        raise Invalid("lead-not-on-team", fields={"lead": "lead-not-on-team"})


def of_this_team(persons: Collection[UUID], team: Collection[UUID]) -> None:
    """Raise Invalid unless an objection names somebody, and nobody who is not on the team."""
    if not persons or not set(persons) <= set(team):
        raise Invalid("objection-to-nobody", fields={"persons": "objection-to-nobody"})


def justified(on_site: bool, why: str) -> None:
    """Raise Invalid unless whoever does not go to the place says why."""
    if not on_site:
        words(why, "why")


def rotated(led: int, cycles: int) -> None:
    """Raise Invalid when somebody led the evaluation of this holder for so many cycles without a break."""
    if led >= cycles:
        raise Invalid("lead-too-often", fields={"lead": "lead-too-often"}, cycles=cycles)


def checkable(possible: bool, in_scope: bool, days: Collection[date | None], today: date) -> None:
    """Raise unless internal checks are of units of a living group case, and none lies in the future."""
    if not possible:
        raise Conflict("checks-not-possible")
    if not in_scope or not days:
        raise Invalid("unit-not-in-scope", fields={"unit_ids": "unit-not-in-scope"})
    if any(day and day > today for day in days):
        raise Invalid("check-in-future", fields={"checked_on": "check-in-future"})


def belongs(
    case_version: UUID,
    version: UUID,
    team: Collection[UUID],
    evaluators: Collection[UUID],
    units: Collection[UUID],
    sample: Collection[UUID],
) -> None:
    """Raise Invalid unless an evaluation is of this case: its criteria (I4), its team, its units."""
    if version != case_version:
        raise Invalid("evaluation-of-other-version")
    if not evaluators or not set(evaluators) <= set(team):
        raise Invalid("evaluator-not-assigned")
    if not set(sample) <= set(units):
        raise Invalid("unit-not-in-scope")


GROUP_KINDS = frozenset({"taxi", "waterway"})
"""Businesses that may always go in a group; lodging only while it is small. Everybody else goes one by one."""


def suits(kind: Kind, client_kind: str, rooms: int | None, parameters: Parameters) -> None:
    """Raise Invalid when a unit may not go in a group (domain.md 3: each larger building and its team differ)."""
    small = client_kind == "lodging" and rooms is not None and rooms <= parameters.micro_lodging_rooms
    if kind is Kind.GROUP and client_kind not in GROUP_KINDS and not small:
        raise Invalid("unit-not-for-group", rooms=parameters.micro_lodging_rooms)


def may_reapply(ended_on: date | None, today: date, parameters: Parameters) -> None:
    """Raise Conflict while a withdrawal, or an end that ran from an open critical finding, is too recent."""
    if ended_on is not None and today < (again := add_months(ended_on, parameters.reapply_months)):
        raise Conflict("reapply-too-early", day=again)


def growth_limit(covered: int, parameters: Parameters) -> int:
    """How many units a group of this size may add between two audits from outside; at least one."""
    return max(1, covered * parameters.group.growth_percent // 100)
