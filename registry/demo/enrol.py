"""Chapter one: the scheme is published, two associations are enrolled, and their lists come in through the importer."""

from pathlib import Path
from uuid import UUID

import msgspec

from registry.access.permissions import Role
from registry.certification import ties
from registry.certification.competence import Competence
from registry.clients import lists as imports
from registry.clients import queries as clients
from registry.clients import service as enrolling
from registry.clients.rules import AssociationKind, ClientKind, Counts
from registry.clients.schemas import EnrolAssociation, Unit
from registry.core.db import fetch
from registry.demo import cast, lists
from registry.demo.stage import Member, Stage
from registry.schemes import content
from registry.schemes import service as schemes
from registry.schemes.schemas import Publish

SCHEME = Path(content.__file__).parent / "data" / "sectt-code-1"


async def found(stage: Stage) -> None:
    """The registry's own people join; the officer writes what auditors know, publishes the scheme, enrols both."""
    await stage.employ(cast.STAFF)
    olga = stage["olga"]
    for auditor in (one for one in cast.STAFF if one.role is Role.AUDITOR):
        await ties.record_competence(olga, stage.now, Competence(
            person=stage[auditor.key].id, kinds=frozenset({ClientKind.LODGING, ClientKind.TAXI}),
            languages=frozenset({"es", "en"}), basis="Curso de auditoría de 16 horas y una visita acompañada.",
        ))  # fmt: skip
    await schemes.publish(olga, stage.now, Publish(content.load(SCHEME), stage.now.date()))
    for name, kind, mail in ((cast.HOTELS, AssociationKind.HOTELS, "camara@doscostas.example"),
                             (cast.TAXIS, AssociationKind.TAXIS, "oficina@taxisdelvalle.example")):  # fmt: skip
        data = EnrolAssociation(name=name, kind=kind, country="CR", contact_email=mail)
        stage.organisations[name] = await enrolling.enrol_association(olga, stage.now, data)
    stage.walk.on(days=2)
    await stage.employ([one for one in cast.ASSOCIATIONS if one.role is Role.ASSOCIATION_ADMIN], by=olga)
    await stage.employ([one for one in cast.ASSOCIATIONS if one.role is Role.INSPECTOR], by=stage["mauro"])


async def import_members(stage: Stage) -> None:
    """Each association uploads its list, is shown what is wrong, takes in the good rows, mends, uploads again."""
    irene, mauro = stage["irene"], stage["mauro"]
    for admin, name, make in ((irene, cast.HOTELS, lists.hotel_list), (mauro, cast.TAXIS, lists.taxi_list)):
        for mended in (False, True):
            filename, data = make(mended=mended)
            batch = await imports.receive_list(
                admin, stage.now, stage.context, stage.organisations[name], filename, data
            )
            stage.result.cells_refused += await refused(batch)
            await imports.commit_list(admin, stage.now, batch)
            stage.walk.on(days=1)
            stage.step(f"{name}: {filename}", 4)
    stage.hotels = await members(stage.organisations[cast.HOTELS])
    stage.taxis = await members(stage.organisations[cast.TAXIS])
    stage.result.members_imported = {
        name: sum(len(member.units) for member in found)
        for name, found in ((cast.HOTELS, stage.hotels), (cast.TAXIS, stage.taxis))
    }
    await stage.drain()


async def refused(batch: UUID) -> int:
    """Cells of a list that came back with a reason."""
    (row,) = await fetch("SELECT counts FROM import_batch WHERE id = $1", batch)
    return msgspec.json.decode(row["counts"], type=Counts).cells


async def members(association: UUID) -> list[Member]:
    """The members of an association with their units, as the importer made them."""
    found = await clients.members(association)
    units = await clients.units(client_ids=[client.id for client in found])
    by_client: dict[UUID, list[Unit]] = {}
    for unit in units:
        by_client.setdefault(unit.client_id, []).append(unit)
    return [Member(client.id, client.name, client.email or "", by_client.get(client.id, [])) for client in found]
