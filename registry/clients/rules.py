"""Words of this room, and what may be done to a list. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from registry.clients.cells import fold
from registry.core.errors import Conflict

UNDO_WITHIN = timedelta(hours=24)


class AssociationKind(StrEnum):
    HOTELS = "hotels"
    TAXIS = "taxis"


class AssociationState(StrEnum):
    ACTIVE = "active"
    CLOSED = "closed"


class ClientKind(StrEnum):
    LODGING = "lodging"
    TAXI = "taxi"
    FREIGHT = "freight"
    WATERWAY = "waterway"
    OPERATOR = "operator"
    ENTERTAINMENT = "entertainment"


class ClientState(StrEnum):
    ACTIVE = "active"
    LEFT = "left"


class UnitKind(StrEnum):
    ESTABLISHMENT = "establishment"
    VEHICLE = "vehicle"


class EstablishmentKind(StrEnum):
    HOTEL = "hotel"
    HOSTEL = "hostel"
    GUESTHOUSE = "guesthouse"
    APARTMENT = "apartment"
    RURAL = "rural"
    CAMPING = "camping"
    RESORT = "resort"
    OTHER = "other"


class Post(StrEnum):
    RECEPTION = "reception"
    RESERVATIONS = "reservations"
    HOUSEKEEPING = "housekeeping"
    FOOD_SERVICE = "food_service"
    MAINTENANCE = "maintenance"
    SECURITY = "security"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    DRIVER = "driver"
    GUIDE = "guide"
    OTHER = "other"


class Shift(StrEnum):
    DAY = "day"
    NIGHT = "night"
    BOTH = "both"


CRITICAL = frozenset({Post.RECEPTION, Post.SECURITY, Post.SUPERVISOR, Post.MANAGER, Post.DRIVER})


def critical(post: str, shift: str) -> bool:
    """Posts that meet a guest at the door, and anybody who is there at night (domain.md 4)."""
    return post in CRITICAL or shift in (Shift.NIGHT, Shift.BOTH)


CLIENT_KIND = {AssociationKind.HOTELS: ClientKind.LODGING, AssociationKind.TAXIS: ClientKind.TAXI}


class BatchState(StrEnum):
    """Who acts next: we ask for the encoding or the columns, the person looks, or it is over."""

    ENCODING = "encoding"
    COLUMNS = "columns"
    READY = "ready"
    COMMITTED = "committed"
    UNDONE = "undone"
    DISCARDED = "discarded"


OPEN = frozenset({BatchState.ENCODING, BatchState.COLUMNS, BatchState.READY})


class RowResult(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ERROR = "error"


class Counts(msgspec.Struct, frozen=True):
    """Rows of a list by result; they always add up to `rows`."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    error: int = 0
    cells: int = 0  # cells refused; a row may have several

    @property
    def good(self) -> int:
        return self.new + self.changed + self.same


ZONES = {
    "CR": "America/Costa_Rica",
    "PE": "America/Lima",
    "AR": "America/Argentina/Cordoba",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "US": "America/New_York",
    "BR": "America/Sao_Paulo",
    "MX": "America/Mexico_City",
    "GT": "America/Guatemala",
    "CO": "America/Bogota",
    "PA": "America/Panama",
    "NI": "America/Managua",
}
"""The zone of a country's capital, where nobody said otherwise: validity ends at midnight there."""

LANGUAGES = {"BR": "pt", "FR": "fr", "US": "en"}


def folded(name: str, tax_id: str | None, canton: str | None, others: Sequence[str | None]) -> str:
    """What search looks in: without accents, and plates and tax ids also without their spaces and dashes."""
    exact = [
        text.replace(" ", "").replace("-", "") for text in (tax_id, *others) if text and any(c.isdigit() for c in text)
    ]
    words = [fold(text) for text in (name, canton, tax_id, *others) if text]
    return " ".join(dict.fromkeys([*words, *(text.casefold() for text in exact)]))


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What a list would change, {field: [old, new]}. A blank in a list says nothing, so it never erases."""
    return {
        field: [before.get(field), value]
        for field, value in after.items()
        if value not in (None, "") and before.get(field) != value
    }


def readable(state: str) -> None:
    if state not in OPEN:
        raise Conflict("import-closed", state=state)


def committable(state: str, good: int) -> None:
    if state != BatchState.READY:
        raise Conflict("import-not-ready", state=state)
    if not good:
        raise Conflict("import-nothing-good")


def undo_before(committed_at: datetime) -> datetime:
    return committed_at + UNDO_WITHIN


def undoable(state: str, committed_at: datetime | None, now: datetime, built_on: int) -> None:
    """An import can be taken back whole for a day, as long as nobody has signed, trained or applied on top of it."""
    if state != BatchState.COMMITTED or committed_at is None:
        raise Conflict("import-not-committed")
    if now > undo_before(committed_at):
        raise Conflict("import-undo-late")
    if built_on:
        raise Conflict("import-built-on", count=built_on)
