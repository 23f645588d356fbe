"""What a seal will state, gathered from the rooms that know it: the case, its evaluation, the unit, its commitment.

Reads only, and a constant number of queries for a group of any size. Facts are as certified: a later change of name or
plate in a list does not change a seal in silence; it is for the officer to judge (17065, 7.10).
"""

import re
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from registry.access.actor import SYSTEM
from registry.certification import file
from registry.certification import queries as certification
from registry.certification.rules import State as CaseState
from registry.certification.schemas import Case
from registry.clients import queries as clients
from registry.clients.places import province_name
from registry.clients.schemas import Unit
from registry.commitments import queries as commitments
from registry.core.db import fetch
from registry.schemes import queries as schemes
from registry.schemes.schemas import Version
from registry.seals.snapshot import Facts, Kind, unit_name


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """One unit that is to hold a seal, and everything the seal says of it."""

    certification: UUID
    unit: UUID
    kind: Kind
    client: UUID
    client_kind: str
    association: UUID | None
    holder: str
    valid_from: datetime
    valid_until: datetime  # last valid second
    zone: str
    region: str
    language: str
    version: Version
    assessed_on: date
    auditor: str
    visited: bool
    facts: Facts

    @property
    def unit_name(self) -> str:
        return unit_name(self.kind, self.facts)


def region(province: str | None, country: str) -> str:
    """ISO 3166-2 where the province has a code; else the country alone."""
    return province if province and re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", province) else country


async def wanted(certification_id: UUID, now: datetime) -> dict[UUID, CaseState]:
    """What each unit of a case stands for now: its own state times the case's."""
    return {unit.unit_id: unit.standing for unit in await certification.scope(certification_id, now)}


COVERED = frozenset({CaseState.GRANTED})


async def grants(certification_id: UUID, now: datetime, standing: frozenset[CaseState] = COVERED) -> list[Grant]:
    """The units of a case that are covered now, or that stand in one of these states."""
    case = await certification.case(SYSTEM, certification_id, now)
    covered = [unit for unit, state in (await wanted(certification_id, now)).items() if state in standing]
    if not covered or case.valid_from is None or case.valid_until is None:
        return []
    units = await clients.units(unit_ids=covered)
    owners = await clients.clients({unit.client_id for unit in units})
    version = await schemes.version(case.scheme_version)
    evaluation = (await file.evaluations([certification_id]))[certification_id]
    names = [member.name for member in await file.team(certification_id)]
    facts = await _facts(units, case, evaluation.visited_on, now)
    return [
        Grant(
            certification=certification_id,
            unit=unit.id,
            kind=Kind(unit.kind),
            client=unit.client_id,
            client_kind=str(owners[unit.client_id].kind),
            association=unit.association_id,
            holder=unit.client_name,
            valid_from=case.valid_from,
            valid_until=case.valid_until - timedelta(seconds=1),
            zone=case.zone,
            region=region(unit.province or owners[unit.client_id].province, unit.country),
            language=unit.language,
            version=version,
            assessed_on=evaluation.visited_on,
            auditor=", ".join(names),
            # A single case was visited itself; of a group, those that were drawn.
            visited=case.association is None or case.client is not None or unit.id in evaluation.sample,
            facts=facts[unit.id],
        )
        for unit in units
    ]


async def _facts(units: list[Unit], case: Case, visited_on: date, now: datetime) -> dict[UUID, Facts]:
    holders = {unit.client_id for unit in units}
    signed = await commitments.current(holders, now)
    trained = await _trained(holders)
    associations = await _associations({unit.association_id for unit in units if unit.association_id})
    zone = ZoneInfo(case.zone)
    return {
        unit.id: Facts(
            name=unit.name if unit.kind == "establishment" else unit.licence_no or "",
            holder=unit.client_name,
            plate=unit.plate,
            description=" ".join(str(part) for part in (unit.make, unit.model, unit.year) if part),
            colour=unit.colour or "",
            premises=unit.place_kind,
            rooms=unit.rooms or 0,
            address=unit.address,
            district=unit.district or "",
            canton=unit.canton or "",
            province=province_name(unit.province or ""),
            association=associations.get(unit.association_id, "") if unit.association_id else "",
            committed_on=signed[unit.client_id].signed_at.astimezone(zone).date() if unit.client_id in signed else None,
            trained_on=trained.get(unit.client_id),
            audited_on=visited_on,
            surveillance_on=case.surveillance_on,
        )
        for unit in units
    }


async def _trained(client_ids: set[UUID]) -> dict[UUID, date]:
    """The last day on which somebody of the business passed; who and how many is nobody else's to know."""
    rows = await fetch(
        "SELECT client, max(passed_on) AS latest FROM training_record WHERE client = ANY($1::uuid[]) GROUP BY client",
        list(client_ids),
    )
    return {row["client"]: row["latest"] for row in rows}


async def _associations(ids: set[UUID]) -> dict[UUID, str]:
    rows = await fetch("SELECT id, name FROM association WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: row["name"] for row in rows}


class Committed(msgspec.Struct, frozen=True, kw_only=True):
    """A business whose commitment is in force, for the list of those that have signed and hold no seal."""

    client: UUID
    name: str
    kind: str
    region: str
    province: str
    canton: str
    association: str
    signed_on: date
    version: Version


async def committed(client_ids: set[UUID], now: datetime) -> list[Committed]:
    """Of these businesses, those whose commitment is in force and that did not leave."""
    signed = await commitments.current(client_ids, now)
    found = await clients.clients(signed)
    associations = await _associations({client.association for client in found.values() if client.association})
    return [
        Committed(
            client=id,
            name=client.name,
            kind=str(client.kind),
            region=region(client.province, client.country),
            province=province_name(client.province or ""),
            canton=client.canton or "",
            association=associations.get(client.association, "") if client.association else "",
            signed_on=signed[id].signed_at.astimezone(ZoneInfo(client.zone)).date(),
            version=await schemes.version(signed[id].scheme_version),
        )
        for id, client in found.items()
        if client.state == "active"
    ]
