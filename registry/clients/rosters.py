"""A roster as people keep it -> WorkerDrafts, errors by line. Pure: pasted text or any file spreadsheet.py reads."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from registry.clients import cells, columns, spreadsheet
from registry.clients.cells import Bad, Raw, fold, typed
from registry.clients.columns import ROSTER, Field
from registry.clients.drafts import CellError
from registry.clients.rules import Post, Shift
from registry.clients.schemas import WorkerDraft

LIMIT = 2000  # people of one business

_POSTS = (  # beginnings of folded words; the first post that fits
    (
        Post.SUPERVISOR,
        "supervis jefe jefa jefatura encargad capataz ama chef coordinad superint lider gouvernant chefe",
    ),
    (Post.MANAGER, "gerent geren manager director direct administrad propietari dueno owner gestor responsable"),
    (Post.RESERVATIONS, "reserva booking reservat ventas sales vendas ventes"),
    (Post.SECURITY, "segur secur guarda vigil guard oficial portero porteir vigia gardien"),
    (Post.RECEPTION, "recep front botones bellboy bell conserje concierge huesped mucama-rec accueil audit portier"),
    (Post.HOUSEKEEPING, "habitac camarer mucam ama-de limpie housek lavander misce aseo arrumad camareir menage femme"),
    (
        Post.FOOD_SERVICE,
        "cocin aliment bebid saloner mesero meser restaur bar barman cook kitchen food waiter cozinh garc"
        " cuisin serveur",
    ),
    (Post.MAINTENANCE, "mantenim jardin maint garden piscin tecnic manuten entretien"),
    (Post.DRIVER, "chofer conductor driver taxist motorist chauffeur operador-de-uni conduct"),
    (Post.GUIDE, "guia guide tour"),
    (Post.OTHER, "otro otra other outro outra autre contab oficina bodega"),
)
_SHIFTS = (
    (Shift.BOTH, "amb ambos rotat mixt both dia-y-noche 24 revez deux les"),
    (Shift.NIGHT, "noct noche night nuit noite madrug"),
    (Shift.DAY, "dia diurn day manana tarde jour manha"),
)


def _word(value: str, table: Iterable[tuple[Any, str]]) -> Any:
    folded = fold(value).split()
    for found, beginnings in table:
        if any(word.startswith(tuple(beginnings.split())) for word in folded):
            return found
    return None


def post(raw: Raw) -> Post:
    value = cells.text(raw, 100)
    if value is None:
        raise Bad("post-unknown")
    if value in set(Post):
        return Post(value)
    found = _word(value, _POSTS)
    if found is None:
        raise Bad("post-unknown")
    return Post(found)


def shift(raw: Raw) -> Shift:
    value = cells.text(raw, 60)
    if value is None:
        return Shift.DAY
    found = Shift(value) if value in set(Shift) else _word(value, _SHIFTS)
    if found is None:
        raise Bad("shift-unknown")
    return Shift(found)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line: a draft, or why not."""

    row: int
    line: str
    draft: WorkerDraft | None = None
    errors: tuple[CellError, ...] = ()


def pasted(text: str, today: date, country: str) -> list[Entry]:
    """Lines of "name; post; shift; through another company; started", with ; or tabs or commas; a header is welcome."""
    data = text.replace("\r\n", "\n").encode()
    if not text.strip():
        return []
    separator = spreadsheet.separator(text)
    return read(
        spreadsheet.rows(data, spreadsheet.Shape(format="csv", encoding="utf-8", separator=separator)), today, country
    )


def file(data: bytes, filename: str, today: date, country: str) -> list[Entry]:
    return read(spreadsheet.rows(data, spreadsheet.recognise(data, filename)), today, country)


def read(rows: Iterable[tuple[int, list[Raw]]], today: date, country: str) -> list[Entry]:
    lines = list(rows)[: LIMIT + columns.HEADER_WITHIN]
    place = columns.header_row(lines, ROSTER) if lines else -1
    named = place >= 0 and any(columns.heading(cell) in {"puesto", "post", "cargo", "nombre", "name", "nome", "nom",
                               "turno", "shift", "poste", "nombre completo"} for cell in lines[place][1])  # fmt: skip
    if named:
        values = [row for _, row in lines[place + 1 :]]
        mapping = columns.recognise(lines[place][1], values, country, ROSTER)
        lines = lines[place + 1 :]
    else:
        order = (Field.NAME, Field.POST, Field.SHIFT, Field.OUTSOURCED, Field.STARTED_ON, Field.CARD_NO)
        mapping = {field: column for column, field in enumerate(order)}
    return [_entry(number, row, mapping, today, country) for number, row in lines]


def _entry(number: int, row: Sequence[Raw], mapping: dict[Field, int], today: date, country: str) -> Entry:
    values: dict[Field, Any] = {}
    errors = []
    for field in ROSTER:
        column = mapping.get(field)
        raw = row[column] if column is not None and column < len(row) else None
        try:
            values[field] = _clean(field, raw, today, country)
        except Bad as bad:
            errors.append(CellError(field=field, code=bad.code, typed=typed(raw)[:200], details=bad.details))
    if not values.get(Field.NAME) and not any(e.field == Field.NAME for e in errors):
        errors.append(CellError(field=Field.NAME, code="name-blank"))
    line = "; ".join(typed(cell) for cell in row)
    if errors:
        return Entry(row=number, line=line, errors=tuple(errors))
    return Entry(row=number, line=line, draft=WorkerDraft(**{field.value: value for field, value in values.items()}))


def _clean(field: Field, raw: Raw, today: date, country: str) -> Any:
    match field:
        case Field.NAME:
            return cells.name(raw)
        case Field.POST:
            return post(raw)
        case Field.SHIFT:
            return shift(raw)
        case Field.OUTSOURCED:
            return cells.yes(raw)
        case Field.STARTED_ON:
            return cells.day(raw, today, country)
        case _:
            return cells.text(raw, 60)
