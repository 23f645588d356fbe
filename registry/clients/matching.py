"""A draft against what we already hold: new, changed or the same. Pure; preview and commit both ask here."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from registry.clients import rules
from registry.clients.drafts import Draft
from registry.clients.rules import RowResult

HIDDEN = {"key", "unit.key", "unit.client"}


class KnownClient(msgspec.Struct):
    id: UUID
    facts: dict[str, Any]  # as drafts.ClientFacts names them
    key: str = ""
    left_on: date | None = None
    units: int = 0  # not retired


class KnownUnit(msgspec.Struct):
    id: UUID
    client: UUID
    facts: dict[str, Any]  # as drafts.UnitFacts names them
    key: str = ""
    owner: str = ""
    retired_on: date | None = None


class Known(msgspec.Struct):
    """The part of an association's members that a chunk of drafts may be about."""

    by_key: dict[str, KnownClient] = {}
    by_name: dict[str, KnownClient] = {}
    units: dict[tuple[UUID, str], KnownUnit] = {}
    plates: dict[str, KnownUnit] = {}
    by_id: dict[UUID, KnownUnit] = {}


class Match(msgspec.Struct, frozen=True):
    """`changes` are {field: [old, new]}; those of the unit are named `unit.field`; HIDDEN ones are for undo only."""

    result: RowResult
    changes: dict[str, list[Any]]
    client: UUID | None = None
    unit: UUID | None = None


def known_client(draft: Draft, known: Known) -> KnownClient | None:
    """By key; by name only when one side has nothing stronger: two owners of one name have two tax ids."""
    found = known.by_key.get(draft.client_key)
    if found is None:
        named = known.by_name.get(draft.name_key)
        if named and not (_strong(named.key) and _strong(draft.client_key)):
            found = named
    return found


def _strong(key: str) -> bool:
    """A tax id or the association's own number."""
    return key[:2] in ("t:", "r:")


def match(draft: Draft, known: Known, hint: UUID | None = None) -> Match:
    """`hint` is a unit that, though its key differs, was found to be the one this row means (a hotel renamed)."""
    client = known_client(draft, known)
    unit = _unit(draft, client, known, hint)
    if client is None and unit is None:
        return Match(RowResult.NEW, {})
    changed: dict[str, list[Any]] = {}
    if client and draft.lead:
        changed |= rules.changes(client.facts, _client_facts(draft, client))
    if client and "tax_id" in changed:
        changed["key"] = [client.key, draft.client_key]
    if client and client.left_on:
        changed["left_on"] = [client.left_on, None]
    if draft.unit and unit:
        found = rules.changes(unit.facts, msgspec.structs.asdict(draft.unit))
        changed |= {f"unit.{field}": pair for field, pair in found.items()}
        if unit.key != draft.unit_key:
            changed["unit.key"] = [unit.key, draft.unit_key]
        if unit.retired_on:
            changed["unit.retired_on"] = [unit.retired_on, None]
        if client is None or unit.client != client.id:  # a car of another owner; the owner may be new, the car is not
            changed["unit.owner"] = [unit.owner, draft.client.name]
            changed["unit.client"] = [unit.client, None]
    if draft.unit and unit is None:
        return Match(RowResult.NEW, changed, client.id if client else None)
    result = RowResult.CHANGED if changed else RowResult.SAME
    return Match(result, changed, client.id if client else None, unit.id if unit else None)


def _unit(draft: Draft, client: KnownClient | None, known: Known, hint: UUID | None) -> KnownUnit | None:
    if draft.unit is None:
        return None
    if draft.unit.plate:
        return known.plates.get(draft.unit_key)
    if client is None:
        return None
    return known.units.get((client.id, draft.unit_key)) or (known.by_id.get(hint) if hint else None)


def _client_facts(draft: Draft, client: KnownClient) -> dict[str, Any]:
    facts = {k: v for k, v in msgspec.structs.asdict(draft.client).items() if k != "legal"}
    if client.units > 1:
        # One row of several cannot say what the whole business is called or where it sits.
        for field in ("province", "canton") if draft.client.legal else ("name", "province", "canton"):
            facts.pop(field)
    return facts
