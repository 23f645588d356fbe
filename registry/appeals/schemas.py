"""What crosses the wire, and what pages show."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from registry.appeals.rules import Act, Count, Obstacle, Outcome, State


class Lodge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Against which decision, why, and what is asked for."""

    decision: UUID
    grounds: str
    wanted: str = ""


class Seat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole panel; whoever is not named and sat before is replaced."""

    panel: tuple[UUID, ...]
    chair: UUID
    reason: str = ""


class Propose(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A ruling as its chair words it. `asked` says what a decider is to do, when something is upheld."""

    outcome: Outcome
    reasons: str
    asked: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An appeal as its row says."""

    id: UUID
    number: str
    certification: UUID
    decision: UUID
    holder: UUID
    holder_name: str
    appellant: UUID
    appellant_name: str
    grounds: str
    wanted: str
    state: State
    moved_at: datetime
    lodged_at: datetime
    lodged_on: date
    acknowledge_by: date
    acknowledged_on: date | None
    rule_by: date
    ruled_on: date | None
    stayed_at: datetime | None
    outcome: Outcome | None
    reasons: str
    asked: str
    carried_out_by: UUID | None

    @property
    def stayed(self) -> bool:
        return self.stayed_at is not None


class Seated(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody on a panel."""

    person: UUID
    name: str
    chair: bool
    declared_at: datetime | None


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    person: UUID
    name: str
    agrees: bool
    note: str


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """The ruling that is being voted on, or that carried."""

    id: UUID
    outcome: Outcome
    reasons: str
    asked: str
    proposed_at: datetime
    carried_at: datetime | None
    votes: tuple[Vote, ...]
    count: Count


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    act: Act
    state: State
    reason: str
    name: str
    taken_at: datetime


class Against(msgspec.Struct, frozen=True, kw_only=True):
    """The decision an appeal is about."""

    id: UUID
    certification: UUID
    number: str
    act: str
    reason: str
    units: tuple[UUID, ...]
    decider: str
    decided_by: UUID
    decided_at: datetime
    decided_on: date
    last_on: date
    """Last day on which it can be appealed against."""
    repeats: bool = False
    """It only carries out an earlier one again."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who could sit, and what keeps them from it."""

    person: UUID
    name: str
    obstacles: list[Obstacle]


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """All of one appeal that its page shows to one reader."""

    case: Case
    against: Against
    certification_name: str
    panel: list[Seated]
    proposal: Proposal | None
    steps: list[StepView]
    allowed: frozenset[Act]
    candidates: list[Candidate]
    inside: bool
    """Whether the reader hears this appeal or watches over impartiality: sees the votes."""
    own: bool
    """Whether the reader speaks for the appellant."""
    obstacles: list[Obstacle]
    """What keeps a reader who decides from carrying it out."""
