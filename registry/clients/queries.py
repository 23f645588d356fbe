"""Reads. `visible_to` is the only place that says which associations and clients an actor may see."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.accounts import queries as people
from registry.accounts import service as accounts
from registry.clients import rules
from registry.clients.drafts import CellError, Refused
from registry.clients.schemas import AssociationView, ClientView, Unit, WorkerView
from registry.core.db import fetch
from registry.core.errors import NotFound

_ALL = {
    Role.SYSTEM, Role.OFFICER, Role.AUDITOR, Role.REVIEWER, Role.DECIDER, Role.TRAINER, Role.PANEL, Role.IMPARTIALITY,
}  # fmt: skip
_NAMES = {Role.TRAINER, Role.AUDITOR}
"""Who reads the names on any roster: whoever writes attendance, and whoever checks it. Never an association."""


class Scope(msgspec.Struct, frozen=True):
    """What an actor may see. `where` is true of a client's row `c`; its three arguments follow the ones before."""

    everything: bool
    associations: list[UUID]
    clients: list[UUID]

    def where(self, first: int = 1) -> str:
        return f"(${first}::bool OR c.association = ANY(${first + 1}::uuid[]) OR c.id = ANY(${first + 2}::uuid[]))"

    @property
    def args(self) -> tuple[bool, list[UUID], list[UUID]]:
        return self.everything, self.associations, self.clients


def visible_to(actor: Actor) -> Scope:
    if not actor.may(Permission.CLIENTS_VIEW):
        return Scope(False, [], [])
    associations = actor.organisations(Role.ASSOCIATION_ADMIN) | actor.organisations(Role.INSPECTOR)
    return Scope(bool(actor.roles & _ALL), list(associations), list(actor.organisations(Role.REPRESENTATIVE)))


def for_association(actor: Actor, association_id: UUID | None) -> None:
    """Registry staff for any; an association's own people for theirs; nobody else adds members."""
    if actor.roles & {Role.OFFICER, Role.SYSTEM}:
        return
    if association_id is None or association_id not in actor.organisations(Role.ASSOCIATION_ADMIN):
        raise NotFound("association-not-found")


async def client(actor: Actor, client_id: UUID) -> ClientView:
    scope = visible_to(actor)
    rows = await fetch(f"SELECT c.* FROM client c WHERE c.id = $1 AND {scope.where(2)}", client_id, *scope.args)
    if not rows:
        raise NotFound("client-not-found")
    return _client(rows[0])


async def clients(ids: Iterable[UUID]) -> dict[UUID, ClientView]:
    """For other rooms, which have said who may see them."""
    rows = await fetch("SELECT * FROM client WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: _client(row) for row in rows}


async def members(association_id: UUID, *, active: bool = True) -> list[ClientView]:
    rows = await fetch(
        "SELECT * FROM client WHERE association = $1 AND (NOT $2 OR state = 'active') ORDER BY lower(name), id",
        association_id,
        active,
    )
    return [_client(row) for row in rows]


def _client(row: dict[str, Any]) -> ClientView:
    return msgspec.convert({name: row[name] for name in ClientView.__struct_fields__}, ClientView)


_ASSOCIATION = (
    "SELECT a.id, a.name, a.kind, a.country, a.province, a.contact_email, a.tax_id, a.state,"
    " (SELECT count(*) FROM client c WHERE c.association = a.id AND c.state = 'active')::int AS members"
    " FROM association a"
)


async def associations(actor: Actor) -> list[AssociationView]:
    """Those the actor works for; all of them for the registry's own people."""
    scope = visible_to(actor)
    rows = await fetch(
        f"{_ASSOCIATION} WHERE $1::bool OR a.id = ANY($2::uuid[]) ORDER BY lower(a.name)",
        scope.everything,
        scope.associations,
    )
    return [msgspec.convert(row, AssociationView) for row in rows]


async def association(actor: Actor, association_id: UUID) -> AssociationView:
    scope = visible_to(actor)
    rows = await fetch(
        f"{_ASSOCIATION} WHERE a.id = $1 AND ($2::bool OR a.id = ANY($3::uuid[])"
        " OR EXISTS (SELECT FROM client c WHERE c.association = a.id AND c.id = ANY($4::uuid[])))",
        association_id,
        *scope.args,
    )
    if not rows:
        raise NotFound("association-not-found")
    return msgspec.convert(rows[0], AssociationView)


async def whole_association(actor: Actor, association_id: UUID) -> AssociationView:
    """An association whose members the actor sees, all of them. A member sees its association, and of its members
    itself."""
    scope = visible_to(actor)
    if not scope.everything and association_id not in scope.associations:
        raise NotFound("association-not-found")
    return await association(actor, association_id)


async def association_ids(client_ids: Iterable[UUID]) -> dict[UUID, UUID | None]:
    rows = await fetch("SELECT id, association FROM client WHERE id = ANY($1::uuid[])", list(client_ids))
    return {row["id"]: row["association"] for row in rows}


_UNITS = """
SELECT 'establishment' AS kind, u.id, u.client AS client_id, c.association AS association_id, u.name,
  c.name AS client_name, u.country, u.province, u.canton, c.zone, c.language, u.retired_on, u.address, u.district,
  u.kind AS place_kind, u.rooms, '' AS plate, NULL AS licence_no, NULL AS make, NULL AS model, NULL AS colour,
  NULL::int AS year FROM establishment u JOIN client c ON c.id = u.client
WHERE ($1::uuid[] IS NULL OR u.client = ANY($1)) AND ($2::uuid[] IS NULL OR u.id = ANY($2))
  AND ($3 OR u.retired_on IS NULL)
UNION ALL
SELECT 'vehicle', v.id, v.client, c.association, c.name, c.name, c.country, c.province, c.canton, c.zone, c.language,
  v.retired_on, '', NULL, c.kind, NULL, v.plate, v.licence_no, v.make, v.model, v.colour, v.year
FROM vehicle v JOIN client c ON c.id = v.client
WHERE ($1::uuid[] IS NULL OR v.client = ANY($1)) AND ($2::uuid[] IS NULL OR v.id = ANY($2))
  AND ($3 OR v.retired_on IS NULL)
ORDER BY 5, 17, 2
"""


async def units(
    client_ids: Iterable[UUID] | None = None, unit_ids: Iterable[UUID] | None = None, *, retired: bool = False
) -> list[Unit]:
    """Establishments and vehicles, in order of name and plate: of these clients, or these very ones."""
    if client_ids is None and unit_ids is None:
        raise TypeError("units of whom? give client_ids or unit_ids")
    rows = await fetch(
        _UNITS,
        None if client_ids is None else list(client_ids),
        None if unit_ids is None else list(unit_ids),
        retired or unit_ids is not None,
    )
    return [msgspec.convert(row, Unit) for row in rows]


def _worker(row: dict[str, Any]) -> WorkerView:
    names = [name for name in WorkerView.__struct_fields__ if name != "critical"]
    return msgspec.convert(
        {name: row[name] for name in names} | {"critical": rules.critical(row["post"], row["shift"])}, WorkerView
    )


async def roster(actor: Actor, client_id: UUID, at: date | None = None) -> list[WorkerView]:
    """A business's people, with names: only for the business itself, trainers and auditors; others: not found."""
    await client(actor, client_id)
    if not (actor.roles & _NAMES or client_id in actor.organisations(Role.REPRESENTATIVE)):
        raise NotFound("client-not-found")
    return await workers([client_id], at)


async def workers(client_ids: Iterable[UUID], at: date | None = None) -> list[WorkerView]:
    """For other rooms' sums. `at` leaves only those who were there on that day; without it everybody who ever was."""
    rows = await fetch(
        "SELECT * FROM worker WHERE client = ANY($1::uuid[]) AND ($2::date IS NULL OR"
        " ((started_on IS NULL OR started_on <= $2) AND (left_on IS NULL OR left_on > $2)))"
        " ORDER BY client, (left_on IS NOT NULL), post, lower(name), id",
        list(client_ids),
        at,
    )
    return [_worker(row) for row in rows]


async def headcounts(client_ids: Iterable[UUID], at: date) -> dict[UUID, int]:
    rows = await fetch(
        "SELECT client, count(*)::int AS n FROM worker WHERE client = ANY($1::uuid[])"
        " AND (started_on IS NULL OR started_on <= $2) AND (left_on IS NULL OR left_on > $2) GROUP BY client",
        list(client_ids),
        at,
    )
    return {row["client"]: row["n"] for row in rows}


async def refused_rows(batch: UUID, after: int = 0, limit: int = 50) -> list[Refused]:
    """Rows of a list that wait to be mended, in order; the caller has said who may see the list."""
    rows = await fetch(
        "SELECT row, typed, errors FROM import_row WHERE batch = $1 AND result = 'error' AND row > $2"
        " ORDER BY row LIMIT $3",
        batch,
        after,
        limit,
    )
    return [refused(row) for row in rows]


def refused(row: dict[str, Any]) -> Refused:
    errors = msgspec.json.decode(row["errors"], type=tuple[CellError, ...])
    return Refused(row=row["row"], typed=msgspec.json.decode(row["typed"]), errors=errors)


async def within(actor: Actor, client_id: UUID) -> bool:
    """Whether this actor may name a business's representative: an officer for any, an association for its members."""
    of = list(actor.organisations(Role.ASSOCIATION_ADMIN))
    everything = bool(actor.roles & {Role.SYSTEM, Role.OFFICER})
    rows = await fetch(
        "SELECT 1 FROM client WHERE id = $1 AND ($2 OR association = ANY($3::uuid[]))", client_id, everything, of
    )
    return bool(rows)


async def names(ids: list[UUID]) -> dict[UUID, str]:
    """Names of associations and businesses, for whoever shows which organisation a role is held for."""
    rows = await fetch(
        "SELECT id, name FROM association WHERE id = ANY($1::uuid[])"
        " UNION ALL SELECT id, name FROM client WHERE id = ANY($1::uuid[])",
        ids,
    )
    return {row["id"]: row["name"] for row in rows}


# Accounts stands below this room and asks it both things by these two hooks.
accounts.WITHIN[Role.REPRESENTATIVE] = within
people.ORGANISATION_NAMES.append(names)
