"""Lists of members from the file to the table and back, on PostgreSQL."""

import asyncio
import csv
import gzip
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from registry.access.actor import Actor
from registry.clients import lists, matching, queries, service
from registry.clients.rules import AssociationKind, Counts, Post
from registry.clients.schemas import EnrolAssociation, WorkerDraft
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.errors import Conflict, Invalid, NotFound
from registry.core.ids import uuid7
from registry.demo import lists as story
from tests.registry.clients.actors import OFFICER, admin, owner


async def chamber(now: datetime, kind: str = "hotels", country: str = "CR") -> UUID:
    data = EnrolAssociation(
        name=f"A {uuid7()}", kind=AssociationKind(kind), contact_email="a@b.example", country=country
    )
    return await service.enrol_association(OFFICER, now, data)


async def counts(batch: UUID) -> Counts:
    (row,) = await fetch("SELECT counts FROM import_batch WHERE id = $1", batch)
    return msgspec.json.decode(row["counts"], type=Counts)


async def state(batch: UUID) -> str:
    return str((await fetch("SELECT state FROM import_batch WHERE id = $1", batch))[0]["state"])


async def taken(context: Context, now: datetime, association: UUID, name: str, data: bytes) -> Counts:
    irene = admin(association)
    batch = await lists.receive_list(irene, now, context, association, name, data)
    assert await lists.commit_list(irene, now, batch) == batch
    return await counts(batch)


async def world(association: UUID) -> Any:
    return await fetch(
        "SELECT c.*, e.name AS place, e.rooms, e.retired_on, v.plate FROM client c"
        " LEFT JOIN establishment e ON e.client = c.id LEFT JOIN vehicle v ON v.client = c.id"
        " WHERE c.association = $1 ORDER BY c.id, e.id, v.id",
        association,
    )


@pytest.mark.parametrize(("kind", "file", "all_"), [("hotels", story.hotel_list, 295), ("taxis", story.taxi_list, 250)])
async def test_the_story_s_lists_come_in_twice_and_end_complete(
    db: None, now: datetime, context: Context, kind: str, file: Any, all_: int
) -> None:
    association = await chamber(now, kind)
    first = await taken(context, now, association, *file(mended=False))
    slips = first.error
    assert slips >= 6 and first.new == all_ - slips + 1
    second = await taken(context, now, association, *file(mended=True))
    assert (second.new, second.same, second.changed, second.error) == (slips - 1, all_ - slips + 1, 0, 0)
    members = await queries.members(association)
    assert len(await queries.units([member.id for member in members])) == all_
    before = await world(association)
    assert await taken(context, now, association, *file(mended=True)) == second
    assert await world(association) == before


async def test_the_same_bytes_are_the_same_batch_and_the_file_is_kept(
    db: None, now: datetime, context: Context
) -> None:
    association = await chamber(now)
    irene = admin(association)
    name, data = story.hotel_list(mended=False)
    one = await lists.receive_list(irene, now, context, association, name, data)
    assert await lists.receive_list(irene, now, context, association, "otra.csv", data) == one
    (batch,) = await fetch("SELECT stored FROM import_batch WHERE id = $1", one)
    assert await context.storage.get(batch["stored"]) == data


async def test_a_file_nobody_can_read_is_stored_before_it_is_refused(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now)
    with pytest.raises(Invalid, match="file-broken"):
        await lists.receive_list(admin(association), now, context, association, "a.xlsx", b"PK\x03\x04 broken")
    assert [key async for key in context.storage.list("lists/")]


async def test_an_encoding_that_cannot_be_decided_is_asked_for(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now)
    irene = admin(association)
    data = "Nombre;Cantón\n".encode("cp1252") + b"Hotel \x96\x97\x91\x92\xa4\xa2;Osa\n" + b"\xf5\xa2 Hotel;Osa\n"
    batch = await lists.receive_list(irene, now, context, association, "a.csv", data)
    assert await state(batch) == "encoding"
    with pytest.raises(Invalid, match="encoding-unknown"):
        await lists.choose_encoding(irene, now, context, batch, "klingon")
    await lists.choose_encoding(irene, now, context, batch, "cp1252")
    assert await state(batch) in ("ready", "columns")


async def test_columns_are_asked_for_once_and_then_remembered(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now)
    irene = admin(association)
    header = "Rótulo;Sitio\n"
    batch = await lists.receive_list(irene, now, context, association, "a.csv", f"{header}Hotel Uno;Osa\n".encode())
    assert await state(batch) == "columns"
    for wrong in ({"name": 7}, {"nothing": 0}, {"name": 0, "canton": 0}, {"name": 0}):
        with pytest.raises(Invalid):
            await lists.choose_columns(irene, now, context, batch, wrong)
    await lists.choose_columns(irene, now, context, batch, {"name": 0, "canton": 1})
    assert (await counts(batch)).new == 1
    again = await lists.receive_list(irene, now, context, association, "b.csv", f"{header}Hotel Dos;Osa\n".encode())
    assert await state(again) == "ready"


HEADER = "Nombre;Cédula jurídica;Cantón;Dirección exacta;Habitaciones;Correo\n"
UNO = "Hotel Uno;3-101-990001;Osa;Calle 1;20;uno@a.example\n"
DOS = "Hotel Dos;3-101-990002;Quepos;Calle 2;30;dos@a.example\n"


async def test_changes_are_told_old_to_new_and_blanks_never_erase(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now)
    irene = admin(association)
    await taken(context, now, association, "1.csv", (HEADER + UNO + DOS).encode())
    second = HEADER + "Hotel Uno Mar;3-101-990001;Osa;Calle 1;22;\n" + DOS
    batch = await lists.receive_list(irene, now, context, association, "2.csv", second.encode())
    (row,) = await fetch("SELECT changes FROM import_row WHERE batch = $1 AND result = 'changed'", batch)
    found = {f: pair for f, pair in msgspec.json.decode(row["changes"]).items() if f not in matching.HIDDEN}
    assert found == {
        "name": ["Hotel Uno", "Hotel Uno Mar"],
        "unit.name": ["Hotel Uno", "Hotel Uno Mar"],
        "unit.rooms": [20, 22],
    }
    await lists.commit_list(irene, now, batch)
    (one, two) = sorted(
        await queries.units([m.id for m in await queries.members(association)]), key=lambda u: u.rooms or 0
    )
    assert (one.name, one.rooms, two.name) == ("Hotel Uno Mar", 22, "Hotel Dos")
    assert {m.email for m in await queries.members(association)} == {"uno@a.example", "dos@a.example"}


async def test_one_company_may_have_two_hotels(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now)
    anexo = "Hotel Anexo;3-101-990001;Osa;Calle 9;12;\n"
    first = await taken(context, now, association, "1.csv", (HEADER + UNO + anexo).encode())
    assert first.new == 2
    (member,) = await queries.members(association)
    assert len(await queries.units([member.id])) == 2
    again = await taken(context, now, association, "2.csv", (HEADER + UNO + anexo + DOS).encode())
    assert (again.same, again.new, again.changed) == (2, 1, 0)


async def test_a_taxi_changes_owner_and_keeps_its_plate(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now, "taxis")
    header = "Placa;Propietario;Cédula\n"
    await taken(context, now, association, "1.csv", f"{header}TSJ 4417;Rosa Mena;1-0234-0567\n".encode())
    (before,) = await queries.units([m.id for m in await queries.members(association)])
    second = await taken(context, now, association, "2.csv", f"{header}tsj-4417;Ana Mata;2-0345-0678\n".encode())
    assert (second.changed, second.new) == (1, 0)
    (after,) = await queries.units(unit_ids=[before.id])
    assert (after.name, after.plate) == ("Ana Mata", "TSJ 4417")


async def test_a_suggested_value_mends_one_row(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now)
    irene = admin(association)
    wrong = "Hotel Dos;=3-101-990002;Quepos;Calle 2;30;\n"
    batch = await lists.receive_list(irene, now, context, association, "1.csv", (HEADER + UNO + wrong).encode())
    assert (await counts(batch)).error == 1
    await lists.mend_cell(irene, now, context, batch, 3, "tax_id", "3-101-990002")
    assert await counts(batch) == Counts(rows=2, new=2)


async def test_all_or_nothing_waits_for_the_last_row(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now)
    irene = admin(association)
    data = (HEADER + UNO + "Hotel Dos;;Quepos;;;\n").encode()
    batch = await lists.receive_list(irene, now, context, association, "1.csv", data)
    with pytest.raises(Conflict, match="import-all-or-nothing"):
        await lists.commit_list(irene, now, batch, True)
    assert await queries.members(association) == []


async def test_an_answer_lost_after_the_commit_is_given_again(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now)
    irene = admin(association)
    upload, form = uuid7(), uuid7()
    name, data = story.hotel_list(mended=False)
    batch = await lists.receive_list(irene, now, context, association, name, data, once=upload)
    assert await lists.receive_list(irene, now, context, association, name, data, once=upload) == batch
    assert await lists.commit_list(irene, now, batch, once=form) == batch
    assert await lists.commit_list(irene, now, batch, once=form) == batch
    assert len(await queries.members(association)) > 280


async def test_an_import_is_undone_whole_within_a_day(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now)
    irene = admin(association)
    await taken(context, now, association, "1.csv", (HEADER + UNO).encode())
    before = await world(association)
    second = HEADER + "Hotel Uno Mar;3-101-990001;Osa;Calle 1;22;otro@a.example\n" + DOS
    batch = await lists.receive_list(irene, now, context, association, "2.csv", second.encode())
    await lists.commit_list(irene, now, batch)
    with pytest.raises(Conflict, match="import-undo-late"):
        await lists.undo_list(irene, now + timedelta(hours=25), batch)
    await lists.undo_list(irene, now + timedelta(hours=23), batch)
    after = await world(association)
    assert [{**row, "updated_at": None} for row in after] == [{**row, "updated_at": None} for row in before]
    again = await lists.receive_list(irene, now, context, association, "2.csv", second.encode())
    assert again != batch and (await counts(again)).new == 1


async def test_nothing_that_was_built_on_is_undone(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now)
    irene = admin(association)
    batch = await lists.receive_list(irene, now, context, association, "1.csv", (HEADER + UNO).encode())
    await lists.commit_list(irene, now, batch)
    (member,) = await queries.members(association)
    await service.enter_roster(owner(member.id), now, member.id, [WorkerDraft(name="Ana", post=Post.MANAGER)])
    with pytest.raises(Conflict, match="import-built-on"):
        await lists.undo_list(irene, now, batch)


async def test_other_associations_lists_do_not_exist(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now)
    batch = await lists.receive_list(admin(association), now, context, association, "1.csv", (HEADER + UNO).encode())
    stranger: Actor = admin(uuid7())
    for attempt in (
        lists.commit_list(stranger, now, batch),
        lists.undo_list(stranger, now, batch),
        lists.receive_list(stranger, now, context, association, "1.csv", b"x"),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_two_uploads_and_two_commits_at_once_are_one(committed: str, now: datetime, context: Context) -> None:
    association = await chamber(now)
    irene = admin(association)
    name, data = story.hotel_list(mended=True)
    batches = await asyncio.gather(
        *(lists.receive_list(irene, now, context, association, name, data) for _ in range(3))
    )
    assert len(set(batches)) == 1
    await asyncio.gather(*(lists.commit_list(irene, now, batches[0]) for _ in range(3)))
    assert len(await queries.members(association)) == 295


HOSTILE = Path(__file__).parents[4] / "shared" / "data" / "hostile" / "blns.txt"


@pytest.mark.skipif(not HOSTILE.exists(), reason="the hostile strings are not on this machine")
async def test_hostile_text_in_every_field_is_kept_or_refused_and_never_runs(
    db: None, now: datetime, context: Context
) -> None:
    association = await chamber(now)
    lines = [line for line in HOSTILE.read_text("utf-8", "replace").splitlines() if line and not line.startswith("#")]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    fields = 7
    writer.writerow(["Nombre", "Cédula", "Cantón", "Dirección", "Habitaciones", "Correo", "Teléfono"])
    good = ["Hotel Bueno", "", "Osa", "Calle", "12", "a@b.example", "22223333"]
    for number, line in enumerate(lines):
        for field in range(fields):
            row = [*good]
            row[0], row[1] = f"Hotel {number} {field}", f"3-101-{number * fields + field:06}"
            row[field] = line
            writer.writerow(row)
    result = await taken(
        context, now, association, "h.csv.gz", gzip.compress(out.getvalue().encode("utf-8", "replace"))
    )
    assert result.rows == result.new + result.error + result.same + result.changed
    assert result.new > len(lines)
    assert not any(m.name.startswith("=") for m in await queries.members(association))


async def test_a_list_put_aside_is_gone_and_its_file_is_kept(db: None, now: datetime, context: Context) -> None:
    association = await chamber(now)
    irene = admin(association)
    batch = await lists.receive_list(irene, now, context, association, "1.csv", (HEADER + UNO).encode())
    await lists.discard_list(irene, now, batch)
    with pytest.raises(Conflict):
        await lists.commit_list(irene, now, batch)
    assert [key async for key in context.storage.list("lists/")]
    assert await lists.receive_list(irene, now, context, association, "1.csv", (HEADER + UNO).encode()) != batch


async def test_only_members_of_the_list_s_association_can_be_said_to_have_left(
    db: None, now: datetime, context: Context
) -> None:
    association, other = await chamber(now), await chamber(now)
    irene = admin(association)
    batch = await lists.receive_list(irene, now, context, association, "1.csv", (HEADER + UNO).encode())
    await lists.commit_list(irene, now, batch)
    await taken(context, now, other, "2.csv", (HEADER + DOS).encode())
    (theirs,) = await queries.members(other)
    (ours,) = await queries.members(association)
    for wrong in ([], [theirs.id], [ours.id, theirs.id]):
        with pytest.raises((Invalid, NotFound)):
            await service.leave_many(irene, now, batch, wrong, now.date(), "x")
    await service.leave_many(irene, now, batch, [ours.id], now.date(), "cerró")
    assert await queries.members(association) == []
