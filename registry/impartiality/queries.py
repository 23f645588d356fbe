"""The register of ties and the broken glasses, for the committee and those who keep the register."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission
from registry.accounts import queries as accounts
from registry.certification import file
from registry.certification.impartiality import Bond
from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.impartiality import rules


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One tie as the register holds it: person, organisation, kind, from and to, source, origin, treatment, review."""

    person: UUID
    name: str
    organisation: UUID
    organisation_name: str
    bond: Bond
    since: date
    until: date | None
    source: str
    declared: bool
    recorded_at: datetime
    treatment: str
    reviewed_by: str
    reviewed_at: datetime | None
    due: bool


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A broken glass."""

    id: UUID
    certification: UUID
    number: str
    holder: str
    person: UUID
    name: str
    reason: str
    broken_at: datetime
    second: UUID | None
    second_name: str
    second_reason: str
    agreed_at: datetime | None
    ends_at: datetime
    seen_at: datetime | None


async def people() -> list[tuple[UUID, str]]:
    """Everybody who judges anything here: whose ties matter."""
    rows = await fetch(
        "SELECT DISTINCT a.id, a.name FROM account a JOIN role_held h ON h.account = a.id WHERE h.ended_at IS NULL"
        " AND a.state = 'active' AND h.role IN ('auditor', 'reviewer', 'decider', 'panel') ORDER BY a.name, a.id"
    )
    return [(row["id"], row["name"]) for row in rows]


async def register(actor: Actor, now: datetime) -> list[Line]:
    """Every tie, the ones due for review first; nothing for whoever may not read it."""
    if not actor.may(Permission.IMPARTIALITY_VIEW):
        raise NotFound("page-not-found")
    rows = await fetch(
        "SELECT t.*, r.treatment, r.name AS reviewed_by, r.reviewed_at FROM (SELECT DISTINCT ON (person, organisation,"
        " bond) * FROM tie ORDER BY person, organisation, bond, recorded_at DESC) t LEFT JOIN LATERAL (SELECT * FROM"
        " tie_review r WHERE r.person = t.person AND r.organisation = t.organisation AND r.bond = t.bond"
        " ORDER BY r.reviewed_at DESC LIMIT 1) r ON true"
    )
    names = await accounts.called({row["person"] for row in rows})
    lines = [
        Line(
            person=row["person"], name=names.get(row["person"], "–"), organisation=row["organisation"],
            organisation_name=row["organisation_name"], bond=Bond(row["bond"]), since=row["since"],
            until=row["until"], source=row["source"], declared=row["recorded_by"] == row["person"],
            recorded_at=row["recorded_at"], treatment=row["treatment"] or rules.Treatment.KEPT_AWAY,
            reviewed_by=row["reviewed_by"] or "", reviewed_at=row["reviewed_at"],
            due=rules.due(
                row["recorded_at"].date(), row["reviewed_at"].date() if row["reviewed_at"] else None, now.date()
            ),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (not line.due, line.name, line.organisation_name))


_GLASS = "SELECT g.*, c.number, c.name AS holder FROM glass g JOIN certification c ON c.id = g.certification"


async def glasses(actor: Actor) -> list[Broken]:
    """Broken glasses, the newest first: for the committee and for deciders."""
    if not actor.may(Permission.IMPARTIALITY_VIEW):
        return []
    rows = await fetch(_GLASS + " ORDER BY g.broken_at DESC LIMIT 200")
    return [msgspec.convert({name: row[name] for name in Broken.__struct_fields__}, Broken) for row in rows]


async def glass(glass_id: UUID) -> Broken:
    """One of them, or NotFound."""
    rows = await fetch(_GLASS + " WHERE g.id = $1 FOR UPDATE OF g", glass_id)
    if not rows:
        raise NotFound("glass-not-found")
    return msgspec.convert({name: rows[0][name] for name in Broken.__struct_fields__}, Broken)


async def waiting(actor: Actor, now: datetime) -> int:
    """For the rail: ties due and glasses unseen, for the committee; glasses to agree to, for another decider."""
    if not actor.may(Permission.IMPARTIALITY_VIEW):
        return 0
    broken = await glasses(actor)
    if actor.may(Permission.IMPARTIALITY_REVIEW):
        return sum(line.due for line in await register(actor, now)) + sum(one.seen_at is None for one in broken)
    open_ = [one for one in broken if one.second is None and now < one.ends_at and one.person != actor.id]
    return len(open_) if actor.may(Permission.CERTIFICATION_DECIDE) else 0


async def lifted(person: UUID, certification_id: UUID, at: datetime) -> bool:
    """Whether two deciders broke the glass for this person in this case, today."""
    return bool(await fetch(
        "SELECT 1 FROM glass WHERE person = $1 AND certification = $2 AND agreed_at <= $3 AND ends_at > $3",
        person, certification_id, at,
    ))  # fmt: skip


file.LIFTED.append(lifted)
