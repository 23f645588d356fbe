"""Verbs over associations, businesses, units and rosters. Lists are received and committed in lists.py."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.access.verbs import verb
from registry.clients import cells, places, plates, queries, rules, taxids
from registry.clients.cells import Bad, fold
from registry.clients.lists import (
    choose_columns,
    choose_encoding,
    commit_list,
    discard_list,
    mend_cell,
    receive_list,
    undo_list,
)
from registry.clients.rules import ClientState
from registry.clients.schemas import AddClient, EditClient, EnrolAssociation, WorkerDraft
from registry.clients.tables import Association, Client, Establishment, Vehicle, Worker
from registry.core import bulk
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from registry.outbox import service as outbox
from registry.trail import service as trail

__all__ = [
    "add_client", "choose_columns", "choose_encoding", "commit_list", "discard_list", "edit_client", "end_worker",
    "enrol_association", "enter_roster", "leave", "leave_many", "mend_cell", "receive_list", "retire_unit", "undo_list",
]  # fmt: skip


@verb(Permission.CLIENTS_ENROL)
async def enrol_association(actor: Actor, now: datetime, data: EnrolAssociation) -> UUID:
    """Take in a chamber or company that will enrol its members. The same name again is refused, not doubled."""
    checked = _checked(
        {
            "name": data.name,
            "contact_email": data.contact_email,
            "tax_id": data.tax_id or "",
            "province": data.province or "",
        },
        data.country,
    )
    if not checked["name"]:
        raise Invalid("association-name-missing", fields={"name": "name-blank"})
    if any(fold(row["name"]) == fold(checked["name"]) for row in await fetch("SELECT name FROM association")):
        raise Conflict("association-known", name=checked["name"])
    made = Association(id=uuid7(), kind=data.kind, country=data.country.upper(), created_at=now, **checked)
    await made.save()
    await trail.record(actor, now, "clients.association_enrolled", made.id, kind=data.kind)
    await outbox.announce("clients.association_enrolled", now, association=str(made.id))
    return made.id


_CLEAN: dict[str, Any] = {
    "name": lambda v, country: cells.name(v),
    "contact_email": lambda v, country: cells.email(v),
    "email": lambda v, country: cells.email(v),
    "phone": cells.phone,
    "tax_id": taxids.tax_id,
    "plate": plates.plate,
    "province": lambda v, country: places.province(v, country) if cells.text(v) else None,
    "canton": lambda v, country: places.canton(v, country, None) if cells.text(v) else None,
    "rooms": lambda v, country: cells.whole(v, 20_000),
    "address": lambda v, country: cells.text(v, 400),
    "language": lambda v, country: v if v in {"es", "en", "pt", "fr"} else "es",
}


def _checked(values: dict[str, str], country: str) -> dict[str, Any]:
    """The same cleaners as the importer's, one refusal naming every field that is wrong."""
    good: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    details: dict[str, Any] = {}
    for field, value in values.items():
        try:
            good[field] = _CLEAN[field](value, country)
        except Bad as bad:
            wrong[field] = bad.code
            details |= bad.details
    if wrong:
        raise Invalid("form-cells", fields=wrong, **details)
    return good


async def visible(actor: Actor, client_id: UUID) -> dict[str, Any]:
    """The client's row, locked for the verb; not found unless the actor may see it."""
    scope = queries.visible_to(actor)
    rows = await fetch(
        f"SELECT c.* FROM client c WHERE c.id = $1 AND {scope.where(2)} FOR UPDATE", client_id, *scope.args
    )
    if not rows:
        raise NotFound("client-not-found")
    return rows[0]


@verb(Permission.CLIENTS_IMPORT)
async def add_client(actor: Actor, now: datetime, data: AddClient) -> UUID:
    """Write one business by hand, with its first unit."""
    queries.for_association(actor, data.association)
    country = data.country.upper()
    values = {
        f: getattr(data, f)
        for f in ("name", "tax_id", "canton", "province", "email", "phone", "address", "rooms", "plate")
    }
    v = _checked(values, country)
    if not v["name"]:
        raise Invalid("form-cells", fields={"name": "name-blank"})
    if v["canton"] and country == "CR":
        v["province"] = places.province_of(v["canton"])
    name_key = f"n:{fold(v['name'])}|{fold(v['canton'] or '')}"
    made = Client(
        id=uuid7(),
        association=data.association,
        name=v["name"],
        tax_id=v["tax_id"],
        kind=data.kind,
        country=country,
        province=v["province"],
        canton=v["canton"],
        email=v["email"],
        phone=v["phone"],
        language=data.language,
        zone=rules.ZONES.get(country, "UTC"),
        key=f"t:{v['tax_id']}" if v["tax_id"] else name_key,
        name_key=name_key,
        created_at=now,
        updated_at=now,
        folded=rules.folded(v["name"], v["tax_id"], v["canton"], [v["plate"]]),
    )
    known = await fetch("SELECT id FROM client WHERE association = $1 AND key = $2", data.association, made.key)
    if known:
        raise Conflict("client-known", name=v["name"])
    await made.save()
    if v["plate"]:
        await Vehicle(
            id=uuid7(), client=made.id, plate=v["plate"], key=f"p:{plates.key(v['plate'])}", created_at=now
        ).save()
    elif data.kind == rules.ClientKind.LODGING:
        key = f"n:{fold(v['name'])}|{fold(v['canton'] or '')}|{fold(v['address'] or '')}"
        await Establishment(
            id=uuid7(),
            client=made.id,
            name=v["name"],
            country=country,
            province=v["province"],
            canton=v["canton"],
            address=v["address"] or "",
            rooms=v["rooms"],
            key=key,
            created_at=now,
        ).save()
    await trail.record(actor, now, "clients.added", made.id, association=data.association)
    return made.id


@verb(Permission.CLIENTS_EDIT)
async def edit_client(actor: Actor, now: datetime, client_id: UUID, data: EditClient) -> None:
    """Change facts of a business. Nothing is lost: old and new values stand in the trail, but for contact details."""
    row = await visible(actor, client_id)
    given = {f: getattr(data, f) for f in data.__struct_fields__ if getattr(data, f) is not None}
    values = _checked(given, row["country"])
    if "name" in values and not values["name"]:
        raise Invalid("form-cells", fields={"name": "name-blank"})
    if values.get("canton") and row["country"] == "CR":
        values["province"] = places.province_of(values["canton"])
    found = {field: value for field, value in values.items() if row[field] != value}
    if not found:
        return
    if "tax_id" in found:
        found["key"] = f"t:{found['tax_id']}" if found["tax_id"] else row["name_key"]
    after = row | found
    units = await queries.units([client_id])
    found |= {
        "updated_at": now,
        "folded": rules.folded(after["name"], after["tax_id"], after["canton"], [u.plate or u.name for u in units]),
    }
    await Client.update({Client._meta.get_column_by_name(k): v for k, v in found.items()}).where(Client.id == client_id)
    public = {f: [row[f], found[f]] for f in ("name", "province", "canton") if f in found}
    await trail.record(
        actor, now, "clients.edited", client_id, fields=sorted(found.keys() - {"folded", "updated_at", "key"}), **public
    )
    await outbox.announce("clients.edited", now, client=str(client_id))


@verb(Permission.CLIENTS_EDIT)
async def leave(actor: Actor, now: datetime, client_id: UUID, left_on: date, reason: str) -> None:
    """A member leaves its association. Its seals end ("no longer covered"); nobody's fault, nothing is deleted."""
    row = await visible(actor, client_id)
    if not (actor.roles & {Role.ASSOCIATION_ADMIN, Role.REPRESENTATIVE}):
        raise Forbidden("leave-not-yours")
    if row["state"] == ClientState.LEFT:
        raise Conflict("client-left-already")
    if left_on > now.date():
        raise Invalid("date-future", fields={"left_on": "date-future"})
    await execute(
        "UPDATE client SET state = 'left', left_on = $2, updated_at = $3 WHERE id = $1", client_id, left_on, now
    )
    await trail.record(actor, now, "clients.left", client_id, left_on=left_on, reason=reason[:500])
    await outbox.announce("clients.left", now, client=str(client_id))


@verb(Permission.CLIENTS_EDIT)
async def leave_many(
    actor: Actor, now: datetime, batch_id: UUID, client_ids: Sequence[UUID], left_on: date, reason: str
) -> None:
    """Members that a list no longer names and that a person confirmed, one by one. Nobody leaves by omission alone."""
    rows = await fetch("SELECT association FROM import_batch WHERE id = $1", batch_id)
    if not rows:
        raise NotFound("import-not-found")
    if not client_ids:
        raise Invalid("import-absent-none")
    of = await queries.association_ids(client_ids)
    if set(of.values()) != {rows[0]["association"]} or len(of) != len(set(client_ids)):
        raise NotFound("client-not-found")
    for client_id in client_ids:
        await leave(actor, now, client_id, left_on, reason)
    await trail.record(actor, now, "clients.absent_confirmed", batch_id, members=len(client_ids))


@verb(Permission.CLIENTS_EDIT)
async def retire_unit(actor: Actor, now: datetime, unit_id: UUID, retired_on: date, reason: str) -> None:
    """A place or car that its business no longer runs."""
    found = await queries.units(unit_ids=[unit_id])
    if not found:
        raise NotFound("unit-not-found")
    await visible(actor, found[0].client_id)
    if found[0].retired_on:
        raise Conflict("unit-retired-already")
    table = "vehicle" if found[0].kind == rules.UnitKind.VEHICLE else "establishment"
    await execute(f"UPDATE {table} SET retired_on = $2 WHERE id = $1", unit_id, retired_on)
    await trail.record(actor, now, "clients.unit_retired", unit_id, client=found[0].client_id, reason=reason[:500])
    await outbox.announce("clients.unit_retired", now, unit=str(unit_id))


@verb(Permission.CLIENTS_ROSTER)
async def enter_roster(actor: Actor, now: datetime, client_id: UUID, drafts: Sequence[WorkerDraft]) -> None:
    """Add people to the roster and bring known ones up to date: known by card number, else by name.

    Nobody leaves because a list does not name him: `end_worker` says so, with the date.
    """
    await visible(actor, client_id)
    if client_id not in actor.organisations(Role.REPRESENTATIVE):
        raise NotFound("client-not-found")
    present = await fetch("SELECT * FROM worker WHERE client = $1 AND left_on IS NULL FOR UPDATE", client_id)
    by_card = {row["card_no"]: row for row in present if row["card_no"]}
    by_name = {fold(row["name"]): row for row in present}
    fresh: list[Worker] = []
    changed = 0
    for draft in drafts:
        known = by_card.get(draft.card_no) if draft.card_no else None
        known = known or by_name.get(fold(draft.name))
        facts = {f: v for f, v in msgspec.structs.asdict(draft).items() if v is not None}
        if known and fold(known["name"]) == fold(draft.name):
            facts["name"] = known["name"]
        if known is None:
            worker = Worker(id=uuid7(), client=client_id, created_at=now, **facts)
            fresh.append(worker)
            by_name[fold(draft.name)] = {"id": worker.id, **msgspec.structs.asdict(draft)}
        elif rules.changes(known, facts) and known["id"] not in {worker.id for worker in fresh}:
            changed += 1
            await Worker.update({Worker._meta.get_column_by_name(k): v for k, v in facts.items()}).where(
                Worker.id == known["id"]
            )
    await bulk.insert_many(fresh)
    await trail.record(actor, now, "clients.roster_entered", client_id, added=len(fresh), changed=changed)
    await outbox.announce("clients.roster_entered", now, client=str(client_id))


@verb(Permission.CLIENTS_ROSTER)
async def end_worker(actor: Actor, now: datetime, worker_id: UUID, left_on: date) -> None:
    """Somebody no longer works there: from that day he does not count, in the roster or in coverage."""
    rows = await fetch("SELECT * FROM worker WHERE id = $1 FOR UPDATE", worker_id)
    if not rows or rows[0]["client"] not in actor.organisations(Role.REPRESENTATIVE):
        raise NotFound("worker-not-found")
    if rows[0]["left_on"]:
        raise Conflict("worker-left-already")
    if left_on > now.date() or (rows[0]["started_on"] and left_on < rows[0]["started_on"]):
        raise Invalid("worker-left-when", fields={"left_on": "date-impossible"})
    await execute("UPDATE worker SET left_on = $2 WHERE id = $1", worker_id, left_on)
    await trail.record(actor, now, "clients.worker_ended", worker_id, client=rows[0]["client"], left_on=left_on)
    await outbox.announce("clients.roster_entered", now, client=str(rows[0]["client"]))
