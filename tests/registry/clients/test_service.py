"""Associations, businesses, units and rosters, on PostgreSQL."""

from datetime import date, datetime
from uuid import UUID

import pytest

from registry.clients import queries, service
from registry.clients.rules import AssociationKind, ClientKind, Post, Shift
from registry.clients.schemas import AddClient, EditClient, EnrolAssociation, WorkerDraft
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from tests.registry.clients.actors import OFFICER, STRANGE, admin, owner

CHAMBER = EnrolAssociation(name="Cámara Dos Costas", kind=AssociationKind.HOTELS, contact_email="hola@camara.example")
NAME = "Hotel Farol del Golfo"


async def chamber(now: datetime) -> UUID:
    return await service.enrol_association(OFFICER, now, CHAMBER)


async def hotel(now: datetime, association: UUID) -> UUID:
    data = AddClient(association=association, name=NAME, tax_id="3101990215", canton="Puntarenas", rooms="64")
    return await service.add_client(admin(association), now, data)


async def test_an_association_is_enrolled_once(db: None, now: datetime) -> None:
    association = await chamber(now)
    with pytest.raises(Conflict, match="association-known"):
        await chamber(now)
    assert [a.id for a in await queries.associations(OFFICER)] == [association]


async def test_the_same_form_sent_twice_enrols_once(db: None, now: datetime) -> None:
    form = uuid7()
    first = await service.enrol_association(OFFICER, now, CHAMBER, once=form)
    assert await service.enrol_association(OFFICER, now, CHAMBER, once=form) == first


async def test_an_association_cannot_enrol_another(db: None, now: datetime) -> None:
    with pytest.raises(Forbidden):
        await service.enrol_association(STRANGE, now, CHAMBER)


async def test_a_hotel_written_by_hand_has_one_unit_in_its_province(db: None, now: datetime) -> None:
    association = await chamber(now)
    client = await hotel(now, association)
    (unit,) = await queries.units([client])
    assert (unit.name, unit.province, unit.rooms, unit.association_id) == (NAME, "CR-P", 64, association)
    assert (await queries.client(owner(client), client)).tax_id == "3-101-990215"


async def test_a_taxi_written_by_hand_is_a_vehicle(db: None, now: datetime) -> None:
    association = await chamber(now)
    data = AddClient(
        association=association, name="Rosa Mena", kind=ClientKind.TAXI, tax_id="102340567", plate="tsj-4417"
    )
    client = await service.add_client(admin(association), now, data)
    (unit,) = await queries.units([client])
    assert (unit.kind, unit.plate, unit.name) == ("vehicle", "TSJ 4417", "Rosa Mena")


async def test_wrong_fields_are_named_together(db: None, now: datetime) -> None:
    association = await chamber(now)
    with pytest.raises(Invalid) as refusal:
        await service.add_client(
            admin(association), now, AddClient(association=association, name="Hotel", tax_id="3-101-99", email="a@b")
        )
    assert refusal.value.details["fields"] == {"tax_id": "taxid-shape", "email": "email-shape"}


async def test_nobody_sees_another_association_s_members(db: None, now: datetime) -> None:
    association = await chamber(now)
    client = await hotel(now, association)
    for stranger in (STRANGE, admin(uuid7()), owner(uuid7())):
        with pytest.raises(NotFound):
            await queries.client(stranger, client)
        with pytest.raises(NotFound):
            await queries.association(stranger, association)
        with pytest.raises(NotFound):
            await service.edit_client(stranger, now, client, EditClient(phone="2222-3333"))


async def test_an_edit_changes_what_is_given_and_nothing_else(db: None, now: datetime) -> None:
    association = await chamber(now)
    client = await hotel(now, association)
    await service.edit_client(owner(client), now, client, EditClient(phone="2661 0000", canton="Quepos"))
    seen = await queries.client(OFFICER, client)
    assert (seen.phone, seen.canton, seen.province, seen.name) == ("+506 2661 0000", "Quepos", "CR-P", NAME)


async def test_leaving_is_said_once_and_not_by_the_registry(db: None, now: datetime) -> None:
    association = await chamber(now)
    client = await hotel(now, association)
    with pytest.raises(Forbidden):
        await service.leave(OFFICER, now, client, now.date(), "")
    await service.leave(admin(association), now, client, now.date(), "cerró")
    with pytest.raises(Conflict):
        await service.leave(admin(association), now, client, now.date(), "cerró")
    assert await queries.members(association) == []


async def test_a_retired_unit_is_no_longer_among_the_units(db: None, now: datetime) -> None:
    association = await chamber(now)
    client = await hotel(now, association)
    (unit,) = await queries.units([client])
    with pytest.raises(NotFound):
        await service.retire_unit(owner(uuid7()), now, unit.id, now.date(), "")
    await service.retire_unit(owner(client), now, unit.id, now.date(), "vendido")
    assert await queries.units([client]) == []
    assert (await queries.units(unit_ids=[unit.id]))[0].retired_on == now.date()


WORKERS = [
    WorkerDraft(name="Lidia Obregón", post=Post.RECEPTION, shift=Shift.NIGHT),
    WorkerDraft(name="Óscar Mata", post=Post.HOUSEKEEPING, outsourced=True, started_on=date(2024, 1, 8)),
]


async def test_a_roster_entered_twice_is_the_same_roster(db: None, now: datetime) -> None:
    association = await chamber(now)
    client = await hotel(now, association)
    ana = owner(client)
    await service.enter_roster(ana, now, client, WORKERS)
    await service.enter_roster(ana, now, client, [*WORKERS, WorkerDraft(name="OSCAR MATA", post=Post.SECURITY)])
    people = await queries.roster(ana, client)
    assert [(p.name, p.post, p.critical) for p in people] == [
        ("Lidia Obregón", Post.RECEPTION, True),
        ("Óscar Mata", Post.SECURITY, True),
    ]


async def test_names_are_for_the_business_and_never_for_its_association(db: None, now: datetime) -> None:
    association = await chamber(now)
    client = await hotel(now, association)
    await service.enter_roster(owner(client), now, client, WORKERS)
    for other in (admin(association), OFFICER):
        with pytest.raises(NotFound):
            await queries.roster(other, client)
    with pytest.raises(Forbidden):
        await service.enter_roster(admin(association), now, client, WORKERS)


async def test_who_left_does_not_count_from_that_day(db: None, now: datetime) -> None:
    association = await chamber(now)
    client = await hotel(now, association)
    ana = owner(client)
    await service.enter_roster(ana, now, client, WORKERS)
    worker = (await queries.roster(ana, client))[0]
    with pytest.raises(Invalid):
        await service.end_worker(ana, now, worker.id, date(2027, 1, 1))
    with pytest.raises(NotFound):
        await service.end_worker(owner(uuid7()), now, worker.id, now.date())
    await service.end_worker(ana, now, worker.id, now.date())
    assert len(await queries.workers([client], now.date())) == 1
    assert await queries.headcounts([client], date(2026, 11, 1)) == {client: 2}
