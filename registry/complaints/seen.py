"""Reading notices and misuse of the mark: officers handle them, a holder reads what was written to it."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.complaints import misuse
from registry.complaints.listed import Entry, Mark
from registry.complaints.misuse import Act, Kind, State
from registry.complaints.schemas import Closed30, Misuse, MisuseStep, Notice, Piece
from registry.core.calendar import day_of
from registry.core.db import fetch
from registry.core.errors import Invalid, NotFound
from registry.core.i18n import DEFAULT_ZONE
from registry.seals.code import check

ALL = frozenset({Role.SYSTEM, Role.OFFICER, Role.DECIDER, Role.IMPARTIALITY})

ALIKE = "(o.code = n.code OR NOT (o.known OR n.known)) AND o.state = 'open'"
"""Notices that are read together: about one code, or about codes that nobody issued."""
_NOTICE = f"""
SELECT n.id, n.about, n.code, n.seen, n.what, n.region, n.note, n.told_on, n.state, n.outcome, n.misuse, n.known,
       (SELECT coalesce(sum(1 + o.again), 0)::int FROM mismatch_notice o WHERE {ALIKE}) AS alike
  FROM mismatch_notice n
"""
_GROUPED = (
    " WHERE n.id IN (SELECT DISTINCT ON (CASE WHEN o.known THEN o.code ELSE '' END) o.id FROM mismatch_notice o"
    " WHERE o.state = 'open' ORDER BY CASE WHEN o.known THEN o.code ELSE '' END, o.told_on DESC, o.id)"
    " ORDER BY n.told_on DESC, n.id LIMIT $1"
)


async def notices(actor: Actor, state: misuse.Told, limit: int = 200) -> list[Notice]:
    """The newest first, of open ones the newest about each code; nothing for anyone but officers."""
    if not actor.may(Permission.COMPLAINTS_MARKS):
        return []
    if state == misuse.Told.OPEN:
        return [Notice(**row) for row in await fetch(_NOTICE + _GROUPED, limit)]
    rows = await fetch(_NOTICE + " WHERE n.state = $1 ORDER BY n.told_on DESC, n.id LIMIT $2", state, limit)
    return [Notice(**row) for row in rows]


async def beside(actor: Actor, id: UUID, limit: int = 50) -> list[Notice]:
    """The open notices that are read together with this one, without it."""
    await notice(actor, id)
    rows = await fetch(
        "WITH x AS (SELECT o.id FROM mismatch_notice o, mismatch_notice n WHERE n.id = $1 AND o.id <> n.id"
        f" AND {ALIKE}) {_NOTICE} WHERE n.id IN (SELECT id FROM x) ORDER BY n.told_on DESC, n.id LIMIT $2",
        id, limit,
    )  # fmt: skip
    return [Notice(**row) for row in rows]


async def notice(actor: Actor, id: UUID) -> Notice:
    """Raises NotFound, also to whoever may not see it."""
    rows = await fetch(_NOTICE + " WHERE n.id = $1", id) if actor.may(Permission.COMPLAINTS_MARKS) else []
    if not rows:
        raise NotFound("notice-not-found")
    return Notice(**rows[0])


async def of_case(misuse_id: UUID) -> list[Notice]:
    """The notices that are evidence in a case. For this room; who may see the case has been said."""
    rows = await fetch(_NOTICE + " WHERE n.misuse = $1 ORDER BY n.told_on, n.id", misuse_id)
    return [Notice(**row) for row in rows]


def visible_to(actor: Actor, first: int = 1) -> tuple[str, list[object]]:
    """True of a misuse's row `m`: the register's people see all, a holder its own once it was written to."""
    everything = actor.may(Permission.COMPLAINTS_MARKS_VIEW) and bool(actor.roles & ALL)
    own = actor.organisations(Role.REPRESENTATIVE) | actor.organisations(Role.ASSOCIATION_ADMIN)
    mine = list(own) if actor.may(Permission.COMPLAINTS_MARKS_VIEW) else []
    return (
        f"(${first}::bool OR (m.holder = ANY(${first + 1}::uuid[]) AND m.warned_on IS NOT NULL))",
        [everything, mine],
    )


def allowed(actor: Actor, case: Misuse) -> frozenset[Act]:
    """The acts roles and state leave open: draws the buttons."""
    open_ = {act for state, act in misuse.AFTER if state is case.state}
    if actor.may(Permission.COMPLAINTS_MARKS):
        return frozenset(open_)
    return frozenset(open_ & {Act.PROVE}) if actor.may(Permission.COMPLAINTS_REMOVE) else frozenset()


async def case(actor: Actor, misuse_id: UUID, *, lock: bool = False) -> Misuse:
    """A case the actor may see, or NotFound."""
    where, args = visible_to(actor, 2)
    rows = await fetch(
        f"SELECT m.* FROM misuse m WHERE m.id = $1 AND {where}{' FOR UPDATE OF m' if lock else ''}", misuse_id, *args
    )
    if not rows:
        raise NotFound("misuse-not-found")
    return _misuse(rows[0])


async def cases(actor: Actor, states: Collection[State], limit: int = 200) -> list[Misuse]:
    """Cases in these states, the nearest day first."""
    where, args = visible_to(actor, 3)
    rows = await fetch(
        f"SELECT m.* FROM misuse m WHERE m.state = ANY($1) AND {where}"
        " ORDER BY m.stop_by NULLS FIRST, m.opened_at DESC LIMIT $2",
        [str(state) for state in states],
        limit,
        *args,
    )
    return [_misuse(row) for row in rows]


async def removal(actor: Actor, holder: UUID) -> Misuse | None:
    """The newest case that asks a holder to take its mark down, if one was opened."""
    where, args = visible_to(actor, 2)
    rows = await fetch(
        f"SELECT m.* FROM misuse m WHERE m.holder = $1 AND m.kind = 'removal' AND {where}"
        " ORDER BY m.opened_at DESC LIMIT 1",
        holder,
        *args,
    )
    return _misuse(rows[0]) if rows else None


def _misuse(row: dict[str, Any]) -> Misuse:
    return msgspec.convert({name: row[name] for name in Misuse.__struct_fields__}, Misuse)


def waits_for(actor: Actor, one: Misuse, today: date) -> bool:
    """A holder's turn while the mark is to come down; the officer's before the letter, after the days, after the
    photograph."""
    if actor.may(Permission.COMPLAINTS_MARKS):
        late = one.state is State.WARNED and one.stop_by is not None and today > one.stop_by
        return late or one.state in (State.OPEN, State.REMOVED)
    return actor.may(Permission.COMPLAINTS_REMOVE) and one.state in (State.WARNED, State.PUBLISHED)


async def waiting(actor: Actor, now: datetime) -> int:
    """For the desk's rail."""
    return sum(waits_for(actor, one, day_of(now, DEFAULT_ZONE)) for one in await cases(actor, misuse.OPEN))


async def told(actor: Actor, now: datetime) -> int:
    """Codes with open notices, for whoever reads them."""
    return len(await notices(actor, misuse.Told.OPEN))


async def steps(misuse_id: UUID) -> list[MisuseStep]:
    rows = await fetch(
        "SELECT act, state, note, name, taken_at FROM misuse_step WHERE misuse = $1 ORDER BY taken_at, id", misuse_id
    )
    return [msgspec.convert(row, MisuseStep) for row in rows]


async def pieces(misuse_id: UUID) -> list[Piece]:
    rows = await fetch("SELECT * FROM misuse_evidence WHERE misuse = $1 ORDER BY added_at, id", misuse_id)
    return [msgspec.convert({name: row[name] for name in Piece.__struct_fields__}, Piece) for row in rows]


async def piece(actor: Actor, piece_id: UUID) -> Piece:
    """A piece of evidence of a case the actor may see, or NotFound."""
    rows = await fetch("SELECT * FROM misuse_evidence WHERE id = $1", piece_id)
    if not rows:
        raise NotFound("misuse-not-found")
    await case(actor, rows[0]["misuse"])
    return msgspec.convert({name: rows[0][name] for name in Piece.__struct_fields__}, Piece)


async def outlived(today: date) -> list[UUID]:
    """Cases whose pictures nobody can need any more: closed for a year, and no appeal or complaint of or about their
    holder is open."""
    rows = await fetch(
        "SELECT m.id, m.closed_on FROM misuse m WHERE m.state = 'closed'"
        " AND EXISTS (SELECT FROM misuse_evidence e WHERE e.misuse = m.id AND e.gone_on IS NULL)"
        " AND NOT EXISTS (SELECT FROM complaint k WHERE k.organisation = m.holder AND k.state <> 'closed')"
        " AND NOT EXISTS (SELECT FROM appeal a JOIN certification c ON c.id = a.certification WHERE a.state <> 'closed'"
        " AND (m.holder IN (c.client, c.association) OR EXISTS (SELECT FROM scope_unit s"
        " WHERE s.certification = c.id AND s.client = m.holder))) ORDER BY m.closed_on",
    )
    return [row["id"] for row in rows if misuse.evidence_outlived(row["closed_on"], today)]


async def published(today: date) -> list[Entry]:
    """What stands in the public list: published, and neither removed nor closed a year ago. Whoever holds vehicles may
    be a person: neither their name is told nor the code that opens the facts of their vehicle."""
    rows = await fetch(
        "SELECT m.number, m.kind, m.holder, m.place, m.code, m.published_on, m.removed_on,"
        " CASE WHEN v.id IS NULL THEN m.holder_name ELSE '' END AS name, v.id IS NOT NULL AS drives"
        " FROM misuse m LEFT JOIN client v ON v.id = m.holder AND v.kind IN ('taxi', 'freight', 'waterway')"
        " WHERE m.published_on IS NOT NULL"
        " AND coalesce(m.removed_on, m.closed_on, $1) > $1 - interval '1 year'"
        " ORDER BY m.published_on DESC, m.number DESC",
        today,
    )
    codes = {row["number"]: _spelled(row["code"]) for row in rows}
    vehicles = await fetch("SELECT code FROM seal WHERE kind = 'vehicle' AND code = ANY($1)", list(codes.values()))
    hidden = {seal["code"] for seal in vehicles} | {codes[row["number"]] for row in rows if row["drives"]}
    return [
        Entry(row["number"], _mark(row), row["name"], row["place"],
              "" if codes[row["number"]] in hidden else codes[row["number"]], row["published_on"], row["removed_on"])
        for row in rows
    ]  # fmt: skip


def _spelled(typed: str) -> str:
    """The code of a seal; what cannot be one is told by nobody."""
    try:
        return check(typed)
    except Invalid:
        return ""


def _mark(row: dict[str, Any]) -> Mark:
    if row["kind"] == Kind.REMOVAL:
        return Mark.OVER
    return Mark.FALSE if row["holder"] is None else Mark.ELSEWHERE


async def closed_in_time(since: date, today: date) -> Closed30:
    """V2: misuse closed within 30 days, of all opened since a day. Removals after a loss are not misuse."""
    rows = await fetch(
        "SELECT opened_on, closed_on FROM misuse WHERE kind = $1 AND opened_on >= $2 AND opened_on <= $3",
        Kind.MISUSE, since, today,
    )  # fmt: skip
    told = [misuse.in_time(row["opened_on"], row["closed_on"], today) for row in rows]
    return Closed30(len(told), told.count(True), told.count(False), told.count(None))
