"""Reads about lists: what waits, what a list holds, whom it does not name."""

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.clients import columns, queries, rules, words
from registry.clients.drafts import Draft
from registry.clients.matching import HIDDEN
from registry.clients.queries import visible_to
from registry.clients.rules import BatchState, Counts
from registry.clients.spreadsheet import Shape
from registry.core import i18n
from registry.core.db import fetch
from registry.core.errors import NotFound

PAGE = 50
OPEN = frozenset(str(state) for state in rules.OPEN)
ABSENT_SHOWN = 200


class BatchView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    association: UUID
    association_name: str
    kind: str
    country: str
    filename: str
    state: BatchState
    shape: Shape | None
    samples: dict[str, str]
    header_row: int
    header: list[str]
    mapping: dict[str, int]
    counts: Counts
    received_at: datetime
    committed_at: datetime | None
    undone_at: datetime | None
    stored: str

    @property
    def undo_before(self) -> datetime | None:
        return rules.undo_before(self.committed_at) if self.committed_at else None


_BATCH = (
    "SELECT b.*, a.name AS association_name, a.kind, a.country FROM import_batch b"
    " JOIN association a ON a.id = b.association WHERE ($1::bool OR b.association = ANY($2::uuid[]))"
)


def _view(row: dict[str, Any]) -> BatchView:
    shape = json.loads(row["shape"])
    parsed = {
        "shape": msgspec.convert(shape, Shape) if shape else None,
        "counts": msgspec.json.decode(row["counts"], type=Counts),
        **{name: json.loads(row[name]) for name in ("samples", "header", "mapping")},
    }
    return BatchView(**{name: row[name] for name in BatchView.__struct_fields__ if name not in parsed}, **parsed)


async def batches(actor: Actor, limit: int = 50) -> list[BatchView]:
    """The newest lists of the actor's associations."""
    scope = visible_to(actor)
    rows = await fetch(
        f"{_BATCH} ORDER BY b.received_at DESC, b.id DESC LIMIT $3", scope.everything, scope.associations, limit
    )
    return [_view(row) for row in rows]


async def batch(actor: Actor, batch_id: UUID) -> BatchView:
    scope = visible_to(actor)
    rows = await fetch(f"{_BATCH} AND b.id = $3", scope.everything, scope.associations, batch_id)
    if not rows:
        raise NotFound("import-not-found")
    queries.for_association(actor, rows[0]["association"])
    return _view(rows[0])


async def waiting(actor: Actor, now: datetime) -> int:
    """Lists that wait for somebody to look; for the rail."""
    scope = visible_to(actor)
    rows = await fetch(
        "SELECT count(*)::int AS n FROM import_batch WHERE state IN ('encoding', 'columns', 'ready')"
        " AND ($1::bool OR association = ANY($2::uuid[]))",
        scope.everything,
        scope.associations,
    )
    return int(rows[0]["n"])


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a preview. `cells` are in the order of `shown`; `why` are sentences by field."""

    row: int
    result: str
    cells: list[tuple[str, str]]  # field, text
    why: list["Why"] = []
    changes: list[tuple[str, str, str]] = []  # label, old, new


class Why(msgspec.Struct, frozen=True):
    field: str
    label: str
    typed: str
    sentence: str
    suggest: tuple[str, ...]


def shown(kind: str, mapping: dict[str, int]) -> list[str]:
    """At most five columns, those by which somebody knows a member again."""
    wanted = (
        ["name", "legal_name", "tax_id", "canton", "rooms", "email"]
        if kind == "hotels"
        else ["legal_name", "name", "tax_id", "plate", "make", "year"]
    )
    return [field for field in wanted if field in mapping][:5]


async def lines(view: BatchView, show: str, after: int = 0) -> list[Line]:
    """One page of rows with this result (or "all"), in the order of the file."""
    rows = await fetch(
        "SELECT row, result, draft, typed, errors, changes FROM import_row WHERE batch = $1 AND row > $2"
        " AND ($3 = 'all' OR result = $3) ORDER BY row LIMIT $4",
        view.id,
        after,
        show,
        PAGE,
    )
    fields = shown(view.kind, view.mapping)
    return [_line(row, fields) for row in rows]


def _line(row: dict[str, Any], fields: list[str]) -> Line:
    if row["errors"]:
        refused = queries.refused(row)
        why = [
            Why(e.field, words.FIELDS[columns.Field(e.field)], e.typed, words.cell(e), e.suggest)
            for e in refused.errors
        ]
        return Line(
            row=row["row"], result=row["result"], cells=[(f, refused.typed.get(f, "")) for f in fields], why=why
        )
    draft = msgspec.json.decode(row["draft"], type=Draft)
    said = _said(draft)
    changed = msgspec.json.decode(row["changes"] or "{}")
    return Line(
        row=row["row"],
        result=row["result"],
        cells=[(field, said.get(field) or "") for field in fields],
        changes=_told(changed),
    )


def _said(draft: Draft) -> dict[str, str]:
    client = msgspec.to_builtins(draft.client)
    unit = msgspec.to_builtins(draft.unit) if draft.unit else {}
    found = {**client, **{k: v for k, v in unit.items() if k not in ("province",)}}
    if draft.client.legal:
        found["legal_name"] = client["name"]
        found["name"] = unit.get("name", "")
    return {field: _written(field, value) for field, value in found.items()}


def _written(field: str, value: Any) -> str:
    """A value as people write it: a day in the reader's language."""
    if value is None:
        return ""
    return i18n.day(date.fromisoformat(str(value))) if field in DAYS else str(value)


DAYS = frozenset({"joined_on"})


def _told(changes: dict[str, list[Any]]) -> list[tuple[str, str, str]]:
    """A change of business and place alike (a renamed hotel) is told once."""
    found: dict[tuple[str, str, str], None] = {}
    for field, (old, new) in changes.items():
        if field not in HIDDEN:
            label = words.CHANGES.get(field.removeprefix("unit."), field)
            found[label, _written(field, old), _written(field, new)] = None
    return list(found)


class Absent(msgspec.Struct, frozen=True):
    client: UUID
    name: str
    canton: str | None


async def absent(view: BatchView) -> tuple[int, list[Absent]]:
    """Members whom the list does not name: how many, and the first of them. Nobody goes because of that."""
    where = (
        " FROM client c WHERE c.association = $1 AND c.state = 'active' AND NOT EXISTS"
        " (SELECT FROM import_row r WHERE r.batch = $2 AND r.client = c.id)"
    )
    (count,) = await fetch(f"SELECT count(*)::int AS n{where}", view.association, view.id)
    rows = await fetch(
        f"SELECT c.id, c.name, c.canton{where} ORDER BY lower(c.name), c.id LIMIT $3",
        view.association,
        view.id,
        ABSENT_SHOWN,
    )
    return count["n"], [Absent(row["id"], row["name"], row["canton"]) for row in rows]


async def reasons(batch: UUID) -> dict[int, str]:
    """Every refused row's sentences on one line, for the file that goes back."""
    found: dict[int, str] = {}
    after = 0
    while some := await queries.refused_rows(batch, after, 1000):
        for one in some:
            found[one.row] = " ".join(words.cell(error) for error in one.errors)
        after = some[-1].row
    return found


async def members_now(association: UUID) -> int:
    rows = await fetch("SELECT count(*)::int AS n FROM client WHERE association = $1 AND state = 'active'", association)
    return int(rows[0]["n"])
