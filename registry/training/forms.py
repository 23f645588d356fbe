"""What the training pages send, field by field: typed text in; values, or a refusal that names the field, out. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from registry.core.errors import Invalid
from registry.core.ids import read, uuid7
from registry.training import checks
from registry.training.rules import Kind
from registry.training.schemas import Attendee, Open, OpenForm


class Typed(Protocol):
    """A form as it came: several values under one name."""

    def get(self, name: str, default: Any, /) -> Any: ...
    def getall(self, name: str, default: Any, /) -> Any: ...
    def keys(self) -> Iterable[str]: ...
    def __contains__(self, name: object, /) -> bool: ...


def ids(values: Iterable[str]) -> list[UUID]:
    """The values that are ids; what is not is left out, because no page of ours sends it."""
    return [found for value in values if (found := read(value))]


def once(typed: Typed) -> UUID:
    """The form's own id; a form that lost it counts as new."""
    return read(typed.get("once", "")) or uuid7()


def opening(typed: Typed) -> OpenForm:
    """The form of a session to hold."""
    one = {name: str(typed.get(name, default)) for name, default in (
        ("place", ""), ("language", "es"), ("day", ""), ("time", ""), ("minutes", ""), ("kind", "full"), ("q", ""),
        ("search", ""))}  # fmt: skip
    many = {name: [str(value) for value in typed.getall(name, [])] for name in ("clients", "modules")}
    return OpenForm(once=once(typed), **one, **many)  # type: ignore[arg-type]  # fields of the form


def as_typed(form: OpenForm) -> dict[str, Any]:
    """For a page that shows the form again."""
    return {name: getattr(form, name) for name in form.__struct_fields__}


def opened(form: OpenForm, zone: str) -> Open:
    """What to open. Day and time are those of the place; left empty, it begins now."""
    clients = ids(form.clients)
    if not clients:
        raise Invalid("training-choose-business", fields={"q": "training-choose-business"})
    if not form.modules:
        raise Invalid("training-choose-module", fields={"modules": "training-choose-module"})
    started_at = None
    if form.day or form.time:
        try:
            started_at = datetime.fromisoformat(f"{form.day}T{form.time}").replace(tzinfo=ZoneInfo(zone))
        except ValueError:
            raise Invalid("training-when", fields={"day": "training-when"}) from None
    minutes = form.minutes.strip()
    if minutes and not (minutes.isascii() and minutes.isdigit() and 1 <= int(minutes[:5]) <= 1440):
        raise Invalid("training-minutes", fields={"minutes": "training-minutes"})
    kind = Kind.REFRESHER if form.kind == Kind.REFRESHER else Kind.FULL
    return msgspec.convert(
        {"clients": clients, "modules": form.modules[:12], "place": form.place[:200], "language": form.language,
         "started_at": started_at, "minutes": int(minutes) if minutes else None, "kind": kind}, Open
    )  # fmt: skip


def roster_typed(typed: Typed) -> dict[str, Any]:
    """The attendance form for a page that shows it again: every tick is kept."""
    many = {name: [str(value) for value in typed.getall(name, [])] for name in ("shown", "there")}
    return {name: typed.get(name, "") for name in set(typed.keys())} | many


def attendance(typed: Typed, asked: int) -> tuple[list[UUID], list[Attendee]]:
    """Whom the page showed, and those of them who were there."""
    shown, there = ids(typed.getall("shown", [])), set(ids(typed.getall("there", [])))
    return shown, [
        Attendee(
            worker, score(str(typed.get(f"score-{worker}", "")), asked), assisted=f"aloud-{worker}" in typed,
            must_pass=f"must-{worker}" in typed,
        )
        for worker in shown
        if worker in there
    ]  # fmt: skip


def score(text: str, asked: int) -> int | None:
    """The number of right answers as somebody wrote it: 8, or 8/10. Empty is no check yet."""
    text = text.replace(" ", "").removesuffix(f"/{asked}")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 3:
        raise Invalid("training-score-out-of-range", asked=asked, fields={"score": "training-score-out-of-range"})
    checks.checked(int(text), asked)
    return int(text)
