"""What an application must bring before there is a case: whose units, which criteria, and nothing open elsewhere."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import msgspec

from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Role
from registry.certification import guards, queries, rules
from registry.certification.facts import Kind, Parameters
from registry.certification.rules import State
from registry.certification.sampling import Occasion
from registry.certification.schemas import Apply
from registry.clients import queries as clients
from registry.clients.schemas import Unit
from registry.core.calendar import add_months, day_of
from registry.core.db import fetch
from registry.core.errors import Conflict, Invalid, NotFound
from registry.schemes import queries as schemes
from registry.schemes.schemas import Version


class Application(msgspec.Struct, frozen=True):
    """An application whose parts are known and fit together."""

    name: str
    association: UUID | None
    client: UUID | None
    zone: str
    version: Version
    units: tuple[Unit, ...]


async def checked(actor: Actor, now: datetime, data: Apply) -> Application:
    """The application, or a refusal that says what does not fit. Size, fees and membership are no reason (4.4).

    An association names its members here to us; the public reads of none of them by it. To be listed each agrees by
    itself, when it signs the term: the page says so above its signature, and without one nothing of it is covered.
    """
    units = tuple(await clients.units(unit_ids=data.unit_ids))
    if not units or len(units) != len(set(data.unit_ids)):
        raise Invalid("units-missing", fields={"unit_ids": "units-missing"})
    version = await schemes.version(data.scheme_version)
    if (await schemes.current(version.scheme, now)).id != version.id:
        raise Conflict("scheme-version-not-current", version=version.version)
    owners = await clients.clients({unit.client_id for unit in units})
    asked = await queries.parameters(version.id)
    for unit in units:
        guards.suits(data.kind, owners[unit.client_id].kind, unit.rooms, asked)

    if data.kind is Kind.GROUP:
        association = data.association_id
        if association is None or association not in actor.organisations(Role.ASSOCIATION_ADMIN):
            raise NotFound("association-not-found")
        if any(owner.association != association for owner in owners.values()):
            raise Invalid("unit-not-of-holder", fields={"unit_ids": "unit-not-of-holder"})
        name = (await clients.association(actor, association)).name
        return Application(name, association, None, units[0].zone, version, units)

    (client, *others) = owners.values()
    if others or client.id != data.client_id:
        raise Invalid("unit-not-of-holder", fields={"unit_ids": "unit-not-of-holder"})
    if client.id not in actor.organisations(Role.REPRESENTATIVE) and (
        client.association is None or client.association not in actor.organisations(Role.ASSOCIATION_ADMIN)
    ):
        raise NotFound("client-not-found")
    return Application(client.name, client.association, client.id, client.zone, version, units)


async def clear(application: Application, now: datetime, occasion: Occasion) -> list[UUID]:
    """Cases that have lapsed and give way to this one. Raises Conflict where a unit already has one that has not.

    A renewal may be asked for while a certificate is in force; its dates are its own.
    """
    rows = await fetch(
        "SELECT c.id, s.label FROM scope_unit s JOIN certification c ON c.id = s.certification"
        " WHERE s.unit_id = ANY($1::uuid[]) AND s.scheme = $2 AND c.state = ANY($3)"
        " AND s.state NOT IN ('withdrawn', 'ended')",
        [unit.id for unit in application.units],
        application.version.scheme,
        [str(state) for state in rules.UNDECIDED | rules.IN_FORCE],
    )
    lapsed = []
    for row in rows:
        standing = await queries.standing(row["id"], now)
        if standing in rules.UNDECIDED:
            raise Conflict("unit-already-applied", unit=row["label"])
        if standing in rules.IN_FORCE and occasion is not Occasion.RENEWAL:
            raise Conflict("unit-already-certified", unit=row["label"])
        if standing is State.LAPSED:
            lapsed.append(row["id"])
    await waited(
        [unit.id for unit in application.units], application.version.scheme, day_of(now, application.zone),
        application.zone, await queries.parameters(application.version.id),
    )  # fmt: skip
    return list(dict.fromkeys(lapsed))


async def waited(unit_ids: Collection[UUID], scheme: str, today: date, zone: str, asked: Parameters) -> None:
    """Raise Conflict while a withdrawal, or an end in proceedings, keeps one of these units waiting.

    Only the annulment for good of that very decision, or of the suspension an end fled from, ends the wait.
    """
    (row,) = await fetch(
        "SELECT max(at) AS at FROM (SELECT d.id AS cause, d.decided_at AS at FROM scope_unit s JOIN decision d"
        "  ON d.certification = s.certification AND d.act = 'withdraw' AND (d.units = '{}' OR s.unit_id = ANY(d.units))"
        "  WHERE s.unit_id = ANY($1::uuid[]) AND s.scheme = $2"
        " UNION SELECT c.fled_from, st.taken_at FROM scope_unit s JOIN certification c ON c.id = s.certification"
        "  AND c.ended_in_proceedings JOIN step st ON st.certification = c.id AND st.act = 'end'"
        "  WHERE s.unit_id = ANY($1::uuid[]) AND s.scheme = $2) w"
        " WHERE w.cause IS NULL OR NOT EXISTS (SELECT FROM decision a WHERE a.act = 'annul' AND NOT a.provisional"
        "  AND decision_root(a.answers) = w.cause)",
        list(unit_ids), scheme,
    )  # fmt: skip
    guards.may_reapply(day_of(row["at"], zone) if row["at"] else None, today, asked)


async def renewed(application: Application, now: datetime) -> UUID:
    """The certificate an application wants to renew: in force and near its end, or expired not long ago."""
    rows = await fetch(
        "SELECT DISTINCT c.id, c.valid_until FROM certification c JOIN scope_unit s ON s.certification = c.id"
        " WHERE c.scheme = $1 AND c.state = ANY($2) AND s.unit_id = ANY($3::uuid[]) AND s.state <> 'pending'"
        " AND c.client IS NOT DISTINCT FROM $4 AND (c.client IS NOT NULL OR c.association = $5)"
        " ORDER BY c.valid_until DESC LIMIT 1",
        application.version.scheme, [str(state) for state in rules.IN_FORCE], [unit.id for unit in application.units],
        application.client, application.association,
    )  # fmt: skip
    if not rows:
        raise Conflict("renewal-of-nothing")
    old = await queries.case(SYSTEM, rows[0]["id"], now)
    months = (await queries.parameters(old.scheme_version)).renewal_opens_months
    assert old.last_on is not None  # a constraint of the table
    today = day_of(now, old.zone)
    if today < (opens := add_months(old.last_on, -months)):
        raise Conflict("renewal-too-early", day=opens)
    if today > add_months(old.last_on, months):
        raise Conflict("renewal-too-late")
    return old.id
