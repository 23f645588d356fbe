"""What crosses the border of this room."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from registry.training.rules import Assurance, Kind
from registry.training.signals import Signal


class Open(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A session to hold. Without `started_at` it begins now; without `minutes` it lasts as long as its modules ask."""

    clients: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=500)]
    modules: Annotated[list[str], msgspec.Meta(min_length=1, max_length=12)]
    place: Annotated[str, msgspec.Meta(max_length=200)]
    language: str = "es"
    started_at: datetime | None = None
    minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] | None = None
    kind: Kind = Kind.FULL
    scheme: str = "sectt-code"


class Attendee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One person there. `score` is the number of right answers, None while the check is not taken.

    `must_pass` is the facilitator's word that every must-pass item was right; `assisted` that the check was read aloud.
    """

    worker_id: UUID
    score: int | None
    assisted: bool = False
    must_pass: bool = True
    assurance: Assurance = Assurance.L2


class SessionView(msgspec.Struct, frozen=True):
    """A session as its pages need it."""

    id: UUID
    facilitator: UUID
    facilitator_name: str
    clients: list[UUID]
    scheme_version: UUID
    modules: list[str]
    kind: str
    language: str
    place: str
    room_code: str
    items: list[str]
    started_at: datetime
    minutes: int
    state: str
    closed_at: datetime | None
    signals: list[Signal]
    people: int = 0
    passed: int = 0


class Present(msgspec.Struct, frozen=True):
    """One line of a session's roster: somebody who works there, and what is written of them."""

    worker: UUID
    name: str
    client: UUID
    client_name: str
    post: str
    shift: str
    card_no: str | None
    needs: tuple[str, ...]
    """Modules of this session that this person's post asks for."""
    lacks: tuple[str, ...]
    """Those of them that this person does not hold."""
    there: bool = False
    score: int | None = None
    must_pass: bool = False
    assisted: bool = False


class Person(msgspec.Struct, frozen=True):
    """One active worker of a business: what their post needs, what they lack, and the last day they are trained."""

    worker: UUID
    client: UUID
    name: str
    post: str
    shift: str
    outsourced: bool
    critical: bool
    needs: tuple[str, ...]
    lacks: tuple[str, ...]
    trained_until: date | None
    started_on: date | None


class OpenForm(msgspec.Struct, frozen=True):
    """The form of a session to hold, as typed. `modules` and `clients` come as one value or several."""

    once: UUID
    clients: list[str] = []
    modules: list[str] = []
    place: str = ""
    language: str = "es"
    day: str = ""
    time: str = ""
    minutes: str = ""
    kind: str = "full"
    q: str = ""
    search: str = ""
