"""Reading complaints. `visible_to` is the only place that says who reads which: never the person it is about."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Permission, Role
from registry.accounts import queries as accounts
from registry.appeals import queries as appeals
from registry.certification import file
from registry.certification import queries as certification
from registry.certification.impartiality import Part
from registry.certification.impartiality import obstacles as keeps_out
from registry.complaints import rules
from registry.complaints.rules import Act, State
from registry.complaints.schemas import Burst, Complaint, Investigator, Step
from registry.core.calendar import add_months
from registry.core.db import fetch
from registry.core.errors import NotFound

ALL = frozenset({Role.SYSTEM, Role.OFFICER, Role.IMPARTIALITY})
TIE_MONTHS = 24
INVESTIGATE = ("officer", "reviewer", "decider", "panel")
"""Roles whose people may be given a complaint; 17065 asks only that they had no part in what it is about."""


IN_BURST = "c.burst AND c.state = 'received'"
"""Waiting in a burst, apart: whoever acknowledges one takes it out."""


def visible_to(actor: Actor, first: int = 1) -> tuple[str, list[object]]:
    """True of a complaint's row `c`: officers and the committee read all but those about themselves, an investigator
    what was given to them."""
    everything = actor.may(Permission.COMPLAINTS_VIEW) and bool(actor.roles & ALL)
    mine = actor.id if actor.may(Permission.COMPLAINTS_INVESTIGATE) else UUID(int=0)
    return (
        f"(c.person IS DISTINCT FROM ${first}::uuid AND (${first + 1}::bool OR c.investigator = ${first + 2}::uuid))",
        [actor.id, everything, mine],
    )


PERMISSION: dict[Act, Permission] = {
    Act.ACKNOWLEDGE: Permission.COMPLAINTS_HANDLE,
    Act.ASSIGN: Permission.COMPLAINTS_HANDLE,
    Act.REASSIGN: Permission.COMPLAINTS_HANDLE,
    Act.SET_ASIDE: Permission.COMPLAINTS_HANDLE,
    Act.CONCLUDE: Permission.COMPLAINTS_INVESTIGATE,
}


def allowed(actor: Actor, seen: Complaint) -> frozenset[Act]:
    """The acts roles, state and assignment leave open: draws the buttons."""
    open_ = {act for state, act in rules.AFTER if state is seen.state}
    mine = {act for act in open_ if actor.may(PERMISSION[act])}
    if actor.id != seen.investigator:
        mine.discard(Act.CONCLUDE)
    return frozenset(mine)


async def one(actor: Actor, complaint_id: UUID, *, lock: bool = False) -> Complaint:
    """A complaint the actor may read, or NotFound."""
    where, args = visible_to(actor, 2)
    rows = await fetch(
        f"SELECT c.* FROM complaint c WHERE c.id = $1 AND {where}{' FOR UPDATE OF c' if lock else ''}",
        complaint_id,
        *args,
    )
    if not rows:
        raise NotFound("complaint-not-found")
    return _complaint(rows[0])


async def some(actor: Actor, states: Collection[State], limit: int = 200) -> list[Complaint]:
    """Complaints in these states, the nearest deadline first; without those that wait in a burst."""
    where, args = visible_to(actor, 3)
    rows = await fetch(
        f"SELECT c.* FROM complaint c WHERE c.state = ANY($1) AND NOT ({IN_BURST}) AND {where} ORDER BY"
        " CASE c.state WHEN 'received' THEN c.acknowledge_by WHEN 'closed' THEN NULL ELSE c.answer_by END NULLS LAST,"
        " c.lodged_at DESC LIMIT $2",
        [str(state) for state in states],
        limit,
        *args,
    )
    return [_complaint(row) for row in rows]


async def bursts(actor: Actor) -> list[Burst]:
    """Floods in which something waits to be read, the newest first."""
    if not actor.may(Permission.COMPLAINTS_HANDLE):
        return []
    where, args = visible_to(actor)
    rows = await fetch(
        "SELECT c.lodged_on AS on, count(*)::int AS count, count(DISTINCT c.subject)::int AS about FROM complaint c"
        f" WHERE {IN_BURST} AND {where} GROUP BY c.lodged_on ORDER BY c.lodged_on DESC",
        *args,
    )
    return [Burst(**row) for row in rows]


async def of_burst(actor: Actor, on: date, limit: int = 200) -> list[Complaint]:
    """What waits in the burst of a day: first what speaks of a seal of ours, then of each subject one."""
    if not actor.may(Permission.COMPLAINTS_HANDLE):
        return []
    where, args = visible_to(actor, 3)
    rows = await fetch(
        "SELECT c.*, row_number() OVER (PARTITION BY c.subject ORDER BY c.lodged_at) AS turn FROM complaint c"
        f" WHERE {IN_BURST} AND c.lodged_on = $1 AND {where}"
        " ORDER BY turn, c.subject LIKE 'seal:%' DESC, c.lodged_at LIMIT $2",
        on, limit, *args,
    )  # fmt: skip
    return [_complaint(row) for row in rows]


async def visits(actor: Actor) -> list[Complaint]:
    """Outcomes that ask for a visit at short notice and wait for it to be planned."""
    if not actor.may(Permission.COMPLAINTS_HANDLE):
        return []
    where, args = visible_to(actor)
    rows = await fetch(f"SELECT c.* FROM complaint c WHERE c.visit = 'wanted' AND {where} ORDER BY c.closed_on", *args)
    return [_complaint(row) for row in rows]


async def case_of(organisation: UUID | None) -> UUID | None:
    """The newest certification file of a holder, where a visit is planned."""
    rows = await fetch(
        "SELECT c.id FROM certification c WHERE c.client = $1 OR c.association = $1 OR EXISTS (SELECT FROM scope_unit s"
        " WHERE s.certification = c.id AND s.client = $1) ORDER BY c.applied_at DESC LIMIT 1",
        organisation,
    )
    return rows[0]["id"] if rows else None


def _complaint(row: dict[str, Any]) -> Complaint:
    return msgspec.convert({name: row[name] for name in Complaint.__struct_fields__}, Complaint)


def waits_for(actor: Actor, seen: Complaint) -> bool:
    """Whether the next step of a complaint is this actor's."""
    if seen.state is State.IN_INVESTIGATION:
        return seen.investigator == actor.id
    return seen.state is not State.CLOSED and actor.may(Permission.COMPLAINTS_HANDLE)


async def waiting(actor: Actor, now: datetime) -> int:
    """For the desk's rail."""
    return (
        sum(waits_for(actor, seen) for seen in await some(actor, rules.OPEN))
        + len(await visits(actor))
        + len(await bursts(actor))
    )


async def steps(complaint_id: UUID) -> list[Step]:
    rows = await fetch(
        "SELECT act, state, note, name, taken_at FROM complaint_step WHERE complaint = $1"
        " ORDER BY taken_at, act <> 'lodge', id",
        complaint_id,
    )
    return [msgspec.convert(row, Step) for row in rows]


async def named(organisation: UUID | None, person: UUID | None) -> tuple[str, str]:
    """Names of a holder and of an account, or NotFound."""
    holder = await file.organisation_name(organisation) if organisation else ""
    called = (await accounts.called([person])).get(person, "") if person else ""
    if person and not called:
        raise NotFound("person-not-found")
    return holder, called


async def people() -> list[tuple[UUID, str]]:
    """Everybody who works for the register: whom a complaint about an auditor or about us may be about."""
    rows = await fetch(
        "SELECT DISTINCT a.id, a.name FROM account a JOIN role_held h ON h.account = a.id WHERE h.role = ANY($1)"
        " AND h.ended_at IS NULL AND a.state = 'active' ORDER BY a.name, a.id",
        [*INVESTIGATE, "auditor", "trainer"],
    )
    return [(row["id"], row["name"]) for row in rows]


async def investigators(
    asking: Actor, seen: Complaint, organisation: UUID | None, person: UUID | None, now: datetime
) -> list[Investigator]:
    """Everybody who could look into it, with what involves them: `person`, `case`, `tie` or `register`."""
    rows = await fetch(
        "SELECT DISTINCT a.id, a.name FROM account a JOIN role_held h ON h.account = a.id WHERE h.role = ANY($1)"
        " AND h.ended_at IS NULL AND a.state = 'active' ORDER BY a.name, a.id",
        list(INVESTIGATE),
    )
    touched, tied = await _involved([row["id"] for row in rows], organisation, now)
    assigner = (
        asking.id if asking.may(Permission.COMPLAINTS_HANDLE) and seen.state is not State.IN_INVESTIGATION else None
    )
    return [
        Investigator(
            row["id"],
            row["name"],
            rules.involved(row["id"], seen.about, person, touched, tied, assigner),
        )
        for row in rows
    ]


async def _involved(
    people: Collection[UUID], organisation: UUID | None, now: datetime
) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Who took part in a case of this holder in two years, and who has a tie to it."""
    if organisation is None:
        return frozenset(), frozenset()
    cases = await fetch(
        "SELECT c.id FROM certification c WHERE (c.client = $1 OR c.association = $1 OR EXISTS (SELECT FROM scope_unit"
        " s WHERE s.certification = c.id AND s.client = $1)) AND c.moved_at > $2",
        organisation,
        datetime.combine(add_months(now.date(), -TIE_MONTHS), datetime.min.time(), now.tzinfo),
    )
    touched: set[UUID] = set()
    tied: set[UUID] = set()
    for case in cases:
        touched |= await appeals.touched(case["id"])
        ties = await file.ties(people, await certification.case(SYSTEM, case["id"], now))
        tied |= {
            person for person, known in ties.items()
            if keeps_out(person, Part.DECIDE, frozenset(), known, now.date(), TIE_MONTHS)
        }  # fmt: skip
    if not cases:
        for person in people:
            for tie in await file.ties_of(person):
                if tie.organisation == organisation and _lasts(tie.until, now.date()):
                    tied.add(person)
    return frozenset(touched), frozenset(tied)


def _lasts(until: date | None, today: date) -> bool:
    return until is None or today < add_months(until, TIE_MONTHS)
