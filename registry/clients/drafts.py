"""Rows -> drafts, errors by cell. Pure; the only validator: preview, commit and mending a cell all come through here.

A row names a business and, in most lists, one unit of it: an establishment or a vehicle. What recognises them when
the list comes again: the tax id; without one, the legal name, or the name and the place; for a unit the plate, the
association's own number, or the name, place and address.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from registry.clients import cells, places, plates, taxids
from registry.clients.cells import Bad, Raw, fold, typed
from registry.clients.columns import Field
from registry.clients.spreadsheet import Formula


class ClientFacts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    name: str
    legal: bool = False  # the name came from a column of legal names
    tax_id: str | None = None
    province: str | None = None
    canton: str | None = None
    email: str | None = None
    phone: str | None = None
    joined_on: date | None = None


class UnitFacts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An establishment, or a vehicle when it has a plate."""

    name: str | None = None
    kind: str | None = None
    address: str | None = None
    province: str | None = None
    canton: str | None = None
    district: str | None = None
    rooms: int | None = None
    plate: str | None = None
    licence_no: str | None = None
    make: str | None = None
    model: str | None = None
    colour: str | None = None
    year: int | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    row: int
    client_key: str
    name_key: str
    unit_key: str  # "" when the row names a business and nothing else
    lead: bool  # the first row of this business in the list: the one whose business facts count
    client: ClientFacts
    unit: UnitFacts | None = None


class CellError(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    field: str  # "" for the whole row
    code: str
    typed: str = ""
    suggest: tuple[str, ...] = ()
    details: dict[str, Any] = {}


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    row: int
    typed: dict[str, str]
    errors: tuple[CellError, ...]
    client_key: str = ""  # as far as the row says whose it is: a row to mend is not an absent member
    name_key: str = ""


_KINDS = (  # whole words or beginnings, folded; the first that fits
    ("camping", "camping camp campsite"),
    ("hostel", "hostel hostal albergue auberge"),
    ("apartment", "apart apartamento apartamentos apartotel aparthotel residence departamento flat"),
    ("rural", "rural casa villa agroturismo turismo finca ecolodge lodge cabina cabinas cabana chale chalet refugio"),
    ("guesthouse", "posada pension hospedaje bb guesthouse chambres pousada residencial bed alojamiento"),
    ("resort", "resort village club"),
    ("hotel", "hotel hoteles hoteis boutique motel parador"),
)


def establishment_kind(raw: Raw) -> str | None:
    value = cells.text(raw, 100)
    words = fold(value).split() if value else []
    return next((kind for kind, names in _KINDS if set(names.split()) & set(words)), "other" if words else None)


class Reader:
    """Reads one list. Holds the keys seen so far, to say that row 142 repeats row 141: 100,000 rows are its limit."""

    def __init__(
        self,
        mapping: Mapping[Field, int],
        kind: str,
        country: str,
        today: date,
        mends: Mapping[int, Mapping[str, str]] | None = None,
    ) -> None:
        self.mapping, self.kind, self.country, self.today = dict(mapping), kind, country, today
        self.mends = mends or {}
        self.seen: dict[tuple[str, str], int] = {}
        self.leads: dict[str, int] = {}

    def read(self, rows: Iterable[tuple[int, Sequence[Raw]]]) -> Iterator[Draft | Refused]:
        for number, row in rows:
            yield self.one(number, row)

    def one(self, number: int, row: Sequence[Raw]) -> Draft | Refused:
        raw = {field: row[column] if column < len(row) else None for field, column in self.mapping.items()}
        raw |= {Field(field): value for field, value in self.mends.get(number, {}).items()}
        values, errors = self._values(raw)
        if not errors:
            draft = self._draft(number, values)
            first = self.seen.setdefault((draft.client_key, draft.unit_key), number)
            plate = draft.unit.plate if draft.unit else None
            if plate:
                first = min(first, self.seen.setdefault(("plate", plates.key(plate)), number))
            if first == number:
                leads = self.leads.setdefault(draft.client_key, number) == number
                return draft if leads else msgspec.structs.replace(draft, lead=False)
            field = Field.PLATE if plate else Field.NAME
            errors = [CellError(field=field, code="row-twice", typed=typed(raw.get(field)), details={"first": first})]
        shown = {f.value: typed(v)[:500] for f, v in raw.items() if typed(v)}
        return Refused(row=number, typed=shown, errors=tuple(errors), **self._whose(values))

    def _whose(self, values: dict[Field, Any]) -> dict[str, str]:
        if not (values.get(Field.LEGAL_NAME) or values.get(Field.NAME)):
            tax_id = values.get(Field.TAX_ID)
            return {"client_key": f"t:{tax_id}"} if tax_id else {}
        draft = self._draft(0, values)
        return {"client_key": draft.client_key, "name_key": draft.name_key}

    def _values(self, raw: Mapping[Field, Raw]) -> tuple[dict[Field, Any], list[CellError]]:
        values: dict[Field, Any] = {}
        errors = []
        for field, value in raw.items():
            try:
                if isinstance(value, Formula):
                    raise Bad("cell-formula-saved", suggest=[str(value)] if value else [])
                values[field] = self._clean(field, value, values)
            except Bad as bad:
                values[field] = None
                suggest = tuple(one for one in bad.suggest if not one or self._passes(field, one, values))
                errors.append(
                    CellError(
                        field=field, code=bad.code, typed=typed(value)[:500], suggest=suggest, details=bad.details
                    )
                )
        wrong = {error.field for error in errors}
        for field in self._required(values):
            if field not in wrong:
                errors.append(
                    CellError(
                        field=field, code="name-blank" if field is Field.NAME else f"{field.replace('_', '-')}-missing"
                    )
                )
        return values, errors

    def _passes(self, field: Field, value: str, before: Mapping[Field, Any]) -> bool:
        """Nothing is suggested that would be refused again."""
        try:
            return self._clean(field, value, before) is not None
        except Bad:
            return False

    def _clean(self, field: Field, raw: Raw, before: Mapping[Field, Any]) -> Any:
        country = self.country
        match field:
            case Field.NAME | Field.LEGAL_NAME:
                return cells.name(raw)
            case Field.TAX_ID:
                return taxids.tax_id(raw, country)
            case Field.PLATE:
                return plates.plate(raw, country)
            case Field.EMAIL:
                return cells.email(raw)
            case Field.PHONE:
                return cells.phone(raw, country)
            case Field.PROVINCE:
                value = cells.text(raw, 100)
                return places.province(value, country) if value else None
            case Field.CANTON:
                value = cells.text(raw, 100)
                return places.canton(cells.article_first(value), country, before.get(Field.PROVINCE)) if value else None
            case Field.ROOMS:
                return cells.whole(raw, 20_000)
            case Field.YEAR:
                return cells.year(raw, self.today.year + 1)
            case Field.JOINED_ON:
                return cells.day(raw, self.today, country)
            case Field.PLACE_KIND:
                return establishment_kind(raw)
            case Field.ADDRESS:
                return cells.text(raw, 400)
            case _:
                return cells.text(raw, 100)

    def _required(self, values: Mapping[Field, Any]) -> list[Field]:
        """A legal holder we can name, and a place: it decides which authority answers (domain.md 2)."""
        needed = []
        at_the_door = self.kind == "hotels" and Field.NAME in self.mapping  # what a traveller compares
        if not values.get(Field.NAME) and (at_the_door or not values.get(Field.LEGAL_NAME)):
            needed.append(Field.NAME if Field.NAME in self.mapping else Field.LEGAL_NAME)
        needed += [field for field in (Field.TAX_ID, Field.PLATE) if field in self.mapping and not values.get(field)]
        placed = values.get(Field.CANTON) or (values.get(Field.PROVINCE) and Field.CANTON not in self.mapping)
        if self.country == "CR" and self.kind == "hotels" and not placed:
            needed.append(Field.CANTON)
        return needed

    def _draft(self, number: int, v: dict[Field, Any]) -> Draft:
        name: str = v.get(Field.LEGAL_NAME) or v.get(Field.NAME) or ""
        canton = v.get(Field.CANTON)
        province = v.get(Field.PROVINCE) or (places.province_of(canton) if canton and self.country == "CR" else None)
        client = ClientFacts(
            name=name,
            legal=bool(v.get(Field.LEGAL_NAME)),
            tax_id=v.get(Field.TAX_ID),
            province=province,
            canton=canton,
            email=v.get(Field.EMAIL),
            phone=v.get(Field.PHONE),
            joined_on=v.get(Field.JOINED_ON),
        )
        unit = self._unit(v, province, canton)
        folded = fold(name)
        name_key = f"n:{folded}" if client.legal else f"n:{folded}|{fold(canton or v.get(Field.DISTRICT) or '')}"
        reference = fold(v.get(Field.REFERENCE) or "")
        if client.tax_id:
            client_key = f"t:{client.tax_id}"
        else:
            client_key = f"r:{reference}" if reference and unit is None else name_key
        return Draft(
            row=number,
            client_key=client_key[:300],
            name_key=name_key[:300],
            lead=True,
            client=client,
            unit=unit,
            unit_key=_unit_key(unit, reference)[:700],
        )

    def _unit(self, v: dict[Field, Any], province: str | None, canton: str | None) -> UnitFacts | None:
        if v.get(Field.PLATE):
            return UnitFacts(
                plate=v[Field.PLATE],
                licence_no=v.get(Field.LICENCE_NO) or v.get(Field.REFERENCE),
                make=v.get(Field.MAKE),
                model=v.get(Field.MODEL),
                colour=v.get(Field.COLOUR),
                year=v.get(Field.YEAR),
            )
        if self.kind != "hotels":
            return None
        return UnitFacts(
            name=v.get(Field.NAME) or v.get(Field.LEGAL_NAME),
            kind=v.get(Field.PLACE_KIND),
            address=v.get(Field.ADDRESS),
            province=province,
            canton=canton,
            district=v.get(Field.DISTRICT),
            rooms=v.get(Field.ROOMS),
        )


def _unit_key(unit: UnitFacts | None, reference: str) -> str:
    if unit is None:
        return ""
    if unit.plate:
        return f"p:{plates.key(unit.plate)}"
    if reference:
        return f"r:{reference}"
    return f"n:{fold(unit.name or '')}|{fold(unit.canton or unit.district or '')}|{fold(unit.address or '')}"
