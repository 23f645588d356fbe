"""A house with a code in force, two associations, three businesses and who acts in them; made through the verbs."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Role
from registry.clients import service as clients
from registry.clients.rules import AssociationKind, ClientKind, Post, Shift
from registry.clients.schemas import AddClient, EnrolAssociation, WorkerDraft
from registry.core.ids import uuid7
from registry.schemes import content, queries, service
from registry.schemes.schemas import Publish, Version

CODE = content.load(content.DATA / "sectt-code-1")


def person(name: str, role: Role, *organisations: UUID) -> Actor:
    return Actor(uuid7(), name, frozenset({role}), frozenset((role, one) for one in organisations))


OFFICER = person("Olga Segura", Role.OFFICER)
FAUSTO = person("Fausto", Role.REPRESENTATIVE)

HOTEL_STAFF = [
    ("Nereo Prado", Post.RECEPTION, Shift.NIGHT, False),
    ("Hilaria Solís", Post.RECEPTION, Shift.DAY, False),
    ("Yadira Brenes", Post.HOUSEKEEPING, Shift.DAY, False),
    ("Eliseo Mora", Post.SECURITY, Shift.NIGHT, True),
    ("Corina Vargas", Post.MANAGER, Shift.DAY, False),
]


class House(msgspec.Struct):
    chamber: UUID
    taxis: UUID
    hotel: UUID
    inn: UUID
    car: UUID
    version: Version
    ana: Actor
    """Representative of the hotel."""
    berta: Actor
    """Representative of the inn."""
    irene: Actor
    """Administrator of the chamber."""
    tomas: Actor
    """Trainer of the chamber."""
    teo: Actor
    """Trainer of the taxi company."""


async def business(association: UUID, name: str, kind: ClientKind, plate: str = "") -> UUID:
    data = AddClient(association=association, name=name, kind=kind, canton="" if plate else "Puntarenas", plate=plate)
    return await clients.add_client(OFFICER, datetime.fromisoformat("2026-01-01T12:00Z"), data)


async def published(now: datetime) -> Version:
    id = await service.publish(SYSTEM, now, Publish(CODE, now.date()))
    return await queries.version(id)


async def staffed(actor: Actor, now: datetime, client: UUID, since: date | None = None) -> None:
    await clients.enter_roster(actor, now, client, [
        WorkerDraft(name=name, post=post, shift=shift, outsourced=outsourced, started_on=since)
        for name, post, shift, outsourced in HOTEL_STAFF
    ])  # fmt: skip


async def house(now: datetime) -> House:
    version = await published(now)
    chamber, taxis = [
        await clients.enrol_association(OFFICER, now, EnrolAssociation(name=name, kind=kind, contact_email="a@b.cr"))
        for name, kind in (("Cámara Dos Costas", AssociationKind.HOTELS), ("Taxis del Golfo", AssociationKind.TAXIS))
    ]
    hotel = await business(chamber, "Hotel Farol del Golfo", ClientKind.LODGING)
    inn = await business(chamber, "Posada Tres Ceibas", ClientKind.LODGING)
    car = await business(taxis, "Domingo Arce", ClientKind.TAXI, "TP 1234")
    made = House(
        chamber, taxis, hotel, inn, car, version,
        person("Ana Villafuerte", Role.REPRESENTATIVE, hotel), person("Berta Rojas", Role.REPRESENTATIVE, inn),
        person("Irene Cascante", Role.ASSOCIATION_ADMIN, chamber), person("Tomás Ulloa", Role.TRAINER, chamber),
        person("Teo Barboza", Role.TRAINER, taxis),
    )  # fmt: skip
    await staffed(made.ana, now, hotel)
    return made
